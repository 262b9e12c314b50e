//! The columns of the national form, and how files head them.

use std::{collections::HashMap, hash::Hash};

use lika_core::codes;

/// To what the value of a column belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Where the household lives.
    Place,
    /// The household: repeated on its rows, or on one of them.
    Household,
    /// The person of the row.
    Member,
}

macro_rules! columns {
    ($($column:ident $scope:ident $label:literal [$($alias:literal),*],)*) => {
        /// A column that import and export know.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Column {
            $(#[doc = $label] $column,)*
        }

        impl Column {
            /// Every column, in the order of exports.
            pub const ALL: &[Self] = &[$(Self::$column),*];

            /// The heading of the national form.
            pub fn label(self) -> &'static str {
                match self { $(Self::$column => $label,)* }
            }

            /// To what its value belongs.
            pub fn scope(self) -> Scope {
                match self { $(Self::$column => Scope::$scope,)* }
            }

            fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$column => &[$($alias),*],)* }
            }
        }
    };
}

columns! {
    Province Place "省(市)" ["省份", "省"],
    Prefecture Place "市(州)" ["地市", "设区市", "市"],
    County Place "县(市、区)" ["县区", "区县", "县"],
    Township Place "乡(镇)" ["乡镇", "镇", "乡镇街道"],
    Village Place "行政村" ["村", "行政村名称", "村名"],
    AreaCode Place "行政区划代码" ["区划代码", "行政村代码", "村代码"],
    Hamlet Household "自然村(组)" ["自然村组", "村民小组", "村民组", "组"],
    HouseholdNumber Household "户编号" ["户编码", "户代码"],
    MemberNumber Member "人编号" ["人编码", "人代码"],
    Name Member "姓名" ["成员姓名"],
    Sex Member "性别" [],
    DocumentType Member "证件类型" [],
    Document Member "证件号码" ["身份证号", "身份证号码", "公民身份号码", "证件号"],
    Persons Household "人数" ["家庭人口", "家庭人口数", "家庭人数"],
    Relation Member "与户主关系" ["户主关系", "与户主的关系"],
    EthnicGroup Member "民族" [],
    Political Member "政治面貌" [],
    Education Member "文化程度" ["受教育程度"],
    Schooling Member "在校生状况" ["在校状况", "在校生情况"],
    Health Member "健康状况" [],
    Labour Member "劳动技能" ["劳动能力"],
    WorkRegion Member "务工区域" ["务工地点"],
    WorkMonths Member "务工时间(月)" ["务工月数", "务工月份"],
    IllnessInsurance Member "是否参加大病保险" ["大病保险"],
    MedicalInsurance Member "是否参加城乡居民基本医疗保险" ["是否参加城乡居民医疗保险", "是否参加新农合", "城乡居民基本医疗保险"],
    PensionInsurance Member "是否参加城乡居民基本养老保险" ["是否参加城乡居民养老保险", "城乡居民基本养老保险"],
    Allowance Member "是否享受低保" ["是否享受农村低保", "是否享受最低生活保障"],
    MainCause Household "致贫原因" ["主要致贫原因"],
    OtherCauses Household "其他致贫原因" ["其它致贫原因", "次要致贫原因"],
    DangerousHouse Household "危房户" ["是否危房户", "是否危房"],
    SafeWater Household "是否解决安全饮用水" ["是否解决饮水安全", "安全饮用水"],
    IncomePerHead Household "人均纯收入" ["家庭人均纯收入", "年人均纯收入"],
    Wages Household "工资性收入" [],
    Business Household "生产经营性收入" ["经营性收入", "家庭经营性收入"],
    Property Household "财产性收入" [],
    Transfers Household "转移性收入" [],
    Expenses Household "生产经营性支出" ["生产性支出", "经营性支出"],
    HouseholdType Household "户类型" ["户属性", "贫困户属性", "贫困户类型"],
    Phone Household "联系电话" ["户主联系电话", "电话"],
    HouseholdIdentifiedOn Household "首次识别时间" ["户识别时间", "识别时间"],
    MemberIdentifiedOn Member "人员识别时间" [],
    ExitYear Household "脱贫年度" ["脱贫年份"],
    RiskRemoved Household "风险是否消除" ["风险是否已消除"],
    Willing Household "有脱贫意愿" ["是否有脱贫意愿", "脱贫意愿"],
    Measures Member "帮扶措施" [],
    Version Member "版本" [],
}

