//! What is given as a measure, and the lists of the documents that each measure belongs to.

use super::{CodeList, entry};

/// What is given to a household or a village. Each has its place among the ten measures of S4.10 and, where they
/// name it, among those of the other documents: see [`crate::measure::place`].
pub(super) static MEASURE_KIND: CodeList = CodeList {
    name: "measure-kind",
    entries: &[
        entry(
            "start-up",
            "创业种养起步扶持",
            "start-up cultivation",
            &["种养扶持", "创业扶持"],
        ),
        entry(
            "industry-support",
            "产业发展扶持",
            "support for a trade of its own",
            &["产业直补"],
        ),
        entry(
            "project-funds",
            "项目资金扶持",
            "project funds",
            &["项目资金到户"],
        ),
        entry(
            "shareholding",
            "资金入股分红",
            "shareholding with dividends",
            &["入股"],
        ),
        entry(
            "idle-assets",
            "闲置资产盘活",
            "putting idle assets to use",
            &["资产盘活"],
        ),
        entry(
            "base-hosting",
            "生产基地托养",
            "base hosting",
            &["基地托养", "基地托管"],
        ),
        entry("order-contract", "订单收购", "order contract", &["订单"]),
        entry(
            "enterprise-link",
            "龙头企业结对带动",
            "link with a leading enterprise",
            &["龙头企业带动"],
        ),
        entry("mutual-funds", "资金互助社", "mutual funds", &["互助资金"]),
        entry(
            "micro-credit",
            "扶贫小额贷款",
            "micro-credit",
            &["小额贷款"],
        ),
        entry(
            "interest-subsidy",
            "贷款贴息",
            "interest subsidy",
            &["贴息"],
        ),
        entry("relocation", "易地搬迁安置", "relocation", &["搬迁安置"]),
        entry("tuition-aid", "助学资助", "tuition aid", &["教育资助金"]),
        entry(
            "job-training",
            "劳动技能培训",
            "job training",
            &["技能培训", "雨露计划"],
        ),
        entry("labour-export", "劳务输出", "labour export", &["转移就业"]),
        entry("local-job", "就近就业", "job nearby", &["就地就业"]),
        entry(
            "public-service-post",
            "公益性岗位",
            "public-service post",
            &["公益岗位"],
        ),
        entry("allowance", "最低生活保障", "allowance", &["低保"]),
        entry(
            "five-guarantee",
            "五保供养",
            "five-guarantee support",
            &["特困供养"],
        ),
        entry("medical-aid", "医疗救助", "medical aid", &["大病救助"]),
        entry(
            "disability-aid",
            "扶残助残",
            "disability aid",
            &["残疾人补贴"],
        ),
        entry(
            "temporary-relief",
            "临时救助",
            "temporary relief",
            &["灾害救助"],
        ),
        entry("donation", "社会捐助", "help from society", &["爱心捐助"]),
        entry("pairing", "干部结对", "pairing with a cadre", &["结对"]),
        entry(
            "housing",
            "危房改造",
            "rebuilding of the house",
            &["住房改造"],
        ),
        entry("housing-aid", "住房援助", "housing aid", &["公租房"]),
        entry(
            "infrastructure",
            "基础设施建设",
            "infrastructure",
            &["道路建设", "饮水安全"],
        ),
        entry(
            "public-services",
            "公共服务配套",
            "public services",
            &["村级公共服务"],
        ),
        entry(
            "technical-service",
            "科技服务",
            "technical service",
            &["送科技下乡", "技术指导"],
        ),
    ],
};

/// The eight ways of help of Sanming (S2.3).
pub(super) static WAY: CodeList = CodeList {
    name: "way",
    entries: &[
        entry("pairing", "结对帮扶型", "pairing", &[]),
        entry("start-up", "创业培育型", "start-up cultivation", &[]),
        entry(
            "shareholding",
            "入股分红型",
            "shareholding with dividends",
            &[],
        ),
        entry(
            "idle-assets",
            "资产盘活型",
            "putting idle assets to use",
            &[],
        ),
        entry("base-hosting", "基地托养型", "base hosting", &[]),
        entry("order-driven", "订单带动型", "order-driven", &[]),
        entry("mutual-funds", "资金互助型", "mutual funds", &[]),
        entry("relocation", "造福搬迁型", "relocation", &[]),
    ],
};

/// The nine policies that reach the household, of Tuanfeng (S1.3).
pub(super) static HOUSEHOLD_POLICY: CodeList = CodeList {
    name: "household-policy",
    entries: &[
        entry("industry", "产业扶持到户", "industry", &[]),
        entry("training", "扶贫培训到户", "training", &[]),
        entry("relocation", "扶贫搬迁到户", "relocation", &[]),
        entry("project-funds", "项目资金到户", "project funds", &[]),
        entry("pairing", "结对帮扶到户", "pairing", &[]),
        entry(
            "leading-enterprise",
            "龙头企业带动到户",
            "leading enterprise",
            &[],
        ),
        entry("allowance", "低保衔接到户", "allowance linkage", &[]),
        entry("relief", "救助政策到户", "relief", &[]),
        entry("finance", "金融服务到户", "finance", &[]),
    ],
};

/// The seven measures for urban hardship families, of Sanming (S2.9).
pub(super) static URBAN_MEASURE: CodeList = CodeList {
    name: "urban-measure",
    entries: &[
        entry("employment", "就业帮扶", "employment", &[]),
        entry("medical", "医疗救助", "medical", &[]),
        entry("schooling", "教育资助", "schooling", &[]),
        entry("housing", "住房援助", "housing", &[]),
        entry("disability", "扶残助残", "disability", &[]),
        entry("allowance", "兜底保障", "allowance as a floor", &[]),
        entry("pairing", "结对帮扶", "pairing", &[]),
    ],
};

/// The four lines of classified guidance, of Taishun (S0.9).
pub(super) static GUIDANCE: CodeList = CodeList {
    name: "guidance",
    entries: &[
        entry("agriculture", "农业开发", "agriculture", &[]),
        entry("job-training", "技能培训", "job training", &[]),
        entry("labour-export", "劳务输出", "labour export", &[]),
        entry("relocation", "易地搬迁", "relocation", &[]),
    ],
};

/// What came of a measure.
pub(super) static MEASURE_RESULT: CodeList = CodeList {
    name: "measure-result",
    entries: &[
        entry("job", "实现就业", "a job", &["已就业"]),
        entry(
            "public-service-post",
            "公益性岗位上岗",
            "a public-service post",
            &["公益岗位上岗"],
        ),
        entry("skill", "掌握技能", "a skill", &["学会技能"]),
        entry(
            "own-business",
            "自主创业",
            "a business of its own",
            &["创业"],
        ),
        entry("moved", "搬迁入住", "moved into the new house", &["已入住"]),
        entry("schooling-kept", "继续就学", "stayed at school", &["在读"]),
        entry("income-raised", "收入增加", "a higher income", &["增收"]),
        entry("none", "未见成效", "none", &["无成效"]),
    ],
};
