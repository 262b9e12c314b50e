#![expect(
    clippy::string_slice,
    reason = "every text is sliced after it was found to be ASCII"
)]

use std::fmt;
use std::str::FromStr;

use super::Date;

/// Weights of the first 17 digits (GB 11643-1999, 4.3).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character for each remainder of the weighted sum by 11.
const CHECK_CHARACTERS: [u8; 11] = *b"10X98765432";

/// A citizen identity number (GB 11643-1999): 18 characters, the last an upper-case `X` or a digit.
///
/// Checked: length, digits, a real birth date, the check digit.
/// Not checked: whether the issuing county (the first six digits) exists today, because counties merge
/// and the number stays.
///
/// `Debug` is masked; `Display` and [`as_str`](Self::as_str) give the whole number and belong only where
/// the reader may see it.
///
/// ```
/// # use lika_core::value::IdNumber;
/// let number = IdNumber::parse("11010519491231002x")?;
/// assert_eq!(number.as_str(), "11010519491231002X");
/// assert_eq!(format!("{number:?}"), "IdNumber(110105********002X)");
/// # Ok::<(), lika_core::value::id_number::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdNumber([u8; 18]);

/// What an identity number says of sex (GB/T 2261.1: 1 male, 2 female).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sex {
    Male,
    Female,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("identity number has {found} characters; expected 18, or 15 of an old card")]
    WrongLength { found: usize },
    #[error("identity number has a character that is no digit; only the last may be X")]
    NotDigits,
    #[error(
        "identity number has no real birth date; expected year, month and day in digits 7 to 14"
    )]
    BadDate,
    #[error("identity number has a wrong check digit; compare it with the card")]
    BadCheckDigit,
}

impl IdNumber {
    /// Reads a number as people write it: full-width characters, a lower-case `x` and white space are
    /// normalised; the 15 digits of an old card are completed with the century 19 and a check digit.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let normal = normalised(text);
        match normal.chars().count() {
            18 => Self::from_18(&normal),
            15 => Self::from_15(&normal),
            found => Err(Error::WrongLength { found }),
        }
    }

    /// The number made of an issuing county, a birth date and a sequence number from 0 to 999.
    ///
    /// For synthetic people; use the unassigned county 360399, so that the number is nobody's.
    pub fn compose(issued_area: &str, birth_date: Date, sequence: u16) -> Result<Self, Error> {
        let first_17 = format!("{issued_area}{}{sequence:03}", birth_date.number());
        Self::from_first_17(&first_17)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the constructors admit ASCII digits and X only")
    }

    #[must_use]
    pub fn birth_date(&self) -> Date {
        birth_date(&self.as_str()[6..14]).expect("the constructors check the birth date")
    }

    #[must_use]
    pub fn sex(&self) -> Sex {
        if (self.0[16] - b'0') % 2 == 1 {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// The six digits of the county where the number was issued once; not a code of today.
    #[must_use]
    pub fn issued_area(&self) -> &str {
        &self.as_str()[..6]
    }

    /// The first six and the last four characters, the birth date starred out.
    #[must_use]
    pub fn masked(&self) -> String {
        let text = self.as_str();
        format!("{}********{}", &text[..6], &text[14..])
    }

    fn from_18(text: &str) -> Result<Self, Error> {
        let bytes: [u8; 18] = text.as_bytes().try_into().map_err(|_| Error::NotDigits)?;
        let (last, first_17) = bytes.split_last().ok_or(Error::NotDigits)?;
        let last_is_allowed = last.is_ascii_digit() || *last == b'X';
        if !first_17.iter().all(u8::is_ascii_digit) || !last_is_allowed {
            return Err(Error::NotDigits);
        }
        let whole = Self::from_first_17(&text[..17])?;
        if whole.0 != bytes {
            return Err(Error::BadCheckDigit);
        }
        Ok(whole)
    }

    fn from_15(text: &str) -> Result<Self, Error> {
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::NotDigits);
        }
        Self::from_first_17(&format!("{}19{}", &text[..6], &text[6..]))
    }

    fn from_first_17(text: &str) -> Result<Self, Error> {
        let check = check_byte(text).ok_or(Error::NotDigits)?;
        birth_date(&text[6..14]).ok_or(Error::BadDate)?;
        let mut bytes = [0; 18];
        bytes[..17].copy_from_slice(text.as_bytes());
        bytes[17] = check;
        Ok(Self(bytes))
    }
}

