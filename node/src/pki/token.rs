//! What a node below shows instead of a certificate, once.
//!
//! ```text
//! 1a2b3c4d-<64 hexadecimal digits>      id, which may be shown to anybody · secret of 256 random bits
//! ```

use std::fmt;

use lika_core::value::hex;
use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::pki::Error;

/// Keeps these hashes apart from every other use of the function; it is no secret.
const DOMAIN: &[u8] = b"lika.enrolment.token";
const SECRET_DIGITS: usize = 64;

/// A token. Never printed but by [`expose`](Self::expose).
pub struct Token {
    id: TokenId,
    secret: Zeroizing<String>,
}

/// Names a token in lists; it opens nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenId(String);

/// What is kept of a token. Its secret has 256 random bits, so that nothing slower than a hash is needed against
/// guessing.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct TokenHash(#[serde(with = "crate::pki::register::text")] [u8; 32]);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Token").field(&self.id).finish()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

impl Token {
    /// A new one.
    pub fn make() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; 36]);
        SystemRandom::new()
            .fill(bytes.as_mut_slice())
            .map_err(|_| Error::NoRandomness)?;
        let (id, secret) = bytes.split_at(4);
        Ok(Self {
            id: TokenId(hex(id)),
            secret: Zeroizing::new(hex(secret)),
        })
    }

    /// Reads what [`expose`](Self::expose) printed.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.trim().split_once('-')?;
        let is_secret = secret.len() == SECRET_DIGITS && secret.bytes().all(is_digit);
        is_secret.then_some(())?;
        Some(Self {
            id: TokenId::parse(id)?,
            secret: Zeroizing::new(secret.to_owned()),
        })
    }

    /// The whole token: for its owner, and for nobody else.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}-{}", self.id, *self.secret))
    }

    /// Its id.
    pub fn id(&self) -> &TokenId {
        &self.id
    }

    /// What may be kept of it.
    pub fn hash(&self) -> TokenHash {
        let tag = hmac::sign(&key(), self.expose().as_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(tag.as_ref());
        TokenHash(hash)
    }

    /// Whether it is the one that was kept, in a time that does not tell how much of it is right.
    pub fn is(&self, kept: &TokenHash) -> bool {
        hmac::verify(&key(), self.expose().as_bytes(), &kept.0).is_ok()
    }
}

impl TokenId {
    /// Reads eight hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_id = text.len() == 8 && text.bytes().all(is_digit);
        is_id.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for TokenId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("expected eight hexadecimal digits")
    }
}

impl From<TokenId> for String {
    fn from(id: TokenId) -> Self {
        id.0
    }
}

fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, DOMAIN)
}

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_again_by_its_hash_alone() {
        let token = Token::make().unwrap();
        let read = Token::parse(&format!(" {}\n", *token.expose())).unwrap();
        assert_eq!(read.id(), token.id());
        assert!(read.is(&token.hash()));
        assert!(!Token::make().unwrap().is(&token.hash()));
        let mut text = token.expose().to_string();
        let last = text.pop().unwrap();
        text.push(if last == '0' { '1' } else { '0' });
        assert!(!Token::parse(&text).unwrap().is(&token.hash()));
    }

    #[test]
    fn rubbish_is_no_token_and_a_token_does_not_print_itself() {
        let token = Token::make().unwrap();
        let whole = token.expose();
        for text in [
            "",
            "-",
            "12345678",
            &whole[1..],
            &whole[..72],
            &whole.to_uppercase(),
        ] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
        let secret = whole.split_once('-').unwrap().1;
        assert!(!format!("{token:?} {:?}", token.hash()).contains(secret));
    }
}
