//! Lists about cases, notices and objections.

use super::{CodeList, entry};

/// What a case is for.
pub(super) static CASE_KIND: CodeList = CodeList {
    name: "case-kind",
    entries: &[
        entry("identification", "识别", "identification", &["贫困识别"]),
        entry("exit", "脱贫退出", "exit", &["脱贫"]),
        entry("relapse", "返贫", "relapse", &[]),
        entry("monitoring-in", "纳入监测", "taken into monitoring", &[]),
        entry(
            "monitoring-out",
            "风险消除",
            "monitoring ends",
            &["解除监测"],
        ),
        entry("correction", "信息更正", "correction", &[]),
        entry("transfer", "迁移", "transfer to another area", &[]),
        entry(
            "village-exit",
            "贫困村摘帽",
            "village exit",
            &["贫困村退出"],
        ),
        entry(
            "helper-assignment",
            "推荐结对帮扶",
            "recommendation for a helper",
            &["结对帮扶推荐"],
        ),
    ],
};

/// What is done in a step.
pub(super) static STEP_ACT: CodeList = CodeList {
    name: "step-act",
    entries: &[
        entry("application", "申请", "application", &["农户申请"]),
        entry("survey", "入户核查", "household survey", &["入户调查"]),
        entry("appraisal", "民主评议", "village appraisal", &["群众评议"]),
        entry("review", "审核", "review", &[]),
        entry("notice", "公示", "public notice", &[]),
        entry("signature", "农户签字", "signature of the household", &[]),
        entry("approval", "审批", "approval", &["批准"]),
        entry("filing", "备案", "filing", &[]),
        entry("announcement", "公告", "announcement", &[]),
        entry("entry", "录入", "entry", &["信息录入"]),
        entry("assignment", "安排结对", "assignment of a helper", &[]),
    ],
};

/// At which level a step is taken.
pub(super) static STEP_LEVEL: CodeList = CodeList {
    name: "step-level",
    entries: &[
        entry("village", "村", "village", &["社区"]),
        entry("township", "乡镇", "township", &["街道"]),
        entry("county", "县", "county", &["区"]),
    ],
};

/// What came of a step.
pub(super) static STEP_RESULT: CodeList = CodeList {
    name: "step-result",
    entries: &[
        entry("passed", "通过", "passed", &[]),
        entry("rejected", "不通过", "rejected", &["未通过"]),
    ],
};

/// How a case ends.
pub(super) static CASE_END: CodeList = CodeList {
    name: "case-end",
    entries: &[
        entry("completed", "办结", "completed", &[]),
        entry("rejected", "不予通过", "rejected", &[]),
        entry("withdrawn", "撤回", "withdrawn", &[]),
    ],
};

/// What came of an objection.
pub(super) static OBJECTION_FINDING: CodeList = CodeList {
    name: "objection-finding",
    entries: &[
        entry("upheld", "异议成立", "upheld", &[]),
        entry("dismissed", "异议不成立", "dismissed", &[]),
    ],
};

/// The seven conditions of an exit (S4.11).
pub(super) static EXIT_CONDITION: CodeList = CodeList {
    name: "exit-condition",
    entries: &[
        entry("housing", "住房安全", "safe housing", &[]),
        entry("allowance", "应保尽保", "allowance where entitled", &[]),
        entry("medical", "参加医疗保险", "medical insurance", &[]),
        entry("schooling", "无辍学", "no school drop-out", &[]),
        entry(
            "admitted",
            "录取学生能完成学业",
            "admitted students can finish",
            &[],
        ),
        entry(
            "work",
            "接受培训并至少一人务工",
            "job training and at least one worker out",
            &[],
        ),
        entry(
            "skill",
            "掌握一至两门技术",
            "one or two skills learned",
            &[],
        ),
    ],
};

/// By what something is known.
pub(super) static EVIDENCE: CodeList = CodeList {
    name: "evidence",
    entries: &[
        entry("seen", "现场查看", "seen on the spot", &[]),
        entry("document", "查验证件材料", "a document", &[]),
        entry(
            "other-office",
            "部门数据比对",
            "what another office knows",
            &[],
        ),
        entry("statement", "农户自述", "what the household says", &[]),
    ],
};
