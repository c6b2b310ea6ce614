//! What a run permits a program to touch. Nothing is permitted by default but console, clock and randomness.

use std::path::{Path, PathBuf};

/// See the module's documentation.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// Everything.
    pub all: bool,
    /// Directories that may be read, with all that is in them.
    pub read: Vec<PathBuf>,
    /// Directories that may be written to.
    pub write: Vec<PathBuf>,
    /// Addresses that may be listened at or connected to: `host:port`, `host` for all of its ports, `:port` for all hosts,
    /// or empty for everything. Port 0 stands for every port, since the host chooses one.
    pub net: Vec<String>,
    /// Environment variables that may be read.
    pub env: Vec<String>,
}

impl Permissions {
    /// Whether a path may be read; else the flag that would permit it.
    pub fn may_read(&self, path: &Path) -> Result<(), String> {
        self.may("read", path, &self.read)
    }

    /// Whether a path may be written; else the flag that would permit it.
    pub fn may_write(&self, path: &Path) -> Result<(), String> {
        self.may("write", path, &self.write)
    }

    /// Whether an address (`host:port`) may be used; else the flag that would permit it.
    pub fn may_net(&self, address: &str) -> Result<(), String> {
        let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
        let permits = |flag: &String| match flag.rsplit_once(':') {
            // `[::1]` has colons, and no port.
            Some((_, end)) if end.ends_with(']') => flag == host,
            Some((h, p)) => (h.is_empty() || h == host) && (p == port || p == "0"),
            None => flag.is_empty() || flag == host,
        };
        if self.all || self.net.iter().any(permits) {
            return Ok(());
        }
        Err(format!("--allow-net={address}"))
    }

    fn may(&self, what: &str, path: &Path, directories: &[PathBuf]) -> Result<(), String> {
        if self.all || is_within(path, directories) {
            return Ok(());
        }
        let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Err(format!("--allow-{what}={}", directory.display()))
    }

    /// Whether an environment variable may be read; else the flag that would permit it.
    pub fn may_read_env(&self, name: &str) -> Result<(), String> {
        if self.all || self.env.iter().any(|n| n == name) {
            return Ok(());
        }
        Err(format!("--allow-env={name}"))
    }
}

/// Whether a path, links followed, is one of the directories or in one of them.
fn is_within(path: &Path, directories: &[PathBuf]) -> bool {
    let Some(path) = resolved(path) else {
        return false;
    };
    directories.iter().filter_map(|d| d.canonicalize().ok()).any(|d| path.starts_with(d))
}

/// The path without links. What is missing at its end can't be a link.
fn resolved(path: &Path) -> Option<PathBuf> {
    if let Ok(path) = path.canonicalize() {
        return Some(path);
    }
    let name = path.file_name()?;
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(resolved(parent)?.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_not_climb_out_of_its_directory() {
        let inside = std::env::temp_dir().join("codexvm-permissions").join("inside");
        std::fs::create_dir_all(&inside).unwrap();
        let permissions = Permissions { read: vec![inside.clone()], ..Permissions::default() };
        assert!(permissions.may_read(&inside.join("missing.txt")).is_ok());
        assert!(permissions.may_read(&inside).is_ok());
        assert!(permissions.may_read(&inside.join("../other.txt")).is_err());
        assert!(permissions.may_read(&inside.join("missing/../../other.txt")).is_err());
    }

    #[test]
    fn an_address_is_permitted_by_host_by_port_or_by_both() {
        let may = |flags: &[&str], address: &str| {
            let net = flags.iter().map(|f| (*f).to_owned()).collect();
            Permissions { net, ..Permissions::default() }.may_net(address).is_ok()
        };
        assert!(may(&[""], "a:1"));
        assert!(may(&["b:2", "a:1"], "a:1") && !may(&["a:1"], "a:2") && !may(&["a:1"], "b:1"));
        assert!(may(&["a"], "a:1") && !may(&["a"], "b:1"));
        assert!(may(&[":1"], "a:1") && !may(&[":1"], "a:2"));
        assert!(may(&["a:0"], "a:45123") && !may(&["a:0"], "b:45123"));
        assert!(may(&["[::1]"], "[::1]:8") && may(&["[::1]:8"], "[::1]:8") && !may(&["[::1]:8"], "[::1]:9"));
        assert!(!may(&[], "a:1"));
        assert_eq!(Permissions::default().may_net("a:1"), Err("--allow-net=a:1".to_owned()));
    }
}
