//! Loans as arithmetic: what is due when, what interest accrues, what is owed, and how a household has kept its loans.
//!
//! Nothing here is stored: schedule, interest and standing are computed from the terms and from what was paid, so that
//! there is one answer. All of it is exact. Interest is counted by the day on the balance of that day; the day on which
//! money comes counts and the day on which it goes back does not (算头不算尾); a year has 360 days, as the People's Bank
//! of China has lenders turn a rate a year into one a day (银发[2005]129号). What has accrued since the first day is
//! rounded once, half a fen up; the interest of a part of the time is the difference of two such sums, so that the parts
//! always add up to the whole and no fen is made or lost.

mod credit;
mod interest;
mod schedule;
mod standing;

pub use self::{
    credit::{CreditFile, CreditLine, Kept, credit},
    interest::{Course, DAYS_OF_A_YEAR},
    schedule::{Instalment, Method, Terms},
    standing::Standing,
};
