//! Figures as the document shows them.

use lika_sdk::{Fen, Rounding};

/// Fen in a yuan.
const YUAN: i64 = 100;

/// A head's part of an amount in whole yuan, rounded to the nearest, with thousands separators: `7,742`.
pub fn per_head(amount: Fen, people: i64) -> String {
    let heads = people.saturating_mul(YUAN);
    amount
        .fraction(1, heads, Rounding::HalfUp)
        .map_or_else(String::new, |yuan| separated(yuan.get()))
}

/// A part of a whole in per cent with three decimals, rounded to the nearest: `24.615 %`.
pub fn percent(part: Fen, whole: Fen) -> String {
    let thousandths = part.fraction(100_000, whole.get(), Rounding::HalfUp);
    thousandths.map_or_else(String::new, |all| {
        let all = all.get();
        format!("{}.{:03} %", all / 1000, all % 1000)
    })
}

fn separated(number: i64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
