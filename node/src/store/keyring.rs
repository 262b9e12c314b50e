//! The key ring: one key per data subject, wrapped with the node's key.
//!
//! Destroying a key destroys what the log says of a person, on this node, in every revision and every copy of the
//! segment files. Hence the ring is a file of its own, apart from the log, and is made durable before the first entry
//! that uses a key.
//!
//! ```text
//!  ring    frame frame …                                       appended; written anew when a key is destroyed
//!  frame   magic "LKR1"(4) ‖ number of keys(4) ‖ CRC-32 of these(4) ‖ keys ‖ XXH3-64 of the keys(8)
//!  key     use(1: 1 of a subject, 2 of the indexes, 3 destroyed) ‖ subject(16) ‖ nonce(12) ‖ AES-256-GCM(key)(48), use ‖ subject as associated data
//! ```
//!
//! A frame is made durable before the next one is written: only the last can be torn, and then no entry uses its keys.
//! A last frame that cannot be read is cut off when the log has been seen to need none of its keys, and not before: what
//! looks torn may be damaged.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use bytes::Bytes;
use lika_core::{
    log::{Class, PartState, Salt, SealedPart, Sealer, commitment},
    value::{Digest, RecordId},
};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
    rand::{SecureRandom as _, SystemRandom},
};
use xxhash_rust::xxh3::xxh3_64;
use zeroize::Zeroizing;

use crate::store::{
    Error,
    bytes::{Cursor, Put as _},
    disk::{self, Disk},
};

const MAGIC: &[u8; 4] = b"LKR1";
const FRAME_START: usize = 12;
const FRAME_END: usize = 8;
const KEY_LENGTH: usize = 32;
const TAG_LENGTH: usize = 16;
const RECORD_LENGTH: usize = 1 + 16 + NONCE_LEN + KEY_LENGTH + TAG_LENGTH;
const USE_SUBJECT: u8 = 1;
const USE_INDEX: u8 = 2;
const USE_DESTROYED: u8 = 3;
const SALT_LENGTH: usize = 32;

type Secret = Zeroizing<[u8; KEY_LENGTH]>;

/// The keys of data subjects, in memory, and the file that they come from. Clones share them.
#[derive(Clone)]
pub struct KeyRing {
    disk: Arc<dyn Disk>,
    file: PathBuf,
    random: SystemRandom,
    node_key: Arc<Secret>,
    index_key: Arc<hmac::Key>,
    /// Where the last whole frame ends, when there is something behind it.
    torn: Arc<Mutex<Option<u64>>>,
    keys: Arc<RwLock<BTreeMap<RecordId, Secret>>>,
    destroyed: Arc<RwLock<BTreeSet<RecordId>>>,
}

/// Seals the entries of one batch; new keys become the ring's when [`KeyRing::keep`] has made them durable.
pub struct BatchSealer<'a> {
    ring: &'a KeyRing,
    new: BTreeMap<RecordId, Secret>,
}

/// Keys that are in use by a batch and not yet durable.
pub struct NewKeys(BTreeMap<RecordId, Secret>);

/// A keyed hash that is being made.
pub struct Blinder(hmac::Context);

impl Blinder {
    /// Takes the next piece.
    pub fn update(&mut self, content: &[u8]) {
        self.0.update(content);
    }

    /// The hash.
    pub fn finish(self) -> [u8; 16] {
        let mut kept = [0; 16];
        kept.copy_from_slice(&self.0.sign().as_ref()[..16]);
        kept
    }

    fn finish_whole(self) -> Salt {
        let mut whole = [0; SALT_LENGTH];
        whole.copy_from_slice(self.0.sign().as_ref());
        Salt(whole)
    }
}

