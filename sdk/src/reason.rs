//! Reasons: stable codes with the sentences that people read.

use crate::date::Date;
use crate::facts::FactKind;
use crate::money::{Fen, Ppm};
use crate::wire::types;

/// The reasons of a policy; derive it on an enum. The fields of a variant are the arguments of its
/// sentence.
///
/// ```
/// use lika_sdk::{Fen, Reasons};
///
/// #[derive(Clone, Debug, PartialEq, Reasons)]
/// enum Reason {
///     #[reason("income-above-line", zh = "人均纯收入 {income} 元，不低于 {line} 元", en = "income per head {income} is not under {line}")]
///     IncomeAboveLine { income: Fen, line: Fen },
///     #[reason("no-labour", zh = "没有劳动能力", en = "no labour capacity")]
///     NoLabour,
/// }
///
/// assert_eq!(Reason::REASONS[0].arguments[1].name, "line");
/// assert_eq!(Reason::NoLabour.index(), 1);
/// ```
pub trait Reasons: Clone {
    /// The declarations, in the order of the variants.
    const REASONS: &'static [ReasonSpec];

    /// Position in [`Self::REASONS`].
    fn index(&self) -> u32;

    /// Hands over the values of the arguments in order.
    fn arguments(&self, take: &mut dyn FnMut(Argument<'_>));
}

/// The declaration of one reason; made by the derive.
#[derive(Clone, Copy, Debug)]
pub struct ReasonSpec {
    /// Stable code.
    pub code: &'static str,
    /// Chinese sentence.
    pub zh: &'static str,
    /// English sentence.
    pub en: &'static str,
    /// Its arguments.
    pub arguments: &'static [ArgumentSpec],
}

/// The declaration of one argument; made by the derive.
#[derive(Clone, Copy, Debug)]
pub struct ArgumentSpec {
    /// Name in the sentence.
    pub name: &'static str,
    /// Kind of its value.
    pub kind: FactKind,
}

/// The value of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument<'a> {
    /// A number in the unit of the argument's kind.
    Number(i64),
    /// Text.
    Text(&'a str),
}

/// A type that an argument can have.
pub trait ArgumentValue {
    /// The kind to declare.
    const KIND: FactKind;

    /// The value.
    fn value(&self) -> Argument<'_>;
}

impl ArgumentValue for i64 {
    const KIND: FactKind = FactKind::Integer;

    fn value(&self) -> Argument<'_> {
        Argument::Number(*self)
    }
}

impl ArgumentValue for Fen {
    const KIND: FactKind = FactKind::Fen;

    fn value(&self) -> Argument<'_> {
        Argument::Number(self.get())
    }
}

impl ArgumentValue for Ppm {
    const KIND: FactKind = FactKind::Ppm;

    fn value(&self) -> Argument<'_> {
        Argument::Number(self.get())
    }
}

impl ArgumentValue for Date {
    const KIND: FactKind = FactKind::Date;

    fn value(&self) -> Argument<'_> {
        Argument::Number(self.days())
    }
}

impl ArgumentValue for String {
    const KIND: FactKind = FactKind::Text;

    fn value(&self) -> Argument<'_> {
        Argument::Text(self)
    }
}

/// Declares reasons on the wire.
pub(crate) fn declare<R: Reasons>() -> Vec<types::ReasonDeclaration> {
    let argument = |&ArgumentSpec { name, kind }: &ArgumentSpec| types::ArgumentDeclaration {
        name: name.into(),
        kind: kind.word().into(),
    };
    let reason = |&ReasonSpec {
                      code,
                      zh,
                      en,
                      arguments,
                  }: &ReasonSpec| types::ReasonDeclaration {
        code: code.into(),
        zh: zh.into(),
        en: en.into(),
        arguments: arguments.iter().map(argument).collect(),
    };
    R::REASONS.iter().map(reason).collect()
}