impl Sex {
    /// The code of GB/T 2261.1, as in the code list `sex`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
        }
    }
}

/// The check character that belongs to the first 17 digits; none unless they are 17 ASCII digits.
#[must_use]
pub fn check_digit(first_17: &str) -> Option<char> {
    check_byte(first_17).map(char::from)
}

fn check_byte(first_17: &str) -> Option<u8> {
    if first_17.len() != 17 || !first_17.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = first_17
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    Some(CHECK_CHARACTERS[(sum % 11) as usize])
}

/// Half-width, upper-case, without white space.
pub(crate) fn normalised(text: &str) -> String {
    text.chars()
        .map(super::fold_width)
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

impl fmt::Display for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdNumber({})", self.masked())
    }
}

impl FromStr for IdNumber {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

fn birth_date(digits: &str) -> Option<Date> {
    Date::from_number(digits.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::date::tests::any_date;
    use super::*;
    use proptest::prelude::*;

    fn any_number() -> impl Strategy<Value = IdNumber> {
        ("[1-8][0-9]{5}", any_date(), 0..1000u16)
            .prop_map(|(area, date, sequence)| IdNumber::compose(&area, date, sequence).unwrap())
    }

    #[test]
    fn the_examples_of_the_standard_are_valid() {
        let woman = IdNumber::parse("11010519491231002X").unwrap();
        assert_eq!(woman.birth_date().to_string(), "1949-12-31");
        assert_eq!(woman.sex(), Sex::Female);
        assert_eq!(woman.issued_area(), "110105");
        let man = IdNumber::parse("440524188001010014").unwrap();
        assert_eq!(man.birth_date().to_string(), "1880-01-01");
        assert_eq!(man.sex(), Sex::Male);
    }

    #[test]
    fn numbers_are_normalised_as_people_write_them() {
        let expected = IdNumber::parse("11010519491231002X");
        for written in [
            "11010519491231002x",
            " 110105 19491231 002X ",
            "１１０１０５１９４９１２３１００２Ｘ",
        ] {
            assert_eq!(IdNumber::parse(written), expected, "{written}");
        }
    }

    #[test]
    fn a_number_of_15_digits_gets_its_century_and_check_digit() {
        let old = IdNumber::parse("110105491231002").unwrap();
        assert_eq!(old.as_str(), "11010519491231002X");
        assert_eq!(IdNumber::parse("110105491331002"), Err(Error::BadDate));
    }

    #[test]
    fn each_fault_is_named() {
        for (text, fault) in [
            ("", Error::WrongLength { found: 0 }),
            ("1101051949123100", Error::WrongLength { found: 16 }),
            ("1101O519491231002X", Error::NotDigits),
            ("X1010519491231002X", Error::NotDigits),
            ("11010519491231002A", Error::NotDigits),
            ("十一零一零五一九四九一二三一零零二零", Error::NotDigits),
            ("110105194902310021", Error::BadDate),
            ("110105194912310021", Error::BadCheckDigit),
        ] {
            assert_eq!(IdNumber::parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn debug_hides_the_birth_date() {
        let number = IdNumber::compose("360399", Date::parse("1970-01-01").unwrap(), 1).unwrap();
        let shown = format!("{number:?}");
        assert!(shown.starts_with("IdNumber(360399********001"), "{shown}");
        assert!(!shown.contains("1970"), "{shown}");
    }

    proptest! {
        #[test]
        fn printing_and_parsing_give_the_same_number(number in any_number()) {
            prop_assert_eq!(IdNumber::parse(&number.to_string()), Ok(number));
        }

        #[test]
        fn no_single_wrong_character_passes(number in any_number(), at in 0..18usize, other in "[0-9X]") {
            let mut text = number.to_string();
            prop_assume!(text[at..=at] != other);
            text.replace_range(at..=at, &other);
            prop_assert!(IdNumber::parse(&text).is_err());
        }

        #[test]
        fn an_old_number_of_the_20th_century_becomes_the_new_one(number in any_number()) {
            let text = number.as_str();
            prop_assume!(&text[6..8] == "19");
            let old = format!("{}{}", &text[..6], &text[8..17]);
            prop_assert_eq!(IdNumber::parse(&old), Ok(number));
        }
    }
}
