//! Who calls: the officer of the client certificate.

use tonic::{Request, Status};

use super::{status::status, tls};
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
