//! Lists about those who help.

use super::{CodeList, entry};

/// Rank of a cadre, the highest first. The reserve cadres are those of section level (S4.2).
pub(super) static RANK: CodeList = CodeList {
    name: "rank",
    entries: &[
        entry(
            "county",
            "县级领导",
            "county leader",
            &["县处级", "县级", "处级", "县级干部"],
        ),
        entry(
            "section-full",
            "正科级",
            "section level, full",
            &["正科", "乡科级正职"],
        ),
        entry(
            "section-deputy",
            "副科级",
            "section level, deputy",
            &["副科", "乡科级副职"],
        ),
        entry(
            "reserve-full",
            "正科级后备干部",
            "reserve cadre, full",
            &["正科后备", "正科级后备"],
        ),
        entry(
            "reserve-deputy",
            "副科级后备干部",
            "reserve cadre, deputy",
            &["副科后备", "副科级后备"],
        ),
        entry("township", "乡镇干部", "township cadre", &["一般乡镇干部"]),
        entry("village", "村干部", "village cadre", &["村组干部"]),
    ],
};

/// The place of a helper in 1+1+1 (S4.4): reserve cadres count as section level.
pub(super) static HELPER_LEVEL: CodeList = CodeList {
    name: "helper-level",
    entries: &[
        entry("county", "县级", "county", &["县级领导"]),
        entry(
            "section",
            "科级",
            "section",
            &["科级以上干部", "正科级", "副科级"],
        ),
        entry("township", "乡镇", "township", &["乡镇干部", "乡级"]),
        entry("village", "村级", "village", &["村干部"]),
    ],
};

/// How a helper is bound to a household (S4.4).
pub(super) static PAIRING_ROLE: CodeList = CodeList {
    name: "pairing-role",
    entries: &[
        entry("focus", "重点帮扶", "focus help", &["重点"]),
        entry("contact", "联系帮扶", "contact help", &["联系"]),
    ],
};

/// The places of a village team: 1 leader, 2 stationed, 3 sponsoring units (S4.2).
pub(super) static TEAM_ROLE: CodeList = CodeList {
    name: "team-role",
    entries: &[
        entry(
            "leader",
            "挂点领导",
            "leader",
            &["县级领导", "挂点县领导", "组长"],
        ),
        entry(
            "stationed",
            "驻村干部",
            "stationed cadre",
            &["驻村", "队员"],
        ),
        entry("sponsor", "帮扶单位", "sponsoring unit", &["挂点单位"]),
    ],
};

/// What a visit was for.
pub(super) static VISIT_PURPOSE: CodeList = CodeList {
    name: "visit-purpose",
    entries: &[
        entry("survey", "入户调查", "household survey", &["调查", "摸底"]),
        entry(
            "regular",
            "日常走访",
            "regular visit",
            &["走访", "定期走访"],
        ),
        entry(
            "measure",
            "落实措施",
            "putting a measure to work",
            &["措施落实", "送技术", "送项目"],
        ),
        entry(
            "consolation",
            "慰问",
            "consolation",
            &["走访慰问", "节日慰问"],
        ),
        entry(
            "verification",
            "核查",
            "check on site",
            &["入户核查", "回头看", "验收"],
        ),
        entry(
            "follow-up",
            "跟踪回访",
            "follow-up after exit",
            &["回访", "跟踪"],
        ),
        entry("other", "其他", "other", &["其它"]),
    ],
};

/// Kinds of units that sponsor or carry out.
pub(super) static UNIT_TYPE: CodeList = CodeList {
    name: "unit-type",
    entries: &[
        entry("party", "党委部门", "party body", &["党群部门"]),
        entry(
            "government",
            "政府部门",
            "government body",
            &["行政单位", "机关"],
        ),
        entry("institution", "事业单位", "public institution", &[]),
        entry(
            "state-enterprise",
            "国有企业",
            "state-owned enterprise",
            &["国企"],
        ),
        entry(
            "enterprise",
            "民营企业",
            "private enterprise",
            &["企业", "龙头企业", "私营企业"],
        ),
        entry(
            "co-operative",
            "合作社",
            "co-operative",
            &["农民专业合作社"],
        ),
        entry(
            "financial",
            "金融机构",
            "financial institution",
            &["银行", "信用社"],
        ),
        entry(
            "social",
            "社会组织",
            "social organisation",
            &["社会团体", "协会"],
        ),
        entry("school", "学校", "school", &["高校"]),
        entry("hospital", "医院", "hospital", &["卫生院"]),
        entry("military", "部队", "armed forces", &["驻军"]),
        entry("township", "乡镇政府", "township government", &["乡镇"]),
        entry("village", "村民委员会", "village committee", &["村委会"]),
        entry("other", "其他", "other", &["其它"]),
    ],
};

/// Who holds equity of a co-operative (S2.4).
pub(super) static HOLDER: CodeList = CodeList {
    name: "holder",
    entries: &[
        entry("household", "农户", "household", &["贫困户"]),
        entry(
            "village-collective",
            "村集体",
            "village collective",
            &["村委会", "村财"],
        ),
        entry("other", "其他", "other", &["其它", "其他社员"]),
    ],
};
