//! Who calls: the officer of the client certificate.

use lika_core::value::AreaCode;
use tonic::{Request, Status};

use super::{record, status::status, tls};
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

/// The area that a request names or, where it names none, the caller's own.
pub fn area(gateway: &Gateway, caller: &Caller, named: &str) -> Result<AreaCode, Status> {
    if named.is_empty() {
        let own = caller.own_area(gateway.area());
        own.map_err(|error| status(&error))
    } else {
        record::area("area", named)
    }
}
