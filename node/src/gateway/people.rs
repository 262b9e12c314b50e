//! People: who is behind a certificate, a session or a password.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use lika_core::{
    record::{Body, Index, Key, Officer},
    value::RecordId,
};

use super::{Caller, Error, Gateway};
use crate::store::Version;

/// Officers as they were last read: every call asks for one, and they hardly change.
#[derive(Debug, Default)]
pub struct Callers(Mutex<BTreeMap<RecordId, (Version, Caller)>>);

impl Callers {
    fn get(&self, officer: &RecordId, version: Version) -> Option<Caller> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(officer)
            .filter(|(known, _)| *known == version)
            .map(|(_, caller)| caller.clone())
    }

    fn put(&self, version: Version, caller: Caller) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(caller.officer, (version, caller));
    }
}

impl Gateway {
    /// The officer behind an authenticated certificate or session, with the roles of this moment.
    pub fn caller(&self, officer: RecordId) -> Result<Caller, Error> {
        let reader = &self.inner.reader;
        let version = reader.version(&officer)?.ok_or(Error::NotAnOfficer)?;
        if let Some(caller) = self.inner.callers.get(&officer, version) {
            return Ok(caller);
        }
        let stored = reader.get(&officer)?.ok_or(Error::NotAnOfficer)?;
        // Officers of nodes below are records here too, and nobody's here.
        let is_ours = stored.header.node == reader.node() && !stored.closed;
        match stored.body? {
            Body::Officer(body) if is_ours && !body.locked => {
                let caller = caller_of(officer, body);
                self.inner.callers.put(version, caller.clone());
                Ok(caller)
            }
            _ => Err(Error::NotAnOfficer),
        }
    }

    /// Signs in with name and password. Slow on purpose (argon2id); it runs where it blocks nobody.
    pub async fn sign_in(&self, login: &str, password: String) -> Result<Caller, Error> {
        let candidates = self.inner.reader.find(&Key::blind(Index::Login, login))?;
        let officer = candidates.first().copied();
        let stored = officer
            .map(|officer| self.inner.reader.get(&officer))
            .transpose()?
            .flatten();
        let hash = stored.and_then(|stored| match stored.body {
            Ok(Body::Officer(body)) => body.password_hash.map(|hash| hash.to_string()),
            _ => None,
        });
        let verified = tokio::task::spawn_blocking(move || verify(hash.as_deref(), &password))
            .await
            .map_err(|_| Error::TaskEnded)?;
        match officer.filter(|_| verified) {
            Some(officer) => self.caller(officer).map_err(|_| Error::WrongPassword),
            None => Err(Error::WrongPassword),
        }
    }
}

/// Hashes a password with argon2id and a fresh salt, in the PHC string format.
pub fn hash_password(password: &str) -> Result<String, Error> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|_| Error::TaskEnded)
}

/// Without a hash there is as much work, so that the time of the answer does not tell which names exist.
fn verify(hash: Option<&str>, password: &str) -> bool {
    let Some(hash) = hash else {
        let _ = hash_password(password);
        return false;
    };
    let Ok(hash) = PasswordHash::new(hash) else {
        return false;
    };
    Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_ok()
}

fn caller_of(officer: RecordId, body: Officer) -> Caller {
    let name = body
        .identity
        .map(|identity| identity.name.to_string())
        .unwrap_or_default();
    Caller {
        officer,
        grants: body.grants,
        name,
    }
}
