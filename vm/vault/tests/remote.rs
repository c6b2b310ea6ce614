//! Saves pushed to an object store and pulled from it: on disk, and in memory.
#![cfg(feature = "remote")]

mod common;

use std::path::Path;
use std::sync::Arc;

use codex_vault::disk::RealDisk;
use codex_vault::id::WorldId;
use codex_vault::{Error, Identity, Refusal, Remote, Vault, Wrong};

use common::*;

fn made(path: &Path, identity: Identity) -> Vault {
    Vault::create(&RealDisk, path, &identity, key().public()).unwrap();
    Vault::open(Arc::new(RealDisk), path, options()).unwrap()
}

fn there_and_back(address: &str) {
    let dir = tempfile::tempdir().unwrap();
    let here = made(&dir.path().join("here"), identity());
    let mut world = World::new(5000);
    let mut random = Random(1);
    (0..3000).for_each(|_| world.write(&mut random));
    world.save(&here, true).unwrap();
    world.tick = 1;
    world.write(&mut random);
    let id = world.save(&here, false).unwrap();
    let remote = Remote::at(address).unwrap();
    remote.push(here.saves(), &id, dir.path()).unwrap();
    assert_eq!(remote.list().unwrap(), [id]);
    let there = made(&dir.path().join("there"), identity());
    remote.pull(there.saves(), &id, dir.path()).unwrap();
    assert!(heap(&there.saves().open(&id).unwrap()).unwrap() == world.heap);
    let stranger = made(&dir.path().join("stranger"), Identity { world: WorldId([9; 16]), ..identity() });
    match remote.pull(stranger.saves(), &id, dir.path()) {
        Err(Error::Bad { flaw, .. }) => assert_eq!(flaw.wrong, Wrong::World(WorldId([1; 16]))),
        other => panic!("{other:?}"),
    }
    let absent = remote.pull(there.saves(), &Default::default(), dir.path());
    assert!(matches!(absent, Err(Error::Remote(_))));
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".codexsave")), "{left:?}");
}

#[test]
fn a_directory_is_a_store() {
    let dir = tempfile::tempdir().unwrap();
    there_and_back(&format!("file://{}/store", dir.path().display()));
}

#[test]
fn memory_is_a_store() {
    there_and_back("memory:");
}

#[test]
fn other_addresses_are_refused() {
    for address in ["", "file:relative", "ftp://a/b", "memory"] {
        assert!(matches!(Remote::at(address), Err(Error::Refused(Refusal::Address(_)))), "{address}");
    }
}
