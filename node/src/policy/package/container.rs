//! The file itself: read within limits, every name and digest checked; written the same way every time.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _, Write as _},
};

use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{
    Error, LARGEST, Package,
    manifest::{FORMAT, Manifest, Pinned},
};
use crate::policy::Digest;

const MANIFEST: &str = "manifest.toml";
const COMPONENT: &str = "component.wasm";
const SCHEMA: &str = "settings.schema.json";
const EXAMPLES: &str = "examples/";
const SIGNATURES: &str = "signatures/";

/// The largest manifest, schema, example and signature in bytes.
const LARGEST_TEXT: u64 = 1 << 20;
/// The most files.
const MOST_FILES: usize = 1_000;

impl Package {
    /// Reads a package and holds every file in it against the manifest. Signatures are read, not checked: see
    /// [`Trust`](super::Trust).
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut files = unpack(bytes)?;
        let manifest_bytes = take(&mut files, MANIFEST)?;
        let text = text(MANIFEST, manifest_bytes.clone())?;
        let manifest = parse(&text)?;
        let component = take(&mut files, COMPONENT)?;
        pinned(COMPONENT, &component, &manifest.component)?;
        let schema = take(&mut files, SCHEMA)?;
        pinned(SCHEMA, &schema, &manifest.settings_schema)?;
        let mut examples = Vec::with_capacity(manifest.examples.len());
        for example in &manifest.examples {
            let file = format!("{EXAMPLES}{}.json", example.name);
            let content = take(&mut files, &file)?;
            pinned(&file, &content, &example.pinned())?;
            examples.push((example.name.clone(), content));
        }
        let mut signatures = Vec::new();
        for (file, content) in files {
            let key = file
                .strip_prefix(SIGNATURES)
                .and_then(|name| name.strip_suffix(".minisig"));
            let Some(key) = key.map(str::to_owned) else {
                return Err(Error::Unexpected(file));
            };
            signatures.push((key, self::text(&file, content)?));
        }
        Ok(Self {
            manifest,
            manifest_bytes,
            component,
            settings_schema: self::text(SCHEMA, schema)?,
            examples,
            signatures,
        })
    }

    /// The file: the same package gives the same bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let Self {
            manifest: _,
            manifest_bytes,
            component,
            settings_schema,
            examples,
            signatures,
        } = self;
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default());
        let mut put = |name: &str, content: &[u8]| -> Result<(), Error> {
            writer.start_file(name, options).map_err(Error::Container)?;
            Ok(writer.write_all(content)?)
        };
        put(MANIFEST, manifest_bytes)?;
        put(COMPONENT, component)?;
        put(SCHEMA, settings_schema.as_bytes())?;
        for (name, content) in examples {
            put(&format!("{EXAMPLES}{name}.json"), content)?;
        }
        for (key, signature) in signatures {
            put(&format!("{SIGNATURES}{key}.minisig"), signature.as_bytes())?;
        }
        Ok(writer.finish().map_err(Error::Container)?.into_inner())
    }
}

/// Lower-case letters, digits, hyphens and points between them: the same file on every system.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(known);
    if name.len() > 100 || !name.split('.').all(is_word) {
        return Err(Error::Name(name.to_owned()));
    }
    Ok(())
}

fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(Error::Container)?;
    if archive.len() > MOST_FILES {
        return Err(Error::TooLarge {
            file: "the list of files".to_owned(),
            limit: MOST_FILES as u64,
        });
    }
    let mut files = BTreeMap::new();
    // Of everything together: a thousand small files are as large as one large one.
    let mut left = LARGEST as u64;
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(Error::Container)?;
        let name = file.name().map_err(Error::Container)?.into_owned();
        let limit = if name == COMPONENT {
            LARGEST as u64
        } else {
            LARGEST_TEXT
        };
        let limit = limit.min(left);
        // What a header says of the size is nobody's promise.
        let mut content = Vec::new();
        let read = file.take(limit + 1).read_to_end(&mut content)?;
        if read as u64 > limit {
            return Err(Error::TooLarge { file: name, limit });
        }
        left -= read as u64;
        if files.insert(name.clone(), content).is_some() {
            return Err(Error::Unexpected(name));
        }
    }
    Ok(files)
}

fn parse(text: &str) -> Result<Manifest, Error> {
    // A later format may have keys that this version does not know: then the format is what to say.
    let format = toml::from_str::<toml::Table>(text)
        .map_err(|error| Error::Manifest(Box::new(error)))?
        .get("format")
        .and_then(toml::Value::as_integer)
        .and_then(|format| u32::try_from(format).ok());
    if let Some(format) = format
        && format != FORMAT
    {
        return Err(Error::Format(format));
    }
    let manifest: Manifest =
        toml::from_str(text).map_err(|error| Error::Manifest(Box::new(error)))?;
    for example in &manifest.examples {
        check_name(&example.name)?;
    }
    Ok(manifest)
}

fn take(files: &mut BTreeMap<String, Vec<u8>>, name: &str) -> Result<Vec<u8>, Error> {
    files
        .remove(name)
        .ok_or_else(|| Error::Missing(name.to_owned()))
}

fn pinned(file: &str, content: &[u8], pinned: &Pinned) -> Result<(), Error> {
    if Pinned::of(content) == *pinned {
        return Ok(());
    }
    Err(Error::Altered {
        file: file.to_owned(),
        found: Digest::of(content),
    })
}

fn text(file: &str, content: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(content).map_err(|_| Error::NotText(file.to_owned()))
}