impl KeyRing {
    /// Opens the ring of a folder, or makes it together with the node key when the folder is new.
    pub fn open(
        disk: Arc<dyn Disk>,
        folder: &Path,
        node_key_file: &Path,
        is_new: bool,
    ) -> Result<Self, Error> {
        let file = folder.join("ring");
        let random = SystemRandom::new();
        let ring_bytes = disk::read_whole(&*disk, &file).map_err(Error::io("read", &file))?;
        let node_key = Arc::new(node_key(&*disk, node_key_file, is_new, &random)?);
        let placeholder = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &[]));
        let ring = Self {
            disk,
            file,
            random,
            node_key,
            index_key: placeholder,
            torn: Arc::default(),
            keys: Arc::default(),
            destroyed: Arc::default(),
        };
        match ring_bytes {
            Some(bytes) if !(is_new && bytes.len() < FRAME_START) => {
                ring.load(&bytes, node_key_file)
            }
            _ if is_new => ring.create(folder),
            _ => Err(Error::damaged(&ring.file, 0, "the key ring is missing")),
        }
    }

    /// Cuts off the end of the ring if it is torn. Before that `needs_more` says whether the log has parts whose key is
    /// missing: then the end is damaged, and stays as it is.
    pub fn settle(&self, needs_more: impl FnOnce() -> Result<bool, Error>) -> Result<(), Error> {
        let mut torn = self.torn();
        let Some(end) = *torn else {
            return Ok(());
        };
        if needs_more()? {
            let what = "the last keys cannot be read, and the log needs them";
            return Err(Error::damaged(&self.file, end, what));
        }
        self.disk
            .truncate(&self.file, end)
            .map_err(Error::io("cut", &self.file))?;
        *torn = None;
        Ok(())
    }

    /// Begins to seal a batch.
    pub fn sealer(&self) -> BatchSealer<'_> {
        BatchSealer {
            ring: self,
            new: BTreeMap::new(),
        }
    }

    /// Makes new keys durable; then, and not before, may an entry that uses them be written.
    pub fn keep(&self, new: NewKeys) -> Result<(), Error> {
        let NewKeys(new) = new;
        if new.is_empty() {
            return Ok(());
        }
        let records = new
            .iter()
            .map(|(subject, key)| self.wrap(USE_SUBJECT, subject, key))
            .collect::<Result<Vec<_>, _>>()?;
        let length = self.length()?;
        let mut writer = self
            .disk
            .append(&self.file)
            .map_err(Error::io("open", &self.file))?;
        if let Err(error) = writer.append(&frame(&records)) {
            self.disk
                .truncate(&self.file, length)
                .map_err(|error| self.stopped(&error))?;
            return Err(Error::io("append to", &self.file)(error));
        }
        writer.sync().map_err(|error| self.stopped(&error))?;
        self.write_keys().extend(new);
        Ok(())
    }

    /// Destroys the key of a data subject: writes the ring without it and lets go of the old file.
    ///
    /// What was sealed with it reads as withheld from then on. Answers whether there was a key.
    pub fn destroy(&self, subject: &RecordId) -> Result<bool, Error> {
        if !self.knows(subject) {
            return Ok(false);
        }
        let bytes =
            disk::read_whole(&*self.disk, &self.file).map_err(Error::io("read", &self.file))?;
        let frames = Frames {
            file: &self.file,
            bytes: bytes.as_deref().unwrap_or_default(),
            offset: 0,
        };
        let mut records = Vec::new();
        for record in frames.records()?.0 {
            if record[0] != USE_SUBJECT || record[1..17] != subject.0 {
                records.push(record);
            }
        }
        // In the place of the key stands that there was one, with a key of nothing.
        records.push(self.wrap(USE_DESTROYED, subject, &secret(&self.random)?)?);
        disk::replace(&*self.disk, &self.file, &frame(&records))
            .map_err(Error::io("rewrite", &self.file))?;
        self.write_keys().remove(subject);
        self.write_destroyed().insert(*subject);
        Ok(true)
    }

    /// How many keys have been destroyed.
    pub fn destroyed(&self) -> u64 {
        self.read_destroyed().len() as u64
    }

    /// Whether the key of a data subject was destroyed. It gets no other: what was sealed with the first one would be
    /// taken for damaged.
    pub fn has_destroyed(&self, subject: &RecordId) -> bool {
        self.read_destroyed().contains(subject)
    }

    /// Whether a part is sealed here with a key that is not here and was not destroyed.
    pub fn lacks(&self, part: &SealedPart) -> bool {
        let subject = &part.subject;
        let is_sealed = matches!(part.state, PartState::Encrypted(_));
        is_sealed && !self.knows(subject) && !self.has_destroyed(subject)
    }

    /// Whether there is a key for a data subject.
    pub fn knows(&self, subject: &RecordId) -> bool {
        self.read_keys().contains_key(subject)
    }

    /// Reads a sealed part; none when it is withheld or its key was destroyed.
    pub fn unseal(&self, part: &SealedPart) -> Result<Option<(Salt, Bytes)>, Damaged> {
        let ciphertext = match &part.state {
            PartState::Withheld => return Ok(None),
            PartState::Disclosed(salt, content) => return Ok(Some((*salt, content.clone()))),
            PartState::Encrypted(ciphertext) => ciphertext,
        };
        let Some(key) = self.read_keys().get(&part.subject).map(cipher) else {
            return Ok(None);
        };
        let (nonce, sealed) = ciphertext.split_first_chunk::<NONCE_LEN>().ok_or(Damaged)?;
        let mut plain = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = key
            .open_in_place(nonce, Aad::from(part.commitment.0), &mut plain)
            .map_err(|_| Damaged)?
            .len();
        plain.truncate(length);
        let plain = Bytes::from(plain);
        let salt = Salt(
            plain
                .get(..SALT_LENGTH)
                .and_then(|salt| salt.try_into().ok())
                .ok_or(Damaged)?,
        );
        Ok(Some((salt, plain.slice(SALT_LENGTH..))))
    }

    /// Whether a sealed part is what its entry committed to; true of what cannot be read here.
    pub fn holds(&self, part: &SealedPart) -> bool {
        match self.unseal(part) {
            Ok(Some((salt, content))) => commitment(&salt, &content) == part.commitment,
            Ok(None) => true,
            Err(Damaged) => false,
        }
    }

    /// A keyed hash: the registry holds nothing else of a personal term, the log nothing else of a command.
    pub fn blind(&self, domain: &str, content: &[u8]) -> [u8; 16] {
        let mut blinder = self.blinder(domain);
        blinder.update(content);
        blinder.finish()
    }

    /// The same of content that comes piece by piece.
    pub fn blinder(&self, domain: &str) -> Blinder {
        let mut context = hmac::Context::with_key(&self.index_key);
        context.update(domain.as_bytes());
        context.update(&[0]);
        Blinder(context)
    }

    /// A salt that can be made again at any time, of the same content by the same ring and by nobody else.
    ///
    /// Keyed with the index key: of the keys of the ring it is the one that belongs to no data subject, so that erasing
    /// somebody leaves every other salt as it was; it never changes and never leaves the node, and whoever restores the
    /// ring has it. Under a domain of its own a salt says nothing of what is looked up, nor the other way round.
    pub fn salt(&self, domain: &str, content: &[u8]) -> Salt {
        let mut blinder = self.blinder(domain);
        blinder.update(content);
        blinder.finish_whole()
    }

    fn create(mut self, folder: &Path) -> Result<Self, Error> {
        let index_key = secret(&self.random)?;
        let record = self.wrap(USE_INDEX, &RecordId([0; 16]), &index_key)?;
        disk::replace(&*self.disk, &self.file, &frame(&[record]))
            .map_err(Error::io("write", &self.file))?;
        self.disk
            .sync_folder(folder)
            .map_err(Error::io("sync", folder))?;
        self.index_key = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &*index_key));
        Ok(self)
    }

    fn load(mut self, bytes: &[u8], node_key_file: &Path) -> Result<Self, Error> {
        let (records, end) = Frames {
            file: &self.file,
            bytes,
            offset: 0,
        }
        .records()?;
        if end < bytes.len() as u64 {
            *self.torn() = Some(end);
        }
        // What a killed node left may be in memory only, and entries that use it follow.
        let mut file = self
            .disk
            .append(&self.file)
            .map_err(Error::io("open", &self.file))?;
        file.sync().map_err(Error::io("sync", &self.file))?;
        let mut index_key = None;
        for record in records {
            let (usage, subject, key) = self.unwrap(&record).ok_or(Error::NodeKey {
                file: node_key_file.to_owned(),
                what: "it does not open the key ring",
            })?;
            match usage {
                USE_INDEX => index_key = Some(hmac::Key::new(hmac::HMAC_SHA256, &*key)),
                USE_DESTROYED => drop(self.write_destroyed().insert(subject)),
                _ => drop(self.write_keys().insert(subject, key)),
            }
        }
        let index_key =
            index_key.ok_or_else(|| Error::damaged(&self.file, 0, "the index key is missing"))?;
        self.index_key = Arc::new(index_key);
        Ok(self)
    }

    fn wrap(
        &self,
        usage: u8,
        subject: &RecordId,
        key: &Secret,
    ) -> Result<[u8; RECORD_LENGTH], Error> {
        let nonce = nonce(&self.random)?;
        let mut wrapped = Zeroizing::new(key.to_vec());
        cipher(&self.node_key)
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(associated(usage, subject)),
                &mut *wrapped,
            )
            .map_err(|_| Error::NoRandomness)?;
        let bytes = [&[usage][..], &subject.0, &nonce, &wrapped].concat();
        Ok(bytes
            .try_into()
            .expect("1 + 16 + 12 + 48 bytes are one record"))
    }

    fn unwrap(&self, record: &[u8; RECORD_LENGTH]) -> Option<(u8, RecordId, Secret)> {
        let mut cursor = Cursor(record);
        let usage = cursor.u8()?;
        let subject = RecordId(cursor.array()?);
        let nonce = Nonce::assume_unique_for_key(cursor.array()?);
        let mut wrapped = Zeroizing::new(cursor.0.to_vec());
        let aad = Aad::from(associated(usage, &subject));
        let plain = cipher(&self.node_key)
            .open_in_place(nonce, aad, &mut wrapped)
            .ok()?;
        Some((
            usage,
            subject,
            Zeroizing::new(<[u8; KEY_LENGTH]>::try_from(&*plain).ok()?),
        ))
    }

    fn length(&self) -> Result<u64, Error> {
        let file = self
            .disk
            .open(&self.file)
            .map_err(Error::io("open", &self.file))?;
        file.length().map_err(Error::io("read", &self.file))
    }

    fn stopped(&self, error: &std::io::Error) -> Error {
        Error::Stopped(format!(
            "{} cannot be made durable: {error}",
            self.file.display()
        ))
    }

    fn torn(&self) -> MutexGuard<'_, Option<u64>> {
        self.torn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_destroyed(&self) -> std::sync::RwLockReadGuard<'_, BTreeSet<RecordId>> {
        self.destroyed
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn write_destroyed(&self) -> std::sync::RwLockWriteGuard<'_, BTreeSet<RecordId>> {
        self.destroyed
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn read_keys(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<RecordId, Secret>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_keys(&self) -> std::sync::RwLockWriteGuard<'_, BTreeMap<RecordId, Secret>> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sealed part is not what was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

impl BatchSealer<'_> {
    /// The keys that the batch is the first to use.
    pub fn new_keys(self) -> NewKeys {
        NewKeys(self.new)
    }

    fn cipher(&mut self, subject: &RecordId) -> Result<LessSafeKey, Error> {
        if let Some(key) = self.ring.read_keys().get(subject) {
            return Ok(cipher(key));
        }
        if let Some(key) = self.new.get(subject) {
            return Ok(cipher(key));
        }
        let key = secret(&self.ring.random)?;
        let sealing = cipher(&key);
        self.new.insert(*subject, key);
        Ok(sealing)
    }
}

