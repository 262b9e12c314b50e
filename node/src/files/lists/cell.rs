//! What may stand in a cell: how it is read, how a template says so, and what of it a fault may show.

use std::{collections::HashMap, marker::PhantomData, ops::Deref};

use lika_core::{
    codes,
    value::{
        AreaCode, AreaLevel, Code, Date, Fen, IdentityDocument, Label, Name, Phone, Ppm, Text, Year,
    },
};

use crate::files::{
    column::Content,
    fault::Cause,
    fields::{self, Labels},
    place::Places,
};

/// What cells are read with.
#[derive(Debug)]
pub(super) struct Look {
    places: Places,
    labels: Labels,
    as_of: Date,
    /// Areas that were asked for before: rows of one village ask the same.
    areas: HashMap<String, Result<AreaCode, Cause>>,
}

impl Look {
    pub(super) fn new(places: Places, as_of: Date) -> Self {
        Self {
            places,
            labels: Labels::default(),
            as_of,
            areas: HashMap::new(),
        }
    }
}

/// What may stand in a cell.
pub(super) trait Cell: Sized {
    /// What it is, as faults show it.
    const CONTENT: Content;
    /// Whether a row need not have it.
    const MAY_BE_BLANK: bool = false;

    /// How it is written, zh.
    fn form() -> String;

    /// Reads a cell that is not blank.
    fn read(text: &str, look: &mut Look) -> Result<Self, Cause>;

    /// What a blank cell says; none where it must not be blank.
    fn blank() -> Option<Self> {
        None
    }
}

impl<T: Cell> Cell for Option<T> {
    const CONTENT: Content = T::CONTENT;
    const MAY_BE_BLANK: bool = true;

    fn form() -> String {
        T::form()
    }

    fn read(text: &str, look: &mut Look) -> Result<Self, Cause> {
        T::read(text, look).map(Some)
    }

    fn blank() -> Option<Self> {
        Some(None)
    }
}

/// The number of a household or of a cadre in the county's lists.
impl Cell for Text {
    const CONTENT: Content = Content::Number;

    fn form() -> String {
        "编号，单元格请设为文本".to_owned()
    }

    fn read(text: &str, _: &mut Look) -> Result<Self, Cause> {
        Self::parse(text).map_err(|_| Cause::BadText)
    }
}

impl Cell for Name {
    const CONTENT: Content = Content::Person;

    fn form() -> String {
        "姓名".to_owned()
    }

    fn read(text: &str, _: &mut Look) -> Result<Self, Cause> {
        Self::parse(text).map_err(|_| Cause::BadText)
    }
}

impl Cell for Label {
    const CONTENT: Content = Content::Labels;

    fn form() -> String {
        "名称".to_owned()
    }

    fn read(text: &str, _: &mut Look) -> Result<Self, Cause> {
        Self::parse(text).map_err(|_| Cause::BadText)
    }
}

impl Cell for Phone {
    const CONTENT: Content = Content::Phone;

    fn form() -> String {
        "5 至 20 位电话号码".to_owned()
    }

    fn read(text: &str, _: &mut Look) -> Result<Self, Cause> {
        Self::parse(text).map_err(|_| Cause::BadPhone)
    }
}

impl Cell for Date {
    const CONTENT: Content = Content::Figure;

    fn form() -> String {
        "日期，如 2016-01-31；不能晚于导入当日".to_owned()
    }

    fn read(text: &str, look: &mut Look) -> Result<Self, Cause> {
        fields::date(text, look.as_of)?.ok_or(Cause::BadDate)
    }
}

impl Cell for Year {
    const CONTENT: Content = Content::Figure;

    fn form() -> String {
        "年份，如 2016".to_owned()
    }

    fn read(text: &str, _: &mut Look) -> Result<Self, Cause> {
        fields::year(text)?.ok_or(Cause::BadYear)
    }
}

impl Cell for Fen {
    const CONTENT: Content = Content::Figure;

    fn form() -> String {
        "金额（元），最多两位小数，如 50,000".to_owned()
    }

    fn read(text: &str, _: &mut Look) -> Result<Self, Cause> {
        fields::amount(text)?.ok_or(Cause::BadAmount)
    }
}

/// A count; how large it may be is the record's to say.
impl Cell for u32 {
    const CONTENT: Content = Content::Figure;

    fn form() -> String {
        "整数".to_owned()
    }

    fn read(text: &str, _: &mut Look) -> Result<Self, Cause> {
        fields::whole_number(text).ok_or(Cause::BadNumber)
    }
}

impl Cell for bool {
    const CONTENT: Content = Content::Labels;

    fn form() -> String {
        "是 或 否".to_owned()
    }

