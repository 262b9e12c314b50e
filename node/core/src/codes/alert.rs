//! Lists about what a person has to look at.

use super::{CodeList, entry};

/// Why a node raises an alert.
pub(super) static ALERT: CodeList = CodeList {
    name: "alert",
    entries: &[
        entry(
            "replay-mismatch",
            "重新执行结果不一致",
            "an evaluation does not replay as it was recorded",
            &[],
        ),
        entry(
            "decision-tampered",
            "决定与政策结果不符",
            "a decision is not what its policy said",
            &[],
        ),
        entry(
            "policy-suspended",
            "政策程序连续出错被暂停",
            "a policy kept failing and is suspended",
            &[],
        ),
        entry(
            "person-in-two-counties",
            "同一人在两县登记",
            "two counties have registered one person",
            &[],
        ),
        entry(
            "token-key-differs",
            "查重密钥与已知密钥不符",
            "a key-holder shows another key than before",
            &[],
        ),
        entry(
            "engine-changes-decision",
            "更换执行引擎后决定会改变",
            "another engine would decide otherwise",
            &[],
        ),
        entry(
            "log-forked",
            "日志出现两份不同的历史",
            "a log shows two histories",
            &[],
        ),
    ],
};

/// What somebody found who looked at an alert.
pub(super) static FINDING: CodeList = CodeList {
    name: "alert-finding",
    entries: &[
        entry("tampering", "数据被改动", "somebody altered the data", &[]),
        entry(
            "fault",
            "设备或程序故障",
            "a machine or a program failed",
            &[],
        ),
        entry(
            "policy-fault",
            "政策程序有缺陷",
            "the policy has a fault",
            &[],
        ),
        entry("as-expected", "情况正常", "it is as it should be", &[]),
    ],
};
