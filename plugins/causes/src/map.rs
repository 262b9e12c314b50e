//! Which measures a cause points to.
//!
//! The document names four causes and four lacks without listing them and says that each points to measures. The eight
//! usual ones are mapped to the ten measures that Luxi spells out (S4.10); the four that the national form has besides
//! are mapped alike.

use lika_sdk::Labels;

/// Causes of poverty, as the household form has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Labels)]
pub enum CauseCode {
    /// One of the four causes.
    #[label("illness", zh = "因病", en = "illness")]
    Illness,
    /// One of the four causes.
    #[label("disability", zh = "因残", en = "disability")]
    Disability,
    /// One of the four causes.
    #[label("schooling", zh = "因学", en = "schooling")]
    Schooling,
    /// One of the four causes.
    #[label("disaster", zh = "因灾", en = "disaster")]
    Disaster,
    /// One of the four lacks.
    #[label("labour", zh = "缺劳动力", en = "lack of labour")]
    Labour,
    /// One of the four lacks.
    #[label("skill", zh = "缺技术", en = "lack of skill")]
    Skill,
    /// One of the four lacks.
    #[label("funds", zh = "缺资金", en = "lack of funds")]
    Funds,
    /// One of the four lacks.
    #[label("land", zh = "缺土地", en = "lack of land")]
    Land,
    /// Of the form.
    #[label("water", zh = "缺水", en = "lack of water")]
    Water,
    /// Of the form.
    #[label("transport", zh = "交通条件落后", en = "poor transport")]
    Transport,
    /// Of the form.
    #[label("motivation", zh = "自身发展动力不足", en = "lack of own motivation")]
    Motivation,
    /// Of the form.
    #[label("other", zh = "其他", en = "other")]
    Other,
}

/// The ten measures of Luxi (S4.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Labels)]
pub enum MeasureCode {
    /// First measure.
    #[label("industry", zh = "产业扶贫", en = "industry")]
    Industry,
    /// Second measure.
    #[label("relocation", zh = "搬迁扶贫", en = "relocation")]
    Relocation,
    /// Third measure.
    #[label("schooling", zh = "教育扶贫", en = "schooling")]
    Schooling,
    /// Fourth measure.
    #[label("employment", zh = "就业扶贫", en = "employment")]
    Employment,
    /// Fifth measure.
    #[label("protection", zh = "保障扶贫", en = "protection floor")]
    Protection,
    /// Sixth measure.
    #[label("social", zh = "社会扶贫", en = "social help")]
    Social,
    /// Seventh measure.
    #[label("pairing", zh = "结对帮扶", en = "pairing")]
    Pairing,
    /// Eighth measure.
    #[label("finance", zh = "金融扶贫", en = "finance")]
    Finance,
    /// Ninth measure.
    #[label("sector", zh = "行业扶贫", en = "sector funds")]
    Sector,
    /// Tenth measure.
    #[label("science", zh = "科技扶贫", en = "science and technology")]
    Science,
}

/// The measures that a cause points to, the one that fits best first.
pub fn measures(cause: CauseCode) -> &'static [MeasureCode] {
    use MeasureCode::{
        Employment, Finance, Industry, Pairing, Protection, Relocation, Schooling, Science, Sector,
        Social,
    };
    match cause {
        CauseCode::Illness => &[Protection, Social],
        CauseCode::Disability => &[Protection, Employment, Social],
        CauseCode::Schooling => &[Schooling, Social],
        CauseCode::Disaster => &[Protection, Relocation, Social],
        CauseCode::Labour => &[Protection, Industry],
        CauseCode::Skill => &[Science, Employment, Industry],
        CauseCode::Funds => &[Finance, Industry],
        CauseCode::Land => &[Industry, Employment, Relocation],
        CauseCode::Water => &[Sector, Relocation],
        CauseCode::Transport => &[Sector, Relocation],
        CauseCode::Motivation => &[Pairing, Industry, Employment],
        CauseCode::Other => &[Pairing, Social],
    }
}

/// The names of some measures in a sentence, Chinese and English.
pub fn names(measures: &[MeasureCode]) -> (String, String) {
    let labels = || measures.iter().map(|measure| measure.label());
    let zh: Vec<&str> = labels().map(|label| label.zh).collect();
    let en: Vec<&str> = labels().map(|label| label.en).collect();
    (zh.join("、"), en.join(", "))
}
