//! Values as a page shows them: labels of codes, money, counts, dates, and what is not there.

use jiff::{Timestamp, tz::Offset};
use lika_core::{
    codes,
    loan::Kept,
    log::{Class, Kind},
    record::Outcome,
    value::{AreaLevel, Code, Date, DocumentNumber, Fen, IdentityDocument},
};

use super::Language;

/// China's civil time, in which people read when something was recorded.
const CIVIL_HOURS: i8 = 8;

/// A value on a page. What is withheld never looks like what there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What is shown.
    pub text: String,
    /// How it is shown: nothing for a value, else `none` or `withheld`.
    pub class: &'static str,
}

/// The words of a language.
#[derive(Clone, Copy, Debug)]
pub struct Words(pub Language);

impl Cell {
    /// A value.
    pub fn of(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            class: "",
        }
    }

    /// Words in the place of a value.
    pub fn absent(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            class: "none",
        }
    }
}

impl Words {
    /// One of two texts that say the same.
    pub fn t(self, zh: &'static str, en: &'static str) -> &'static str {
        self.0.t(zh, en)
    }

    /// What nobody has filled in.
    pub fn none(self) -> Cell {
        Cell {
            text: self.t("未填写", "not recorded").to_owned(),
            class: "none",
        }
    }

    /// What is there, but not for this reader or not at this node.
    pub fn withheld(self) -> Cell {
        Cell {
            text: self.t("未提供", "withheld").to_owned(),
            class: "withheld",
        }
    }

    /// What there is none of, as opposed to what nobody has filled in.
    pub fn nothing(self) -> Cell {
        Cell::absent(self.t("无", "none"))
    }

    /// A value of a sealed part: when it is not there, whether it was withheld decides what is shown.
    pub fn sealed(self, withheld: &[Class], class: Class, value: Option<Cell>) -> Cell {
        match value {
            Some(value) => value,
            None if withheld.contains(&class) => self.withheld(),
            None => self.none(),
        }
    }

    /// A text that may not be filled in.
    pub fn text(self, text: Option<impl ToString>) -> Cell {
        text.map_or_else(|| self.none(), |text| Cell::of(text.to_string()))
    }

    /// The label of a code.
    pub fn code(self, list: &str, code: &str) -> String {
        let entry = codes::list(list).and_then(|list| list.by_code(code));
        entry.map_or_else(
            || code.to_owned(),
            |entry| self.t(entry.zh, entry.en).to_owned(),
        )
    }

    /// The label of a code that may not be filled in.
    pub fn label(self, list: &str, code: Option<&Code>) -> Cell {
        code.map_or_else(
            || self.none(),
            |code| Cell::of(self.code(list, code.as_str())),
        )
    }

    /// The labels of several codes; none of them is a value too.
    pub fn labels(self, list: &str, codes: &[Code]) -> Cell {
        if codes.is_empty() {
            return self.nothing();
        }
        let labels: Vec<String> = codes
            .iter()
            .map(|code| self.code(list, code.as_str()))
            .collect();
        Cell::of(labels.join(self.t("、", ", ")))
    }

    /// Yes, no, or not recorded.
    pub fn yes_no(self, value: Option<bool>) -> Cell {
        value.map_or_else(
            || self.none(),
            |value| {
                Cell::of(if value {
                    self.t("是", "yes")
                } else {
                    self.t("否", "no")
                })
            },
        )
    }

    /// From a day to the last day before another.
    pub fn span(self, from: Date, until: Option<Date>) -> String {
        match (until.and_then(|until| until.plus_days(-1)), self.0) {
            (Some(last), _) => format!("{from} {} {last}", self.t("至", "to")),
            (None, Language::Chinese) => format!("{from} 起"),
            (None, Language::English) => format!("since {from}"),
        }
    }

    /// Yuan with two decimals and thousands separators.
    pub fn money(self, amount: Fen) -> String {
        let plain = amount.to_string();
        let (yuan, fen) = plain.split_once('.').unwrap_or((&plain, "00"));
        format!("{}.{fen}", separated(yuan))
    }

    /// A count with thousands separators.
    pub fn count(self, count: i64) -> String {
        separated(&count.to_string())
    }

    /// A part of a whole as a percentage with one decimal, rounded down: coverage is never shown fuller than it is.
    pub fn share(self, part: i64, whole: i64) -> String {
        if whole <= 0 {
            return "–".to_owned();
        }
        let permille = part.saturating_mul(1000).div_euclid(whole);
        format!("{}.{}%", permille / 10, permille.rem_euclid(10))
    }

    /// When something was recorded, in China's civil time.
    pub fn recorded(self, ms: u64) -> String {
        let instant = i64::try_from(ms)
            .ok()
            .and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let civil = instant.map(|instant| Offset::constant(CIVIL_HOURS).to_datetime(instant));
        civil.map_or_else(
            || ms.to_string(),
            |civil| civil.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        )
    }

    /// An identity document, its number masked.
    pub fn document(self, document: &IdentityDocument) -> Cell {
        match document {
            IdentityDocument::Valid(number) => Cell::of(self.number(number)),
            IdentityDocument::Unverified { text, .. } => Cell::of(format!(
                "{}{}",
                masked(text),
                self.t("（未核实）", " (unverified)")
            )),
            IdentityDocument::None { reason } => Cell {
                text: format!(
                    "{}{}",
                    self.t("无证件：", "none: "),
                    self.code("no-document-reason", reason.as_str())
                ),
                class: "none",
            },
        }
    }

    /// The word for a kind of record.
    pub fn kind(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Area => self.t("区划", "area"),
            Kind::Household => self.t("农户", "household"),
            Kind::Member => self.t("家庭成员", "member"),
            Kind::IncomeStatement => self.t("收入情况", "income statement"),
            Kind::Cadre => self.t("干部", "cadre"),
            Kind::Unit => self.t("单位", "unit"),
            Kind::Pairing => self.t("结对帮扶", "pairing"),
            Kind::VillageTeam => self.t("驻村工作队", "village team"),
            Kind::Visit => self.t("走访", "visit"),
            Kind::OfficialStatistic => self.t("官方统计", "official statistic"),
            Kind::Officer => self.t("经办人", "officer"),
            Kind::Policy => self.t("政策", "policy"),
            Kind::Enactment => self.t("政策启用", "enactment"),
            Kind::Evaluation => self.t("政策运行", "evaluation"),
            Kind::Decision => self.t("决定", "decision"),
            Kind::Node => self.t("节点", "node"),
            Kind::LivingConditions => self.t("生活条件", "living conditions"),
            Kind::Cooperative => self.t("合作社", "co-operative"),
            Kind::Shareholding => self.t("入股", "shareholding"),
            Kind::Dividend => self.t("分红", "dividend"),
            Kind::Alert => self.t("预警", "alert"),
            Kind::Account => self.t("账户", "account"),
            Kind::Transfer => self.t("资金划转", "transfer"),
            Kind::BookClosing => self.t("年度结账", "book closing"),
            Kind::Commitment => self.t("资金承诺", "commitment"),
            Kind::Budget => self.t("资金预算", "budget"),
            Kind::PaymentBatch => self.t("批量支付", "payment batch"),
            Kind::PaymentReturn => self.t("银行回盘", "payment return"),
            Kind::Measure => self.t("帮扶措施", "measure"),
            Kind::Project => self.t("项目", "project"),
            Kind::Enterprise => self.t("企业", "enterprise"),
            Kind::Contract => self.t("合同", "contract"),
            Kind::Training => self.t("培训", "training"),
            Kind::Cover => self.t("保险", "cover"),
            Kind::CollectiveIncome => self.t("村集体收入", "collective income"),
            Kind::Procedure => self.t("办理流程", "procedure"),
            Kind::Calendar => self.t("工作日历", "calendar"),
            Kind::Case => self.t("办理事项", "case"),
            Kind::Notice => self.t("公示", "notice"),
            Kind::Objection => self.t("异议", "objection"),
            Kind::Comparison => self.t("数据比对", "comparison"),
            Kind::Doubt => self.t("疑点", "doubt"),
            Kind::ReportingWindow => self.t("上报任务", "reporting window"),
            Kind::Report => self.t("报表", "report"),
            Kind::HouseholdEvent => self.t("户情变动", "household event"),
            Kind::Post => self.t("任职", "post"),
            Kind::Duty => self.t("工作任务", "duty"),
            Kind::Task => self.t("任务办理", "task"),
            Kind::Finding => self.t("督查发现问题", "finding"),
            Kind::Sanction => self.t("问责处理", "sanction"),
            Kind::ResponsibilityLetter => self.t("减贫责任书", "responsibility letter"),
            Kind::SatisfactionSurvey => self.t("满意度调查", "satisfaction survey"),
            Kind::Assessment => self.t("考核结果", "assessment"),
            Kind::Award => self.t("表彰", "award"),
            Kind::GuaranteeFund => self.t("担保基金", "guarantee fund"),
            Kind::Loan => self.t("贷款", "loan"),
            Kind::Blacklisting => self.t("黑名单", "blacklisting"),
            Kind::VillageBatch => self.t("整村推进", "whole-village batch"),
            Kind::RollupCommitment => self.t("汇总承诺", "roll-up commitment"),
            Kind::OwnershipTransfer => self.t("归属移交", "ownership transfer"),
            Kind::Unknown(_) => self.t("未知类型", "unknown kind"),
        }
    }

    /// The word for a level of areas.
    pub fn level(self, level: AreaLevel) -> &'static str {
        match level {
            AreaLevel::Nation => self.t("全国", "nation"),
            AreaLevel::Province => self.t("省", "province"),
            AreaLevel::Prefecture => self.t("市", "prefecture"),
            AreaLevel::County => self.t("县", "county"),
            AreaLevel::Township => self.t("乡镇", "township"),
            AreaLevel::Village => self.t("村", "village"),
        }
    }

    /// The word for what a policy is for; a purpose of a newer policy keeps its code.
    pub fn purpose(self, purpose: &Code) -> String {
        let word = match purpose.as_str() {
            "screening" => self.t("识别", "screening"),
            "causes" => self.t("致贫原因", "causes"),
            "exit-review" => self.t("退出评估", "exit review"),
            "monitoring" => self.t("防返贫监测", "monitoring"),
            "pairing" => self.t("结对帮扶", "pairing"),
            "village-team" => self.t("驻村工作队", "village team"),
            "dividend" => self.t("分红", "dividend"),
            "household-fund" => self.t("到户资金", "household fund"),
            "village-fund" => self.t("村级帮扶资金", "village fund"),
            "loan" => self.t("贷款", "loan"),
            "subsidy" => self.t("贴息", "interest subsidy"),
            "supervision" => self.t("督查", "supervision"),
            "assessment" => self.t("考核", "assessment"),
            "data-quality" => self.t("数据质量", "data quality"),
            other => return other.to_owned(),
        };
        word.to_owned()
    }

    /// The words for how a loan was kept.
    pub fn kept(self, kept: Kept) -> &'static str {
        match kept {
            Kept::NotLent => self.t("未发放", "not lent"),
            Kept::Running => self.t("正常", "running"),
            Kept::RunningLate => self.t("曾逾期", "running, was late"),
            Kept::Overdue => self.t("逾期", "overdue"),
            Kept::OnTime => self.t("按期还清", "repaid on time"),
            Kept::Late => self.t("逾期后还清", "repaid late"),
            Kept::ExcusedDefault => self.t("有正当理由未还", "not repaid, excused"),
            Kept::Defaulted => self.t("违约", "not repaid"),
        }
    }

    /// The word for an answer.
    pub fn outcome(self, outcome: &Outcome) -> &'static str {
        match outcome {
            Outcome::Granted(_) => self.t("符合", "granted"),
            Outcome::Refused => self.t("不符合", "refused"),
            Outcome::Undetermined(_) => {
                self.t("未定，须人工处理", "undetermined: a person decides")
            }
        }
    }

    fn number(self, number: &DocumentNumber) -> String {
        let masked = number.masked();
        if number.kind() == "id-card" {
            return masked;
        }
        format!(
            "{masked}{}{}{}",
            self.t("（", " ("),
            self.code("document-type", number.kind()),
            self.t("）", ")")
        )
    }
}