impl Sealer for BatchSealer<'_> {
    type Error = Error;

    fn salt(&mut self) -> Result<Salt, Error> {
        let mut salt = [0; SALT_LENGTH];
        self.ring
            .random
            .fill(&mut salt)
            .map_err(|_| Error::NoRandomness)?;
        Ok(Salt(salt))
    }

    fn seal(
        &mut self,
        subject: &RecordId,
        _class: Class,
        salt: &Salt,
        content: &[u8],
        commitment: &Digest,
    ) -> Result<Bytes, Error> {
        let key = self.cipher(subject)?;
        let nonce = nonce(&self.ring.random)?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + SALT_LENGTH + content.len() + TAG_LENGTH);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&salt.0);
        sealed.extend_from_slice(content);
        let tag = key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(commitment.0),
                &mut sealed[NONCE_LEN..],
            )
            .map_err(|_| Error::NoRandomness)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(Bytes::from(sealed))
    }
}

/// Reads the frames of a ring.
struct Frames<'a> {
    file: &'a Path,
    bytes: &'a [u8],
    offset: usize,
}

impl Frames<'_> {
    /// All keys, and where the last whole frame ends.
    fn records(mut self) -> Result<(Vec<[u8; RECORD_LENGTH]>, u64), Error> {
        let mut records = Vec::new();
        while self.offset < self.bytes.len() {
            let rest = &self.bytes[self.offset..];
            match whole_frame(rest) {
                Some((keys, length)) => {
                    records.extend(keys.as_chunks::<RECORD_LENGTH>().0);
                    self.offset += length;
                }
                None if self.offset > 0 && !has_later_frame(rest) => break,
                None => {
                    return Err(Error::damaged(
                        self.file,
                        self.offset as u64,
                        "a frame of keys cannot be read",
                    ));
                }
            }
        }
        Ok((records, self.offset as u64))
    }
}

