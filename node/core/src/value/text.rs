use std::fmt;
use std::str::FromStr;

const LONGEST_NAME: usize = 50;
const LONGEST_LABEL: usize = 100;
const LONGEST_TEXT: usize = 4_000;

/// The name of a person, 1 to 50 characters.
///
/// White space is trimmed and collapsed, and left out beside Chinese characters, because forms spread
/// two-character names (`张　三`) over the width of three. The dots of minority names are written `·`.
/// `Debug` shows the first character only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

/// A telephone number: 5 to 20 characters of digits, `-`, single spaces and a leading `+`, with at least
/// five digits. `Debug` shows the last two only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(Box<str>);

/// What somebody wrote, at most 4,000 characters; may be empty, may have lines.
/// `Debug` shows its length only, because people write about people.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Box<str>);

/// The name of an organisation, an area or a thing, 1 to 100 characters on one line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(Box<str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("text is empty; expected at least one character")]
    Empty,
    #[error("text has {found} characters; expected at most {most}")]
    TooLong { found: usize, most: usize },
    #[error("text has a control character; expected printable characters")]
    ControlCharacter,
    #[error(
        "telephone number is not readable; expected 5 to 20 digits, spaces and hyphens, + in front only"
    )]
    BadPhone,
}

impl Name {
    pub fn parse(text: &str) -> Result<Self, Error> {
        let with_one_dot: String = collapsed(text).chars().map(one_dot).collect();
        let normal = dots_between_chinese(&gathered(&with_one_dot));
        checked(&normal, LONGEST_NAME).map(Self)
    }

    /// The first character and a star, as public notices show a name.
    #[must_use]
    pub fn masked(&self) -> String {
        self.0.chars().take(1).chain(['*']).collect()
    }
}

impl Phone {
    pub fn parse(text: &str) -> Result<Self, Error> {
        let normal: String = collapsed(&text.chars().map(super::fold_width).collect::<String>());
        let unsigned = normal.strip_prefix('+').unwrap_or(&normal);
        let digits = unsigned.bytes().filter(u8::is_ascii_digit).count();
        let is_sound = unsigned
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'-' || b == b' ');
        if !is_sound || digits < 5 || normal.len() > 20 {
            return Err(Error::BadPhone);
        }
        Ok(Self(normal.into()))
    }

    /// The last two characters after stars.
    #[must_use]
    #[expect(
        clippy::string_slice,
        reason = "a telephone number is ASCII, of at least five characters"
    )]
    pub fn masked(&self) -> String {
        let hidden = self.0.len() - 2;
        format!("{}{}", "*".repeat(hidden), &self.0[hidden..])
    }
}

impl Text {
    /// Trims, and writes every line break as `\n`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let normal = text.replace("\r\n", "\n").replace('\r', "\n");
        let normal = normal.trim();
        if normal
            .chars()
            .any(|c| c.is_control() && c != '\n' && c != '\t')
        {
            return Err(Error::ControlCharacter);
        }
        let found = normal.chars().count();
        if found > LONGEST_TEXT {
            return Err(Error::TooLong {
                found,
                most: LONGEST_TEXT,
            });
        }
        Ok(Self(normal.into()))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Label {
    pub fn parse(text: &str) -> Result<Self, Error> {
        checked(&collapsed(text), LONGEST_LABEL).map(Self)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({})", self.masked())
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} characters)", self.0.chars().count())
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Label({})", self.0)
    }
}

