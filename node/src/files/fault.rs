//! What is wrong in a file: where, what, and what to do, in both languages.

use std::collections::BTreeSet;

use lika_core::value::{AreaCode, Fen, document};

use super::Column;

/// The most faults, and the most warnings, that are kept with their place; beyond it they are only counted.
const MOST_KEPT: usize = 1_000;

/// Whether a row can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The row, and the household that it is of, cannot be taken.
    Fault,
    /// It is taken; somebody should look.
    Warning,
}

/// Something wrong at one place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The sheet; the file's name for CSV.
    pub sheet: String,
    /// The row as the spreadsheet counts, from 1.
    pub row: u32,
    /// The heading.
    pub column: Option<&'static str>,
    /// What stands there; masked where it is personal.
    pub value: Option<String>,
    /// What is wrong.
    pub cause: Cause,
}

/// What can be wrong in a row. [`Cause::code`] is stable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// An obligatory cell is blank.
    #[error("must be given")]
    Missing,
    /// Not in the code list.
    #[error("is not in the code list {0}")]
    UnknownLabel(&'static str),
    /// The area is not registered.
    #[error(
        "no registered village has this code or these names; register the area or correct the row"
    )]
    UnknownArea,
    /// Not a date.
    #[error("is not a date; write it as 2016-01-31")]
    BadDate,
    /// A date that has not come.
    #[error("has not come yet")]
    FutureDate,
    /// Not a year.
    #[error("is not a year; write it as 2016")]
    BadYear,
    /// Not an amount.
    #[error("is not an amount in yuan with at most two decimals")]
    BadAmount,
    /// An amount below zero.
    #[error("must not be negative")]
    Negative,
    /// The amounts overflow.
    #[error("the amounts are too large to add up")]
    TooLarge,
    /// Not a number of people.
    #[error("is not a number of people from 1 to 99")]
    BadPersons,
    /// Not a number of months.
    #[error("is not a number of months from 0 to 12")]
    BadMonths,
    /// Neither yes nor no.
    #[error("is neither 是 nor 否")]
    BadYesNo,
    /// Not a telephone number.
    #[error("is not a telephone number of 5 to 20 digits")]
    BadPhone,
    /// Too long, or with characters that are not text.
    #[error("is too long or has characters that cannot be printed")]
    BadText,
    /// The result of a formula that failed.
    #[error("is the error of a formula; correct the formula or write the value")]
    FormulaError,
    /// A long number kept as a number, which a spreadsheet rounds.
    #[error(
        "is kept as a number and has lost digits; format the column as text and write it again"
    )]
    DigitsLost,
    /// Too many other causes.
    #[error("there may be at most two other causes")]
    TooManyCauses,
    /// Other causes without a main one.
    #[error("other causes need a main cause")]
    NoMainCause,
    /// The same person twice in the file.
    #[error("the same person stands in row {row}; a person is registered once")]
    PersonTwice {
        /// The other row.
        row: u32,
    },
    /// The same number for two people.
    #[error("the same number stands in row {row}")]
    NumberTwice {
        /// The other row.
        row: u32,
    },
    /// Registered in another household.
    #[error("this person is registered in another household; end that membership first")]
    RegisteredElsewhere,
    /// The number and the document name two registered people.
    #[error("the number and the identity document belong to two different registered people")]
    TwoPeople,
    /// No head.
    #[error("the household has no head; mark one row as 户主")]
    NoHead,
    /// Several heads.
    #[error("the household has {heads} heads; mark one row only as 户主")]
    ManyHeads {
        /// How many.
        heads: usize,
    },
    /// One household in two villages.
    #[error("row {row} puts the same household in another village")]
    TwoAreas {
        /// The other row.
        row: u32,
    },
    /// Two values for one household.
    #[error("row {row} says something else for the same household")]
    ColumnsDiffer {
        /// The other row.
        row: u32,
    },
    /// Two households of the file are the same registered one.
    #[error("this registered household stands in row {row} already")]
    HouseholdTwice {
        /// The other row.
        row: u32,
    },
    /// Registered in another village.
    #[error("this household is registered in another village; it does not move by an import")]
    HouseholdElsewhere,
    /// Nothing by which it would be found again.
    #[error(
        "give the household a number, or its head an identity number, so that it can be found again"
    )]
    CannotBeFoundAgain,
    /// A household number where the file goes on with another household.
    #[error("the row has no household number and no household before it")]
    NoHousehold,
    /// Not a number by which somebody can be looked up.
    #[error("{0}; the row is left out")]
    NoNumber(document::Fault),
    /// Neither a whole number nor one that is not too large.
    #[error("is not a whole number")]
    BadNumber,
    /// Not a rate.
    #[error("is not a rate of a year in percent from 0.1 to 100, or 0; write it as 6%")]
    BadRate,
    /// Not amounts by label.
    #[error("is not a list of labels with amounts; write it as {0}")]
    BadSums(&'static str),
    /// Not the code of a village.
    #[error("is not the code of a village, which has 12 digits")]
    BadVillageCode,
    /// Not an identity number that could be looked up.
    #[error("{0}; correct the number or leave it blank")]
    BadDocument(document::Fault),
    /// No area has this code or name.
    #[error("no registered area has this code or name; register the area or correct the row")]
    NoSuchArea,
    /// Several areas have this name.
    #[error("{count} registered areas have this name; write the code, or the township before it")]
    ManyAreas {
        /// How many.
        count: usize,
    },
    /// What the row names is not registered.
    #[error("there is no such {}, as far as you may read; register it first or correct the row", .0.en())]
    NotRegistered(Named),
    /// What the row names could be several.
    #[error("{count} registered {}s are named so; say more of it", .what.en())]
    Ambiguous {
        /// What.
        what: Named,
        /// How many.
        count: usize,
    },
    /// The row does not say which household it is about.
    #[error("say which household: its number, its head's identity number, or head and village")]
    HouseholdNotNamed,
    /// The row does not say which cadre it is about.
    #[error("say which cadre: the number, or the name")]
    CadreNotNamed,
    /// The same record twice in the file.
    #[error("row {row} is about the same; remove one of the two")]
    RowTwice {
        /// The other row.
        row: u32,
    },
    /// Registered in another area.
    #[error("is registered in area {area}; it does not move by an import")]
    RegisteredIn {
        /// Where.
        area: AreaCode,
    },
    /// Given, where the account is not kept here.
    #[error("is given for an account that is kept here (本账); leave it blank")]
    NotOfExternal,
    /// Two times of one village as a key village overlap.
    #[error("overlaps with another time as a key village, or ends before it begins")]
    BadSpan,
    /// A rule of the registry speaks against the row.
    #[error("{message}")]
    Refused {
        /// The stable code of the refusal.
        code: &'static str,
        /// Why.
        message: String,
        /// What to do, zh.
        advice: &'static str,
    },
    /// Warning: a heading that is not known.
    #[error("this column is not known and is left out")]
    UnknownColumn,
    /// Warning: the document does not pass its check.
    #[error("{0}; kept as unverified")]
    Unverified(document::Fault),
    /// Warning: sex and document say different things.
    #[error("differs from the sex in the identity number")]
    SexDiffers,
    /// Warning: income per head does not follow from its sources.
    #[error("differs from {computed}, which the sources of income give")]
    IncomePerHeadDiffers {
        /// What the sources give.
        computed: Fen,
    },
    /// Warning: the number of people is not that of the rows.
    #[error("the household has {rows} rows")]
    PersonsDiffer {
        /// How many rows it has.
        rows: usize,
    },
    /// Warning: a cause stands there twice.
    #[error("a cause stands there twice and is counted once")]
    CauseTwice,
    /// Warning: edited here since the export.
    #[error("was changed here since this file was exported; the household is left as it is")]
    EditedSince,
}

