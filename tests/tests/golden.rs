//! Golden files: what earlier releases stored, which this one must open. Each folder of `tests/golden` is a vault that a killed process
//! left, a portable file, and what each of them must say when it goes on; and the hash that the vault's history comes to.
//!
//! `CODEX_GOLDEN=0.2.0` makes the folder of that name first, with this build: once for each release, and never again after it.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use codex_tests::{Place, root};
use codex_vault::Key;

/// The key that all of them are signed with.
const SECRET: [u8; 32] = [9; 32];

fn place() -> Place {
    let place = Place::new();
    Key::from_secret(SECRET).write(&place.path("config/codex/key")).expect("a key");
    place
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to),
            // A lock, a socket and the index are made anew by whoever opens the vault.
            false if ["lock", "control", "registry"].iter().any(|name| entry.file_name() == *name) => {}
            false => _ = std::fs::copy(entry.path(), to).expect("a copy"),
        }
    }
    // Git keeps no empty folders.
    for part in ["journal", "packs", "saves", "epochs"].iter().filter(|_| from.join("vault").is_file()) {
        std::fs::create_dir_all(to.join(part)).expect("a folder");
    }
}

/// Runs the program and kills it in its sleep; what it left becomes a folder.
fn make(folder: &Path) {
    assert!(!folder.exists(), "{} is there already", folder.display());
    let place = place();
    place.build(&root().join("tests/golden/world.glyph"));
    let mut run = place.machine(["run", "--vault", "vault", "--beat-every", "0", "program.codex"]);
    let mut run = run.spawn().expect("codexvm");
    let lines = BufReader::new(run.stdout.take().expect("standard output")).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "before"));
    std::thread::sleep(Duration::from_millis(150));
    run.kill().and_then(|()| run.wait()).expect("it ends");
    copy(&place.path("vault"), &folder.join("vault"));
    place.done(["save", "vault", "--to", "world.codexsave"]);
    std::fs::copy(place.path("world.codexsave"), folder.join("world.codexsave")).expect("a copy");
    let [replayed, vault, file] = opened(folder);
    for (name, text) in [("replayed.txt", replayed), ("vault.txt", vault), ("file.txt", file)] {
        std::fs::write(folder.join(name), text).expect("a file");
    }
}

/// What a replay of the vault says, and what the vault and the file say when they go on.
fn opened(folder: &Path) -> [String; 3] {
    let place = place();
    copy(&folder.join("vault"), &place.path("vault"));
    std::fs::copy(folder.join("world.codexsave"), place.path("world.codexsave")).expect("a copy");
    place.done(["verify", "world.codexsave"]);
    place.done(["verify", "vault"]);
    let text = |arguments: Command| {
        let mut arguments = arguments;
        let done = arguments.output().expect("codexvm");
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    [
        text(place.machine(["replay", "vault", "--whole"])),
        text(place.machine(["resume", "vault"])),
        text(place.machine(["resume", "world.codexsave", "--vault", "other"])),
    ]
}

fn folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("tests/golden")).expect("a folder").flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

#[test]
fn what_earlier_releases_stored_is_opened() {
    if let Ok(name) = std::env::var("CODEX_GOLDEN") {
        make(&root().join("tests/golden").join(name));
    }
    let folders = folders();
    assert!(!folders.is_empty());
    for folder in folders {
        let expected = ["replayed.txt", "vault.txt", "file.txt"];
        let expected = expected.map(|name| std::fs::read_to_string(folder.join(name)).expect("what is expected"));
        assert!(expected[1].contains("the worker did [4, 3]") && expected[2].contains("before"), "{expected:?}");
        assert_eq!(opened(&folder), expected, "{}", folder.display());
    }
}
