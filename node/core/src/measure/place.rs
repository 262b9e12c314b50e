//! The place of each measure in the lists of the documents.

/// What a measure counts as. A list that does not name it has nothing.
///
/// Where a measure could stand in several places of one list it stands in the first that the document names, so that
/// the places of a list add up to no more than what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The code in the list measure-kind.
    pub kind: &'static str,
    /// Code list measure: one of the ten measures (S4.10). Every measure is one of them.
    pub measure: &'static str,
    /// Code list way: one of the eight ways of help (S2.3).
    pub way: Option<&'static str>,
    /// Code list household-policy: one of the nine policies that reach the household (S1.3).
    pub household_policy: Option<&'static str>,
    /// Code list urban-measure: one of the seven measures for urban families (S2.9).
    pub urban_measure: Option<&'static str>,
    /// Code list guidance: one of the four lines of classified guidance (S0.9).
    pub guidance: Option<&'static str>,
}

/// The place of a code of the list measure-kind.
pub fn place(kind: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.kind == kind)
}

/// Whether giving this tells of somebody's health: then no member is named, because a measure stands in the open part.
pub fn tells_of_health(kind: &str) -> bool {
    matches!(kind, "medical-aid" | "disability-aid")
}

/// Kind, measure, way, policy that reaches the household, urban measure, guidance.
#[rustfmt::skip]
static PLACES: &[Place] = &[
    row("start-up", "industry", "start-up", "industry", "", "agriculture"),
    row("industry-support", "industry", "", "industry", "", "agriculture"),
    row("project-funds", "industry", "", "project-funds", "", "agriculture"),
    row("shareholding", "industry", "shareholding", "industry", "", "agriculture"),
    row("idle-assets", "industry", "idle-assets", "industry", "", "agriculture"),
    row("base-hosting", "industry", "base-hosting", "leading-enterprise", "", "agriculture"),
    row("order-contract", "industry", "order-driven", "leading-enterprise", "", "agriculture"),
    row("enterprise-link", "industry", "", "leading-enterprise", "", "agriculture"),
    row("mutual-funds", "finance", "mutual-funds", "finance", "", ""),
    row("micro-credit", "finance", "", "finance", "", ""),
    row("interest-subsidy", "finance", "", "finance", "", ""),
    row("relocation", "relocation", "relocation", "relocation", "", "relocation"),
    row("tuition-aid", "schooling", "", "relief", "schooling", ""),
    row("job-training", "employment", "", "training", "employment", "job-training"),
    row("labour-export", "employment", "", "training", "employment", "labour-export"),
    row("local-job", "employment", "", "training", "employment", ""),
    row("public-service-post", "employment", "", "", "employment", ""),
    row("allowance", "protection", "", "allowance", "allowance", ""),
    row("five-guarantee", "protection", "", "allowance", "allowance", ""),
    row("medical-aid", "protection", "", "relief", "medical", ""),
    row("disability-aid", "protection", "", "relief", "disability", ""),
    row("temporary-relief", "protection", "", "relief", "", ""),
    row("donation", "social", "", "", "", ""),
    row("pairing", "pairing", "pairing", "pairing", "pairing", ""),
    row("housing", "sector", "", "relocation", "housing", ""),
    row("housing-aid", "sector", "", "", "housing", ""),
    row("infrastructure", "sector", "", "project-funds", "", ""),
    row("public-services", "sector", "", "", "", ""),
    row("technical-service", "science", "", "training", "", "agriculture"),
];

const fn row(
    kind: &'static str,
    measure: &'static str,
    way: &'static str,
    household_policy: &'static str,
    urban_measure: &'static str,
    guidance: &'static str,
) -> Place {
    Place {
        kind,
        measure,
        way: named(way),
        household_policy: named(household_policy),
        urban_measure: named(urban_measure),
        guidance: named(guidance),
    }
}

const fn named(code: &'static str) -> Option<&'static str> {
    if code.is_empty() { None } else { Some(code) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::codes;

    fn codes_of(list: &str) -> BTreeSet<&'static str> {
        let entries = codes::list(list).unwrap().entries;
        entries.iter().map(|entry| entry.code).collect()
    }

    #[test]
    fn every_kind_has_a_place_and_every_entry_of_the_documents_a_kind() {
        let kinds: Vec<_> = PLACES.iter().map(|place| place.kind).collect();
        assert_eq!(kinds.len(), codes_of("measure-kind").len());
        assert_eq!(BTreeSet::from_iter(kinds), codes_of("measure-kind"));

        type Of = fn(&Place) -> Option<&'static str>;
        let lists: [(&str, usize, Of); 5] = [
            ("measure", 10, |place| Some(place.measure)),
            ("way", 8, |place| place.way),
            ("household-policy", 9, |place| place.household_policy),
            ("urban-measure", 7, |place| place.urban_measure),
            ("guidance", 4, |place| place.guidance),
        ];
        for (list, count, of) in lists {
            let named: BTreeSet<_> = PLACES.iter().filter_map(of).collect();
            assert_eq!(named, codes_of(list), "{list}");
            assert_eq!(named.len(), count, "{list}");
        }
    }

    #[test]
    fn what_is_not_in_the_list_has_no_place() {
        assert_eq!(place("gold"), None);
        assert!(tells_of_health("medical-aid") && !tells_of_health("micro-credit"));
    }
}