    fn read(text: &str, _: &mut Look) -> Result<Self, Cause> {
        fields::yes_or_no(text)?.ok_or(Cause::BadYesNo)
    }
}

/// A rate of a year.
impl Cell for Ppm {
    const CONTENT: Content = Content::Figure;

    fn form() -> String {
        "年利率，如 6% 或 4.35".to_owned()
    }

    /// A percentage as a spreadsheet keeps it is a hundredth of what is shown: what is that small is not taken for a
    /// rate in percent.
    fn read(text: &str, _: &mut Look) -> Result<Self, Cause> {
        const LEAST: Ppm = Ppm(1_000);
        let (bare, is_marked) = match text.trim_end().strip_suffix(['%', '％']) {
            Some(bare) => (bare, true),
            None => (text, false),
        };
        let rate = Self::parse_share(&format!("{}%", bare.trim())).map_err(|_| Cause::BadRate)?;
        let is_clear = is_marked || rate == Self(0) || rate >= LEAST;
        is_clear.then_some(rate).ok_or(Cause::BadRate)
    }
}

/// An area of any level.
impl Cell for AreaCode {
    const CONTENT: Content = Content::Place;

    fn form() -> String {
        "区划代码，或名称；有同名的在前面写明乡镇，如 宣风镇京口村".to_owned()
    }

    fn read(text: &str, look: &mut Look) -> Result<Self, Cause> {
        if let Some(known) = look.areas.get(text) {
            return known.clone();
        }
        let area = look.places.area(text);
        look.areas.insert(text.to_owned(), area.clone());
        area
    }
}

/// The code of a village, registered or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct VillageCode(pub(super) AreaCode);

impl Cell for VillageCode {
    const CONTENT: Content = Content::Figure;

    fn form() -> String {
        "12 位区划代码".to_owned()
    }

    fn read(text: &str, _: &mut Look) -> Result<Self, Cause> {
        let code = AreaCode::parse_padded(text).ok();
        let code = code.filter(|code| code.level() == AreaLevel::Village);
        code.map(Self).ok_or(Cause::BadVillageCode)
    }
}

/// The number of an identity document, normalised, by which somebody is looked up.
#[derive(Clone, Debug)]
pub(super) struct DocumentNumber(pub(super) String);

impl Cell for DocumentNumber {
    const CONTENT: Content = Content::Document;

    fn form() -> String {
        "居民身份证或残疾人证号码，单元格请设为文本".to_owned()
    }

    fn read(text: &str, look: &mut Look) -> Result<Self, Cause> {
        let label = match text.chars().count() {
            20 => "残疾人证",
            _ => "居民身份证",
        };
        let kind = look.labels.code("document-type", label)?;
        let document = IdentityDocument::parse(&kind.ok_or(Cause::BadText)?, text);
        match document.normalised() {
            Some(number) => Ok(Self(number)),
            None => Err(match document {
                IdentityDocument::Unverified { fault, .. } => Cause::BadDocument(fault),
                _ => Cause::BadText,
            }),
        }
    }
}

/// A code list that a column is of.
pub(super) trait CodeListName {
    /// The name of the list.
    const NAME: &'static str;
}

macro_rules! code_lists {
    ($($list:ident $name:literal,)*) => {
        $(
            #[doc = concat!("Code list ", $name, ".")]
            #[derive(Clone, Copy, Debug)]
            pub(super) enum $list {}

            impl CodeListName for $list {
                const NAME: &'static str = $name;
            }
        )*
    };
}

code_lists! {
    AccountSide "account-side",
    CollectiveSource "collective-source",
    FundChannel "fund-channel",
    FundPurpose "fund-purpose",
    LoanMethod "loan-method",
    LoanPurpose "loan-purpose",
    PairingRole "pairing-role",
    ProjectType "project-type",
    Rank "rank",
    UnitType "unit-type",
}

/// The labels of a list, as a template prints them.
fn labels<L: CodeListName>() -> String {
    let entries = codes::list(L::NAME).map_or(&[][..], |list| list.entries);
    let labels: Vec<_> = entries.iter().map(|entry| entry.zh).collect();
    labels.join("、")
}

/// A code of a list, written as a label of it.
#[derive(Clone, Debug)]
pub(super) struct Coded<L>(Code, PhantomData<L>);

impl<L> Deref for Coded<L> {
    type Target = Code;

    fn deref(&self) -> &Code {
        &self.0
    }
}

impl<L: CodeListName> Cell for Coded<L> {
    const CONTENT: Content = Content::Labels;

    fn form() -> String {
        format!("其中之一：{}", labels::<L>())
    }

