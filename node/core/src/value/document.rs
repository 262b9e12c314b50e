use std::fmt;

use super::{Code, IdNumber, id_number};

/// How much of an unreadable document is kept.
const LONGEST_KEPT: usize = 64;

/// The identity document of a person as the registry holds it.
///
/// Real files carry wrong check digits, numbers of other papers and people without any; none of that may
/// keep a household out of the registry, so that reading a document never fails.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityDocument {
    /// A number that passes every check of its standard.
    Valid(DocumentNumber),
    /// What was written, of which document (code list `document-type`), and what is wrong with it.
    Unverified {
        kind: Code,
        text: Box<str>,
        fault: Fault,
    },
    /// The person has no document, or it was not given (code list `no-document-reason`).
    None { reason: Code },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentNumber {
    Id(IdNumber),
    Disability(DisabilityNumber),
}

/// The number of a disability card: the person's identity number, a category digit and a grade digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DisabilityNumber {
    person: IdNumber,
    category: u8,
    grade: u8,
}

/// What is wrong with an unverified document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Fault {
    #[error("number has the wrong length; expected 18 characters, or 20 of a disability card")]
    WrongLength,
    #[error(
        "number has a character that is no digit; only the last of an identity number may be X"
    )]
    NotDigits,
    #[error("number has no real birth date")]
    BadDate,
    #[error("number has a wrong check digit; compare it with the card")]
    BadCheckDigit,
    #[error("disability card has no category from 1 to 7 in character 19")]
    BadCategory,
    #[error("disability card has no grade from 1 to 4 in character 20")]
    BadGrade,
    #[error("document of this kind has no number that can be checked")]
    NotCheckable,
}

impl IdentityDocument {
    /// Reads a document of a kind of the code list `document-type`; never fails.
    ///
    /// An empty text is a document that was not given; 无 and 未办理 say that there is none.
    /// The number in a household booklet is the identity number, and is checked as one.
    /// Of an unverified document the first 64 characters are kept.
    #[must_use]
    pub fn parse(kind: &Code, text: &str) -> Self {
        let text = text.trim();
        if let Some(reason) = reason_for_none(text) {
            return Self::None { reason };
        }
        let number = match kind.as_str() {
            "id-card" | "household-booklet" => IdNumber::parse(text)
                .map(DocumentNumber::Id)
                .map_err(Fault::from),
            "disability-card" => DisabilityNumber::parse(text).map(DocumentNumber::Disability),
            _ => Err(Fault::NotCheckable),
        };
        match number {
            Ok(number) => Self::Valid(number),
            Err(fault) => {
                let kept: String = text.chars().take(LONGEST_KEPT).collect();
                Self::Unverified {
                    kind: kind.clone(),
                    text: kept.trim_end().into(),
                    fault,
                }
            }
        }
    }

    /// The person's 18-digit number, by which documents are matched: a disability card matches the identity
    /// card of the same person. None if it is not valid.
    #[must_use]
    pub fn normalised(&self) -> Option<String> {
        match self {
            Self::Valid(number) => Some(number.person().as_str().to_owned()),
            Self::Unverified { .. } | Self::None { .. } => None,
        }
    }

    /// The code of the document's kind (code list `document-type`), none if there is no document.
    #[must_use]
    pub fn kind(&self) -> Option<Code> {
        match self {
            Self::Valid(number) => Some(code(number.kind())),
            Self::Unverified { kind, .. } => Some(kind.clone()),
            Self::None { .. } => None,
        }
    }

    /// What stands on the document, normalised if it is valid; empty if there is none.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Valid(number) => number.to_string(),
            Self::Unverified { text, .. } => text.to_string(),
            Self::None { .. } => String::new(),
        }
    }
}

impl DocumentNumber {
    /// The identity number of the person, which a disability card contains.
    #[must_use]
    pub fn person(&self) -> IdNumber {
        match self {
            Self::Id(number) => *number,
            Self::Disability(number) => number.person,
        }
    }

    /// The code of the document's kind in the code list `document-type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Id(_) => "id-card",
            Self::Disability(_) => "disability-card",
        }
    }

    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Id(number) => number.masked(),
            Self::Disability(number) => number.masked(),
        }
    }
}

impl DisabilityNumber {
    /// Reads 20 characters, normalised as those of an identity number.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let normal: Vec<char> = id_number::normalised(text).chars().collect();
        let [person @ .., category, grade] = &normal[..] else {
            return Err(Fault::WrongLength);
        };
        if person.len() != 18 {
            return Err(Fault::WrongLength);
        }
        let person = IdNumber::parse(&person.iter().collect::<String>())?;
        let category = digit_up_to(*category, 7).ok_or(Fault::BadCategory)?;
        let grade = digit_up_to(*grade, 4).ok_or(Fault::BadGrade)?;
        Ok(Self {
            person,
            category,
            grade,
        })
    }

    #[must_use]
    pub fn person(&self) -> IdNumber {
        self.person
    }

    /// 1 sight, 2 hearing, 3 speech, 4 limbs, 5 intellect, 6 mind, 7 several.
    #[must_use]
    pub fn category(&self) -> u8 {
        self.category
    }

    /// From 1, the gravest, to 4.
    #[must_use]
    pub fn grade(&self) -> u8 {
        self.grade
    }

    /// The masked number of the person; category and grade are about health and are hidden too.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{}**", self.person.masked())
    }
}

