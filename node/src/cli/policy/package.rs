//! `lika policy pack`, `key`, `sign` and `show`: packages, without any node.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::admitted;
use crate::{
    cli::{Answer, Output},
    pki::write_new,
    policy::{
        gates,
        package::{KeyPair, LegalBasis, Package, Provenance},
    },
};

/// Pack a component with where it comes from and its examples.
#[derive(Debug, Args)]
pub struct Pack {
    /// The component.
    component: PathBuf,
    /// Who answers for the policy: an office.
    #[arg(long)]
    author: String,
    /// A document that the policy carries out besides those that it names itself, as `number title` or, without a
    /// number, as `title`; may be repeated.
    #[arg(long, value_name = "DOCUMENT")]
    legal_basis: Vec<String>,
    /// The revision of the source.
    #[arg(long, default_value = "", hide_default_value = true)]
    source_revision: String,
    /// What it was built with.
    #[arg(long, default_value = "", hide_default_value = true)]
    toolchain: String,
    /// The folder of examples, `*.json`.
    #[arg(long, value_name = "FOLDER")]
    examples: Option<PathBuf>,
    /// Where to write it; `name-1.2.0.lika` here when it is not given.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Make a key to sign policies with.
///
/// Writes the secret key, which nobody else may read, to the file, and prints the public key. The file is not
/// encrypted: keep it on a stick. A key that the minisign tool made works as well.
#[derive(Debug, Args)]
pub struct Key {
    /// The file of the secret key; must not be there yet.
    file: PathBuf,
}

/// Sign a package.
#[derive(Debug, Args)]
pub struct Sign {
    /// The package.
    package: PathBuf,
    /// The file of the secret key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The file with the password of the key, when it has one.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Show what a package says of itself, and which keys have signed it.
#[derive(Debug, Args)]
pub struct Show {
    /// The package.
    package: PathBuf,
}

pub fn pack(command: &Pack, output: &mut Output) -> anyhow::Result<Answer> {
    let Pack {
        component,
        author,
        legal_basis,
        source_revision,
        toolchain,
        examples,
        output: file,
    } = command;
    let bytes = read(component)?;
    let passed = gates::enter(&gates::host()?, &bytes)?;
    let provenance = Provenance {
        author: author.clone(),
        legal_basis: legal_basis
            .iter()
            .map(|text| LegalBasis::parse(text))
            .collect(),
        source_revision: source_revision.clone(),
        toolchain: toolchain.clone(),
    };
    let examples = examples
        .as_deref()
        .map(admitted::read_examples)
        .transpose()?;
    let package = Package::pack(
        bytes,
        passed.policy.describe(),
        provenance,
        examples.unwrap_or_default(),
    )?;
    let file = file
        .clone()
        .unwrap_or_else(|| PathBuf::from(package.file_name()));
    write(&file, &package.to_bytes()?)?;
    let text = file.display().to_string();
    output.answer(|| text.clone(), || json!({"package": text}))?;
    Ok(Answer::Yes)
}

pub fn key(command: &Key, output: &mut Output) -> anyhow::Result<Answer> {
    let key = KeyPair::generate()?;
    write_new(&command.file, key.secret_file()?.as_bytes(), 0o600)
        .with_context(|| format!("cannot make {}", command.file.display()))?;
    let public = key.public();
    output.answer(|| public.clone(), || json!({"key": public}))?;
    Ok(Answer::Yes)
}

pub fn sign(command: &Sign, output: &mut Output) -> anyhow::Result<Answer> {
    let Sign {
        package: file,
        key,
        password_file,
    } = command;
    let mut package = open(file)?;
    let password = password_file.as_deref().map(read_text).transpose()?;
    let password = password.map(|text| text.trim_end_matches(['\r', '\n']).to_owned());
    let key = KeyPair::open(&read_text(key)?, password)?;
    package.sign(&key)?;
    write(file, &package.to_bytes()?)?;
    let public = key.public();
    output.answer(
        || format!("signed with {public}"),
        || json!({"key": public}),
    )?;
    Ok(Answer::Yes)
}

pub fn show(command: &Show, output: &mut Output) -> anyhow::Result<Answer> {
    let package = open(&command.package)?;
    let signed: Vec<&str> = package.signed_with().collect();
    output.answer(
        || {
            let signed = match signed.as_slice() {
                [] => "nobody has signed it".to_owned(),
                keys => format!("signed with {}", keys.join(", ")),
            };
            format!("{}\n{signed}", package.manifest_text())
        },
        || json!({"manifest": package.manifest(), "signed_with": signed}),
    )?;
    Ok(Answer::Yes)
}

fn open(file: &Path) -> anyhow::Result<Package> {
    Package::read(&read(file)?).with_context(|| format!("{} is refused", file.display()))
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn read_text(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Beside and then in its place, so that a package is never half written.
fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    let mut beside = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o644))
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside
        .persist(file)
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(())
}
