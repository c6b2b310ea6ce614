//! A place for processes of a test: a folder, and a key for the worlds that live there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::binary;

/// A folder of its own, with a key of its own.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// An empty one.
    pub fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a folder") }
    }

    /// Where something of this name is in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Builds a program into `program.codex`.
    pub fn build(&self, source: &Path) -> PathBuf {
        let module = self.path("program.codex");
        let built = Command::new(binary("codexc")).arg("build").arg(source).arg("-o").arg(&module).output();
        let built = built.expect("codexc");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        module
    }

    /// A `codexvm` that will run here, with its streams piped.
    pub fn machine<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new(binary("codexvm"));
        command.args(arguments).current_dir(self.folder.path()).env("XDG_CONFIG_HOME", self.path("config"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `codexvm`, which must succeed.
    pub fn done<const N: usize>(&self, arguments: [&str; N]) -> Output {
        let done = self.machine(arguments).output().expect("codexvm");
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        done
    }
}

impl Default for Place {
    fn default() -> Place {
        Place::new()
    }
}
