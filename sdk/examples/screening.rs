//! Screening by line (Taishun, S0.1): income per head under a line, with labour capacity and
//! willingness; a poor household without labour capacity goes to social relief, it is not dropped.

use lika_sdk::decision::Comparison;
use lika_sdk::{
    About, Comparator, Decision, Facts, Fen, Labels, Reasons, Settings, Subject, SubjectPolicy,
    export_subject_policy,
};

/// The policy.
pub struct Screening;

/// The line and what else is asked.
#[derive(Debug, Settings)]
pub struct ScreeningSettings {
    #[setting(
        "income-line",
        default = 150_000,
        min = 0,
        zh = "人均年纯收入线（分）",
        en = "line of net income per head and year, in fen"
    )]
    line: Fen,
    #[setting(
        "willingness",
        default = true,
        zh = "须有脱贫意愿",
        en = "willingness is required"
    )]
    willingness: bool,
}

/// A household with its members.
#[derive(Debug, Subject)]
pub struct Case {
    household: Household,
    members: Vec<Member>,
}

/// A household.
#[derive(Debug, Facts)]
#[table("household")]
pub struct Household {
    /// Net income per head of the year.
    #[fact("income.net-per-head")]
    income: Fen,
    /// Whether the household wants to take part.
    #[fact("household.willing")]
    willing: bool,
}

/// A member.
#[derive(Debug, Facts)]
#[table("member", parent = "household")]
pub struct Member {
    /// Labour capacity.
    #[fact("member.labour-capacity")]
    labour: Labour,
}

/// Labour capacity as the household form has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Labour {
    #[label("ordinary", zh = "普通劳动力", en = "ordinary")]
    Ordinary,
    #[label("skilled", zh = "技能劳动力", en = "skilled")]
    Skilled,
    #[label("lost", zh = "丧失劳动力", en = "lost")]
    Lost,
    #[label("none", zh = "无劳动力", en = "none")]
    None,
}

/// What a household is registered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Category {
    #[label("development", zh = "扶贫开发户", en = "development household")]
    Development,
    #[label("social-relief", zh = "社会救助", en = "social relief")]
    SocialRelief,
}

/// Why.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    #[reason(
        "income-under-line",
        zh = "人均纯收入 {income} 元，低于 {line} 元",
        en = "income per head {income} is under {line}"
    )]
    UnderLine { income: Fen, line: Fen },
    #[reason(
        "income-not-under-line",
        zh = "人均纯收入 {income} 元，不低于 {line} 元",
        en = "income per head {income} is not under {line}"
    )]
    NotUnderLine { income: Fen, line: Fen },
    #[reason("no-labour", zh = "没有劳动能力", en = "no labour capacity")]
    NoLabour,
    #[reason("not-willing", zh = "没有脱贫意愿", en = "not willing")]
    NotWilling,
}

impl SubjectPolicy for Screening {
    type Settings = ScreeningSettings;
    type Subject<'a> = Case;
    type Category = Category;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "screening",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "screening",
        zh: "按人均纯收入线识别贫困户",
        en: "finds the poor households by a line of income per head",
        legal_basis: &[],
    };

    fn judge(settings: &ScreeningSettings, case: &Case) -> Decision<Category, Reason> {
        let (income, line) = (case.household.income, settings.line);
        let able = case
            .members
            .iter()
            .any(|member| matches!(member.labour, Labour::Ordinary | Labour::Skilled));
        let comparison = Comparison {
            cell: Household::INCOME.of(0),
            comparator: Comparator::Less,
            value: income.get(),
            threshold: line.get(),
        };
        let decision = if !comparison.holds() {
            Decision::refused().because(Reason::NotUnderLine { income, line })
        } else if !able {
            Decision::granted(Category::SocialRelief).because(Reason::NoLabour)
        } else if settings.willingness && !case.household.willing {
            Decision::refused().because(Reason::NotWilling)
        } else {
            Decision::granted(Category::Development).because(Reason::UnderLine { income, line })
        };
        decision.compared(comparison)
    }
}

export_subject_policy!(Screening);
