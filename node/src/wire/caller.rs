//! Who calls: the officer of the client certificate.

use lika_core::{authority::Permission, value::AreaCode};
use tonic::{Request, Status};

use super::{
    record,
    status::{malformed, status},
    tls,
};
use crate::{
    gateway::{Caller, Error, Gateway},
    pki::Identity,
};

/// The officer behind a call, with the roles of this moment.
pub fn caller<T>(gateway: &Gateway, request: &Request<T>) -> Result<Caller, Status> {
    match tls::caller(request) {
        Ok(Identity::Client { officer }) => gateway.caller(officer).map_err(|error| status(&error)),
        Ok(Identity::Node { .. }) | Err(_) => Err(status(&Error::NotAnOfficer)),
    }
}

/// The area that a request names or, where it names none, the caller's own: the node's area or, for whoever has roles
/// only in one area inside it, that one.
pub fn area(gateway: &Gateway, caller: &Caller, named: &str) -> Result<AreaCode, Status> {
    if named.is_empty() {
        own_area(gateway.area(), caller)
    } else {
        record::area("area", named)
    }
}

fn own_area(node: AreaCode, caller: &Caller) -> Result<AreaCode, Status> {
    if caller.may(Permission::ReadTotals, &node) {
        return Ok(node);
    }
    let areas = || {
        let grants = caller.grants.iter().map(|grant| grant.area);
        grants.filter(|area| node.contains(area))
    };
    let is_outermost =
        |area: &AreaCode| areas().all(|other| other == *area || !other.contains(area));
    let mut outermost: Vec<AreaCode> = areas().filter(is_outermost).collect();
    outermost.sort_unstable();
    outermost.dedup();
    match outermost.as_slice() {
        [area] => Ok(*area),
        // Whoever has no role here is denied there.
        [] => Ok(node),
        _ => Err(malformed(
            "area: must be given, because your roles are in several areas",
        )),
    }
}

#[cfg(test)]
mod tests {
    use lika_core::{
        record::Grant,
        value::{Code, RecordId},
    };

    use super::*;

    #[test]
    fn the_own_area_follows_from_the_roles() {
        let area = |text: &str| AreaCode::parse(text).unwrap();
        let own = |grants: &[(&str, &str)]| {
            let grant = |(role, text): &(&str, &str)| Grant {
                role: Code::parse(role).unwrap(),
                area: area(text),
            };
            let caller = Caller {
                officer: RecordId([1; 16]),
                grants: grants.iter().map(grant).collect(),
                name: String::new(),
            };
            own_area(area("360323"), &caller)
                .map(|area| area.digits().to_owned())
                .map_err(|status| status.message().to_owned())
        };
        let found = |text: &str| Ok(text.to_owned());
        assert_eq!(own(&[("county-office", "360323")]), found("360323"));
        assert_eq!(own(&[("auditor", "36")]), found("360323"));
        assert_eq!(
            own(&[("village-cadre", "360323100201")]),
            found("360323100201")
        );
        let nested = [
            ("village-cadre", "360323100201"),
            ("township-officer", "360323100"),
        ];
        assert_eq!(own(&nested), found("360323100"));
        let two = [
            ("village-cadre", "360323100201"),
            ("village-cadre", "360323100202"),
        ];
        assert!(own(&two).unwrap_err().contains("several areas"));
        assert_eq!(own(&[]), found("360323"));
        assert_eq!(own(&[("village-cadre", "430121")]), found("360323"));
    }
}
