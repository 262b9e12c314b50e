//! Looking for texts in every file of a folder.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

/// The shortest text that can be looked for: two Chinese characters in UTF-8.
const SHORTEST: usize = 6;

/// Many texts, to be looked for at once.
pub struct Needles<'a> {
    /// The texts that begin with the same bytes, by their length.
    by_start: HashMap<&'a [u8], BTreeMap<usize, HashSet<&'a [u8]>>>,
}

/// A text that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// In which file.
    pub file: PathBuf,
    /// The text.
    pub text: String,
}

impl<'a> Needles<'a> {
    /// Takes the texts, which must have six bytes or more.
    pub fn new(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut by_start: HashMap<_, BTreeMap<usize, HashSet<_>>> = HashMap::new();
        for text in texts {
            let bytes = text.as_bytes();
            assert!(
                bytes.len() >= SHORTEST,
                "{text:?} is too short to mean much"
            );
            let of_length = by_start.entry(&bytes[..SHORTEST]).or_default();
            of_length.entry(bytes.len()).or_default().insert(bytes);
        }
        Self { by_start }
    }

    /// What is in the files of a folder and everything below it.
    pub fn in_folder(&self, folder: &Path) -> BTreeSet<Found> {
        let mut found = BTreeSet::new();
        for file in files(folder) {
            let bytes = fs::read(&file).unwrap();
            found.extend(self.in_bytes(&bytes).into_iter().map(|text| Found {
                file: file.clone(),
                text,
            }));
        }
        found
    }

    /// What is in some bytes.
    pub fn in_bytes(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (at, start) in bytes.windows(SHORTEST).enumerate() {
            let Some(by_length) = self.by_start.get(start) else {
                continue;
            };
            for (length, texts) in by_length {
                let Some(text) = bytes.get(at..at + length) else {
                    continue;
                };
                if texts.contains(text) {
                    found.insert(String::from_utf8_lossy(text).into_owned());
                }
            }
        }
        found
    }
}

/// All files of a folder and everything below it, by name.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
