//! The limit: the same bytes appended to a file, one fdatasync a group.

use std::{fs::File, io::Write as _, path::Path};

use anyhow::Result;

use super::grouped;

/// Acknowledged records of this size a second.
pub fn measure(folder: &Path, size: usize) -> Result<f64> {
    let mut file = File::create(folder.join("appended"))?;
    let record = vec![0x5a; size];
    grouped::acknowledged(move |records| {
        file.write_all(&record.repeat(records))?;
        Ok(file.sync_data()?)
    })
}
