use std::fmt;
use std::str::FromStr;

/// Where the digits of each level end, from the nation to the village.
const ENDS: [usize; 6] = [0, 2, 4, 6, 9, 12];

/// An administrative area: GB/T 2260 to the county, statistical codes to the township and village.
///
/// The nation is the empty code; a prefix contains its areas.
/// A code never ends in a level of zeros: `360300` is the padded spelling of `36_03`, and having both
/// would make two names of one area.
/// Cities without counties (Dongguan, `4419_00_003`) do have zeros inside; their townships lie directly
/// below the prefecture.
///
/// The order is that of the digits, an area before the areas inside it.
///
/// ```
/// # use lika_core::value::AreaCode;
/// let luxi = AreaCode::parse("360323")?;
/// assert!(luxi.contains(&AreaCode::parse("360323104201")?));
/// assert_eq!(luxi.parent(), Some(AreaCode::parse("3603")?));
/// # Ok::<(), lika_core::value::area_code::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaCode {
    /// ASCII digits, then zero bytes: ordered as the digits are, and usable as a key.
    bytes: [u8; 12],
    len: u8,
}

/// The levels of administration, the widest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AreaLevel {
    Nation,
    Province,
    Prefecture,
    County,
    Township,
    Village,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("area code has {found} characters; expected 2, 4, 6, 9 or 12 digits")]
    WrongLength { found: usize },
    #[error("area code has a character that is no digit; expected 2, 4, 6, 9 or 12 digits")]
    NotDigits,
    #[error("area code starts with 00; expected the two digits of a province")]
    NoProvince,
    #[error("area code ends in padding zeros; expected 36 instead of 360000")]
    Padded,
}

impl AreaCode {
    /// The whole nation: the empty code, which contains every area.
    pub const NATION: Self = Self {
        bytes: [0; 12],
        len: 0,
    };

    /// Reads 0, 2, 4, 6, 9 or 12 digits without padding.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let code = Self::from_digits(text)?;
        if code != code.without_padding() {
            return Err(Error::Padded);
        }
        if text.starts_with("00") {
            return Err(Error::NoProvince);
        }
        Ok(code)
    }

    /// Reads a code as forms and spreadsheets write it: padded with zeros (`360323000000`, `360000`),
    /// with full-width digits, or with white space around it.
    pub fn parse_padded(text: &str) -> Result<Self, Error> {
        let folded: String = text.trim().chars().map(super::fold_width).collect();
        let code = Self::from_digits(&folded)?.without_padding();
        if code.digits().starts_with("00") {
            return Err(Error::NoProvince);
        }
        Ok(code)
    }

    /// Whether `other` is this area or lies inside it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.digits().starts_with(self.digits())
    }

    #[must_use]
    pub fn level(&self) -> AreaLevel {
        match self.len {
            0 => AreaLevel::Nation,
            2 => AreaLevel::Province,
            4 => AreaLevel::Prefecture,
            6 => AreaLevel::County,
            9 => AreaLevel::Township,
            _ => AreaLevel::Village,
        }
    }

    /// The area directly above, none for the nation.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let end = ENDS
            .into_iter()
            .rev()
            .find(|end| *end < usize::from(self.len))?;
        Some(self.cut(end).without_padding())
    }

    /// The area itself, then every area around it, up to the nation.
    pub fn ancestors_inclusive(&self) -> impl Iterator<Item = Self> + use<> {
        std::iter::successors(Some(*self), Self::parent)
    }

    /// The area of the given level around this one.
    ///
    /// None if this area is wider than the level, or if it has no such level (the county of a township of
    /// a city without counties).
    #[must_use]
    pub fn at_level(&self, level: AreaLevel) -> Option<Self> {
        self.ancestors_inclusive()
            .find(|area| area.level() == level)
    }

    /// The digits, without padding; empty for the nation.
    #[must_use]
    pub fn digits(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)])
            .expect("the constructors admit ASCII digits only")
    }

    /// Twelve bytes for a composed key: the digits, then zero bytes.
    ///
    /// The keys of the areas inside this one start with [`digits`](Self::digits).
    #[must_use]
    pub fn key(&self) -> [u8; 12] {
        self.bytes
    }

    fn from_digits(text: &str) -> Result<Self, Error> {
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::NotDigits);
        }
        if !ENDS.contains(&text.len()) {
            return Err(Error::WrongLength { found: text.len() });
        }
        let mut bytes = [0; 12];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self {
            bytes,
            len: length(text.len()),
        })
    }

    fn cut(&self, end: usize) -> Self {
        let mut bytes = [0; 12];
        bytes[..end].copy_from_slice(&self.bytes[..end]);
        Self {
            bytes,
            len: length(end),
        }
    }

    fn without_padding(&self) -> Self {
        let mut code = *self;
        for pair in ENDS.windows(2).rev() {
            let (start, end) = (pair[0], pair[1]);
            let is_last = usize::from(code.len) == end;
            if is_last && code.bytes[start..end].iter().all(|b| *b == b'0') {
                code = code.cut(start);
            }
        }
        code
    }
}

