//! Who has signed a package, and whether that is enough.

use minisign::{PublicKey, SecretKey, SecretKeyBox, SignatureBox};
use thiserror::Error as DeriveError;

use super::Package;

/// A person whose signature counts, and the key that it is made with.
#[derive(Clone, Debug, PartialEq)]
pub struct Signer {
    /// Who: signatures of two keys of one person count once.
    pub person: String,
    key: PublicKey,
}

/// Whose signatures count here, and how many people must have signed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trust {
    /// How many people must have signed.
    pub needed: usize,
    /// Whose signatures count.
    pub signers: Vec<Signer>,
}

/// A key to sign with.
pub struct KeyPair {
    secret: SecretKey,
    public: PublicKey,
}

/// Too few people have signed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveError)]
#[error(
    "{have} of the {needed} people whose signature it needs have signed it; sign it with `lika policy sign`, and list whose signatures count under [policies] in the node's configuration"
)]
pub struct Untrusted {
    /// People who have signed and count.
    pub have: usize,
    /// People who are needed.
    pub needed: usize,
}

/// A key that is none, or a password that does not open it.
#[derive(Debug, DeriveError)]
#[error("the key cannot be used")]
pub struct InvalidKey(#[source] minisign::PError);

impl Signer {
    /// A person and a public key in minisign's base64.
    pub fn new(person: &str, key: &str) -> Result<Self, InvalidKey> {
        Ok(Self {
            person: person.to_owned(),
            key: PublicKey::from_base64(key.trim()).map_err(InvalidKey)?,
        })
    }

    /// Whose key it is.
    pub fn person(&self) -> &str {
        &self.person
    }

    /// The public key in minisign's base64.
    pub fn key(&self) -> String {
        self.key.to_base64()
    }
}

impl Trust {
    /// Holds the signatures of a package against whose count: the keys that signed, sorted.
    ///
    /// Keys that nobody here is known by are passed over: a package may travel through several counties.
    pub fn check(&self, package: &Package) -> Result<Vec<String>, Untrusted> {
        let mut people = Vec::new();
        let mut keys = Vec::new();
        for signer in &self.signers {
            let key = signer.key();
            // A key that two people hold proves only that one of them was there.
            if !keys.contains(&key) && package.is_signed_with(&signer.key) {
                keys.push(key);
                if !people.contains(&&signer.person) {
                    people.push(&signer.person);
                }
            }
        }
        if people.len() < self.needed {
            return Err(Untrusted {
                have: people.len(),
                needed: self.needed,
            });
        }
        keys.sort();
        Ok(keys)
    }
}

impl KeyPair {
    /// A new one, from the machine's randomness.
    pub fn generate() -> Result<Self, InvalidKey> {
        let pair = minisign::KeyPair::generate_unencrypted_keypair().map_err(InvalidKey)?;
        Ok(Self {
            secret: pair.sk,
            public: pair.pk,
        })
    }

    /// The one whose secret half is in this text, which may need a password.
    pub fn open(secret: &str, password: Option<String>) -> Result<Self, InvalidKey> {
        let secret = SecretKeyBox::from_string(secret).map_err(InvalidKey)?;
        let secret = match password {
            Some(password) => secret.into_secret_key(Some(password)),
            None => secret.into_unencrypted_secret_key(),
        };
        let secret = secret.map_err(InvalidKey)?;
        let public = PublicKey::from_secret_key(&secret).map_err(InvalidKey)?;
        Ok(Self { secret, public })
    }

    /// The secret half as a file of the minisign tool has it, not encrypted.
    pub fn secret_file(&self) -> Result<String, InvalidKey> {
        let file = self
            .secret
            .to_box(Some("secret key of a signer of policies"));
        Ok(file.map_err(InvalidKey)?.into_string())
    }

    /// The public half in minisign's base64, as the configuration of a node takes it.
    pub fn public(&self) -> String {
        self.public.to_base64()
    }
}

impl Package {
    /// Signs it. A second signature with the same key takes the place of the first.
    pub fn sign(&mut self, key: &KeyPair) -> Result<(), InvalidKey> {
        let comment = format!("{} {}", self.manifest.name, self.manifest.version);
        let signature = minisign::sign(
            Some(&key.public),
            &key.secret,
            self.manifest_bytes.as_slice(),
            Some(&comment),
            None,
        );
        let text = signature.map_err(InvalidKey)?.into_string();
        let name = key_id(&key.public);
        self.signatures.retain(|(signed, _)| *signed != name);
        self.signatures.push((name, text));
        self.signatures.sort();
        Ok(())
    }

    /// The ids of the keys that have signed, whoever they belong to.
    pub fn signed_with(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(|(key, _)| key.as_str())
    }

    fn is_signed_with(&self, key: &PublicKey) -> bool {
        let name = key_id(key);
        let texts = self.signatures.iter().filter(|(signed, _)| *signed == name);
        let mut signatures = texts.filter_map(|(_, text)| SignatureBox::from_string(text).ok());
        signatures.any(|signature| {
            let manifest = std::io::Cursor::new(&self.manifest_bytes);
            minisign::verify(key, &signature, manifest, true, false, false).is_ok()
        })
    }
}

/// The id of a key as minisign prints it, in lower case.
fn key_id(key: &PublicKey) -> String {
    let number = key.keynum().iter().rev();
    number.map(|byte| format!("{byte:02x}")).collect()
}
