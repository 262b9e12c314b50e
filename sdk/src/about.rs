/// What a policy is and what it is for.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Name, for example `village-team`.
    pub name: &'static str,
    /// Version, three numbers joined by points; usually `env!("CARGO_PKG_VERSION")`.
    pub version: &'static str,
    /// What it can be enacted for, for example `pairing` or `screening`.
    pub purpose: &'static str,
    /// What it does, in one Chinese sentence.
    pub zh: &'static str,
    /// What it does, in one English sentence.
    pub en: &'static str,
    /// The documents that it rests on; where a source names none, the source itself.
    pub legal_basis: &'static [LegalBasis],
}

/// A document that a policy rests on. The manifest carries each as a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegalBasis {
    /// Its number, for example `中办发[2014]25号`.
    pub number: Option<&'static str>,
    /// Its title.
    pub title: &'static str,
}

impl LegalBasis {
    /// The name of the note.
    pub const NOTE: &'static str = "legal-basis";

    /// The note: the number, where there is one, a space and the title.
    pub(crate) fn note(&self) -> (String, String) {
        let text = match self.number {
            Some(number) => format!("{number} {}", self.title),
            None => self.title.to_owned(),
        };
        (Self::NOTE.to_owned(), text)
    }
}
