//! Saves in object stores, by address: `STORE` to put one there, `STORE/ID.codexsave` to take it (feature `remote`).

use std::path::{Path, PathBuf};

use codex_vault::Saves;
use codex_vault::id::SaveId;

use super::Problem;

/// Whether a name is the address of something in an object store, and not of a file.
pub(super) fn is_address(name: &str) -> bool {
    let scheme = name.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|s| s.len() > 1 && s.bytes().all(|b| b.is_ascii_lowercase())) && !Path::new(name).exists()
}

/// A file that was fetched, for as long as it is needed.
pub(super) struct Fetched(PathBuf);

impl Fetched {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Fetched {
    fn drop(&mut self) {
        // What can't be removed now is the system's to remove.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Puts a save into a store; gives its address there.
#[cfg(feature = "remote")]
pub(super) fn push(saves: &Saves, id: SaveId, store: &str) -> Result<String, Problem> {
    let remote = codex_vault::Remote::at(store).map_err(Problem::host)?;
    remote.push(saves, &id, &std::env::temp_dir()).map_err(Problem::host)?;
    Ok(format!("{}/{id}.codexsave", store.trim_end_matches('/')))
}

/// Fetches a save by its address. Nothing of it is believed yet.
#[cfg(feature = "remote")]
pub(super) fn fetch(address: &str) -> Result<Fetched, Problem> {
    let parts = address.strip_suffix(".codexsave").and_then(|rest| rest.rsplit_once('/'));
    let Some((store, Ok(id))) = parts.map(|(store, id)| (store, id.parse::<SaveId>())) else {
        return Err(Problem::host(format!("{address}: a save's address ends with its name, `ID.codexsave`")));
    };
    let remote = codex_vault::Remote::at(store).map_err(Problem::host)?;
    let fetched = Fetched(std::env::temp_dir().join(format!("{id}.{}.codexsave", std::process::id())));
    remote.fetch(&id, fetched.path()).map_err(Problem::host)?;
    Ok(fetched)
}

#[cfg(not(feature = "remote"))]
pub(super) fn push(_: &Saves, _: SaveId, store: &str) -> Result<String, Problem> {
    Err(unknown(store))
}

#[cfg(not(feature = "remote"))]
pub(super) fn fetch(address: &str) -> Result<Fetched, Problem> {
    Err(unknown(address))
}

#[cfg(not(feature = "remote"))]
fn unknown(address: &str) -> Problem {
    Problem::host(format!("{address}: this codexvm was built without object stores (`--features remote`)"))
}
