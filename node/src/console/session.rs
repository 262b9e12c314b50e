//! Sessions of people who have signed in, and the attempts of those who have not.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use lika_core::value::{Digest, RecordId};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::gateway::Error;

const MINUTE_MS: u64 = 60 * 1000;
/// A session that nobody uses ends after this long.
pub const IDLE_MS: u64 = 30 * MINUTE_MS;
/// A session ends after this long, used or not: a working day.
pub const LONGEST_MS: u64 = 12 * 60 * MINUTE_MS;
/// Attempts of one name within [`ATTEMPTS_MS`].
pub const MOST_ATTEMPTS: usize = 10;
/// How long an attempt counts.
pub const ATTEMPTS_MS: u64 = 15 * MINUTE_MS;
/// Names whose attempts are remembered at once; with one more, some other name is forgotten.
const MOST_NAMES: usize = 10_000;

/// The open sessions, in memory only: a restart signs everybody out.
///
/// A session is kept under the digest of its token, so that looking one up tells nothing about the tokens of others.
#[derive(Debug, Default)]
pub struct Sessions {
    open: Mutex<BTreeMap<Digest, Session>>,
}

/// Somebody who has signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// The officer; the roles are read anew for every page.
    pub officer: RecordId,
    /// What every form of the session carries.
    pub form_token: String,
    opened_ms: u64,
    used_ms: u64,
}

impl Sessions {
    /// Opens a session and answers its token.
    pub fn open(&self, officer: RecordId, now_ms: u64) -> Result<String, Error> {
        let (token, form_token) = (random_token()?, random_token()?);
        let session = Session {
            officer,
            form_token,
            opened_ms: now_ms,
            used_ms: now_ms,
        };
        let mut open = lock(&self.open);
        open.retain(|_, session| session.is_open(now_ms));
        open.insert(Digest::of(token.as_bytes()), session);
        Ok(token)
    }

    /// The session of a token, if it is still open; using it keeps it open.
    pub fn resume(&self, token: &str, now_ms: u64) -> Option<Session> {
        let mut open = lock(&self.open);
        let session = open
            .get_mut(&Digest::of(token.as_bytes()))
            .filter(|session| session.is_open(now_ms))?;
        session.used_ms = now_ms;
        Some(session.clone())
    }

    /// Ends the session of a token.
    pub fn close(&self, token: &str) {
        lock(&self.open).remove(&Digest::of(token.as_bytes()));
    }
}

impl Session {
    fn is_open(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.used_ms) < IDLE_MS
            && now_ms.saturating_sub(self.opened_ms) < LONGEST_MS
    }

    /// Whether a form comes from a page of this session. Digests are compared, so that the time tells nothing.
    pub fn sent(&self, form_token: &str) -> bool {
        Digest::of(form_token.as_bytes()) == Digest::of(self.form_token.as_bytes())
    }
}

/// Attempts to sign in, by name.
#[derive(Debug, Default)]
pub struct Attempts {
    at: Mutex<BTreeMap<Digest, Vec<u64>>>,
}

impl Attempts {
    /// Counts an attempt before it is made; false when there were too many.
    pub fn begin(&self, login: &str, now_ms: u64) -> bool {
        let mut names = lock(&self.at);
        let name = Digest::of(login.as_bytes());
        if !names.contains_key(&name) && names.len() >= MOST_NAMES {
            names.pop_first();
        }
        let attempts = names.entry(name).or_default();
        attempts.retain(|at| now_ms.saturating_sub(*at) < ATTEMPTS_MS);
        if attempts.len() >= MOST_ATTEMPTS {
            return false;
        }
        attempts.push(now_ms);
        true
    }

    /// Forgets the attempts of a name that has signed in.
    pub fn succeeded(&self, login: &str) {
        lock(&self.at).remove(&Digest::of(login.as_bytes()));
    }
}

/// 256 random bits as hexadecimal digits.
fn random_token() -> Result<String, Error> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::TaskEnded)?;
    Ok(Digest(bytes).to_string())
}

/// What a panicking thread left behind is whole: every change here is one call of the map.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICER: RecordId = RecordId([1; 16]);

    #[test]
    fn an_unused_session_ends_and_a_used_one_ends_later() {
        let sessions = Sessions::default();
        let token = sessions.open(OFFICER, 0).unwrap();
        assert!(sessions.resume(&token, IDLE_MS - 1).is_some());
        assert!(sessions.resume(&token, 2 * IDLE_MS - 2).is_some());
        assert!(sessions.resume(&token, 3 * IDLE_MS).is_none());

        let token = sessions.open(OFFICER, 0).unwrap();
        for used in (0..LONGEST_MS / MINUTE_MS).map(|minute| minute * MINUTE_MS) {
            assert!(sessions.resume(&token, used).is_some());
        }
        assert!(sessions.resume(&token, LONGEST_MS).is_none());
    }

    #[test]
    fn tokens_differ_and_a_closed_session_is_gone() {
        let sessions = Sessions::default();
        let (one, other) = (
            sessions.open(OFFICER, 0).unwrap(),
            sessions.open(OFFICER, 0).unwrap(),
        );
        assert_ne!(one, other);
        sessions.close(&one);
        assert!(sessions.resume(&one, 1).is_none());
        assert!(sessions.resume(&other, 1).is_some());
    }

    #[test]
    fn attempts_are_counted_by_name_and_forgotten_in_time() {
        let attempts = Attempts::default();
        for _ in 0..MOST_ATTEMPTS {
            assert!(attempts.begin("zhao", 0));
        }
        assert!(!attempts.begin("zhao", 1));
        assert!(attempts.begin("qian", 1));
        assert!(attempts.begin("zhao", ATTEMPTS_MS));
        attempts.succeeded("zhao");
        assert!(attempts.begin("zhao", ATTEMPTS_MS));
    }
}