/// The first six and the last four characters; short texts are hidden altogether.
fn masked(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let hidden = characters.len().saturating_sub(10);
    if hidden < 4 {
        return "*".repeat(characters.len());
    }
    let (first, last) = (&characters[..6], &characters[characters.len() - 4..]);
    format!(
        "{}{}{}",
        first.iter().collect::<String>(),
        "*".repeat(hidden),
        last.iter().collect::<String>()
    )
}

fn separated(digits: &str) -> String {
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", digits), |digits| ("-", digits));
    let mut grouped = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Words = Words(Language::Chinese);

    #[test]
    fn money_has_separators_and_two_decimals() {
        for (fen, shown) in [
            (0, "0.00"),
            (5, "0.05"),
            (99_999, "999.99"),
            (100_000, "1,000.00"),
            (-123_456_789, "-1,234,567.89"),
            (-12_345, "-123.45"),
        ] {
            assert_eq!(WORDS.money(Fen(fen)), shown);
        }
    }

    #[test]
    fn coverage_is_rounded_down() {
        assert_eq!(WORDS.share(3905, 3906), "99.9%");
        assert_eq!(WORDS.share(3906, 3906), "100.0%");
        assert_eq!(WORDS.share(1, 0), "–");
    }

    #[test]
    fn time_is_that_of_china() {
        assert_eq!(WORDS.recorded(1_475_280_000_000), "2016-10-01 08:00:00");
    }

    #[test]
    fn a_number_is_masked_whatever_it_is() {
        assert_eq!(masked("36039919490101"), "360399****0101");
        assert_eq!(masked("3603991949"), "**********");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn withheld_is_not_none() {
        assert_eq!(
            WORDS.sealed(&[Class::Identity], Class::Identity, None),
            WORDS.withheld()
        );
        assert_eq!(
            WORDS.sealed(&[Class::Identity], Class::Sensitive, None),
            WORDS.none()
        );
        assert_ne!(WORDS.withheld(), WORDS.none());
    }
}
