//! How somebody is related to a new head, from how both were related to the old one (GB/T 4761).
//!
//! Only what follows for certain is answered. The child of a head's child may be the new head's own or a nephew, so that
//! somebody has to say it.

use crate::value::Code;

/// The code of a head's own relation.
pub(super) const HEAD: &str = "02";

/// Somebody as the old head saw them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    /// Code list relation.
    pub relation: &'a Code,
    /// Code list sex.
    pub sex: Option<&'a Code>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kin {
    Own,
    Spouse,
    Child,
    SonInLaw,
    DaughterInLaw,
    Grandchild,
    Parent,
    Other,
}

/// The relation of a member to the new head; none where it does not follow.
pub(super) fn to_new_head(head: Seen<'_>, member: Seen<'_>) -> Option<&'static str> {
    let (by_sex, own) = (BySex(member.sex), kin(member.relation));
    match (kin(head.relation), own) {
        (Kin::Spouse, Kin::Own) | (Kin::Parent, Kin::Parent) => Some("10"),
        (Kin::Child, Kin::Own) => by_sex.of("51", "52", "50"),
        (Kin::SonInLaw, Kin::Own) => by_sex.of("55", "56", "50"),
        (Kin::DaughterInLaw, Kin::Own) => by_sex.of("53", "54", "50"),
        (Kin::Grandchild, Kin::Own) | (Kin::Child, Kin::Parent) => Some("60"),
        (Kin::Parent, Kin::Own) | (Kin::Spouse, Kin::Child) => by_sex.of("20", "30", "29"),
        (Kin::Spouse, Kin::SonInLaw) => Some("28"),
        (Kin::Spouse, Kin::DaughterInLaw) => Some("38"),
        (Kin::Spouse, Kin::Grandchild) | (Kin::Parent, Kin::Child) => Some("40"),
        (Kin::Child, Kin::Spouse) => by_sex.of("51", "52", "50"),
        (Kin::Child, Kin::Child) => Some("70"),
        (Kin::Parent, Kin::Spouse) => by_sex.of("28", "38", "29"),
        _ => None,
    }
}

struct BySex<'a>(Option<&'a Code>);

impl BySex<'_> {
    fn of(
        &self,
        male: &'static str,
        female: &'static str,
        unknown: &'static str,
    ) -> Option<&'static str> {
        Some(match self.0.map(Code::as_str) {
            Some("1") => male,
            Some("2") => female,
            _ => unknown,
        })
    }
}

fn kin(relation: &Code) -> Kin {
    match relation.as_str() {
        "28" => Kin::SonInLaw,
        "38" => Kin::DaughterInLaw,
        // The parents of a spouse, and great-grandchildren or the spouses of grandchildren, are related otherwise.
        "45" | "46" | "47" | "48" | "53" | "54" | "55" | "56" => Kin::Other,
        other => match other.as_bytes() {
            [b'0', ..] => Kin::Own,
            [b'1', ..] => Kin::Spouse,
            [b'2' | b'3', ..] => Kin::Child,
            [b'4', ..] => Kin::Grandchild,
            [b'5', ..] => Kin::Parent,
            _ => Kin::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_answered_and_nothing_else() {
        let code = |text: &str| Code::parse(text).unwrap();
        let rows = [
            ("10", "02", "1", Some("10")),
            ("10", "22", "1", Some("20")),
            ("22", "02", "1", Some("51")),
            ("22", "10", "2", Some("52")),
            ("22", "30", "2", Some("70")),
            ("22", "41", "1", None),
            ("22", "38", "2", None),
            ("38", "02", "2", Some("54")),
            ("51", "52", "2", Some("10")),
            ("51", "02", "1", Some("20")),
            ("41", "02", "1", Some("60")),
            ("71", "02", "1", None),
        ];
        for (head, member, sex, expected) in rows {
            let (head, member, sex) = (code(head), code(member), code(sex));
            let seen = |relation| Seen {
                relation,
                sex: Some(&sex),
            };
            let found = to_new_head(seen(&head), seen(&member));
            assert_eq!(found, expected, "head {head}, member {member}");
        }
    }
}