impl Column {
    /// The columns without which a file cannot be understood. The village is asked for apart: by name or by code.
    pub const OBLIGATORY: &[Self] = &[
        Self::HouseholdNumber,
        Self::Name,
        Self::Document,
        Self::Relation,
        Self::HouseholdType,
    ];

    /// The column of a heading as files write it: full or half width, with spaces and with or without brackets.
    pub fn of_heading(heading: &str) -> Option<Self> {
        let heading = normalised(heading);
        Self::ALL.iter().copied().find(|column| {
            let mut own = std::iter::once(column.label()).chain(column.aliases().iter().copied());
            own.any(|label| normalised(label) == heading)
        })
    }

    /// The value as faults may show it: what identifies a person is starred out, also where the columns of a file are
    /// shifted and a number or a name stands under another heading.
    pub fn shown(self, value: &str) -> String {
        self.content().shown(value)
    }

    /// What belongs under the heading.
    fn content(self) -> Content {
        match self {
            Self::Name | Self::Hamlet => Content::Person,
            Self::Document => Content::Document,
            Self::HouseholdNumber | Self::MemberNumber => Content::Number,
            Self::Phone => Content::Phone,
            Self::Health => Content::Sensitive,
            Self::Province | Self::Prefecture | Self::County | Self::Township | Self::Village => {
                Content::Place
            }
            Self::AreaCode
            | Self::Persons
            | Self::WorkMonths
            | Self::IncomePerHead
            | Self::Wages
            | Self::Business
            | Self::Property
            | Self::Transfers
            | Self::Expenses
            | Self::HouseholdIdentifiedOn
            | Self::MemberIdentifiedOn
            | Self::ExitYear
            | Self::Version => Content::Figure,
            _ => Content::Labels,
        }
    }
}

/// What belongs under a heading: what a fault may show of a value follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The name of somebody, or of the hamlet where they live.
    Person,
    /// The number of an identity document.
    Document,
    /// The number of a household, a member or a cadre.
    Number,
    /// A telephone number.
    Phone,
    /// What somebody is ill with: not repeated once it is not a label of the list.
    Sensitive,
    /// The name of a place.
    Place,
    /// A code, a date, an amount or a count.
    Figure,
    /// Labels of a code list, and names of what is nobody.
    Labels,
}

impl Content {
    /// The value as faults may show it.
    pub(super) fn shown(self, value: &str) -> String {
        let count = value.chars().count();
        let starred = |first: usize, last: usize| -> String {
            let is_end = |at: usize| at < first || at + last >= count;
            // A name may stand where a number belongs.
            let is_shown = |at: usize, c: char| is_end(at) && (at == 0 || !c.is_alphabetic());
            value
                .chars()
                .enumerate()
                .map(|(at, c)| if is_shown(at, c) { c } else { '*' })
                .take(LONGEST_SHOWN)
                .collect()
        };
        match self {
            Self::Person => value.chars().take(1).chain(['*']).collect(),
            Self::Document if count > 6 => starred(3, 0),
            Self::Number if count > 8 => starred(0, 4),
            Self::Phone if count > 5 => starred(0, 2),
            Self::Document | Self::Number | Self::Phone => starred(0, 0),
            Self::Sensitive => starred(1, 0),
            Self::Labels => cut(&labels_shown(value)),
            Self::Place if is_place_name(value) => cut(value),
            Self::Place => cut(&without_letters(value, &[])),
            Self::Figure => cut(&without_letters(value, &UNITS)),
        }
    }
}

/// The value as far as it is repeated at all.
fn cut(shown: &str) -> String {
    without_long_numbers(shown)
        .chars()
        .take(LONGEST_SHOWN)
        .collect()
}

/// Where the columns stand in a file.
#[derive(Clone, Debug)]
pub struct Header<C = Column> {
    places: HashMap<C, usize>,
    /// Headings that are no column of ours, and second headings of the same column.
    pub unknown: Vec<String>,
}

