//! Stable codes with their names: categories, roles, scopes, code lists.

use crate::wire::types;

/// A stable code and what it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Lower-case words joined by hyphens.
    pub code: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
}

impl From<&Label> for types::Label {
    fn from(&Label { code, zh, en }: &Label) -> Self {
        Self {
            code: code.into(),
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// An enum whose variants are codes; derive it.
///
/// ```
/// use lika_sdk::Labels;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
/// enum Role {
///     #[label("focus", zh = "重点帮扶", en = "focus help")]
///     Focus,
///     #[label("contact", zh = "联系帮扶", en = "contact help")]
///     Contact,
/// }
///
/// assert_eq!(Role::from_code("contact"), Some(Role::Contact));
/// assert_eq!(Role::Focus.label().zh, "重点帮扶");
/// ```
pub trait Labels: Copy + 'static {
    /// Every variant, in the order of the declaration.
    const ALL: &'static [Self];
    /// The labels in the same order.
    const LABELS: &'static [Label];

    /// Position in [`Self::ALL`].
    fn index(self) -> u32;

    /// The variant with this code.
    fn from_code(code: &str) -> Option<Self> {
        let position = Self::LABELS.iter().position(|label| label.code == code)?;
        Some(Self::ALL[position])
    }

    /// The label of this variant.
    fn label(self) -> &'static Label {
        &Self::LABELS[self.index() as usize]
    }
}

/// For policies without categories or roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}

impl Labels for Never {
    const ALL: &'static [Self] = &[];
    const LABELS: &'static [Label] = &[];

    fn index(self) -> u32 {
        match self {}
    }
}

/// A role that a group policy proposes.
pub trait Role: Labels {
    /// Table whose rows are given out.
    fn resource(self) -> &'static str;

    /// Key of the fact with what a resource row can still take; the node holds the policy to it.
    fn capacity(self) -> Option<&'static str>;
}

impl Role for Never {
    fn resource(self) -> &'static str {
        match self {}
    }

    fn capacity(self) -> Option<&'static str> {
        match self {}
    }
}