    fn read(text: &str, look: &mut Look) -> Result<Self, Cause> {
        let code = look.labels.code(L::NAME, text)?;
        let code = code.ok_or(Cause::UnknownLabel(L::NAME))?;
        Ok(Self(code, PhantomData))
    }
}

/// Amounts by the codes of a list: 县级财政 50,000；上级资金 20,000.
#[derive(Clone, Debug)]
pub(super) struct Sums<L>(pub(super) Vec<(Code, Fen)>, PhantomData<L>);

/// How such amounts are written.
const SUMS: &str = "名称1 50,000；名称2 20,000";

impl<L: CodeListName> Cell for Sums<L> {
    const CONTENT: Content = Content::Labels;

    fn form() -> String {
        format!(
            "名称和金额（元），多项用分号分开；名称为：{}",
            labels::<L>()
        )
    }

    fn read(text: &str, look: &mut Look) -> Result<Self, Cause> {
        let parts = text.split(['；', ';', '、', '\n']).map(str::trim);
        let mut sums = Vec::new();
        for part in parts.filter(|part| !part.is_empty()) {
            let amount = part.find(|c: char| c.is_numeric() || matches!(c, '-' | '￥' | '¥'));
            let (label, amount) = part.split_at(amount.ok_or(Cause::BadSums(SUMS))?);
            let label = label.trim_end_matches(|c: char| c.is_whitespace() || ":：=".contains(c));
            let code = look.labels.code(L::NAME, label)?;
            let amount = fields::amount(amount)?;
            match (code, amount) {
                (Some(code), Some(amount)) => sums.push((code, amount)),
                _ => return Err(Cause::BadSums(SUMS)),
            }
        }
        Ok(Self(sums, PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look() -> Look {
        let area = |code: &str, name: &str| {
            let code = AreaCode::parse(code).unwrap();
            (code, Label::parse(name).unwrap())
        };
        let areas = [
            area("360323", "芦溪县"),
            area("360323101", "宣风镇"),
            area("360323101201", "京口村"),
            area("360323102", "上埠镇"),
            area("360323102201", "京口村民委员会"),
            area("360323102202", "茅店村"),
        ];
        let as_of = Date::new(2016, 6, 30).unwrap();
        Look::new(Places::new(areas.to_vec()), as_of)
    }

    #[test]
    fn an_area_is_written_by_its_code_or_as_much_of_its_name_as_it_takes() {
        let mut look = look();
        let mut read = |text: &str| match AreaCode::read(text, &mut look) {
            Ok(area) => area.digits().to_owned(),
            Err(cause) => cause.code().to_owned(),
        };
        for (text, area) in [
            ("360323102202", "360323102202"),
            ("360323000000", "360323"),
            ("茅店村", "360323102202"),
            ("上埠镇 茅店村委会", "360323102202"),
            ("宣风镇京口村", "360323101201"),
            ("芦溪县上埠镇京口村", "360323102201"),
            ("京口村", "many-areas"),
            ("芦溪县京口村", "no-such-area"),
            ("360323103201", "no-such-area"),
            ("芦溪县", "360323"),
        ] {
            assert_eq!(read(text), area, "{text}");
        }
    }

    #[test]
    fn a_rate_is_in_percent_and_never_guessed() {
        let mut look = look();
        let mut read = |text: &str| Ppm::read(text, &mut look).ok().map(Ppm::get);
        for (text, rate) in [
            ("6%", Some(60_000)),
            ("6", Some(60_000)),
            ("4.35％", Some(43_500)),
            ("0", Some(0)),
            ("0.05%", Some(500)),
            // It may be 6 % in a cell that a spreadsheet shows as a percentage.
            ("0.06", None),
            ("101", None),
            ("六", None),
        ] {
            assert_eq!(read(text), rate, "{text}");
        }
    }

    #[test]
    fn amounts_by_label_are_read_as_files_write_them() {
        let mut look = look();
        let mut read = |text: &str| match Sums::<FundChannel>::read(text, &mut look) {
            Ok(Sums(sums, _)) => {
                let sums = sums.iter().map(|(code, amount)| format!("{code} {amount}"));
                sums.collect::<Vec<_>>().join(", ")
            }
            Err(cause) => cause.code().to_owned(),
        };
        for (text, sums) in [
            (
                "县级财政 50,000；上级资金:20000.5元",
                "county-budget 50000.00, higher-government 20000.50",
            ),
            (
                "县财政５０００\n社会捐赠=1",
                "county-budget 5000.00, donation 1.00",
            ),
            ("50000", "bad-sums"),
            ("县级财政", "bad-sums"),
            ("县级财政 -1", "negative-amount"),
            ("张三 5", "unknown-label"),
        ] {
            assert_eq!(read(text), sums, "{text}");
        }
    }
}