impl Fault {
    /// Whether the row can be taken.
    pub fn severity(&self) -> Severity {
        match self.cause {
            Cause::UnknownColumn
            | Cause::Unverified(_)
            | Cause::SexDiffers
            | Cause::IncomePerHeadDiffers { .. }
            | Cause::PersonsDiffer { .. }
            | Cause::CauseTwice
            | Cause::EditedSince => Severity::Warning,
            _ => Severity::Fault,
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.cause.code()
    }

    /// The message in English, with its place.
    pub fn en(&self) -> String {
        let column = self
            .column
            .map(|column| format!(", column {column}"))
            .unwrap_or_default();
        let value = self
            .value
            .as_ref()
            .map(|value| format!(" \u{201c}{value}\u{201d}"))
            .unwrap_or_default();
        format!(
            "sheet {}, row {}{column}:{value} {}",
            self.sheet, self.row, self.cause
        )
    }

    /// The message in Chinese, with its place.
    pub fn zh(&self) -> String {
        let column = self
            .column
            .map(|column| format!("“{column}”列"))
            .unwrap_or_default();
        let value = self
            .value
            .as_ref()
            .map(|value| format!("“{value}”"))
            .unwrap_or_default();
        format!(
            "工作表“{}”第{}行{column}：{value}{}",
            self.sheet,
            self.row,
            self.cause.zh()
        )
    }
}

impl Cause {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "value-missing",
            Self::UnknownLabel(_) => "unknown-label",
            Self::UnknownArea => "unknown-area",
            Self::BadDate => "bad-date",
            Self::FutureDate => "in-the-future",
            Self::BadYear => "bad-year",
            Self::BadAmount => "bad-amount",
            Self::Negative => "negative-amount",
            Self::TooLarge => "amount-too-large",
            Self::BadPersons => "bad-person-count",
            Self::BadMonths => "bad-months",
            Self::BadYesNo => "bad-yes-no",
            Self::BadPhone => "bad-phone",
            Self::BadText => "bad-text",
            Self::FormulaError => "formula-error",
            Self::DigitsLost => "digits-lost",
            Self::TooManyCauses => "too-many-causes",
            Self::NoMainCause => "no-main-cause",
            Self::PersonTwice { .. } => "person-twice",
            Self::NumberTwice { .. } => "number-twice",
            Self::RegisteredElsewhere => "registered-elsewhere",
            Self::TwoPeople => "two-people",
            Self::NoHead => "no-head",
            Self::ManyHeads { .. } => "many-heads",
            Self::TwoAreas { .. } => "two-areas",
            Self::ColumnsDiffer { .. } => "household-columns-differ",
            Self::HouseholdTwice { .. } => "household-twice",
            Self::HouseholdElsewhere => "household-elsewhere",
            Self::CannotBeFoundAgain => "cannot-be-found-again",
            Self::NoHousehold => "no-household",
            Self::NoNumber(_) => "no-number",
            Self::BadNumber => "bad-number",
            Self::BadRate => "bad-rate",
            Self::BadSums(_) => "bad-sums",
            Self::BadVillageCode => "bad-village-code",
            Self::BadDocument(_) => "bad-document",
            Self::NoSuchArea => "no-such-area",
            Self::ManyAreas { .. } => "many-areas",
            Self::NotRegistered(_) => "not-registered",
            Self::Ambiguous { .. } => "ambiguous",
            Self::HouseholdNotNamed => "household-not-named",
            Self::CadreNotNamed => "cadre-not-named",
            Self::RowTwice { .. } => "row-twice",
            Self::RegisteredIn { .. } => "registered-in-other-area",
            Self::NotOfExternal => "not-of-external",
            Self::BadSpan => "bad-span",
            Self::Refused { code, .. } => code,
            Self::UnknownColumn => "unknown-column",
            Self::Unverified(_) => "document-unverified",
            Self::SexDiffers => "sex-differs",
            Self::IncomePerHeadDiffers { .. } => "income-per-head-differs",
            Self::PersonsDiffer { .. } => "person-count-differs",
            Self::CauseTwice => "cause-twice",
            Self::EditedSince => "edited-since",
        }
    }

    /// The message in Chinese, without its place.
    pub fn zh(&self) -> String {
        let fixed = match self {
            Self::Missing => "必须填写",
            Self::UnknownLabel(list) => return format!("不在代码表（{list}）中"),
            Self::UnknownArea => "没有登记这个行政村；请先登记区划或改正本行",
            Self::BadDate => "不是日期；请写成 2016-01-31",
            Self::FutureDate => "日期尚未到",
            Self::BadYear => "不是年份；请写成 2016",
            Self::BadAmount => "不是金额（元，最多两位小数）",
            Self::Negative => "不能为负数",
            Self::TooLarge => "金额过大，无法相加",
            Self::BadPersons => "不是 1 至 99 的人数",
            Self::BadMonths => "不是 0 至 12 的月数",
            Self::BadYesNo => "既不是“是”也不是“否”",
            Self::BadPhone => "不是 5 至 20 位的电话号码",
            Self::BadText => "过长，或含有不可打印的字符",
            Self::FormulaError => "公式出错；请改正公式或直接填写数值",
            Self::DigitsLost => "以数字保存，已丢失位数；请把该列设为文本后重新填写",
            Self::TooManyCauses => "其他致贫原因最多两个",
            Self::NoMainCause => "填写其他致贫原因须先填写主要致贫原因",
            Self::PersonTwice { row } => return format!("与第{row}行是同一个人；一人只能登记一次"),
            Self::NumberTwice { row } => return format!("与第{row}行编号相同"),
            Self::RegisteredElsewhere => "此人已登记在另一户；请先终止原户成员关系",
            Self::TwoPeople => "编号与证件号码分别属于两个已登记的人",
            Self::NoHead => "本户没有户主；请在一行标明“户主”",
            Self::ManyHeads { heads } => return format!("本户有 {heads} 个户主；只能有一个"),
            Self::TwoAreas { row } => return format!("第{row}行把同一户写在另一个村"),
            Self::ColumnsDiffer { row } => return format!("与第{row}行同一户的内容不一致"),
            Self::HouseholdTwice { row } => return format!("与第{row}行是同一个已登记的户"),
            Self::HouseholdElsewhere => "本户登记在另一个村；不能通过导入迁移",
            Self::CannotBeFoundAgain => "请填写户编号或户主的有效证件号码，以便再次找到本户",
            Self::NoHousehold => "本行没有户编号，前面也没有户",
            Self::BadNumber => "不是整数",
            Self::BadRate => "不是 0 或 0.1% 至 100% 的年利率；请写成 6%",
            Self::BadSums(example) => return format!("不是“名称 金额”的列表；请写成 {example}"),
            Self::BadVillageCode => "不是 12 位的行政村代码",
            Self::BadDocument(fault) => {
                return format!("{}；请改正或留空", unverified_zh(*fault));
            }
            Self::NoSuchArea => "没有登记这个区划；请先登记区划或改正本行",
            Self::ManyAreas { count } => {
                return format!("有 {count} 个同名区划；请填写代码或在前面写明乡镇");
            }
            Self::NotRegistered(what) => {
                return format!(
                    "在您可查看的范围内没有登记这个{}；请先登记或改正本行",
                    what.zh()
                );
            }
            Self::Ambiguous { what, count } => {
                return format!("有 {count} 个同名的{}；请补充填写以便区分", what.zh());
            }
            Self::HouseholdNotNamed => "请写明是哪一户：户编号、户主证件号码，或户主姓名和行政村",
            Self::CadreNotNamed => "请写明是哪位干部：编号或姓名",
            Self::RowTwice { row } => return format!("与第{row}行重复；请删去一行"),
            Self::RegisteredIn { area } => return format!("登记在区划{area}；不能通过导入迁移"),
            Self::NotOfExternal => "只有本账账户才填写；请留空",
            Self::BadSpan => "与已有的重点村期间重叠，或早于开始日期",
            Self::Refused {
                message, advice, ..
            } => return format!("{advice}（{message}）"),
            Self::UnknownColumn => "不认识此列，未导入",
            Self::NoNumber(fault) => return format!("{}，本行未比对", unverified_zh(*fault)),
            Self::Unverified(fault) => return format!("{}，按“未核实”保存", unverified_zh(*fault)),
            Self::SexDiffers => "与证件号码中的性别不一致",
            Self::IncomePerHeadDiffers { computed } => {
                return format!("与各项收入计算的 {computed} 不一致");
            }
            Self::PersonsDiffer { rows } => return format!("与本户 {rows} 行不一致"),
            Self::CauseTwice => "致贫原因重复，只计一次",
            Self::EditedSince => "导出之后此处已有修改；本户保持不变",
        };
        fixed.to_owned()
    }
}