impl Fault {
    const ALL: [Self; 7] = [
        Self::WrongLength,
        Self::NotDigits,
        Self::BadDate,
        Self::BadCheckDigit,
        Self::BadCategory,
        Self::BadGrade,
        Self::NotCheckable,
    ];

    /// The stable code that records keep.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::WrongLength => "wrong-length",
            Self::NotDigits => "not-digits",
            Self::BadDate => "bad-date",
            Self::BadCheckDigit => "bad-check-digit",
            Self::BadCategory => "bad-category",
            Self::BadGrade => "bad-grade",
            Self::NotCheckable => "not-checkable",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.code() == code)
    }
}

impl From<id_number::Error> for Fault {
    fn from(error: id_number::Error) -> Self {
        match error {
            id_number::Error::WrongLength { .. } => Self::WrongLength,
            id_number::Error::NotDigits => Self::NotDigits,
            id_number::Error::BadDate => Self::BadDate,
            id_number::Error::BadCheckDigit => Self::BadCheckDigit,
        }
    }
}

impl fmt::Display for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(number) => fmt::Display::fmt(number, f),
            Self::Disability(number) => fmt::Display::fmt(number, f),
        }
    }
}

impl fmt::Display for DisabilityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.person, self.category, self.grade)
    }
}

impl fmt::Debug for DisabilityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DisabilityNumber({})", self.masked())
    }
}

impl fmt::Debug for IdentityDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid(number) => write!(f, "Valid({})", number.masked()),
            Self::Unverified { kind, fault, .. } => {
                write!(f, "Unverified({kind}, {})", fault.code())
            }
            Self::None { reason } => write!(f, "None({reason})"),
        }
    }
}

fn reason_for_none(text: &str) -> Option<Code> {
    match text {
        "" => Some(code("not-given")),
        "无" | "無" | "没有" | "暂无" | "未办理" | "未办" | "-" | "/" => {
            Some(code("not-issued"))
        }
        _ => None,
    }
}

fn code(text: &'static str) -> Code {
    Code::parse(text).expect("the codes in this file are lower-case letters and hyphens")
}

fn digit_up_to(c: char, most: u32) -> Option<u8> {
    let digit = c.to_digit(10).filter(|digit| (1..=most).contains(digit))?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "11010519491231002X";

    fn parse(kind: &str, text: &str) -> IdentityDocument {
        IdentityDocument::parse(&Code::parse(kind).unwrap(), text)
    }

    #[test]
    fn a_disability_card_matches_the_persons_identity_card() {
        let card = parse("disability-card", "11010519491231002x43");
        let IdentityDocument::Valid(DocumentNumber::Disability(number)) = &card else {
            panic!("{card:?}");
        };
        assert_eq!((number.category(), number.grade()), (4, 3));
        assert_eq!(card.normalised().as_deref(), Some(NUMBER));
        assert_eq!(
            parse("id-card", "110105491231002").normalised(),
            card.normalised()
        );
        assert_eq!(
            parse("household-booklet", NUMBER).normalised(),
            card.normalised()
        );
    }

    #[test]
    fn what_is_wrong_is_kept_with_its_fault() {
        for (kind, text, fault) in [
            ("id-card", "110105194912310021", Fault::BadCheckDigit),
            ("id-card", "11010519491231002X43", Fault::WrongLength),
            ("id-card", "11010519491331002X", Fault::BadDate),
            ("disability-card", NUMBER, Fault::WrongLength),
            ("disability-card", "4", Fault::WrongLength),
            (
                "disability-card",
                "11010519491231002X83",
                Fault::BadCategory,
            ),
            ("disability-card", "11010519491231002X45", Fault::BadGrade),
            ("other", "G12345678", Fault::NotCheckable),
        ] {
            let document = parse(kind, text);
            let IdentityDocument::Unverified { fault: found, .. } = &document else {
                panic!("{document:?}");
            };
            assert_eq!(*found, fault, "{kind} {text}");
            assert_eq!(document.text(), text);
            assert_eq!(document.normalised(), None);
            assert_eq!(Fault::from_code(fault.code()), Some(fault));
        }
    }

    #[test]
    fn people_without_a_document_are_told_apart() {
        assert_eq!(format!("{:?}", parse("id-card", "  ")), "None(not-given)");
        assert_eq!(
            format!("{:?}", parse("id-card", "未办理")),
            "None(not-issued)"
        );
    }

    #[test]
    fn debug_shows_neither_number_nor_disability() {
        for (kind, text) in [
            ("id-card", NUMBER),
            ("id-card", "110105194912310021"),
            ("disability-card", "11010519491231002X43"),
        ] {
            let shown = format!("{:?}", parse(kind, text));
            assert!(
                !shown.contains("19491231") && !shown.contains("43"),
                "{shown}"
            );
        }
    }

    #[test]
    fn kind_and_text_give_the_document_back() {
        let long = "x".repeat(200);
        for (kind, text) in [
            ("id-card", NUMBER),
            ("disability-card", "11010519491231002X43"),
            ("other", "G1"),
            ("other", &long),
        ] {
            let document = parse(kind, text);
            assert_eq!(
                IdentityDocument::parse(&document.kind().unwrap(), &document.text()),
                document
            );
        }
    }
}
