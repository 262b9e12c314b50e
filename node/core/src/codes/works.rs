//! Lists about projects, enterprises, contracts, trainings, insurance and the income of villages.

use super::{CodeList, entry};

/// What a project builds. The four classes of Guangdong's count (S3.6) stand here themselves, for a project that nobody has
/// named more finely; of the others [`super::project_class`] says the class.
pub(super) static PROJECT_TYPE: CodeList = CodeList {
    name: "project-type",
    entries: &[
        entry("agriculture", "农业项目", "agriculture", &[]),
        entry("planting", "种植业", "planting", &["种植"]),
        entry("livestock", "养殖业", "livestock", &["养殖", "畜牧业"]),
        entry("forestry", "林业", "forestry", &["林果业"]),
        entry("fishery", "渔业", "fishery", &["水产养殖"]),
        entry("industry", "工业项目", "industry", &[]),
        entry("processing", "加工业", "processing", &["农产品加工"]),
        entry("trade-tourism", "商贸旅游项目", "trade and tourism", &[]),
        entry("trade", "商贸", "trade", &["商业"]),
        entry("tourism", "旅游", "tourism", &["乡村旅游"]),
        entry("other", "其它建设项目", "other", &["其他建设项目", "其他"]),
        entry("road", "道路", "road", &["村道硬化"]),
        entry("water", "饮水水利", "water", &["饮水工程", "水利"]),
        entry("housing", "住房", "housing", &["住房改造"]),
        entry(
            "public-service",
            "公共服务设施",
            "public services",
            &["公共设施"],
        ),
    ],
};

/// The stages of a project, in their order (S1.5).
pub(super) static PROJECT_STAGE: CodeList = CodeList {
    name: "project-stage",
    entries: &[
        entry("proposed", "申报", "proposed", &[]),
        entry("approved", "立项", "approved", &["审批"]),
        entry("contracted", "签订合同", "contracted", &[]),
        entry("noticed", "公示", "noticed", &[]),
        entry("under-way", "实施", "under way", &["在建"]),
        entry("accepted", "竣工验收", "accepted", &["验收"]),
        entry("reimbursed", "报账", "reimbursed", &[]),
        entry("followed-up", "后续管护", "followed up", &["跟踪"]),
    ],
};

/// How a project ended.
pub(super) static PROJECT_END: CodeList = CodeList {
    name: "project-end",
    entries: &[
        entry("completed", "完成", "completed", &["已完成"]),
        entry("cancelled", "取消", "cancelled", &["终止", "撤销"]),
    ],
};

/// What a company is to the households (S0.8, S2.6, S2.8).
pub(super) static ENTERPRISE_KIND: CodeList = CodeList {
    name: "enterprise-kind",
    entries: &[
        entry("leading-enterprise", "龙头企业", "leading enterprise", &[]),
        entry(
            "hosting-base",
            "托养基地企业",
            "holder of a hosting base",
            &["基地企业"],
        ),
        entry("insurer", "保险公司", "insurer", &["保险机构"]),
        entry(
            "lender",
            "农村信用社",
            "lender",
            &["信用社", "农商银行", "银行"],
        ),
        entry("other", "其他企业", "other", &["其他"]),
    ],
};

/// What a household and an organisation have signed (S0.8, S2.6). An agreed price is the buy-back of any of them.
pub(super) static CONTRACT_KIND: CodeList = CodeList {
    name: "contract-kind",
    entries: &[
        entry("order", "订单", "order", &["订单合同"]),
        entry("hosting", "基地托养", "base hosting", &["托养合同"]),
        entry("employment", "务工", "employment", &["劳动合同"]),
        entry("membership", "加入组织", "membership", &["入社"]),
    ],
};

/// By what the volume of a contract is counted.
pub(super) static CONTRACT_UNIT: CodeList = CodeList {
    name: "contract-unit",
    entries: &[
        entry("kilogram", "千克", "kilogram", &["公斤"]),
        entry("mu", "亩", "mu", &[]),
        entry("head", "头（只、羽）", "head", &["头", "只", "羽"]),
    ],
};

/// How people are trained and advised (S3.5).
pub(super) static TRAINING_KIND: CodeList = CodeList {
    name: "training-kind",
    entries: &[
        entry("course", "培训班", "training course", &["培训"]),
        entry("joint-meeting", "联席会议", "joint meeting", &["联席会"]),
        entry(
            "advisory-visit",
            "下乡指导",
            "advisory visit",
            &["现场指导"],
        ),
    ],
};

/// Who is trained and advised (S3.5).
pub(super) static TRAINING_AUDIENCE: CodeList = CodeList {
    name: "training-audience",
    entries: &[
        entry(
            "stationed-cadre",
            "驻村干部",
            "cadres stationed in villages",
            &[],
        ),
        entry("local-cadre", "当地干部", "local cadres", &["镇村干部"]),
        entry("household", "贫困户", "households", &["农户"]),
    ],
};

/// The insurances that the city pays for (S2.8).
pub(super) static INSURANCE_KIND: CodeList = CodeList {
    name: "insurance-kind",
    entries: &[
        entry("agricultural", "农业保险", "agricultural", &[]),
        entry("serious-illness", "大病保险", "serious illness", &[]),
        entry(
            "small-accident",
            "小额意外伤害保险",
            "small accident",
            &["意外伤害保险"],
        ),
        entry(
            "student",
            "贫困学生助学平安保险",
            "student",
            &["学生平安保险"],
        ),
    ],
};

/// Where the collective income of a village comes from (S2.7).
pub(super) static COLLECTIVE_SOURCE: CodeList = CodeList {
    name: "collective-source",
    entries: &[
        entry("business", "经营收入", "business", &["村办企业"]),
        entry(
            "leasing",
            "发包及租赁收入",
            "leasing",
            &["租金", "发包收入"],
        ),
        entry("investment", "投资收益", "investment", &["入股分红"]),
        entry("subsidy", "补助收入", "subsidy", &["上级补助"]),
        entry("other", "其他收入", "other", &["其他"]),
    ],
};
