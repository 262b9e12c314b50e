//! Applying a batch in chunks, so that readers are not blocked, and finishing what a kill interrupted.
//!
//! One huge sled batch blocks readers for seconds. A batch that needs several chunks is first written to a file of its
//! own (`pending/<order>`): values are absolute, so that applying it again changes nothing. The file need not be
//! durable: after a power cut without it the registry is rebuilt. It is kept until sled has written what it describes.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use xxhash_rust::xxh3::xxh3_64;

use crate::{
    crash,
    store::{
        Error,
        bytes::{Cursor, Put as _},
        disk::{self, Disk},
        registry::{Registry, Standing, overlay::Changes, schema},
    },
};

/// So many keys go into one sled batch.
const CHUNK: usize = 500;
/// After so many files sled is told to write, and they are removed.
const MOST_FILES: usize = 64;
const MAGIC: &[u8; 4] = b"LKP1";

/// The values that a batch gives to keys.
type Rows = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// A batch to apply.
pub struct Applied<'a> {
    /// What changes.
    pub changes: &'a Changes,
    /// Where the registry stands before.
    pub before: &'a Standing,
    /// Where it stands afterwards.
    pub standing: &'a Standing,
}

/// The files of batches that may be half applied.
#[derive(Clone, Debug)]
pub struct Pending {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    files: BTreeMap<u64, PathBuf>,
}

impl Pending {
    /// The files in a folder, which is made when it is missing.
    pub fn open(disk: Arc<dyn Disk>, data_folder: &Path) -> Result<Self, Error> {
        let folder = data_folder.join("pending");
        disk.create_folder(&folder)
            .map_err(Error::io("create", &folder))?;
        let names = disk.list(&folder).map_err(Error::io("list", &folder))?;
        let files = names
            .iter()
            .filter_map(|name| Some((name.parse().ok()?, folder.join(name))))
            .collect();
        Ok(Self {
            disk,
            folder,
            files,
        })
    }

    /// Removes all files: the registry stands at a batch and has been written, or is about to be rebuilt.
    pub fn clear(&mut self) -> Result<(), Error> {
        while let Some((_, file)) = self.files.pop_first() {
            self.disk.remove(&file).map_err(Error::io("remove", file))?;
        }
        Ok(())
    }

    fn write(&mut self, order: u64, rows: &Rows) -> Result<(), Error> {
        let file = self.folder.join(format!("{order:020}"));
        let mut writer = self
            .disk
            .create(&file)
            .map_err(Error::io("create", &file))?;
        self.files.insert(order, file.clone());
        writer
            .append(&encode(rows))
            .map_err(Error::io("write", &file))
    }

    fn read(&self, order: u64) -> Result<Option<Rows>, Error> {
        let Some(file) = self.files.get(&order) else {
            return Ok(None);
        };
        let bytes = disk::read_whole(&*self.disk, file).map_err(Error::io("read", file))?;
        Ok(bytes.and_then(|bytes| decode(&bytes)))
    }
}

impl Registry {
    /// Applies a batch.
    pub fn apply(&self, batch: &Applied<'_>, pending: &mut Pending) -> Result<(), Error> {
        let Applied {
            changes,
            before,
            standing,
        } = batch;
        let mut rows: Rows = changes
            .iter()
            .map(|(key, changed)| (key.clone(), changed.new.clone()))
            .collect();
        rows.extend(meta_rows(Some(before), standing));
        if rows.len() <= CHUNK {
            self.apply_rows(&rows)?;
            crash::point("half-applied");
            return Ok(());
        }
        pending.write(standing.order, &rows)?;
        self.apply_chunks(rows, standing.order)?;
        if pending.files.len() >= MOST_FILES {
            self.flush()?;
            pending.clear()?;
        }
        Ok(())
    }

    /// Finishes the batch that was being applied; false when its file is not there, so that only a rebuild helps.
    pub fn finish_pending(&self, pending: &Pending) -> Result<bool, Error> {
        let Some(order) = self
            .get(schema::PARTIAL)?
            .and_then(|value| Cursor(&value).u64())
        else {
            return Ok(true);
        };
        let Some(rows) = pending.read(order)? else {
            return Ok(false);
        };
        self.apply_chunks(rows, order)?;
        self.flush()?;
        Ok(true)
    }

