//! Machine code that is kept, and what of it is believed.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::policy::engine::Tier;
use crate::policy::host::cache::{Cache, Name};
use crate::policy::{Digest, Limits};

const SECRET: [u8; 32] = [7; 32];

fn name(component: &[u8]) -> Name {
    Name::new(Digest::of(component), &Limits::default())
}

fn keep(cache: &Cache, name: Name, code: &[u8]) {
    cache.draft(name, code.to_vec()).unwrap().keep();
}

fn kept(cache: &Cache, name: &Name) -> Option<Vec<u8>> {
    cache.get(name).map(|code| code.to_vec())
}

/// A cache in a folder that holds the machine code of two components.
struct Filled {
    folder: TempDir,
    cache: Cache,
}

impl Filled {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::in_folder(folder.path().join("code"), &SECRET);
        assert_eq!(kept(&cache, &name(b"one")), None);
        keep(&cache, name(b"one"), b"code of one");
        keep(&cache, name(b"two"), b"code of two");
        Self { folder, cache }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("code")
    }

    /// The file of a component's machine code.
    fn file(&self, component: &[u8]) -> PathBuf {
        let start = Digest::of(component).to_string();
        let mut files = files(&self.path()).into_iter();
        let is_its = |file: &PathBuf| file.to_string_lossy().contains(&start);
        files.find(is_its).unwrap()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap();
    files.map(|file| file.unwrap().path()).collect()
}

#[test]
fn what_was_kept_is_given_to_whoever_has_the_secret() {
    let filled = Filled::new();
    let again = Cache::in_folder(filled.path(), &SECRET);
    for cache in [&filled.cache, &again] {
        assert_eq!(kept(cache, &name(b"one")).unwrap(), b"code of one");
        assert_eq!(kept(cache, &name(b"two")).unwrap(), b"code of two");
        assert_eq!(kept(cache, &name(b"three")), None);
    }
    keep(&again, name(b"one"), b"anew");
    assert_eq!(kept(&filled.cache, &name(b"one")).unwrap(), b"anew");
}

#[test]
fn under_another_secret_it_is_removed() {
    let filled = Filled::new();
    let other = Cache::in_folder(filled.path(), &[8; 32]);
    assert_eq!(kept(&other, &name(b"one")), None);
    assert_eq!(kept(&filled.cache, &name(b"one")), None);
    assert!(kept(&filled.cache, &name(b"two")).is_some());
}

#[test]
fn one_flipped_bit_or_one_lost_byte_is_enough() {
    let filled = Filled::new();
    let file = filled.file(b"one");
    let whole = fs::read(&file).unwrap();
    for position in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[position] ^= 0x10;
        for damaged in [&flipped[..], &whole[..position]] {
            fs::write(&file, damaged).unwrap();
            assert_eq!(kept(&filled.cache, &name(b"one")), None, "{position}");
            assert!(!file.exists(), "{position}");
        }
    }
    let longer = [&whole[..], b"!"].concat();
    fs::write(&file, longer).unwrap();
    assert_eq!(kept(&filled.cache, &name(b"one")), None);
}

#[test]
fn a_file_under_the_name_of_another_is_removed() {
    let filled = Filled::new();
    let (one, two) = (filled.file(b"one"), filled.file(b"two"));
    fs::copy(&two, &one).unwrap();
    assert_eq!(kept(&filled.cache, &name(b"one")), None);
    assert!(!one.exists());
    assert!(kept(&filled.cache, &name(b"two")).is_some());
}

#[test]
fn another_compiler_finds_nothing() {
    let filled = Filled::new();
    let all = Limits::default();
    let others = [
        all.for_tier(Tier::Interpreted),
        Limits {
            optimised: false,
            ..all.clone()
        },
        Limits {
            memory_bytes: 1 << 20,
            ..all.clone()
        },
    ];
    for limits in others {
        let name = Name::new(Digest::of(b"one"), &limits);
        assert_eq!(kept(&filled.cache, &name), None);
    }
    // What ends a call does not change what it is compiled to.
    let limits = Limits {
        fuel: 1,
        instances: 1,
        ..all
    };
    assert_eq!(Name::new(Digest::of(b"one"), &limits), name(b"one"));
}

#[test]
fn a_draft_that_is_dropped_leaves_nothing() {
    let filled = Filled::new();
    let draft = filled.cache.draft(name(b"three"), b"code".to_vec());
    assert_eq!(files(&filled.path()).len(), 3);
    drop(draft);
    assert_eq!(files(&filled.path()).len(), 2);
    assert_eq!(kept(&filled.cache, &name(b"three")), None);
}

#[test]
fn what_belongs_to_no_component_is_removed() {
    let filled = Filled::new();
    let limits = Limits::default();
    let interpreted = Name::new(Digest::of(b"one"), &limits.for_tier(Tier::Interpreted));
    keep(&filled.cache, interpreted, b"slow");
    let foreign = Limits {
        memory_bytes: 1 << 20,
        ..limits.clone()
    };
    keep(
        &filled.cache,
        Name::new(Digest::of(b"one"), &foreign),
        b"foreign",
    );
    fs::write(filled.path().join(".tmpAbCdEf"), b"begun").unwrap();
    filled.cache.retain(&[Digest::of(b"one")], &limits);
    assert_eq!(files(&filled.path()).len(), 2);
    assert!(kept(&filled.cache, &name(b"one")).is_some());
    assert!(kept(&filled.cache, &interpreted).is_some());
    filled.cache.retain(&[], &limits);
    assert_eq!(files(&filled.path()).len(), 0);
}

#[test]
fn without_a_folder_the_last_one_is_kept() {
    let cache = Cache::in_memory();
    keep(&cache, name(b"one"), b"code of one");
    assert_eq!(kept(&cache, &name(b"one")).unwrap(), b"code of one");
    drop(cache.draft(name(b"two"), b"code of two".to_vec()));
    assert_eq!(kept(&cache, &name(b"two")), None);
    keep(&cache, name(b"two"), b"code of two");
    assert_eq!(kept(&cache, &name(b"one")), None);
    assert_eq!(kept(&cache, &name(b"two")).unwrap(), b"code of two");
    cache.remove(&name(b"two"));
    assert_eq!(kept(&cache, &name(b"two")), None);
}

#[test]
fn a_folder_that_cannot_be_used_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("code");
    fs::write(&file, b"").unwrap();
    let cache = Cache::in_folder(&file, &SECRET);
    assert!(cache.draft(name(b"one"), b"code".to_vec()).is_none());
    assert_eq!(kept(&cache, &name(b"one")), None);
    cache.remove(&name(b"one"));
    cache.retain(&[], &Limits::default());
}
