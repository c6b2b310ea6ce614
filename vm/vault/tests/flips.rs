//! A bit flipped in any byte of a vault: noticed, and never a panic, a hang or a lie.

mod common;

use std::path::PathBuf;
use std::sync::Arc;

use codex_vault::disk::simulate::SimDisk;
use codex_vault::journal::{Reader, Record};
use codex_vault::{Check, Error};

use common::*;

/// A vault with two segments and a save, closed in good order.
fn vault() -> SimDisk {
    let disk = fresh(1);
    for life in 0..2u64 {
        let mut vault = open(&disk).unwrap();
        for n in 0..6 {
            vault.append_input(life * 6 + n, &n.to_le_bytes()).unwrap();
            vault.append(&Record::Horizon { tick: life * 6 + n }).unwrap();
            vault.commit().unwrap();
        }
        if life == 0 {
            let mut world = World::new(1);
            world.heap[9] = 9;
            world.save(&vault, true).unwrap();
        }
    }
    disk
}

fn named(disk: &SimDisk, end: &str) -> Vec<PathBuf> {
    disk.files().into_iter().filter(|path| path.to_string_lossy().ends_with(end)).collect()
}

fn read(disk: &SimDisk) -> Result<(Vec<Record>, u64), Error> {
    let mut reader = Reader::new(Arc::new(disk.clone()), dir().join("journal"));
    let mut records = Vec::new();
    while let Some(entry) = reader.next_entry()? {
        records.push(entry.record);
    }
    Ok((records, reader.end().torn))
}

#[test]
fn a_flip_of_any_byte_of_the_journal_is_noticed() {
    let disk = vault();
    let (records, torn) = read(&disk).unwrap();
    assert_eq!(torn, 0);
    let segments = named(&disk, ".log");
    assert_eq!(segments.len(), 2);
    for (index, segment) in segments.iter().enumerate() {
        let len = disk.bytes(segment).unwrap().len();
        // What was last written of a segment that another follows is a mark: it is behind the place where the next one begins.
        let counts = if index == 0 { len - 48 } else { len };
        for at in 0..len {
            disk.tamper(segment, |bytes| bytes[at] ^= 1 << (at % 8));
            match read(&disk) {
                Err(Error::Bad { path, flaw }) => {
                    assert!(path == *segment || index == 0, "{}", path.display());
                    assert!(flaw.offset <= len as u64);
                }
                Err(e) => panic!("byte {at}: {e}"),
                // Only the mark after everything can look like something that was being written.
                Ok((read, torn)) => {
                    assert!(at >= counts || (torn > 0 && at >= len - 48), "byte {at} of {len} of segment {index}");
                    assert!(read == records, "not a record is lost with it");
                }
            }
            disk.tamper(segment, |bytes| bytes[at] ^= 1 << (at % 8));
        }
    }
}

#[test]
fn a_journal_may_end_anywhere_in_its_last_group() {
    let disk = vault();
    let whole = read(&disk).unwrap().0;
    let segment = named(&disk, ".log").pop().unwrap();
    let bytes = disk.bytes(&segment).unwrap();
    let mut lengths = std::collections::BTreeSet::new();
    for len in 152..bytes.len() {
        disk.tamper(&segment, |now| {
            now.clear();
            now.extend_from_slice(&bytes[..len]);
        });
        let (records, _) = read(&disk).unwrap();
        assert!(records[..] == whole[..records.len()], "a prefix");
        lengths.insert(records.len());
    }
    assert!(lengths.len() > 12, "every record can be the last");
}

#[test]
fn a_flip_of_any_byte_of_a_save_is_noticed() {
    let disk = vault();
    let file = named(&disk, ".save").pop().unwrap();
    for at in 0..disk.bytes(&file).unwrap().len() {
        disk.tamper(&file, |bytes| bytes[at] ^= 1 << (at % 8));
        let copy = disk.copy(1);
        let vault = open(&copy).unwrap();
        let recovery = vault.recover(Check::Quick).unwrap();
        assert!(recovery.save.is_none(), "byte {at}");
        assert!(matches!(recovery.skipped[..], [(_, Error::Bad { .. })]), "byte {at}");
        assert_eq!(inputs(&vault, &records(recovery.journal).unwrap()).unwrap().len(), 12);
        disk.tamper(&file, |bytes| bytes[at] ^= 1 << (at % 8));
    }
}

#[test]
fn flips_in_packs_and_registry_lose_at_most_the_save_they_hit() {
    let disk = vault();
    for (end, step) in [(".pack", 61), ("registry", 251)] {
        let file = named(&disk, end).pop().unwrap();
        for at in (0..disk.bytes(&file).unwrap().len()).step_by(step) {
            let copy = disk.copy(1);
            copy.tamper(&file, |bytes| bytes[at] ^= 1 << (at % 8));
            let vault = open(&copy).unwrap();
            let recovery = vault.recover(Check::Whole).unwrap();
            assert!(end == ".pack" || recovery.save.is_some(), "the registry decides nothing: byte {at}");
            if let Some(save) = recovery.save {
                assert_eq!(heap(&save).unwrap()[9], 9);
            }
        }
    }
}
