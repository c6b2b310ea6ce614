//! What worlds may use and not read: the bytes behind sealed values.
//!
//! A sealed value in a world is a number. Its bytes are here, in the vault's file `secrets`, encrypted with a key that is derived
//! from the vault's signing key, which is never in a vault. So an image, a journal or a copy of a vault without that key holds no
//! secret.
//!
//! The file is records, one behind the other:
//!
//! | bytes | are |
//! |---|---|
//! | 8 | the number, little endian |
//! | 2 | the length of the secret |
//! | 24 | the nonce |
//! | length + 16 | the secret, encrypted with XChaCha20-Poly1305; the number is authenticated too |
//!
//! Keeps true: a record that is not whole ends the file, and is written over; one that does not decrypt is as if it was not there.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::Key;
use crate::disk::{Disk, DiskFile, Open, read_whole, sync_dir, write_all};
use crate::error::{Error, Result};
use crate::id::random;

/// Bytes of a secret, at most.
const LONGEST: usize = 16 << 10;
/// Secrets of a vault, at most: whoever sends requests could otherwise fill the disk.
const MOST: usize = 1 << 16;
/// Bytes of a record before what is encrypted, and of the tag behind it.
const HEAD: usize = 8 + 2 + 24;
const TAG: usize = 16;
const NAME: &str = "secrets";

/// See the module's documentation.
pub struct Secrets {
    store: Option<Store>,
    known: HashMap<u64, Vec<u8>>,
    /// The number of each, by its hash: the same bytes are kept once.
    numbers: HashMap<[u8; 32], u64>,
}

struct Store {
    disk: Arc<dyn Disk>,
    file: Arc<dyn DiskFile>,
    /// Whether its name is surely on the disk. Most runs seal nothing, and need not wait for that.
    is_named: bool,
    cipher: XChaCha20Poly1305,
    end: u64,
    path: std::path::PathBuf,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.known.len())
    }
}

impl Secrets {
    /// Secrets of a run without a vault: they end with it.
    pub fn in_memory() -> Secrets {
        Secrets { store: None, known: HashMap::new(), numbers: HashMap::new() }
    }

    /// The secrets of a vault that this process owns.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn open(disk: Arc<dyn Disk>, vault: &Path, key: &Key) -> Result<Secrets> {
        let path = vault.join(NAME);
        let file = disk.open(&path, Open::Write).map_err(Error::io("open it", &path))?;
        let most = ((HEAD + LONGEST + TAG) * MOST) as u64;
        let bytes = read_whole(&*disk, &path, most)?;
        let cipher = XChaCha20Poly1305::new(&key.derived("codex vault secrets 1").into());
        let mut secrets = Secrets::in_memory();
        let mut end = 0;
        while let Some((number, nonce, sealed)) = record(&bytes[end..]) {
            end += HEAD + sealed.len();
            let payload = Payload { msg: sealed, aad: &number.to_le_bytes() };
            if let Ok(secret) = cipher.decrypt(XNonce::from_slice(nonce), payload) {
                secrets.remember(number, &secret);
            }
        }
        secrets.store = Some(Store { disk, file, is_named: false, cipher, end: end as u64, path });
        Ok(secrets)
    }

    /// Keeps a secret: its number. `None` if it is too long, or there are too many. One that was not there before is on the disk
    /// when this returns, so that no world has a number without a secret.
    ///
    /// # Errors
    /// If the disk fails: then this owner has to end.
    pub fn seal(&mut self, secret: &[u8]) -> Result<Option<u64>> {
        if let Some(&number) = self.numbers.get(blake3::hash(secret).as_bytes()) {
            return Ok(Some(number));
        }
        if secret.len() > LONGEST || self.known.len() >= MOST {
            return Ok(None);
        }
        // It has to fit into an Int, and must not be guessed.
        let number = u64::from_le_bytes(random()) >> 1;
        if let Some(store) = &mut self.store {
            store.append(number, secret)?;
        }
        self.remember(number, secret);
        Ok(Some(number))
    }

    /// The secret with a number; `None` if it is another vault's.
    pub fn get(&self, number: u64) -> Option<&[u8]> {
        self.known.get(&number).map(Vec::as_slice)
    }

    fn remember(&mut self, number: u64, secret: &[u8]) {
        self.numbers.insert(*blake3::hash(secret).as_bytes(), number);
        self.known.insert(number, secret.to_vec());
    }
}