fn frame(records: &[[u8; RECORD_LENGTH]]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.put_u32(u32::try_from(records.len()).expect("fewer than 2^32 keys fit in memory"));
    bytes.put_u32(crc32fast::hash(&bytes));
    let keys = records.concat();
    bytes.extend_from_slice(&keys);
    bytes.put_u64(xxh3_64(&keys));
    bytes
}

fn whole_frame(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let mut cursor = Cursor(bytes);
    let magic = cursor.take(4)?;
    let count = cursor.u32()?;
    let sum = cursor.u32()?;
    if magic != MAGIC || sum != crc32fast::hash(&bytes[..8]) {
        return None;
    }
    let length = usize::try_from(count).ok()?.checked_mul(RECORD_LENGTH)?;
    let keys = cursor.take(length)?;
    (cursor.u64()? == xxh3_64(keys)).then_some((keys, FRAME_START + length + FRAME_END))
}

fn has_later_frame(bytes: &[u8]) -> bool {
    (1..bytes.len())
        .any(|start| bytes[start..].starts_with(MAGIC) && whole_frame(&bytes[start..]).is_some())
}

fn node_key(
    disk: &dyn Disk,
    file: &Path,
    is_new: bool,
    random: &SystemRandom,
) -> Result<Secret, Error> {
    let refused = |what| Error::NodeKey {
        file: file.to_owned(),
        what,
    };
    match disk::read_whole(disk, file).map_err(Error::io("read", file))? {
        Some(bytes) => {
            let bytes = Zeroizing::new(bytes);
            let key = <[u8; KEY_LENGTH]>::try_from(bytes.as_slice())
                .map_err(|_| refused("it is not 32 bytes"))?;
            Ok(Zeroizing::new(key))
        }
        None if is_new => {
            let key = secret(random)?;
            let folder = file.parent().ok_or_else(|| refused("it has no folder"))?;
            disk.create_folder(folder)
                .map_err(Error::io("create", folder))?;
            disk::replace(disk, file, &*key).map_err(Error::io("write", file))?;
            Ok(key)
        }
        None => Err(refused(
            "it is missing; bring it back, without it nobody can read what is personal",
        )),
    }
}

fn associated(usage: u8, subject: &RecordId) -> [u8; 17] {
    let mut bytes = [usage; 17];
    bytes[1..].copy_from_slice(&subject.0);
    bytes
}

fn cipher(key: &Secret) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, &**key).expect("the key of AES-256 has 32 bytes");
    LessSafeKey::new(key)
}

fn secret(random: &SystemRandom) -> Result<Secret, Error> {
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    random.fill(&mut *key).map_err(|_| Error::NoRandomness)?;
    Ok(key)
}

fn nonce(random: &SystemRandom) -> Result<[u8; NONCE_LEN], Error> {
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce).map_err(|_| Error::NoRandomness)?;
    Ok(nonce)
}