impl<C: Copy + Eq + Hash> Header<C> {
    /// Reads a row of headings.
    pub fn of<'a>(
        headings: impl Iterator<Item = &'a str>,
        of_heading: impl Fn(&str) -> Option<C>,
    ) -> Self {
        let mut header = Self {
            places: HashMap::new(),
            unknown: Vec::new(),
        };
        for (place, heading) in headings.enumerate() {
            match of_heading(heading) {
                Some(column) if !header.has(column) => {
                    header.places.insert(column, place);
                }
                _ if heading.trim().is_empty() => {}
                _ => header
                    .unknown
                    .push(heading.trim().chars().take(LONGEST_SHOWN).collect()),
            }
        }
        header
    }

    /// How many columns it has that are known.
    pub fn known(&self) -> usize {
        self.places.len()
    }

    /// Where a column stands.
    pub fn place(&self, column: C) -> Option<usize> {
        self.places.get(&column).copied()
    }

    /// Whether the file has a column.
    pub fn has(&self, column: C) -> bool {
        self.places.contains_key(&column)
    }
}

impl Header {
    /// The headings that are missing.
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing: Vec<_> = Column::OBLIGATORY
            .iter()
            .filter(|column| !self.has(**column))
            .map(|column| column.label())
            .collect();
        if !self.has(Column::Village) && !self.has(Column::AreaCode) {
            missing.push(Column::Village.label());
        }
        missing
    }
}

/// The most characters of a value that a fault repeats.
const LONGEST_SHOWN: usize = 40;

/// A number of so many digits or more may be that of a person; the longest figure that a form asks for is a date.
const DIGITS_OF_A_PERSON: usize = 7;

/// The digits of a long number that are shown: with an identity number they say the province and no more.
const DIGITS_SHOWN: usize = 3;

/// What separates several values of a cell.
pub(super) const SEPARATORS: [char; 8] = ['、', ',', '，', ';', '；', '|', '/', '\n'];

/// Letters that belong to dates and amounts.
const UNITS: [char; 4] = ['年', '月', '日', '元'];

/// With what names of places end. A village that is written without it looks like a person.
const PLACES: [&str; 15] = [
    "省",
    "市",
    "州",
    "盟",
    "县",
    "区",
    "旗",
    "乡",
    "镇",
    "街道",
    "村",
    "村委会",
    "居委会",
    "农场",
    "林场",
];

/// Labels that some code list has are shown; of others the first character is, since they may be names.
fn labels_shown(value: &str) -> String {
    if is_label(value) {
        return value.to_owned();
    }
    let mut shown = String::with_capacity(value.len());
    for part in value.split_inclusive(SEPARATORS) {
        let label = part.trim_end_matches(SEPARATORS);
        if is_label(label) {
            shown.push_str(label);
        } else {
            let letters = label.chars().enumerate();
            shown.extend(letters.map(|(at, c)| if at == 0 { c } else { '*' }));
        }
        shown.push_str(&part[label.len()..]);
    }
    shown
}

fn is_label(value: &str) -> bool {
    codes::LISTS
        .iter()
        .any(|list| list.by_label(value).is_some())
}

fn is_place_name(value: &str) -> bool {
    PLACES.iter().any(|end| value.ends_with(end)) && value.chars().count() > 2
}

/// The value with stars for all letters but the first, and but those that are kept.
fn without_letters(value: &str, kept: &[char]) -> String {
    let mut is_first = true;
    let show = |c: char| {
        let is_shown = !c.is_alphabetic() || kept.contains(&c) || std::mem::take(&mut is_first);
        if is_shown { c } else { '*' }
    };
    value.chars().map(show).collect()
}

/// The value with stars for the digits of long numbers but the first ones; white space inside makes them no shorter.
fn without_long_numbers(value: &str) -> String {
    let mut shown: Vec<char> = value.chars().collect();
    let is_digit = |c: char| half_width(c).is_ascii_digit();
    let is_inside = |c: char| is_digit(c) || c.is_whitespace();
    let mut at = 0;
    while at < shown.len() {
        let run = shown[at..].iter().take_while(|c| is_inside(**c)).count();
        let digits = (at..at + run).filter(|place| is_digit(shown[*place]));
        let digits: Vec<usize> = digits.collect();
        if digits.len() >= DIGITS_OF_A_PERSON {
            for place in &digits[DIGITS_SHOWN..] {
                shown[*place] = '*';
            }
        }
        at += run.max(1);
    }
    shown.into_iter().collect()
}

