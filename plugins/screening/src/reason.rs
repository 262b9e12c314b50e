//! Why a household is registered, or is not.

use lika_sdk::{Fen, Reasons};

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// Under a line.
    #[reason(
        "income-under-line",
        zh = "人均纯收入 {income} 元，低于 {line} 元",
        en = "income per head {income} is under {line}"
    )]
    UnderLine { income: Fen, line: Fen },
    /// Not under a line.
    #[reason(
        "income-not-under-line",
        zh = "人均纯收入 {income} 元，不低于 {line} 元",
        en = "income per head {income} is not under {line}"
    )]
    NotUnderLine { income: Fen, line: Fen },
    /// The relative line is for key villages.
    #[reason(
        "not-in-key-village",
        zh = "所在村不是重点村，不适用比例线",
        en = "the village is no key village, so the relative line is not drawn"
    )]
    NotInKeyVillage,
    /// Nobody is able to work.
    #[reason("no-labour", zh = "没有劳动能力", en = "no labour capacity")]
    NoLabour,
    /// It does not want to take part.
    #[reason("not-willing", zh = "没有脱贫意愿", en = "not willing")]
    NotWilling,
    /// The settings draw no line.
    #[reason(
        "no-line",
        zh = "未设置任何收入线，转人工处理",
        en = "the settings draw no line: a person decides"
    )]
    NoLine,
}
