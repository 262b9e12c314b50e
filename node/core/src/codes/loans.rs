//! Lists about loans.

use super::{CodeList, entry};

/// What a loan is for (S0.5, S2.5, S4.10). Whoever uses it for something else diverts it (S0.6).
pub(super) static LOAN_PURPOSE: CodeList = CodeList {
    name: "loan-purpose",
    entries: &[
        entry("planting", "种植业", "planting", &["种植"]),
        entry("livestock", "养殖业", "livestock", &["养殖"]),
        entry("processing", "加工业", "processing", &["农产品加工"]),
        entry("trade", "商业服务", "trade and services", &["商贸"]),
        entry(
            "other-production",
            "其他生产",
            "other production",
            &["其他"],
        ),
        entry("schooling", "助学", "schooling", &["生源地助学"]),
        entry("housing", "住房", "housing", &["建房"]),
    ],
};

/// How a loan comes back.
pub(super) static LOAN_METHOD: CodeList = CodeList {
    name: "loan-method",
    entries: &[
        entry(
            "bullet",
            "利随本清",
            "all at the end",
            &["到期一次还本付息"],
        ),
        entry(
            "quarterly-interest",
            "按季结息、到期还本",
            "interest by quarter, principal at the end",
            &["按季结息"],
        ),
        entry(
            "equal-principal",
            "按月等额本金",
            "equal principal by month",
            &["等额本金"],
        ),
    ],
};

/// The stages of a loan.
pub(super) static LOAN_STAGE: CodeList = CodeList {
    name: "loan-stage",
    entries: &[
        entry("applied", "申请", "applied", &[]),
        entry("approved", "审批", "approved", &["批准"]),
        entry("disbursed", "发放", "disbursed", &["放款"]),
        entry("overdue", "逾期", "overdue", &[]),
        entry("defaulted", "违约", "defaulted", &["不良"]),
        entry("recourse", "代偿", "paid by the fund", &["担保代偿"]),
        entry("repaid", "还清", "repaid", &["结清"]),
    ],
};

/// Why a default is not held against the household (S0.6: only the unexcused one is).
pub(super) static DEFAULT_EXCUSE: CodeList = CodeList {
    name: "default-excuse",
    entries: &[
        entry("disaster", "自然灾害", "disaster", &["灾害"]),
        entry(
            "hardship",
            "家庭重大变故",
            "something grave in the household",
            &["重大变故"],
        ),
        entry(
            "market",
            "市场变故",
            "collapse of the market",
            &["市场风险"],
        ),
        entry("other", "其他正当理由", "another good reason", &[]),
    ],
};

/// Why a household is lent nothing any more (S0.6).
pub(super) static BLACKLIST_REASON: CodeList = CodeList {
    name: "blacklist-reason",
    entries: &[
        entry("fraud", "骗取帮扶", "fraud", &["骗贷"]),
        entry("diversion", "挪用贷款", "diversion of the loan", &["挪用"]),
        entry(
            "unexcused-default",
            "无正当理由不还款",
            "default without an excuse",
            &["恶意逾期"],
        ),
    ],
};
