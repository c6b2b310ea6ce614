//! Saves put into an object store and taken from it by `codexvm`: `cargo nextest run -p codex-vm --features remote`.
#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output};

fn machine(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codexvm"));
    command.args(arguments).current_dir(folder).env("XDG_CONFIG_HOME", folder);
    command.output().expect("codexvm")
}

/// A vault with the world of a program that has ended.
fn ended(folder: &Path) {
    let module = codex_spec::text::assemble(include_str!("programs/durable.asm")).unwrap_or_else(|e| panic!("{e}"));
    std::fs::write(folder.join("p.codex"), codex_spec::codec::encode(&module)).expect("a file");
    let run = machine(folder, &["run", "p.codex", "--vault", "vault"]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[cfg(feature = "remote")]
#[test]
fn a_save_goes_to_a_store_and_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    ended(folder.path());
    let store = format!("file://{}/store", folder.path().display());
    let saved = machine(folder.path(), &["save", "vault", "--to", &store]);
    assert!(saved.status.success(), "{}", errors(&saved));
    let said = String::from_utf8_lossy(&saved.stdout).into_owned();
    let address = said.trim().strip_prefix("wrote ").expect("an address").to_owned();
    assert!(address.starts_with(&store) && address.ends_with(".codexsave"), "{address}");
    let resumed = machine(folder.path(), &["resume", &address, "--vault", "other"]);
    assert!(resumed.status.success(), "{}", errors(&resumed));
    assert!(machine(folder.path(), &["verify", "other"]).status.success());
    let without = machine(folder.path(), &["resume", &address]);
    assert_eq!(without.status.code(), Some(2), "{}", errors(&without));
    // What is in the store is believed no more than any file.
    let path = address.strip_prefix("file://").expect("a path");
    let mut bytes = std::fs::read(path).expect("the save");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).expect("the save");
    let damaged = machine(folder.path(), &["resume", &address, "--vault", "third"]);
    assert!(damaged.status.code() == Some(4) && errors(&damaged).contains("at byte"), "{}", errors(&damaged));
    assert!(!folder.path().join("third").exists());
}

#[test]
fn an_address_that_is_not_understood_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    ended(folder.path());
    let says = if cfg!(feature = "remote") { "not understood" } else { "built without object stores" };
    let saved = machine(folder.path(), &["save", "vault", "--to", "nowhere://a/b"]);
    assert!(saved.status.code() == Some(4) && errors(&saved).contains(says), "{}", errors(&saved));
}
