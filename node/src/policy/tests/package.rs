//! Packages: what was altered, added or not signed is found and named.

use std::io::{Cursor, Write as _};

use lika_guests::{HONEST, guest};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::ENGINE;
use crate::policy::package::{KeyPair, LegalBasis, Package, Provenance, Signer, Trust};

fn package() -> Package {
    let component = guest(HONEST);
    let description = ENGINE.admit(&component).unwrap();
    let provenance = Provenance {
        author: "芦溪县扶贫办".to_owned(),
        legal_basis: vec![LegalBasis {
            number: String::new(),
            title: "关于全面推进精准扶贫工作的实施意见".to_owned(),
        }],
        source_revision: "4f1c".to_owned(),
        toolchain: "rustc 1.96.0".to_owned(),
    };
    let examples = vec![("one-household".to_owned(), b"{}".to_vec())];
    Package::pack(component, description.describe(), provenance, examples).unwrap()
}

fn trust(keys: &[(&str, &KeyPair)], needed: usize) -> Trust {
    let signer = |(person, key): &(&str, &KeyPair)| Signer::new(person, &key.public()).unwrap();
    Trust {
        needed,
        signers: keys.iter().map(signer).collect(),
    }
}

/// The package with the content of one file changed, or with one more file.
fn with(name: &str, change: impl Fn(Option<&str>) -> Vec<u8>) -> Vec<u8> {
    with_in(&package(), name, change)
}

fn with_in(package: &Package, name: &str, change: impl Fn(Option<&str>) -> Vec<u8>) -> Vec<u8> {
    let bytes = package.to_bytes().unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut found = false;
    for index in 0..archive.len() {
        let file = archive.by_index(index).unwrap();
        let own = file.name().unwrap().into_owned();
        let mut content = Vec::new();
        std::io::copy(&mut std::io::BufReader::new(file), &mut content).unwrap();
        if own == name {
            found = true;
            content = change(std::str::from_utf8(&content).ok());
        }
        writer
            .start_file(own, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(&content).unwrap();
    }
    if !found {
        writer
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(&change(None)).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn manifest_with(from: &str, to: &str) -> Vec<u8> {
    with("manifest.toml", |text| {
        let text = text.unwrap();
        assert!(text.contains(from), "{text}");
        text.replacen(from, to, 1).into_bytes()
    })
}

fn refusal(bytes: &[u8]) -> String {
    let error = Package::read(bytes).unwrap_err();
    let cause = std::error::Error::source(&error);
    cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

#[test]
fn what_was_packed_is_read_back_and_packs_to_the_same_bytes() {
    let mut package = package();
    package.sign(&KeyPair::generate().unwrap()).unwrap();
    let bytes = package.to_bytes().unwrap();
    let read = Package::read(&bytes).unwrap();
    assert_eq!(read, package);
    assert_eq!(read.to_bytes().unwrap(), bytes);
}

#[test]
fn a_file_that_was_altered_missing_or_added_is_named() {
    let altered = with("component.wasm", |_| b"\0asm".to_vec());
    assert!(refusal(&altered).starts_with("component.wasm is not the one"));
    let altered = with("settings.schema.json", |_| b"[]".to_vec());
    assert!(refusal(&altered).starts_with("settings.schema.json is not the one"));
    let altered = with("examples/one-household.json", |_| b"[]".to_vec());
    assert!(refusal(&altered).starts_with("examples/one-household.json is not the one"));
    let added = with("examples/two.json", |_| b"{}".to_vec());
    assert!(refusal(&added).starts_with("examples/two.json is not a file of a package"));
    let missing = manifest_with("one-household", "another");
    assert!(refusal(&missing).starts_with("there is no examples/another.json"));
    assert!(refusal(b"PK and nothing more").starts_with("it is not a policy package"));
}

#[test]
fn an_unknown_key_and_a_later_format_are_refused() {
    let unknown = manifest_with("purpose =", "porpoise =");
    assert!(
        refusal(&unknown).contains("porpoise"),
        "{}",
        refusal(&unknown)
    );
    let later = manifest_with("format = 1", "format = 2\nnovelty = true");
    assert_eq!(
        refusal(&later),
        "the package has format 2, this node reads format 1"
    );
    let outside = manifest_with("one-household", "../household");
    assert!(refusal(&outside).contains("is not a name for a file"));
}

#[test]
fn a_bomb_is_not_unpacked() {
    let bomb = with("manifest.toml", |_| vec![b' '; 80 << 20]);
    assert!(refusal(&bomb).starts_with("manifest.toml is larger than"));
}

#[test]
fn what_the_manifest_says_must_be_what_the_component_says() {
    let package = package();
    let mut description = ENGINE
        .admit(package.component())
        .unwrap()
        .describe()
        .clone();
    package.manifest().must_describe(&description).unwrap();
    description.reasons[0].label.zh.push('！');
    let mismatch = package.manifest().must_describe(&description).unwrap_err();
    assert_eq!(mismatch.key, "reason");
}

#[test]
fn signatures_count_by_person() {
    let keys: Vec<KeyPair> = (0..3).map(|_| KeyPair::generate().unwrap()).collect();
    let people = [("易春", &keys[0]), ("易春", &keys[1]), ("黄秋", &keys[2])];
    let trust = trust(&people, 2);
    let mut package = package();
    let have = |package: &Package| trust.check(package).map_err(|untrusted| untrusted.have);
    assert_eq!(have(&package), Err(0));
    package.sign(&keys[0]).unwrap();
    package.sign(&keys[0]).unwrap();
    package.sign(&keys[1]).unwrap();
    assert_eq!(have(&package), Err(1), "two keys of one person");
    package.sign(&keys[2]).unwrap();
    assert_eq!(have(&package).unwrap().len(), 3);

    // A stranger's signature is no obstacle and no help.
    package.sign(&KeyPair::generate().unwrap()).unwrap();
    assert_eq!(have(&package).unwrap().len(), 3);
}

#[test]
fn a_signature_of_another_manifest_is_none() {
    let key = KeyPair::generate().unwrap();
    let trust = trust(&[("易春", &key)], 1);
    let mut package = package();
    package.sign(&key).unwrap();
    assert_eq!(trust.check(&package), Ok(vec![key.public()]));
    let other = with_in(&package, "manifest.toml", |text| {
        text.unwrap().replace("芦溪县", "泰顺县").into_bytes()
    });
    let other = Package::read(&other).unwrap();
    assert_eq!(trust.check(&other).unwrap_err().have, 0);
}

#[test]
fn a_key_survives_its_file() {
    let key = KeyPair::generate().unwrap();
    let again = KeyPair::open(&key.secret_file().unwrap(), None).unwrap();
    assert_eq!(again.public(), key.public());
    assert!(KeyPair::open("untrusted comment: nothing", None).is_err());
}
