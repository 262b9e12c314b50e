use std::fmt;
use std::str::FromStr;

/// An amount of money in fen; 1 yuan is 100 fen. May be negative (a debit).
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen(pub i64);

/// A rate in parts per million: 1,000,000 is the whole, 330,000 is 33 %.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ppm(pub i64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("amount is empty; expected yuan as in 1,234.50")]
    Empty,
    #[error("amount is not readable; expected yuan as in 1,234.50")]
    BadAmount,
    #[error("amount has more than two decimals; expected whole fen")]
    TooPrecise,
    #[error("amount has misplaced commas; expected one before every three digits")]
    MisplacedComma,
    #[error("amount is too large to count")]
    Overflow,
    #[error("rate is not readable; expected a whole number of parts per million")]
    BadRate,
    #[error(
        "share is not readable; expected 0% to 100% with at most four decimals, such as 1% or 0.25 %"
    )]
    BadShare,
}

impl Fen {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn new(fen: i64) -> Self {
        Self(fen)
    }

    /// A whole number of yuan.
    pub fn from_yuan(yuan: i64) -> Result<Self, Error> {
        yuan.checked_mul(100).map(Self).ok_or(Error::Overflow)
    }

    /// Reads yuan as people write them: `1234.5`, `1,234.50元`, `￥1234`, full-width digits, a minus.
    /// More than two decimals are refused, never rounded; 万 is not understood.
    pub fn parse_yuan(text: &str) -> Result<Self, Error> {
        let folded: String = text
            .chars()
            .map(super::fold_width)
            .filter(|c| !c.is_whitespace())
            .collect();
        let bare = folded.strip_suffix('元').unwrap_or(&folded);
        let (is_negative, bare) = match bare.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest),
            None => (false, bare),
        };
        let bare = bare.strip_prefix(['¥', '￥']).unwrap_or(bare);
        let fen = unsigned_fen(bare)?;
        let signed = if is_negative {
            0i64.checked_sub_unsigned(fen)
        } else {
            i64::try_from(fen).ok()
        };
        signed.map(Self).ok_or(Error::Overflow)
    }

    /// The number of fen.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        self.0.checked_add(other.0).map(Self).ok_or(Error::Overflow)
    }

    pub fn checked_sub(self, other: Self) -> Result<Self, Error> {
        self.0.checked_sub(other.0).map(Self).ok_or(Error::Overflow)
    }

    pub fn checked_mul(self, factor: i64) -> Result<Self, Error> {
        self.0.checked_mul(factor).map(Self).ok_or(Error::Overflow)
    }

    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl Ppm {
    pub const WHOLE: Self = Self(1_000_000);

    #[must_use]
    pub const fn new(parts: i64) -> Self {
        Self(parts)
    }

    /// Reads the number of parts.
    pub fn parse(text: &str) -> Result<Self, Error> {
        text.parse().map(Self).map_err(|_| Error::BadRate)
    }

    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads a share of a whole as people write it: `1%`, `0.25 %`, with at most four decimals.
    pub fn parse_share(text: &str) -> Result<Self, Error> {
        let number = text.trim().strip_suffix('%').ok_or(Error::BadShare)?.trim();
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        let is_number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
        let is_sound = !whole.is_empty() && is_number(whole) && is_number(decimals);
        if !is_sound || decimals.len() > 4 || number.ends_with('.') {
            return Err(Error::BadShare);
        }
        let parts: i64 = format!("{whole}{decimals:0<4}")
            .parse()
            .map_err(|_| Error::BadShare)?;
        if parts > Self::WHOLE.0 {
            return Err(Error::BadShare);
        }
        Ok(Self(parts))
    }

    /// Writes it as [`Self::parse_share`] reads it, with no more decimals than it takes: `1%`, `0.25%`.
    #[must_use]
    pub fn share(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let parts = self.0.unsigned_abs();
        let (whole, rest) = (parts / 10_000, parts % 10_000);
        let decimals = format!(".{rest:04}");
        format!("{sign}{whole}{}%", decimals.trim_end_matches(['.', '0']))
    }

    /// This part of an amount, rounded down to whole fen.
    pub fn of(self, amount: Fen) -> Result<Fen, Error> {
        let parts = i128::from(self.0) * i128::from(amount.0);
        let fen = parts.div_euclid(i128::from(Self::WHOLE.0));
        i64::try_from(fen).map(Fen).map_err(|_| Error::Overflow)
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:02}", fen / 100, fen % 100))
    }
}

impl fmt::Debug for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fen({})", self.0)
    }
}

