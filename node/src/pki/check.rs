//! Whether the files of a folder of certificates are what they were when they were written.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rcgen::KeyPair;
use thiserror::Error as ThisError;
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};

use crate::pki::{
    Credentials, Error, Register,
    certificate::{check_issuer, first},
    credentials::{read_private, read_text},
    register,
};

/// Those that have signed themselves.
const AUTHORITIES: [&str; 4] = ["clients", "nodes", "own-roots", "upper"];
const REGISTER: &str = "register.log";

/// Why a file is not what it should be.
#[derive(Debug, ThisError)]
pub enum Wrong {
    /// A key or a certificate.
    #[error(transparent)]
    Credentials(#[from] Error),
    /// The register of what was issued.
    #[error(transparent)]
    Register(#[from] register::Error),
}

/// Looks at every file. Answers those that are not what they should be, and why.
///
/// A certificate must be signed by its authority, a key be that of its certificate, the register be a chain. `others`
/// are files that somebody else knows about.
pub fn check(folder: &Path, others: &[&str]) -> Result<Vec<(PathBuf, Wrong)>, Error> {
    let read = |source| Error::Io {
        doing: "list",
        file: folder.to_owned(),
        source,
    };
    let mut wrong = Vec::new();
    for file in fs::read_dir(folder).map_err(read)? {
        let file = file.map_err(read)?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if others.contains(&&*name) {
            continue;
        }
        if let Err(error) = check_file(folder, &file) {
            wrong.push((file, error));
        }
    }
    wrong.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(wrong)
}

fn check_file(folder: &Path, file: &Path) -> Result<(), Wrong> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let authority = |name: &str| read_text(&folder.join(name).with_extension("pem"));
    let ending = file.extension().unwrap_or_default().to_string_lossy();
    match &*ending {
        _ if file.ends_with(REGISTER) => Ok(Register::open(folder).map(drop)?),
        "pem" if AUTHORITIES.contains(&&*stem) => {
            let own = read_text(file)?;
            Ok(check_issuer(&own, &own)?)
        }
        "pem" => Ok(check_issuer(&read_text(file)?, &authority("clients")?)?),
        "credentials" => {
            let credentials = Credentials::open(folder, &stem)?;
            let issuer = if stem == "link" { "upper" } else { "nodes" };
            check_issuer(credentials.certificate_pem(), &authority(issuer)?)?;
            Ok(check_key(
                credentials.key_pem(),
                credentials.certificate_pem(),
            )?)
        }
        // One that waits has no certificate yet.
        "key" if stem.ends_with(".waiting") => {
            KeyPair::from_pem(&read_private(file)?).map_err(Error::Make)?;
            Ok(())
        }
        "key" => Ok(check_key(&read_private(file)?, &authority(&stem)?)?),
        _ => Err(Error::Unreadable.into()),
    }
}

/// Whether a key is that of a certificate, both in PEM.
fn check_key(key: &str, certificate: &str) -> Result<(), Error> {
    let key = KeyPair::from_pem(key).map_err(Error::Make)?;
    let der = first(certificate)?;
    let (_, certificate) = X509Certificate::from_der(&der).map_err(|_| Error::Unreadable)?;
    let public = &certificate.public_key().subject_public_key.data;
    (key.public_key_raw() == &**public)
        .then_some(())
        .ok_or(Error::OtherKey)
}
