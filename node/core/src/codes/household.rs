//! Lists about a household and what is done for it.

use super::{CodeList, entry};

/// Types of households: of the national form, of Luxi (S4), and after exit.
pub(super) static HOUSEHOLD_TYPE: CodeList = CodeList {
    name: "household-type",
    entries: &[
        entry(
            "general",
            "一般贫困户",
            "general household",
            &["一般户", "一般农户"],
        ),
        entry(
            "allowance",
            "低保贫困户",
            "allowance household",
            &["低保户"],
        ),
        entry(
            "five-guarantee",
            "五保户",
            "five-guarantee household",
            &[
                "五保贫困户",
                "特困供养",
                "特困供养户",
                "特困供养贫困户",
                "五保",
            ],
        ),
        entry(
            "development",
            "扶贫开发户",
            "development household",
            &["开发户"],
        ),
        entry(
            "development-allowance",
            "扶贫低保户",
            "development-allowance household",
            &[],
        ),
        entry(
            "allowance-only",
            "纯低保户",
            "allowance-only household",
            &[],
        ),
        entry(
            "exited",
            "脱贫户",
            "exited household",
            &["已脱贫户", "稳定脱贫户"],
        ),
        entry(
            "exited-unstable",
            "脱贫不稳定户",
            "unstable exited household",
            &["脱贫不稳定"],
        ),
        entry(
            "marginal",
            "边缘易致贫户",
            "marginal household at risk",
            &["边缘户", "边缘易致贫"],
        ),
        entry(
            "sudden-hardship",
            "突发严重困难户",
            "sudden serious hardship",
            &["突发严重困难"],
        ),
    ],
};

/// Why a household is poor: one main cause, at most two others.
pub(super) static CAUSE: CodeList = CodeList {
    name: "cause",
    entries: &[
        entry("illness", "因病", "illness", &["因病致贫"]),
        entry("disability", "因残", "disability", &["因残致贫"]),
        entry("schooling", "因学", "schooling", &["因学致贫"]),
        entry("disaster", "因灾", "disaster", &["因灾致贫"]),
        entry("land", "缺土地", "lack of land", &["缺地"]),
        entry("water", "缺水", "lack of water", &[]),
        entry("skill", "缺技术", "lack of skill", &["缺技能"]),
        entry(
            "labour",
            "缺劳动力",
            "lack of labour",
            &["缺劳力", "缺劳动"],
        ),
        entry("funds", "缺资金", "lack of funds", &["缺钱"]),
        entry("transport", "交通条件落后", "poor transport", &["交通落后"]),
        entry(
            "motivation",
            "自身发展动力不足",
            "lack of own motivation",
            &["自身发展力不足", "缺动力", "内生动力不足"],
        ),
        entry("other", "其他", "other", &["其它", "其他原因"]),
    ],
};

/// The ten measures of Luxi (S4.10).
pub(super) static MEASURE: CodeList = CodeList {
    name: "measure",
    entries: &[
        entry(
            "industry",
            "产业扶贫",
            "industry",
            &["产业帮扶", "发展产业"],
        ),
        entry(
            "relocation",
            "搬迁扶贫",
            "relocation",
            &["易地搬迁", "易地扶贫搬迁", "移民搬迁"],
        ),
        entry("schooling", "教育扶贫", "schooling", &["教育帮扶", "助学"]),
        entry(
            "employment",
            "就业扶贫",
            "employment",
            &["就业帮扶", "务工就业"],
        ),
        entry(
            "protection",
            "保障扶贫",
            "protection floor",
            &["保障兜底", "兜底保障", "社会保障"],
        ),
        entry("social", "社会扶贫", "social help", &["社会帮扶"]),
        entry("pairing", "结对帮扶", "pairing", &["结对扶贫", "干部帮扶"]),
        entry(
            "finance",
            "金融扶贫",
            "finance",
            &["小额信贷", "扶贫小额信贷", "金融帮扶"],
        ),
        entry("sector", "行业扶贫", "sector funds", &["部门扶贫"]),
        entry(
            "science",
            "科技扶贫",
            "science and technology",
            &["科技帮扶"],
        ),
    ],
};

/// Whose line a household was identified by.
pub(super) static IDENTIFICATION_STANDARD: CodeList = CodeList {
    name: "identification-standard",
    entries: &[
        entry("national", "国家标准", "national", &["国标"]),
        entry(
            "provincial",
            "省定标准",
            "provincial",
            &["省级标准", "省标"],
        ),
        entry("city", "市定标准", "city", &["市级标准", "市标"]),
    ],
};

/// What a house is built of.
pub(super) static HOUSE_STRUCTURE: CodeList = CodeList {
    name: "house-structure",
    entries: &[
        entry(
            "reinforced-concrete",
            "钢筋混凝土",
            "reinforced concrete",
            &["钢混", "框架"],
        ),
        entry(
            "brick-concrete",
            "砖混",
            "brick and concrete",
            &["砖混结构"],
        ),
        entry(
            "brick-timber",
            "砖木",
            "brick and timber",
            &["砖木结构", "砖瓦砖木"],
        ),
        entry("timber", "木结构", "timber", &["竹木", "竹草"]),
        entry(
            "earth",
            "土坯",
            "rammed earth",
            &["土木", "土木结构", "石头垒砌"],
        ),
        entry("other", "其他", "other", &["其它"]),
    ],
};

/// What a household cooks with.
pub(super) static FUEL: CodeList = CodeList {
    name: "fuel",
    entries: &[
        entry("firewood", "柴草", "firewood and straw", &["柴", "秸秆"]),
        entry("dung", "干畜粪", "dried dung", &[]),
        entry("coal", "煤炭", "coal", &["煤"]),
        entry("biogas", "清洁能源（沼气）", "biogas", &["沼气"]),
        entry("gas", "燃气", "gas", &["液化气", "天然气", "煤气"]),
        entry("electricity", "电", "electricity", &["电力"]),
        entry("other", "其他", "other", &["其它"]),
    ],
};