impl fmt::Display for Ppm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Ppm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ppm({})", self.0)
    }
}

impl FromStr for Fen {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse_yuan(text)
    }
}

impl FromStr for Ppm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

fn unsigned_fen(text: &str) -> Result<u64, Error> {
    if text.is_empty() {
        return Err(Error::Empty);
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let digits = without_commas(whole)?;
    if digits.is_empty() || !is_digits(&digits) || !is_digits(decimals) || text.ends_with('.') {
        return Err(Error::BadAmount);
    }
    if decimals.len() > 2 {
        return Err(Error::TooPrecise);
    }
    format!("{digits}{decimals:0<2}")
        .parse()
        .map_err(|_| Error::Overflow)
}

fn without_commas(whole: &str) -> Result<String, Error> {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let is_grouped = (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3);
    if !rest.is_empty() && !is_grouped {
        return Err(Error::MisplacedComma);
    }
    Ok(whole.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_are_read_as_people_write_them() {
        let read = |text: &str| Ppm::parse_share(text).ok().map(Ppm::get);
        assert_eq!(read("1%"), Some(10_000));
        assert_eq!(read(" 0.25 % "), Some(2_500));
        assert_eq!(read("100%"), Some(1_000_000));
        assert_eq!(read("0.0001%"), Some(1));
        assert_eq!(read("0%"), Some(0));
        for bad in [
            "", "1", "101%", "-1%", "1.00001%", "%", ".5%", "1.%", "1e3%",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn shares_are_written_with_the_decimals_that_they_have() {
        for (parts, text) in [
            (0, "0%"),
            (1, "0.0001%"),
            (2_500, "0.25%"),
            (10_000, "1%"),
            (100_000, "10%"),
            (125_000, "12.5%"),
            (1_000_000, "100%"),
        ] {
            assert_eq!(Ppm(parts).share(), text);
        }
    }

    #[test]
    fn yuan_are_read_as_people_write_them() {
        for (text, fen) in [
            ("1,234.50", 123_450),
            ("1234.5", 123_450),
            ("１，２３４．５０元", 123_450),
            (" ￥ 1234 ", 123_400),
            ("-0.01", -1),
            ("0", 0),
            ("3460000000.00", 346_000_000_000),
            ("-92233720368547758.08", i64::MIN),
        ] {
            assert_eq!(Fen::parse_yuan(text), Ok(Fen(fen)), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for (text, fault) in [
            ("", Error::Empty),
            ("元", Error::Empty),
            ("1.234", Error::TooPrecise),
            ("12,34", Error::MisplacedComma),
            (",123", Error::MisplacedComma),
            ("1.", Error::BadAmount),
            (".5", Error::BadAmount),
            ("5万", Error::BadAmount),
            ("--1", Error::BadAmount),
            ("1e3", Error::BadAmount),
            ("92233720368547758.08", Error::Overflow),
        ] {
            assert_eq!(Fen::parse_yuan(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn counting_never_wraps_around() {
        assert_eq!(Fen(i64::MAX).checked_add(Fen(1)), Err(Error::Overflow));
        assert_eq!(Fen(i64::MIN).checked_sub(Fen(1)), Err(Error::Overflow));
        assert_eq!(Fen(i64::MAX).checked_mul(2), Err(Error::Overflow));
        assert_eq!(Fen::sum([Fen(1), Fen(2), Fen(-5)]), Ok(Fen(-2)));
        assert_eq!(Fen::sum([Fen(i64::MAX), Fen(1)]), Err(Error::Overflow));
        assert_eq!(Fen::from_yuan(i64::MAX), Err(Error::Overflow));
    }

    #[test]
    fn a_rate_takes_its_part_of_an_amount() {
        assert_eq!(Ppm(600_000).of(Fen(100_001)), Ok(Fen(60_000)));
        assert_eq!(Ppm(2_000_000).of(Fen(i64::MAX)), Err(Error::Overflow));
    }

    proptest! {
        #[test]
        fn printing_and_parsing_give_the_same(number: i64) {
            prop_assert_eq!(Fen::parse_yuan(&Fen(number).to_string()), Ok(Fen(number)));
            prop_assert_eq!(Ppm::parse(&Ppm(number).to_string()), Ok(Ppm(number)));
        }

        #[test]
        fn a_share_is_read_as_it_was_written(parts in 0..=Ppm::WHOLE.get()) {
            prop_assert_eq!(Ppm::parse_share(&Ppm(parts).share()), Ok(Ppm(parts)));
        }
    }
}
