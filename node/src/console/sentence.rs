//! Sentences of policies: what their codes mean to a reader.

use lika_core::value::Digest;

use super::Language;

/// The same in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Explains the codes of a policy, from the manifest of its component.
///
/// None where the component is not known here: then the page shows the code and its arguments as they are.
pub trait Sentences: Send + Sync {
    /// The sentence of a reason, its arguments filled in.
    fn reason(&self, component: &Digest, code: &str, arguments: &[String]) -> Option<Sentence>;

    /// The label of a category that *granted* can have.
    fn category(&self, component: &Digest, code: &str) -> Option<Sentence>;

    /// The label of a role that can be proposed.
    fn role(&self, component: &Digest, code: &str) -> Option<Sentence>;
}

impl Sentence {
    /// The text in a language.
    pub fn text(&self, language: Language) -> &str {
        language.t(&self.zh, &self.en)
    }
}
