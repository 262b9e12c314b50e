//! Lists about money.

use super::{CodeList, entry};

/// Whether an account's money is kept here.
pub(super) static ACCOUNT_SIDE: CodeList = CodeList {
    name: "account-side",
    entries: &[
        entry("internal", "本账", "kept here", &["内部账户"]),
        entry("external", "往来", "comes from or goes to", &["外部账户"]),
    ],
};

/// Where money comes from (S0.4, S3.7, S4.3, S4.5).
pub(super) static FUND_CHANNEL: CodeList = CodeList {
    name: "fund-channel",
    entries: &[
        entry("county-budget", "县级财政", "county budget", &["县财政"]),
        entry("township", "乡镇筹集", "township", &["乡镇自筹"]),
        entry(
            "higher-government",
            "上级资金",
            "higher government",
            &["上级财政", "上级补助"],
        ),
        entry(
            "sponsoring-unit",
            "帮扶单位资金",
            "sponsoring unit",
            &["挂钩单位资金", "挂点单位资金"],
        ),
        entry("donation", "社会捐赠", "donation", &["捐款"]),
        entry(
            "fund-raising-day",
            "扶贫济困日捐款",
            "yearly fund-raising day",
            &["扶贫济困日"],
        ),
        entry("cadre", "干部自筹", "raised by a cadre", &["帮扶干部自筹"]),
        entry(
            "industry-fund",
            "县产业扶贫资金",
            "county industry fund",
            &["产业扶贫资金"],
        ),
        entry(
            "village-works",
            "村级公益事业资金",
            "village works fund",
            &["一事一议资金"],
        ),
    ],
};

/// What money is for.
pub(super) static FUND_PURPOSE: CodeList = CodeList {
    name: "fund-purpose",
    entries: &[
        entry("general", "扶贫综合", "help in general", &["综合"]),
        entry("industry", "产业发展", "industry", &["产业扶贫"]),
        entry("guarantee", "担保基金", "guarantee fund", &["贷款担保"]),
        entry(
            "interest-subsidy",
            "贷款贴息",
            "interest subsidy",
            &["贴息"],
        ),
        entry(
            "village-fund",
            "村级帮扶资金",
            "village fund",
            &["帮村资金"],
        ),
        entry(
            "household-fund",
            "到户帮扶资金",
            "household fund",
            &["帮户资金"],
        ),
        entry("infrastructure", "基础设施", "infrastructure", &[]),
        entry("relocation", "搬迁安置", "relocation", &["易地搬迁"]),
        entry("schooling", "教育扶贫", "schooling", &["助学"]),
        entry("training", "技能培训", "training", &["培训"]),
        entry("relief", "社会救助", "relief", &["救助"]),
        entry(
            "in-transit",
            "在途资金",
            "in transit at a bank",
            &["待发放"],
        ),
    ],
};

/// Why a bank did not pay.
pub(super) static PAYMENT_FAULT: CodeList = CodeList {
    name: "payment-fault",
    entries: &[
        entry(
            "no-account",
            "账号不存在",
            "no such account",
            &["账号错误", "无此账号"],
        ),
        entry(
            "other-name",
            "户名不符",
            "the account is somebody else's",
            &["户名账号不符"],
        ),
        entry(
            "account-closed",
            "账户已销户",
            "the account is closed",
            &["已销户", "销户"],
        ),
        entry(
            "account-blocked",
            "账户冻结",
            "the account is blocked",
            &["冻结", "止付"],
        ),
        entry("other", "其他原因", "for another reason", &["其他"]),
    ],
};

/// What money is spent on.
pub(super) static FUND_USE: CodeList = CodeList {
    name: "fund-use",
    entries: &[
        entry("industry", "产业发展", "industry", &["种养业"]),
        entry(
            "infrastructure",
            "基础设施",
            "infrastructure",
            &["道路水利"],
        ),
        entry("public-works", "村级公益事业", "village public works", &[]),
        entry("relocation", "搬迁安置", "relocation", &["易地搬迁"]),
        entry("housing", "住房改造", "housing", &["危房改造"]),
        entry("schooling", "教育资助", "schooling", &["助学"]),
        entry("training", "技能培训", "training", &["培训"]),
        entry("medical", "医疗救助", "medical", &[]),
        entry("insurance", "保险缴费", "insurance", &["保险"]),
        entry(
            "interest-subsidy",
            "贷款贴息",
            "interest subsidy",
            &["贴息"],
        ),
        entry(
            "guarantee-payment",
            "担保代偿",
            "payment under a guarantee",
            &["代偿"],
        ),
        entry("investment", "投资入股", "investment", &["入股"]),
        entry(
            "living-expenses",
            "生活补助",
            "living expenses",
            &["生活费", "生活开支"],
        ),
        entry(
            "returned",
            "退回资金",
            "returned to where it came from",
            &["退款"],
        ),
    ],
};

/// Which way money goes.
pub(super) static TRANSFER_DIRECTION: CodeList = CodeList {
    name: "transfer-direction",
    entries: &[
        entry("in", "转入", "in", &["收入"]),
        entry("out", "转出", "out", &["支出"]),
        entry("internal", "内部划转", "internal", &["划转"]),
    ],
};
