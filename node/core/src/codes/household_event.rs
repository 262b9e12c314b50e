//! Lists about the life of a household (S1.4).

use super::{CodeList, entry};

/// What happens to a household.
pub(super) static HOUSEHOLD_EVENT: CodeList = CodeList {
    name: "household-event",
    entries: &[
        entry("split", "分户", "split", &["拆户"]),
        entry("merged", "并户", "merged", &["合户"]),
        entry("moved-out", "迁出", "moved out", &[]),
        entry("moved-in", "迁入", "moved in", &[]),
        entry("death", "死亡", "death", &["去世"]),
        entry("birth", "出生", "birth", &["新生儿"]),
        entry("joined", "成员增加", "somebody joined", &["嫁入", "入赘"]),
        entry("left", "成员减少", "somebody left", &["嫁出"]),
        entry("head", "变更户主", "change of head", &["户主变更"]),
        entry("exited", "脱贫", "exit", &["退出"]),
        entry("relapsed", "返贫", "relapse", &[]),
    ],
};

/// Why it happened.
pub(super) static HOUSEHOLD_EVENT_REASON: CodeList = CodeList {
    name: "household-event-reason",
    entries: &[
        entry("marriage", "婚姻", "marriage", &["结婚", "婚嫁"]),
        entry("divorce", "离婚", "divorce", &[]),
        entry("adoption", "收养", "adoption", &[]),
        entry("division", "分家", "division of the family", &[]),
        entry("care", "赡养", "care for the old", &["养老"]),
        entry("relocation", "搬迁", "relocation", &["易地搬迁"]),
        entry("work", "务工", "work", &["就业"]),
        entry("schooling", "就学", "schooling", &[]),
        entry("death", "死亡", "death", &[]),
        entry("age", "年老", "old age", &[]),
        entry("absence", "长期外出", "long absence", &[]),
        entry("return", "返乡", "return", &["回迁"]),
        entry(
            "conditions-met",
            "达到退出条件",
            "the conditions are met",
            &["达标"],
        ),
        entry("illness", "疾病", "illness", &["因病"]),
        entry("disaster", "灾害", "disaster", &["因灾"]),
        entry("income-lost", "收入骤减", "loss of income", &[]),
        entry("other", "其他", "other", &["其它"]),
    ],
};
