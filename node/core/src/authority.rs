//! Who may do what, where: the one place that answers it.
//!
//! Every way in (gRPC, console, CLI) asks [`authorize`] with the grants of the officer behind the request. Areas
//! contain by prefix: a grant for a county holds in its townships and villages, never beside or above.

use thiserror::Error;

use crate::{log::Kind, record::Grant, value::AreaCode};

/// Something that needs a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Read totals.
    ReadTotals,
    /// Read the open parts of records.
    ReadOpen,
    /// Read who somebody is, what is sensitive, and free text.
    ReadPersonal,
    /// Write a record of a kind.
    Write(Kind),
    /// Run policies and accept what they propose.
    RunPolicies,
    /// Try policies over an area: what would change if one were enacted.
    TryPolicies,
    /// Admit policies, propose enactments, suspend and end them.
    EnactPolicies,
    /// Approve a proposed enactment.
    ApprovePolicies,
    /// Export personal data as a file.
    Export,
}

/// The permission is not granted in the area.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("none of your roles allows this in area {area:?}; ask the county office for a role there")]
pub struct Denied {
    /// The area.
    pub area: AreaCode,
}

/// Whether any of the grants allows it in the area.
pub fn authorize(grants: &[Grant], permission: Permission, area: &AreaCode) -> Result<(), Denied> {
    let allowed = grants
        .iter()
        .any(|grant| grant.area.contains(area) && role_allows(grant.role.as_str(), permission));
    if allowed {
        Ok(())
    } else {
        Err(Denied { area: *area })
    }
}

fn role_allows(role: &str, permission: Permission) -> bool {
    match role {
        "county-office" => true,
        "township-officer" => match permission {
            Permission::ReadTotals
            | Permission::ReadOpen
            | Permission::ReadPersonal
            | Permission::Export => true,
            Permission::Write(kind) => {
                written_in_village(kind) || written_in_township(kind) || moves_money(kind)
            }
            Permission::RunPolicies => true,
            Permission::TryPolicies | Permission::EnactPolicies | Permission::ApprovePolicies => {
                false
            }
        },
        "village-cadre" => match permission {
            Permission::ReadTotals | Permission::ReadOpen | Permission::ReadPersonal => true,
            Permission::Write(kind) => written_in_village(kind),
            Permission::RunPolicies
            | Permission::TryPolicies
            | Permission::EnactPolicies
            | Permission::ApprovePolicies
            | Permission::Export => false,
        },
        "auditor" => matches!(
            permission,
            Permission::ReadTotals | Permission::ReadOpen | Permission::ReadPersonal
        ),
        "approver" => match permission {
            Permission::ReadTotals
            | Permission::ReadOpen
            | Permission::TryPolicies
            | Permission::ApprovePolicies => true,
            Permission::Write(kind) => moves_money(kind),
            Permission::ReadPersonal
            | Permission::RunPolicies
            | Permission::EnactPolicies
            | Permission::Export => false,
        },
        "policy-developer" => matches!(
            permission,
            Permission::ReadTotals | Permission::ReadOpen | Permission::TryPolicies
        ),
        "province-viewer" => matches!(permission, Permission::ReadTotals | Permission::ReadOpen),
        _ => false,
    }
}

fn written_in_village(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Household
            | Kind::Member
            | Kind::IncomeStatement
            | Kind::LivingConditions
            | Kind::Visit
            | Kind::Measure
            | Kind::Contract
            | Kind::Training
            | Kind::Cover
            | Kind::Case
            | Kind::Objection
            | Kind::HouseholdEvent
            | Kind::Task
    )
}

fn written_in_township(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Pairing
            | Kind::VillageTeam
            | Kind::Cooperative
            | Kind::Shareholding
            | Kind::Project
            | Kind::Enterprise
            | Kind::CollectiveIncome
            | Kind::Notice
            | Kind::Doubt
            | Kind::Report
            | Kind::Post
            | Kind::ResponsibilityLetter
            | Kind::SatisfactionSurvey
            | Kind::Loan
            | Kind::Blacklisting
    )
}

