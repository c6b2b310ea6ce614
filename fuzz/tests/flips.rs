//! A bit flipped in any byte of a small portable file, and in bytes of a small vault's journal, save and packs: in each eleventh, or with
//! `CODEX_FLIPS=1` in every one of journal and save, which takes a minute.

use std::path::{Path, PathBuf};

use codex_fuzz::disk::MemoryDisk;
use codex_fuzz::number_from;
use codex_fuzz::targets::{files, open, tried};
use codex_fuzz::worlds::{History, histories, portable};

/// The smallest portable file.
fn small() -> Vec<u8> {
    files().into_iter().min_by_key(Vec::len).expect("a file")
}

fn opened(bytes: Vec<u8>) -> Result<(), String> {
    let disk = MemoryDisk::default();
    disk.put(portable(), Some(bytes));
    open(&disk).map(drop)
}

#[test]
fn a_flip_of_any_byte_of_a_portable_file_is_refused_with_its_place() {
    let sound = small();
    assert_eq!(opened(sound.clone()), Ok(()));
    for at in 0..sound.len() {
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << (at % 8);
        let why = opened(bytes).expect_err("a flip");
        let (_, rest) = why.split_once("at byte ").unwrap_or_else(|| panic!("byte {at}: {why}"));
        let place: usize = rest.split(':').next().and_then(|n| n.parse().ok()).expect("a number");
        assert!(place <= sound.len(), "byte {at}: {why}");
    }
    println!("{} bytes", sound.len());
}

#[test]
fn every_beginning_of_a_portable_file_is_refused() {
    let sound = small();
    for length in 0..sound.len() {
        assert!(opened(sound[..length].to_vec()).is_err(), "the first {length} bytes");
    }
}

fn named(history: &History, end: &str) -> Vec<PathBuf> {
    history.files.keys().filter(|path| path.to_string_lossy().ends_with(end)).cloned().collect()
}

/// Flips a bit in each `step`th byte of a vault's file: every one of these vaults must do what [`tried`] says.
fn flipped(history: &History, file: &Path, step: usize) -> usize {
    let length = history.files[file].len();
    for at in (0..length).step_by(step) {
        let mut files = history.files.clone();
        files.entry(file.to_owned()).or_default()[at] ^= 1 << (at % 8);
        tried(history, files, &[file.to_owned()]);
    }
    length.div_ceil(step)
}

#[test]
fn a_flip_of_any_byte_of_a_vault_gives_no_state_that_never_was() {
    let history = &histories()[0];
    let step = number_from("CODEX_FLIPS", 11) as usize;
    let mut tried = 0;
    for (end, step) in [(".log", step), (".save", step), (".pack", 30 * step)] {
        tried += named(history, end).iter().map(|file| flipped(history, file, step)).sum::<usize>();
    }
    println!("{tried} flips");
    assert!(tried > 300, "{tried}");
}
