//! Lists about offices and what they publish.

use super::{CodeList, entry};

/// What an officer may do, inside an area.
pub(super) static ROLE: CodeList = CodeList {
    name: "role",
    entries: &[
        entry("village-cadre", "村干部", "village cadre", &["村级信息员"]),
        entry(
            "township-officer",
            "乡镇经办人",
            "township officer",
            &["乡镇干部"],
        ),
        entry(
            "county-office",
            "县扶贫办",
            "county office",
            &["县级经办人"],
        ),
        entry("approver", "审批人", "approver", &[]),
        entry("auditor", "审计人", "auditor", &["审计"]),
        entry("policy-developer", "政策开发人", "policy developer", &[]),
        entry("province-viewer", "省级查看人", "province viewer", &[]),
    ],
};

/// Official statistics that an upper node enters; lines are computed from them, never from the registered poor (S3.1).
pub(super) static STATISTIC_SERIES: CodeList = CodeList {
    name: "statistic-series",
    entries: &[
        entry(
            "rural-income-per-head",
            "农村居民人均纯收入",
            "rural net income per head",
            &["农民人均纯收入", "农村居民人均可支配收入"],
        ),
        entry(
            "urban-income-per-head",
            "城镇居民人均可支配收入",
            "urban disposable income per head",
            &[],
        ),
        entry(
            "urban-rural-income-ratio",
            "城乡居民收入比",
            "urban-rural income ratio",
            &["城乡收入比"],
        ),
        entry(
            "regional-variation",
            "区域发展差异系数",
            "coefficient of variation of regional development",
            &["区域发展变异系数"],
        ),
        entry(
            "rural-population",
            "农村人口",
            "rural population",
            &["乡村人口"],
        ),
        entry(
            "village-collective-income",
            "村集体经济收入",
            "village collective income",
            &["村级集体收入"],
        ),
        entry("poverty-line", "扶贫标准", "poverty line", &["贫困线"]),
        entry(
            "monitoring-line",
            "监测线",
            "monitoring line",
            &["防返贫监测线"],
        ),
        entry("allowance-line", "低保标准", "allowance line", &["低保线"]),
        entry(
            "poverty-quota",
            "贫困人口规模",
            "quota of registered people",
            &["贫困规模"],
        ),
        entry(
            "consumer-prices",
            "居民消费价格指数",
            "consumer price index",
            &[],
        ),
        // What a county reports itself and nothing is computed from.
        entry(
            "expected-exit-share",
            "预计脱贫比例",
            "part expected to exit",
            &["预计脱贫率"],
        ),
        entry(
            "relocated-people",
            "完成搬迁人数",
            "people relocated",
            &["移民搬迁人数"],
        ),
        entry(
            "output-per-head",
            "人均地区生产总值",
            "output per head",
            &["人均GDP", "人均生产总值"],
        ),
        entry("population", "常住人口", "population", &["人口"]),
        entry(
            "identification-quota",
            "年度识别户数控制指标",
            "households that may be identified",
            &["识别指标", "规模控制"],
        ),
        entry(
            "exit-quota",
            "年度脱贫户数计划",
            "households that are to exit",
            &["脱贫计划"],
        ),
        entry(
            "transferred-labour",
            "农村劳动力转移就业人数",
            "rural labour that moved into jobs",
            &["转移就业"],
        ),
    ],
};