    /// Applies the changes of a rebuild: nobody reads, and an interrupted rebuild begins anew.
    pub fn load(&self, changes: &Changes) -> Result<(), Error> {
        let rows: Rows = changes
            .iter()
            .map(|(key, changed)| (key.clone(), changed.new.clone()))
            .collect();
        rows.chunks(CHUNK)
            .try_for_each(|chunk| self.apply_rows(chunk))
    }

    /// Notes where a rebuild has arrived; from here on the registry is usable.
    pub fn finish_load(&self, standing: &Standing) -> Result<(), Error> {
        let mut rows: Rows = vec![(
            schema::FORMAT.to_vec(),
            Some(schema::CURRENT_FORMAT.to_vec()),
        )];
        rows.extend(meta_rows(None, standing));
        self.apply_rows(&rows)?;
        self.flush()
    }

    fn apply_chunks(&self, rows: Rows, order: u64) -> Result<(), Error> {
        let (meta, data): (Rows, Rows) = rows
            .into_iter()
            .partition(|(key, _)| key.first() == Some(&schema::META));
        let last = data.len().div_ceil(CHUNK).saturating_sub(1);
        for (number, chunk) in data.chunks(CHUNK).enumerate() {
            let mut chunk = chunk.to_vec();
            if number < last {
                chunk.push((schema::PARTIAL.to_vec(), Some(order.to_be_bytes().to_vec())));
            } else {
                // With these the registry stands at the batch: they go with the last of the data or not at all.
                chunk.extend(meta.iter().cloned());
            }
            self.apply_rows(&chunk)?;
            if number == last / 2 {
                crash::point("half-applied");
            }
        }
        Ok(())
    }

    fn apply_rows(&self, rows: &[(Vec<u8>, Option<Vec<u8>>)]) -> Result<(), Error> {
        let mut batch = sled::Batch::default();
        for (key, value) in rows {
            match value {
                Some(value) => batch.insert(key.as_slice(), value.as_slice()),
                None => batch.remove(key.as_slice()),
            }
        }
        super::guarded(|| Ok(self.tree.apply_batch(batch)?))
    }
}

/// The last rows of a batch: with them the registry stands at it.
fn meta_rows(before: Option<&Standing>, standing: &Standing) -> Rows {
    let mut rows = vec![
        (
            schema::STANDING.to_vec(),
            Some(schema::standing_value(standing.order, standing.digest)),
        ),
        (schema::PARTIAL.to_vec(), None),
    ];
    for (log, tail) in &standing.tails {
        if before.and_then(|before| before.tails.get(log)) != Some(tail) {
            rows.push((schema::tail_key(*log), Some(schema::tail_value(tail))));
        }
    }
    rows
}

fn encode(rows: &Rows) -> Vec<u8> {
    let length =
        |bytes: &[u8]| u32::try_from(bytes.len()).expect("a row is far smaller than 4 GiB");
    let mut content = Vec::new();
    for (key, value) in rows {
        content.put_u32(length(key));
        content.extend_from_slice(key);
        match value {
            Some(value) => {
                content.push(1);
                content.put_u32(length(value));
                content.extend_from_slice(value);
            }
            None => content.push(0),
        }
    }
    let mut bytes = MAGIC.to_vec();
    bytes.put_u64(xxh3_64(&content));
    bytes.extend_from_slice(&content);
    bytes
}

fn decode(bytes: &[u8]) -> Option<Rows> {
    let mut cursor = Cursor(bytes);
    let is_whole = cursor.take(4)? == MAGIC && cursor.u64()? == xxh3_64(cursor.0);
    if !is_whole {
        return None;
    }
    let mut rows = Rows::new();
    while !cursor.0.is_empty() {
        let length = usize::try_from(cursor.u32()?).ok()?;
        let key = cursor.take(length)?.to_vec();
        let value = match cursor.u8()? {
            0 => None,
            _ => {
                let length = usize::try_from(cursor.u32()?).ok()?;
                Some(cursor.take(length)?.to_vec())
            }
        };
        rows.push((key, value));
    }
    Some(rows)
}
