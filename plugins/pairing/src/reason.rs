//! Why a household does not count as paired.

use lika_sdk::Reasons;

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// Nobody is responsible.
    #[reason(
        "no-responsible-helper",
        zh = "没有帮扶责任人",
        en = "no responsible helper"
    )]
    NoResponsibleHelper,
    /// A development household has nobody of section level or above.
    #[reason(
        "development-without-section-cadre",
        zh = "扶贫开发户没有科级以上干部帮扶",
        en = "a development household without a cadre of section level or above"
    )]
    DevelopmentWithoutSectionCadre,
    /// The second of 1+1+1.
    #[reason(
        "missing-township-cadre",
        zh = "缺少乡镇驻村干部",
        en = "no township cadre"
    )]
    MissingTownshipCadre,
    /// The third of 1+1+1.
    #[reason("missing-village-cadre", zh = "缺少村干部", en = "no village cadre")]
    MissingVillageCadre,
    /// The helper has more households than the quota; this is one of those that came last.
    #[reason(
        "helper-over-quota",
        zh = "帮扶人结对 {households} 户，超过限额 {quota} 户",
        en = "the helper has {households} households, over the quota of {quota}"
    )]
    HelperOverQuota { households: i64, quota: i64 },
    /// The helper visits too rarely.
    #[reason(
        "no-visit",
        zh = "帮扶人一个月内走访 {visits} 次，应至少 {need} 次",
        en = "{visits} visits of the helper within a month, at least {need} are required"
    )]
    NoVisit { visits: i64, need: i64 },
}
