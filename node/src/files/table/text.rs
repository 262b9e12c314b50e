//! CSV: UTF-8 with or without its mark, UTF-16 with its mark, or GB18030.

use std::{
    borrow::Cow,
    fs::File,
    io::{BufRead, BufReader, Read, Seek},
    ops::ControlFlow,
};

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8};

use super::{Error, Row};

/// How much is read and decoded at a time.
const CHUNK: usize = 64 * 1024;

/// The longest row: a row of the form has about 500 bytes, and an unclosed quotation mark takes in the whole file.
const LONGEST_ROW: usize = 1024 * 1024;

/// An opened CSV.
#[derive(Debug)]
pub(super) struct TextTable {
    file: File,
    name: String,
    encoding: &'static Encoding,
}

impl TextTable {
    pub(super) fn open(mut file: File, name: &str) -> Result<Self, Error> {
        let encoding = detect(&mut file)?;
        Ok(Self {
            file,
            name: name.to_owned(),
            encoding,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn read(
        &mut self,
        on_row: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        self.file.rewind().map_err(Error::Io)?;
        let mut text = BufReader::with_capacity(CHUNK, Decoded::new(&self.file, self.encoding));
        let delimiter = delimiter(text.fill_buf().map_err(Error::Io)?);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text);
        let mut record = csv::StringRecord::new();
        let mut row = Row::default();
        loop {
            let line = reader.position().line();
            let has_row = reader
                .read_record(&mut record)
                .map_err(|error| damaged(error, line))?;
            if !has_row {
                return Ok(());
            }
            if record.as_slice().len() > LONGEST_ROW {
                return Err(Error::DamagedText { line });
            }
            let line = record.position().map_or(line, csv::Position::line);
            // After CRLF the reader names the line before; no two rows have one number.
            row.begin(
                u32::try_from(line)
                    .unwrap_or(u32::MAX)
                    .max(row.number.saturating_add(1)),
            );
            for (place, field) in record.iter().enumerate() {
                row.cell_at(place).text.push_str(unescaped(field));
            }
            if on_row(&row).is_break() {
                return Ok(());
            }
        }
    }
}

/// What a spreadsheet program would run as a formula, with an apostrophe before it; [`unescaped`] takes it away.
pub(in crate::files) fn escaped(text: &str) -> Cow<'_, str> {
    match begins_formula(text) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// The characters with which a spreadsheet program begins a formula.
fn begins_formula(text: &str) -> bool {
    text.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Undoes [`escaped`].
fn unescaped(field: &str) -> &str {
    match field.strip_prefix('\'') {
        Some(rest) if begins_formula(rest) => rest,
        _ => field,
    }
}

fn damaged(error: csv::Error, line: u64) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Error::DamagedText { line }
        }
        csv::ErrorKind::Io(error) => Error::Io(error),
        _ => Error::DamagedText { line },
    }
}

/// The separator of the first line: a comma, or what spreadsheet programs write instead.
fn delimiter(start: &[u8]) -> u8 {
    let line = start
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let count = |wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
    [b'\t', b';'].into_iter().fold(b',', |best, other| {
        if count(other) > count(best) {
            other
        } else {
            best
        }
    })
}

/// Text that is well-formed UTF-8 to its end is UTF-8; the rest must be well-formed GB18030.
fn detect(file: &mut File) -> Result<&'static Encoding, Error> {
    let mut start = [0; 3];
    let length = file.read(&mut start).map_err(Error::Io)?;
    if let Some((encoding, _)) = Encoding::for_bom(&start[..length]) {
        return Ok(encoding);
    }
    for encoding in [UTF_8, GB18030] {
        file.rewind().map_err(Error::Io)?;
        match std::io::copy(&mut Decoded::new(file, encoding), &mut std::io::sink()) {
            Ok(_) => return Ok(encoding),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {}
            Err(error) => return Err(Error::Io(error)),
        }
    }
    Err(Error::NotASpreadsheet(
        "its text is neither UTF-8 nor GB18030",
    ))
}

/// Decodes while reading; malformed input is an error, never a replacement character.
struct Decoded<'a> {
    file: &'a File,
    decoder: Decoder,
    input: Vec<u8>,
    /// What of `input` has not been decoded.
    pending: std::ops::Range<usize>,
    at_end: bool,
    output: String,
    /// How much of `output` has been handed on.
    taken: usize,
}

impl<'a> Decoded<'a> {
    fn new(file: &'a File, encoding: &'static Encoding) -> Self {
        Self {
            file,
            decoder: encoding.new_decoder_with_bom_removal(),
            input: vec![0; CHUNK],
            pending: 0..0,
            at_end: false,
            output: String::with_capacity(CHUNK * 3),
            taken: 0,
        }
    }

    /// Decodes the next piece; false at the end.
    fn refill(&mut self) -> std::io::Result<bool> {
        self.output.clear();
        self.taken = 0;
        while self.output.is_empty() {
            if self.pending.is_empty() {
                if self.at_end {
                    return Ok(false);
                }
                let length = self.file.read(&mut self.input)?;
                self.at_end = length == 0;
                self.pending = 0..length;
            }
            let input = &self.input[self.pending.clone()];
            let (result, read) = self.decoder.decode_to_string_without_replacement(
                input,
                &mut self.output,
                self.at_end,
            );
            self.pending.start += read;
            if let DecoderResult::Malformed(..) = result {
                return Err(std::io::ErrorKind::InvalidData.into());
            }
            if self.at_end && result == DecoderResult::InputEmpty && self.output.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.taken == self.output.len() && !self.refill()? {
            return Ok(0);
        }
        let rest = &self.output.as_bytes()[self.taken..];
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        self.taken += length;
        Ok(length)
    }
}
