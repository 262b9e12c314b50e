use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

const MOST_CHARACTERS: usize = 40;

/// A code of a code list: 1 to 40 lower-case ASCII letters, digits and hyphens.
///
/// Says nothing of which list it belongs to or whether that list has it; cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(Arc<str>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("code is empty; expected lower-case letters, digits and hyphens")]
    Empty,
    #[error("code has {found} characters; expected at most {MOST_CHARACTERS}")]
    TooLong { found: usize },
    #[error("code has another character than lower-case letters, digits and hyphens")]
    BadCharacter,
}

impl Code {
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::Empty);
        }
        let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !text.bytes().all(is_allowed) {
            return Err(Error::BadCharacter);
        }
        if text.len() > MOST_CHARACTERS {
            return Err(Error::TooLong { found: text.len() });
        }
        Ok(Self(text.into()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({})", self.0)
    }
}

impl FromStr for Code {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Code {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Code {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_short_plain_codes_are_admitted() {
        assert_eq!(Code::parse(""), Err(Error::Empty));
        assert_eq!(Code::parse("Illness"), Err(Error::BadCharacter));
        assert_eq!(Code::parse("因病"), Err(Error::BadCharacter));
        assert_eq!(
            Code::parse(&"a".repeat(41)),
            Err(Error::TooLong { found: 41 })
        );
        assert!(Code::parse("five-guarantee").unwrap() == "five-guarantee");
    }

    proptest! {
        #[test]
        fn printing_and_parsing_give_the_same_code(text in "[a-z0-9-]{1,40}") {
            let code = Code::parse(&text).unwrap();
            prop_assert_eq!(code.to_string(), text);
            prop_assert_eq!(Code::parse(code.as_str()), Ok(code));
        }
    }
}