/// What a row can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A unit.
    Unit,
    /// A cadre.
    Cadre,
    /// A household.
    Household,
    /// A member of a household.
    Member,
    /// A project.
    Project,
    /// An account.
    Account,
    /// A lender.
    Lender,
    /// A guarantee fund.
    GuaranteeFund,
    /// A loan.
    Loan,
}

impl Named {
    fn en(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Cadre => "cadre",
            Self::Household => "household",
            Self::Member => "member of the household",
            Self::Project => "project",
            Self::Account => "account",
            Self::Lender => "lender",
            Self::GuaranteeFund => "guarantee fund",
            Self::Loan => "loan",
        }
    }

    fn zh(self) -> &'static str {
        match self {
            Self::Unit => "单位",
            Self::Cadre => "干部",
            Self::Household => "户",
            Self::Member => "家庭成员",
            Self::Project => "项目",
            Self::Account => "账户",
            Self::Lender => "贷款机构",
            Self::GuaranteeFund => "担保基金",
            Self::Loan => "贷款",
        }
    }
}

/// What is wrong in a file, in the order in which it was found; bounded, with counts that are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    list: Vec<Fault>,
    faults: usize,
    warnings: usize,
    faulty_rows: BTreeSet<u32>,
}

impl Faults {
    /// Adds one.
    pub fn add(&mut self, fault: Fault) {
        let count = match fault.severity() {
            Severity::Fault => {
                self.faulty_rows.insert(fault.row);
                &mut self.faults
            }
            Severity::Warning => &mut self.warnings,
        };
        *count += 1;
        if *count <= MOST_KEPT {
            self.list.push(fault);
        }
    }