/// Half-width, without white space and marks, and without what stands in brackets.
pub(super) fn normalised(heading: &str) -> String {
    let mut depth = 0usize;
    let mut normal = String::with_capacity(heading.len());
    for c in heading.chars().map(half_width) {
        match c {
            '(' | '[' | '【' => depth += 1,
            ')' | ']' | '】' => depth = depth.saturating_sub(1),
            '*' | ':' | '、' | '_' => {}
            c if c.is_whitespace() || depth > 0 => {}
            c => normal.push(c),
        }
    }
    normal
}

/// The half-width form of a full-width character.
pub(super) fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_fault_shows_names_nobody_under_any_heading() {
        let identity = "36039919900101001X";
        let numbers = [
            identity,
            "360399 19900101 0019",
            "３６０３９９１９９００１０１００１９",
            "10012345678",
            "编号360399199001010019。",
        ];
        for column in Column::ALL {
            for number in numbers {
                let shown = column.shown(number);
                let digits = shown.chars().filter(|c| half_width(*c).is_ascii_digit());
                assert!(digits.count() <= 4, "{column:?}: {shown}");
            }
            for name in ["张建国", "欧阳 建国", "Zhang San"] {
                let shown = column.shown(name);
                let letters = shown.chars().filter(|c| c.is_alphabetic());
                assert!(letters.count() <= 1, "{column:?}: {shown}");
            }
        }
    }

    #[test]
    fn what_names_nobody_is_shown_as_it_stands() {
        for (column, value, shown) in [
            (Column::MainCause, "因懒", "因*"),
            (Column::OtherCauses, "缺技术、因懒", "缺技术、因*"),
            (Column::Sex, "男", "男"),
            (Column::Village, "没有这个村", "没有这个村"),
            (Column::Village, "王村", "王*"),
            (Column::MemberIdentifiedOn, "2014-02-30", "2014-02-30"),
            (Column::MemberIdentifiedOn, "2014年2月30日", "2014年2月30日"),
            (Column::Wages, "-5000.25元", "-5000.25元"),
            (Column::Persons, "三个人", "三**"),
            (Column::AreaCode, "360323999201", "360*********"),
        ] {
            assert_eq!(column.shown(value), shown, "{column:?}");
        }
    }

    #[test]
    fn headings_are_recognised_as_files_write_them() {
        for (heading, column) in [
            ("县（市、区）", Column::County),
            ("县(市、区)", Column::County),
            (" 乡 镇 ", Column::Township),
            ("乡(镇)", Column::Township),
            ("务工时间（月）", Column::WorkMonths),
            ("人均纯收入（元）", Column::IncomePerHead),
            ("*姓名", Column::Name),
            ("身份证号码", Column::Document),
            ("自然村(组)", Column::Hamlet),
        ] {
            assert_eq!(Column::of_heading(heading), Some(column), "{heading}");
        }
        assert_eq!(Column::of_heading("备注"), None);
    }

    #[test]
    fn no_heading_means_two_columns() {
        let mut seen = HashMap::new();
        for column in Column::ALL {
            for label in std::iter::once(column.label()).chain(column.aliases().iter().copied()) {
                assert_eq!(
                    seen.insert(normalised(label), *column)
                        .filter(|other| other != column),
                    None,
                    "{label}"
                );
                assert_eq!(Column::of_heading(label), Some(*column));
            }
        }
    }

    #[test]
    fn what_identifies_a_person_is_starred_out() {
        assert_eq!(Column::Name.shown("张三丰"), "张*");
        assert_eq!(
            Column::Document.shown("36039919700101001X"),
            "360***************"
        );
        assert_eq!(Column::Phone.shown("13800138000"), "*********00");
        assert_eq!(Column::Phone.shown("138"), "***");
        assert_eq!(
            Column::HouseholdNumber.shown("360323104201000012"),
            "**************0012"
        );
        assert_eq!(Column::Labour.shown("强"), "强");
    }
}
