//! Signing keys, kept outside of vaults, and the keys that a vault trusts.
//!
//! A key's file is one line, `codex key 1 ` and the secret in hex, and may be read by its owner only. A vault holds public keys
//! alone: the file `trusted`, one in hex on each line.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer, SigningKey};

use crate::disk::{Disk, publish, read_whole};
use crate::error::{Error, Flaw, Refusal, Result, Wrong};
use crate::id::{PublicKey, from_hex, random};

const LINE: &str = "codex key 1 ";
/// The longest file of trusted keys: a thousand keys.
const TRUSTED: u64 = 65 << 10;

/// A key that signs saves. It is wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Key(SigningKey);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.public())
    }
}

impl Key {
    /// A new key from the system's randomness.
    pub fn generate() -> Self {
        Key::from_secret(random())
    }

    /// The key with this secret.
    pub fn from_secret(secret: [u8; 32]) -> Self {
        Key(SigningKey::from_bytes(&secret))
    }

    /// What others check signatures with.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Another secret, made from this one for a purpose.
    pub(crate) fn derived(&self, purpose: &str) -> [u8; 32] {
        blake3::derive_key(purpose, &self.0.to_bytes())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// Writes the key to a new file that only its owner can read. The file has its name only once it is whole, so a process
    /// that dies meanwhile leaves no half of a key behind.
    ///
    /// # Errors
    /// If the file is there already, or the disk fails, or it would be in a vault.
    pub fn write(&self, path: &Path) -> Result<()> {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(dir).map_err(Error::io("make it", dir))?;
        outside_of_vaults(path)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let unfinished = path.with_extension(format!("{}.new", std::process::id()));
        let mut file = options.open(&unfinished).map_err(Error::io("make it", &unfinished))?;
        let secret: String = self.0.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let line = format!("{LINE}{secret}\n");
        let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_all());
        // A link, not a new name: it fails where there is a file already.
        let named = written
            .map_err(Error::io("write it", path))
            .and_then(|()| fs::hard_link(&unfinished, path).map_err(Error::io("make it", path)));
        fs::remove_file(&unfinished).map_err(Error::io("remove it", &unfinished))?;
        named
    }

    /// Reads a key from its file.
    ///
    /// # Errors
    /// If it isn't there, isn't a key's file, can be read by others, or is in a vault.
    pub fn read(path: &Path) -> Result<Self> {
        outside_of_vaults(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let about = fs::metadata(path).map_err(Error::io("open it", path))?;
            let mode = about.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(Refusal::Mode { path: path.to_owned(), mode }.into());
            }
        }
        let text = fs::read_to_string(path).map_err(Error::io("read it", path))?;
        let secret = text.strip_suffix('\n').unwrap_or(&text).strip_prefix(LINE).and_then(|hex| from_hex(hex).ok());
        secret.map(Key::from_secret).ok_or_else(|| Flaw::new(0, Wrong::Magic("a key's file")).in_file(path))
    }

    /// The key in this file, or a new one there if there is none.
    ///
    /// # Errors
    /// As [`Self::read`] and [`Self::write`].
    pub fn read_or_make(path: &Path) -> Result<Self> {
        match Key::generate() {
            key if !path.exists() => match key.write(path) {
                // Another process was quicker.
                Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => Key::read(path),
                done => done.map(|()| key),
            },
            _ => Key::read(path),
        }
    }

    /// Where the user's default key is: `codex/key` in the user's configuration directory.
    pub fn default_path() -> Option<PathBuf> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let config = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")));
        Some(config.or_else(|| set("APPDATA"))?.join("codex").join("key"))
    }
}

/// A key has no business in a directory that is copied, mirrored and handed on.
fn outside_of_vaults(path: &Path) -> Result<()> {
    let whole = path.parent().and_then(|dir| dir.canonicalize().ok()).unwrap_or_default();
    match whole.ancestors().find(|dir| dir.join(crate::identity::FILE).is_file() && dir.join("epochs").is_dir()) {
        Some(_) => Err(Refusal::KeyInVault(path.to_owned()).into()),
        None => Ok(()),
    }
}

const FILE: &str = "trusted";

/// The keys that a vault trusts.
pub(crate) fn trusted(disk: &dyn Disk, vault: &Path) -> Result<BTreeSet<PublicKey>> {
    let path = vault.join(FILE);
    let bytes = read_whole(disk, &path, TRUSTED)?;
    let mut keys = BTreeSet::new();
    let mut offset = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let text = std::str::from_utf8(line).ok().and_then(|line| line.strip_suffix('\n'));
        let key = text.and_then(|text| text.parse().ok());
        keys.insert(key.ok_or_else(|| Flaw::new(offset, Wrong::Magic("a public key")).in_file(&path))?);
        offset += line.len() as u64;
    }
    Ok(keys)
}

/// Writes the keys that a vault trusts.
pub(crate) fn trust(disk: &dyn Disk, vault: &Path, keys: &BTreeSet<PublicKey>) -> Result<()> {
    let text: String = keys.iter().map(|key| format!("{key}\n")).collect();
    publish(disk, vault, FILE, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_key_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config/codex/key");
        let key = Key::read_or_make(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Key::read_or_make(&path).unwrap().public(), key.public());
        assert!(key.write(&path).is_err(), "a key is never written over");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let refused = Key::read(&path).unwrap_err();
        assert!(matches!(refused, Error::Refused(Refusal::Mode { mode: 0o640, .. })), "{refused}");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        Key::generate().write(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        for cut in 0..whole.len() - 1 {
            fs::write(&path, &whole[..cut]).unwrap();
            assert!(matches!(Key::read(&path), Err(Error::Bad { .. })), "cut at {cut}");
        }
    }
}
