//! Why a household may be identified now, or not.

use lika_sdk::Reasons;

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// There is a place.
    #[reason(
        "within-quota",
        zh = "在申请户中排第 {rank} 位，年度控制规模 {quota} 户，尚余 {left} 户",
        en = "number {rank} of the applicants; {left} of this year's {quota} households are left"
    )]
    WithinQuota { rank: i64, left: i64, quota: i64 },
    /// There is none.
    #[reason(
        "beyond-quota",
        zh = "在申请户中排第 {rank} 位，年度控制规模 {quota} 户，尚余 {left} 户，超出规模",
        en = "number {rank} of the applicants, beyond the {left} that are left of this year's {quota} households"
    )]
    BeyondQuota { rank: i64, left: i64, quota: i64 },
    /// More were identified than might be.
    #[reason(
        "overshoot",
        zh = "本年度已识别 {identified} 户，已超控制规模 {quota} 户",
        en = "{identified} households were identified this year, more than the quota of {quota}"
    )]
    Overshoot { identified: i64, quota: i64 },
}