impl Store {
    fn append(&mut self, number: u64, secret: &[u8]) -> Result<()> {
        let nonce: [u8; 24] = random();
        let payload = Payload { msg: secret, aad: &number.to_le_bytes() };
        // Fails only beyond the cipher's own bound of 256 GiB.
        let sealed = self.cipher.encrypt(XNonce::from_slice(&nonce), payload).unwrap_or_default();
        let record = [&number.to_le_bytes()[..], &(secret.len() as u16).to_le_bytes(), &nonce, &sealed].concat();
        write_all(&*self.file, self.end, &record).map_err(Error::io("write it", &self.path))?;
        self.end += record.len() as u64;
        self.file.sync().map_err(Error::io("sync it", &self.path))?;
        if !self.is_named {
            sync_dir(&*self.disk, self.path.parent().unwrap_or(Path::new(".")))?;
            self.is_named = true;
        }
        Ok(())
    }
}

/// The first record of some bytes, if it is whole: number, nonce, what is encrypted.
fn record(bytes: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (nonce, rest) = rest.split_at_checked(24)?;
    let sealed = rest.get(..usize::from(u16::from_le_bytes(*length)) + TAG)?;
    Some((u64::from_le_bytes(*number), nonce, sealed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;

    #[test]
    fn what_is_sealed_is_there_in_the_next_life_and_nowhere_to_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::generate();
        let mut secrets = Secrets::open(Arc::new(RealDisk), dir.path(), &key).unwrap();
        let number = secrets.seal(b"open sesame").unwrap().unwrap();
        assert_eq!(secrets.seal(b"open sesame").unwrap(), Some(number), "the same bytes are kept once");
        let other = secrets.seal(b"").unwrap().unwrap();
        let bytes = std::fs::read(dir.path().join(NAME)).unwrap();
        assert!(!bytes.windows(4).any(|w| w == b"open"), "nothing can be read");
        let mut again = Secrets::open(Arc::new(RealDisk), dir.path(), &key).unwrap();
        assert_eq!(again.get(number), Some(&b"open sesame"[..]));
        assert_eq!(again.get(other), Some(&b""[..]));
        assert_eq!(again.seal(b"open sesame").unwrap(), Some(number));
        assert_eq!(again.get(number ^ 1), None);
        let stranger = Secrets::open(Arc::new(RealDisk), dir.path(), &Key::generate()).unwrap();
        assert_eq!(stranger.get(number), None, "another key opens nothing");
    }

    #[test]
    fn a_record_that_is_cut_or_changed_is_not_there_and_the_file_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let (key, path) = (Key::generate(), dir.path().join(NAME));
        let mut secrets = Secrets::open(Arc::new(RealDisk), dir.path(), &key).unwrap();
        let first = secrets.seal(b"first").unwrap().unwrap();
        let second = secrets.seal(b"second").unwrap().unwrap();
        let whole = std::fs::read(&path).unwrap();
        for len in 0..whole.len() {
            std::fs::write(&path, &whole[..len]).unwrap();
            let mut cut = Secrets::open(Arc::new(RealDisk), dir.path(), &key).unwrap();
            assert_eq!(cut.get(second), None);
            let third = cut.seal(b"third").unwrap().unwrap();
            let again = Secrets::open(Arc::new(RealDisk), dir.path(), &key).unwrap();
            assert_eq!(again.get(third), Some(&b"third"[..]), "{len}");
            assert_eq!(again.get(first), cut.get(first));
        }
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            std::fs::write(&path, &flipped).unwrap();
            let found = Secrets::open(Arc::new(RealDisk), dir.path(), &key).unwrap();
            let right = [(first, &b"first"[..]), (second, b"second")];
            assert!(
                right.iter().any(|(number, secret)| found.get(*number) != Some(secret)),
                "a flip at {at} is noticed"
            );
            assert!(found.known.values().all(|s| s == b"first" || s == b"second"), "and gives nothing wrong");
        }
    }

    #[test]
    fn there_are_bounds() {
        let mut secrets = Secrets::in_memory();
        assert_eq!(secrets.seal(&vec![0; LONGEST + 1]).unwrap(), None);
        assert!(secrets.seal(&vec![0; LONGEST]).unwrap().is_some());
        for n in 0..MOST {
            secrets.seal(&n.to_le_bytes()).unwrap();
        }
        assert_eq!(secrets.seal(b"one more").unwrap(), None);
    }
}