macro_rules! as_text {
    ($($name:ident),*) => {$(
        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Self::parse(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )*};
}

as_text!(Name, Phone, Text, Label);

fn checked(text: &str, most: usize) -> Result<Box<str>, Error> {
    if text.is_empty() {
        return Err(Error::Empty);
    }
    if text.chars().any(char::is_control) {
        return Err(Error::ControlCharacter);
    }
    let found = text.chars().count();
    if found > most {
        return Err(Error::TooLong { found, most });
    }
    Ok(text.into())
}

/// Trimmed, with one plain space for every run of white space.
fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without the spaces beside Chinese characters and middle dots.
fn gathered(text: &str) -> String {
    let is_kept = |(before, c, after): (Option<char>, char, Option<char>)| {
        c != ' '
            || ![before, after]
                .into_iter()
                .flatten()
                .any(|c| is_chinese(c) || c == '·')
    };
    with_neighbours(text)
        .into_iter()
        .filter(|around| is_kept(*around))
        .map(|(_, c, _)| c)
        .collect()
}

/// A full stop between Chinese characters stands for the middle dot; in `J. Smith` it stays.
fn dots_between_chinese(text: &str) -> String {
    let dotted = |(before, c, after): (Option<char>, char, Option<char>)| {
        let is_dot = c == '.' && before.is_some_and(is_chinese) && after.is_some_and(is_chinese);
        if is_dot { '·' } else { c }
    };
    with_neighbours(text).into_iter().map(dotted).collect()
}

fn with_neighbours(text: &str) -> Vec<(Option<char>, char, Option<char>)> {
    let chars: Vec<char> = text.chars().collect();
    let before = std::iter::once(None).chain(chars.iter().copied().map(Some));
    let after = chars.iter().copied().skip(1).map(Some).chain([None]);
    before
        .zip(&chars)
        .zip(after)
        .map(|((before, c), after)| (before, *c, after))
        .collect()
}

/// The middle dot of GB 18030 for the look-alikes that keyboards and typists put in its place.
fn one_dot(c: char) -> char {
    match c {
        '•' | '‧' | '∙' | '⋅' | '・' | '･' | '●' | '．' | '\u{0387}' => '·',
        other => other,
    }
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' | '〇')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_person_has_one_spelling() {
        for (written, name) in [
            (" 张　 三 ", "张三"),
            ("阿卜杜•热合曼", "阿卜杜·热合曼"),
            ("阿卜杜.热合曼", "阿卜杜·热合曼"),
            ("阿卜杜　.热合曼", "阿卜杜·热合曼"),
            ("阿卜杜．热合曼", "阿卜杜·热合曼"),
            ("阿卜杜 · 热合曼", "阿卜杜·热合曼"),
            ("John   A. Smith", "John A. Smith"),
        ] {
            assert_eq!(Name::parse(written).unwrap().as_str(), name, "{written}");
        }
    }

    #[test]
    fn debug_hides_what_is_personal() {
        assert_eq!(format!("{:?}", Name::parse("张三丰").unwrap()), "Name(张*)");
        assert_eq!(
            format!("{:?}", Phone::parse("13800138000").unwrap()),
            "Phone(*********00)"
        );
        assert_eq!(
            format!("{:?}", Text::parse("his leg").unwrap()),
            "Text(7 characters)"
        );
    }

    #[test]
    fn bounds_are_kept() {
        assert_eq!(Name::parse(" 　"), Err(Error::Empty));
        assert_eq!(
            Name::parse(&"张".repeat(51)),
            Err(Error::TooLong {
                found: 51,
                most: 50
            })
        );
        assert_eq!(Name::parse("张\u{7}三"), Err(Error::ControlCharacter));
        assert!(Label::parse(&"村".repeat(100)).is_ok());
        assert_eq!(
            Label::parse(&"村".repeat(101)),
            Err(Error::TooLong {
                found: 101,
                most: 100
            })
        );
        assert!(Text::parse("").unwrap().is_empty());
        assert!(Text::parse(&"a".repeat(4_001)).is_err());
        assert_eq!(Text::parse("one\r\ntwo").unwrap().as_str(), "one\ntwo");
    }

    #[test]
    fn telephone_numbers_are_plain() {
        assert_eq!(
            Phone::parse("０７９９－７５５ ０１２３").unwrap().as_str(),
            "0799-755 0123"
        );
        assert_eq!(
            Phone::parse("+86 138 0013 8000").unwrap().as_str(),
            "+86 138 0013 8000"
        );
        for text in [
            "",
            "1234",
            "138+00138000",
            "一三八〇〇",
            "123456789012345678901",
            "- - - - -",
        ] {
            assert_eq!(Phone::parse(text), Err(Error::BadPhone), "{text}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_parsing_give_the_same(
            text in "[ 　.·•张三a-b\u{20000}]{1,30}", phone in "\\+?[0-9]{5}[0-9 -]{0,10}", any in ".{0,200}",
        ) {
            for text in [text.as_str(), any.as_str()] {
                if let Ok(name) = Name::parse(text) {
                    prop_assert_eq!(Name::parse(name.as_str()), Ok(name));
                }
                if let Ok(label) = Label::parse(text) {
                    prop_assert_eq!(Label::parse(label.as_str()), Ok(label));
                }
                if let Ok(text) = Text::parse(text) {
                    prop_assert_eq!(Text::parse(text.as_str()), Ok(text));
                }
            }
            let phone = Phone::parse(&phone).unwrap();
            prop_assert_eq!(Phone::parse(phone.as_str()), Ok(phone));
        }
    }
}
