//! Lists about money.

use super::{CodeList, entry};

/// Where money comes from (S0.4, S3.7, S4.3, S4.5).
pub(super) static FUND_CHANNEL: CodeList = CodeList {
    name: "fund-channel",
    entries: &[
        entry(
            "county-budget",
            "县级财政",
            "county budget",
            &["县财政", "县本级财政"],
        ),
        entry("township", "乡镇资金", "township", &["乡镇自筹"]),
        entry(
            "higher-government",
            "上级专项资金",
            "higher government",
            &["上级资金", "上级财政"],
        ),
        entry(
            "sponsoring-unit",
            "帮扶单位资金",
            "sponsoring unit",
            &["挂点单位资金", "结对单位资金"],
        ),
        entry("donation", "社会捐款", "donation", &["捐款", "捐赠"]),
        entry(
            "fund-raising-day",
            "扶贫济困日募捐",
            "fund-raising day",
            &["扶贫日募捐"],
        ),
        entry("cadre", "帮扶干部自筹", "cadre", &["干部自筹"]),
        entry(
            "industry-fund",
            "产业发展资金",
            "industry fund",
            &["县产业资金", "产业扶贫资金"],
        ),
    ],
};
