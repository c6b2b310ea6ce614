//! Portable files: there and back, and what is refused with which reason.

mod common;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use codex_vault::disk::simulate::SimDisk;
use codex_vault::id::{SaveId, TimelineId, WorldId};
use codex_vault::save::{Descent, Save};
use codex_vault::seeded::{Bug, with};
use codex_vault::{Error, Flaw, Form, Identity, Key, Options, PortableFile, Result, Vault, Wrong};

use common::*;

const FILE: &str = "/save.codexsave";
const DELTA: &str = "/delta.codexsave";

fn file() -> &'static Path {
    Path::new(FILE)
}

/// A vault with a full save and a delta, both as portable files.
fn two_saves(disk: &SimDisk) -> (Vault, World, [SaveId; 2]) {
    create(disk).unwrap();
    let vault = open(disk).unwrap();
    let mut random = Random(1);
    let mut world = World::new(40);
    world.heap[..20_000].fill(3);
    world.heap[20_000..30_000].copy_from_slice(&random.bytes(10_000));
    let full = world.save(&vault, true).unwrap();
    world.tick = 1;
    (0..5).for_each(|_| world.write(&mut random));
    let delta = world.save(&vault, false).unwrap();
    vault.saves().export(&delta, disk, file(), Form::Whole, 1).unwrap();
    vault.saves().export(&delta, disk, Path::new(DELTA), Form::SinceParent, 1).unwrap();
    (vault, world, [full, delta])
}

fn opened(disk: &SimDisk, path: &str) -> Result<Save<PortableFile>> {
    PortableFile::open(disk, Path::new(path), &[key().public()].into(), 64 << 30)
}

/// Another vault on another disk, with the files of this one.
fn elsewhere(disk: &SimDisk, identity: Identity, key: Key) -> (SimDisk, Vault) {
    let other = SimDisk::new(9);
    Vault::create(&other, dir(), &identity, key.public()).unwrap();
    for path in [FILE, DELTA] {
        let bytes = disk.bytes(Path::new(path)).unwrap();
        put(&other, path, &bytes);
    }
    let vault = Vault::open(Arc::new(other.clone()), dir(), Options::new(key, "elsewhere")).unwrap();
    (other, vault)
}

fn put(disk: &SimDisk, path: &str, bytes: &[u8]) {
    let file = codex_vault::disk::Disk::open(disk, Path::new(path), codex_vault::disk::Open::Write).unwrap();
    file.set_len(0).unwrap();
    assert_eq!(file.write_at(0, bytes).unwrap(), bytes.len());
}