/// One of [`ENDS`] as it is kept.
fn length(end: usize) -> u8 {
    u8::try_from(end).expect("a code has at most 12 digits")
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.digits())
    }
}

impl fmt::Debug for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AreaCode({})", self.digits())
    }
}

impl FromStr for AreaCode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn area(text: &str) -> AreaCode {
        AreaCode::parse(text).unwrap()
    }

    pub(crate) fn any_area() -> impl Strategy<Value = AreaCode> {
        "[1-8][0-9]([0-2][0-9]([0-2][0-9]([0-2][0-9]{2}([0-2][0-9]{2})?)?)?)?"
            .prop_map(|text| AreaCode::parse_padded(&text).unwrap())
    }

    #[test]
    fn a_village_lies_in_all_that_surrounds_it() {
        let texts: Vec<String> = area("360323104201")
            .ancestors_inclusive()
            .map(|a| a.to_string())
            .collect();
        assert_eq!(
            texts,
            ["360323104201", "360323104", "360323", "3603", "36", ""]
        );
        assert_eq!(
            area("360323104201").at_level(AreaLevel::County),
            Some(area("360323"))
        );
        assert_eq!(area("3603").at_level(AreaLevel::County), None);
    }

    #[test]
    fn padded_spellings_are_accepted_only_where_asked_for() {
        for (padded, plain) in [
            ("360323000000", "360323"),
            ("360300", "3603"),
            ("360000", "36"),
            (" ３６０３２３ ", "360323"),
            ("360323104000", "360323104"),
            ("000000", ""),
            ("441900003000", "441900003"),
        ] {
            assert_eq!(AreaCode::parse_padded(padded), Ok(area(plain)), "{padded}");
        }
        assert_eq!(AreaCode::parse("360300"), Err(Error::Padded));
        assert_eq!(AreaCode::parse("0011"), Err(Error::NoProvince));
        assert_eq!(
            AreaCode::parse("36032"),
            Err(Error::WrongLength { found: 5 })
        );
        assert_eq!(AreaCode::parse("36o323"), Err(Error::NotDigits));
    }

    #[test]
    fn a_township_of_a_city_without_counties_lies_directly_below_the_city() {
        let town = area("441900003");
        assert_eq!(town.parent(), Some(area("4419")));
        assert_eq!(town.at_level(AreaLevel::County), None);
    }

    proptest! {
        #[test]
        fn printing_and_parsing_give_the_same_area(a in any_area()) {
            prop_assert_eq!(AreaCode::parse(&a.to_string()), Ok(a));
        }

        #[test]
        fn contains_is_a_partial_order(a in any_area(), b in any_area()) {
            prop_assert!(a.contains(&a));
            prop_assert!(!(a.contains(&b) && b.contains(&a)) || a == b);
            for outer in a.ancestors_inclusive() {
                prop_assert!(outer.contains(&a));
                for outermost in outer.ancestors_inclusive() {
                    prop_assert!(outermost.contains(&a));
                }
            }
        }

        #[test]
        fn keys_have_the_order_of_areas_and_the_prefix_of_their_outer_areas(a in any_area(), b in any_area()) {
            prop_assert_eq!(a.cmp(&b), a.key().cmp(&b.key()));
            prop_assert_eq!(a.contains(&b), b.key().starts_with(a.digits().as_bytes()));
        }
    }
}