    /// The ones that are kept, by row.
    pub fn list(&self) -> &[Fault] {
        &self.list
    }

    /// How many faults there are, kept or not.
    pub fn faults(&self) -> usize {
        self.faults
    }

    /// How many rows have a fault: one row may have several.
    pub fn faulty_rows(&self) -> usize {
        self.faulty_rows.len()
    }

    /// Whether a row has a fault.
    pub(super) fn is_faulty(&self, row: u32) -> bool {
        self.faulty_rows.contains(&row)
    }

    /// How many warnings there are, kept or not.
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    pub(super) fn sort(&mut self) {
        self.list.sort_by_key(|fault| fault.row);
    }
}

/// A column, as faults name it.
pub(super) trait Heading {
    /// The heading.
    fn label(&self) -> &'static str;

    /// A value as faults may show it.
    fn shown(&self, value: &str) -> String;
}

impl Heading for Column {
    fn label(&self) -> &'static str {
        Self::label(*self)
    }

    fn shown(&self, value: &str) -> String {
        Self::shown(*self, value)
    }
}

/// The places of faults in one sheet.
pub(super) struct Report<'a> {
    pub(super) sheet: &'a str,
    pub(super) faults: Faults,
}

impl Report<'_> {
    /// Reports a value of a column.
    pub(super) fn value(&mut self, row: u32, column: impl Heading, value: &str, cause: Cause) {
        let value = (!value.is_empty()).then(|| column.shown(value));
        self.add(row, Some(column.label()), value, cause);
    }

    /// Reports a row.
    pub(super) fn row(&mut self, row: u32, cause: Cause) {
        self.add(row, None, None, cause);
    }

    pub(super) fn add(
        &mut self,
        row: u32,
        column: Option<&'static str>,
        value: Option<String>,
        cause: Cause,
    ) {
        self.faults.add(Fault {
            sheet: self.sheet.to_owned(),
            row,
            column,
            value,
            cause,
        });
    }
}

fn unverified_zh(fault: document::Fault) -> &'static str {
    match fault {
        document::Fault::WrongLength => "证件号码位数不对",
        document::Fault::NotDigits => "证件号码含有非数字字符",
        document::Fault::BadDate => "证件号码中的出生日期不存在",
        document::Fault::BadCheckDigit => "证件号码校验位不对",
        document::Fault::BadCategory => "残疾人证类别不对",
        document::Fault::BadGrade => "残疾人证等级不对",
        document::Fault::NotCheckable => "此类证件无法校验",
    }
}