fn flaw(result: Result<impl Sized>) -> Flaw {
    match result {
        Err(Error::Bad { flaw, .. }) => flaw,
        Err(e) => panic!("{e}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[test]
fn a_file_carries_a_world_to_another_vault() {
    let disk = SimDisk::new(1);
    let (_vault, world, [full, delta]) = two_saves(&disk);
    let save = opened(&disk, FILE).unwrap();
    save.check().unwrap();
    assert!(heap(&save).unwrap() == world.heap && save.id() == delta);
    // On a new timeline, beginning with the save.
    let forked = Identity { timeline: TimelineId([3; 16]), origin: Some(delta), ..identity() };
    let (other, mut vault) = elsewhere(&disk, forked, key());
    let refused = flaw(vault.saves().import(&other, Path::new(DELTA)));
    assert_eq!(refused.wrong, Wrong::Parent(full), "a delta without its parent");
    assert_eq!(vault.saves().import(&other, file()).unwrap(), delta);
    let recovery = vault.recover(codex_vault::Check::Whole).unwrap();
    let save = recovery.save.unwrap();
    assert!(save.id() == delta && heap(&save).unwrap() == world.heap);
    vault.append_input(2, b"goes on here").unwrap();
    vault.commit().unwrap();
    let bytes: &[u8] = &world.heap;
    let change = codex_vault::save::Change::Pages(&[1]);
    let regions = [codex_vault::save::RegionInput { container: 5, len: bytes.len() as u64, change, bytes: &bytes }];
    let mut next = draft(2, Some(delta), vault.position(), Default::default(), &regions);
    let refused = flaw(vault.saves().save(&next));
    assert!(matches!(refused.wrong, Wrong::Timeline(_)), "a fork has to say that it is one: {refused}");
    next.descent = Descent::Forks;
    let id = vault.saves().save(&next).unwrap();
    assert_eq!(vault.recover(codex_vault::Check::Whole).unwrap().save.unwrap().id(), id);
}

#[test]
fn a_delta_goes_where_its_parent_is() {
    let disk = SimDisk::new(1);
    let (vault, world, [full, delta]) = two_saves(&disk);
    vault.saves().export(&full, &disk, Path::new("/full.codexsave"), Form::Whole, 1).unwrap();
    let sizes = [FILE, DELTA].map(|path| disk.bytes(Path::new(path)).unwrap().len());
    assert!(sizes[1] * 2 < sizes[0], "{sizes:?}");
    let (other, vault) = elsewhere(&disk, identity(), key());
    put(&other, "/full.codexsave", &disk.bytes(Path::new("/full.codexsave")).unwrap());
    vault.saves().import(&other, Path::new("/full.codexsave")).unwrap();
    assert_eq!(vault.saves().import(&other, Path::new(DELTA)).unwrap(), delta);
    assert!(heap(&vault.saves().open(&delta).unwrap()).unwrap() == world.heap);
    assert_eq!(vault.saves().lineage(&delta).unwrap(), [full]);
}

#[test]
fn strangers_are_refused() {
    let disk = SimDisk::new(1);
    two_saves(&disk);
    let (other, vault) = elsewhere(&disk, identity(), key());
    vault.saves().import(&other, file()).unwrap();
    let mine = Key::from_secret([8; 32]);
    let (other, vault) = elsewhere(&disk, Identity { root: mine.public(), ..identity() }, mine.clone());
    let refused = flaw(vault.saves().import(&other, file()));
    assert_eq!(refused.wrong, Wrong::UnknownKey(key().public()));
    vault.saves().trust(key().public()).unwrap();
    vault.saves().import(&other, file()).unwrap();
    let (other, vault) = elsewhere(&disk, Identity { world: WorldId([9; 16]), ..identity() }, key());
    let refused = flaw(vault.saves().import(&other, file()));
    assert_eq!(refused.wrong, Wrong::World(WorldId([1; 16])));
}

/// Everything that opening and checking a file finds out.
fn look(disk: &SimDisk, path: &str) -> Result<()> {
    opened(disk, path)?.check()
}

fn unnoticed(disk: &SimDisk) -> Vec<usize> {
    let bytes = disk.bytes(file()).unwrap();
    let mut unnoticed = Vec::new();
    for at in 0..bytes.len() {
        let bit = at % 8;
        disk.tamper(file(), |bytes| bytes[at] ^= 1 << bit);
        match look(disk, FILE) {
            Err(Error::Bad { flaw, .. }) => assert!(flaw.offset <= bytes.len() as u64, "{flaw}"),
            Err(e) => panic!("byte {at}: {e}"),
            Ok(()) => unnoticed.push(at),
        }
        disk.tamper(file(), |bytes| bytes[at] ^= 1 << bit);
    }
    unnoticed
}

/// A small file, so that all of its bytes can be tried.
fn small(disk: &SimDisk) {
    create(disk).unwrap();
    let vault = open(disk).unwrap();
    let mut world = World::new(1);
    world.heap[7] = 1;
    let id = world.save(&vault, true).unwrap();
    vault.saves().export(&id, disk, file(), Form::Whole, 1).unwrap();
}

#[test]
fn a_flip_of_any_byte_is_noticed() {
    let disk = SimDisk::new(1);
    small(&disk);
    look(&disk, FILE).unwrap();
    assert_eq!(unnoticed(&disk), [0; 0]);
}

#[test]
fn hashing_what_was_packed_again_is_caught() {
    let disk = SimDisk::new(1);
    small(&disk);
    // The frame header of zstd has a bit that its readers ignore.
    let bytes = disk.bytes(file()).unwrap();
    let frame = bytes.windows(4).position(|w| w == [0x28, 0xb5, 0x2f, 0xfd]).expect("a compressed chunk") + 4;
    disk.tamper(file(), |bytes| bytes[frame] ^= 0x10);
    assert!(look(&disk, FILE).is_err());
    assert!(with(Bug::HashReencoded, || look(&disk, FILE)).is_ok(), "the mistake would go unnoticed here");
}

#[test]
fn every_cut_and_every_addition_is_refused() {
    let disk = SimDisk::new(1);
    small(&disk);
    let bytes = disk.bytes(file()).unwrap();
    for len in 0..bytes.len() {
        disk.tamper(file(), |bytes| bytes.truncate(len));
        let refused = flaw(look(&disk, FILE));
        assert!(refused.offset <= bytes.len() as u64, "{refused}");
        disk.tamper(file(), |now| *now = bytes.clone());
    }
    for at in [0, 100, bytes.len() / 2, bytes.len()] {
        disk.tamper(file(), |bytes| bytes.insert(at, 0));
        flaw(look(&disk, FILE));
        disk.tamper(file(), |now| *now = bytes.clone());
    }
}

#[test]
fn a_file_that_was_signed_again_is_refused() {
    let disk = SimDisk::new(1);
    let (_vault, _, _) = two_saves(&disk);
    // The thief has a key, and a vault in which the very same save can be made.
    let thief = Key::from_secret([66; 32]);
    let (other, vault) = elsewhere(&disk, Identity { root: key().public(), ..identity() }, thief);
    let mut world = World::new(1);
    let id = world.save(&vault, true).unwrap();
    vault.saves().export(&id, &other, file(), Form::Whole, 1).unwrap();
    put(&disk, FILE, &other.bytes(file()).unwrap());
    let refused = flaw(opened(&disk, FILE));
    assert!(matches!(refused.wrong, Wrong::UnknownKey(_)), "{refused}");
}

#[test]
fn a_small_file_that_claims_much_is_refused() {
    let disk = SimDisk::new(1);
    create(&disk).unwrap();
    let vault = open(&disk).unwrap();
    // A terabyte of zeros is few chunks, and an honest save of it is not possible: regions end at 32 GiB.
    struct Zeros;
    impl codex_vault::save::ReadAt for Zeros {
        fn read_at(&self, _: u64, into: &mut [u8]) -> std::io::Result<()> {
            into.fill(0);
            Ok(())
        }
    }
    let len = 3 << 30;
    let change = codex_vault::save::Change::Whole;
    let regions: Vec<_> =
        (0..2).map(|container| codex_vault::save::RegionInput { container, len, change, bytes: &Zeros }).collect();
    let draft = draft(1, None, vault.position(), Default::default(), &regions);
    let id = vault.saves().save(&draft).unwrap();
    vault.saves().export(&id, &disk, file(), Form::Whole, 1).unwrap();
    let bytes = disk.bytes(file()).unwrap();
    assert!(bytes.len() < 3000, "{}", bytes.len());
    let refused = flaw(PortableFile::open(&disk, file(), &[key().public()].into(), 4 << 30));
    assert!(matches!(refused.wrong, Wrong::Range { .. }), "{refused}");
    // Claims in the trailer are held against the file's length before memory is set aside.
    for at in [bytes.len() - 61, bytes.len() - 53] {
        let mut claims = bytes.clone();
        claims[at..at + 4].fill(0xff);
        put(&disk, "/claims", &claims);
        flaw(look(&disk, "/claims"));
    }
    assert_eq!(PathBuf::from(FILE), file());
}