/// Whoever may propose what moves money may approve it: it takes two people, and it is one kind of record.
fn moves_money(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Transfer | Kind::PaymentBatch | Kind::PaymentReturn
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{codes, value::Code};

    fn grant(role: &str, area: &str) -> Grant {
        Grant {
            role: Code::parse(role).unwrap(),
            area: AreaCode::parse(area).unwrap(),
        }
    }

    #[test]
    fn a_grant_holds_below_its_area_and_nowhere_else() {
        let grants = [grant("village-cadre", "360323101")];
        let check = |area: &str| {
            authorize(
                &grants,
                Permission::Write(Kind::Visit),
                &AreaCode::parse(area).unwrap(),
            )
            .is_ok()
        };
        assert!(check("360323101"));
        assert!(check("360323101201"));
        assert!(!check("360323102"));
        assert!(!check("360323"));
        assert!(!check(""));
    }

    #[test]
    fn a_village_cadre_binds_no_helpers_and_enacts_nothing() {
        let grants = [grant("village-cadre", "360323")];
        let area = AreaCode::parse("360323101201").unwrap();
        for permission in [
            Permission::Write(Kind::Pairing),
            Permission::EnactPolicies,
            Permission::Export,
        ] {
            assert!(
                authorize(&grants, permission, &area).is_err(),
                "{permission:?}"
            );
        }
    }

    #[test]
    #[expect(
        clippy::too_many_lines,
        reason = "it is the list of the kinds, a line each"
    )]
    fn what_each_role_allows_in_its_area() {
        let area = AreaCode::parse("360323101201").unwrap();
        let permissions = [
            ("read totals", Permission::ReadTotals),
            ("read open", Permission::ReadOpen),
            ("read personal", Permission::ReadPersonal),
            ("run policies", Permission::RunPolicies),
            ("try policies", Permission::TryPolicies),
            ("enact policies", Permission::EnactPolicies),
            ("approve policies", Permission::ApprovePolicies),
            ("export", Permission::Export),
        ];
        let writes = Kind::ALL
            .iter()
            .map(|kind| (kind.label(), Permission::Write(*kind)));
        let rows = permissions.into_iter().chain(writes);
        let roles = codes::list("role").unwrap().entries;
        let mut table = String::new();
        for (name, permission) in rows {
            let may = roles
                .iter()
                .map(|role| role.code)
                .filter(|role| authorize(&[grant(role, "360323")], permission, &area).is_ok());
            let may: Vec<_> = may.collect();
            table += &format!("{name:18} {}\n", may.join(", "));
        }
        expect_test::expect![[r#"
            read totals        village-cadre, township-officer, county-office, approver, auditor, policy-developer, province-viewer
            read open          village-cadre, township-officer, county-office, approver, auditor, policy-developer, province-viewer
            read personal      village-cadre, township-officer, county-office, auditor
            run policies       township-officer, county-office
            try policies       county-office, approver, policy-developer
            enact policies     county-office
            approve policies   county-office, approver
            export             township-officer, county-office
            area               county-office
            household          village-cadre, township-officer, county-office
            member             village-cadre, township-officer, county-office
            income-statement   village-cadre, township-officer, county-office
            cadre              county-office
            unit               county-office
            pairing            township-officer, county-office
            village-team       township-officer, county-office
            visit              village-cadre, township-officer, county-office
            official-statistic county-office
            officer            county-office
            policy             county-office
            enactment          county-office
            evaluation         county-office
            decision           county-office
            node               county-office
            living-conditions  village-cadre, township-officer, county-office
            co-operative       township-officer, county-office
            shareholding       township-officer, county-office
            dividend           county-office
            alert              county-office
            account            county-office
            transfer           township-officer, county-office, approver
            book-closing       county-office
            commitment         county-office
            budget             county-office
            payment-batch      township-officer, county-office, approver
            payment-return     township-officer, county-office, approver
            measure            village-cadre, township-officer, county-office
            project            township-officer, county-office
            enterprise         township-officer, county-office
            contract           village-cadre, township-officer, county-office
            training           village-cadre, township-officer, county-office
            cover              village-cadre, township-officer, county-office
            collective-income  township-officer, county-office
            procedure          county-office
            calendar           county-office
            case               village-cadre, township-officer, county-office
            notice             township-officer, county-office
            objection          village-cadre, township-officer, county-office
            comparison         county-office
            doubt              township-officer, county-office
            reporting-window   county-office
            report             township-officer, county-office
            household-event    village-cadre, township-officer, county-office
            post               township-officer, county-office
            duty               county-office
            task               village-cadre, township-officer, county-office
            finding            county-office
            sanction           county-office
            responsibility-letter township-officer, county-office
            satisfaction-survey township-officer, county-office
            assessment         county-office
            award              county-office
            guarantee-fund     county-office
            loan               township-officer, county-office
            blacklisting       township-officer, county-office
            village-batch      county-office
            rollup-commitment  county-office
            ownership-transfer county-office
        "#]].assert_eq(&table);
    }

    #[test]
    fn an_unknown_role_allows_nothing() {
        let area = AreaCode::parse("360323").unwrap();
        assert!(authorize(&[grant("emperor", "")], Permission::ReadTotals, &area).is_err());
    }
}
