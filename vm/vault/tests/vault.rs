//! A vault from its making to its resumption, on a disk that does what it is told.

mod common;

use std::sync::Arc;

use codex_vault::chunk::PAGE;
use codex_vault::disk::simulate::{Keep, SimDisk};
use codex_vault::journal::{Payload, Position, Reader, Record};
use codex_vault::save::{Change, RegionInput};
use codex_vault::{Check, Error, Policy, Refusal, Vault};

use common::*;

#[test]
fn what_was_committed_is_there_after_the_power_went_out() {
    let disk = fresh(1);
    let mut vault = open(&disk).unwrap();
    let large = Random(3).bytes(200_000);
    for n in 0..100u64 {
        vault.append_input(n, &n.to_le_bytes()).unwrap();
        vault.append(&Record::Horizon { tick: n }).unwrap();
        if n % 3 == 0 {
            vault.commit().unwrap();
        }
    }
    vault.append_input(100, &large).unwrap();
    vault.commit().unwrap();
    vault.append(&Record::Note { text: "not committed".to_owned() }).unwrap();
    disk.crash(Keep::Nothing);
    let vault = open(&disk).unwrap();
    let recovery = vault.recover(Check::Whole).unwrap();
    assert!(recovery.save.is_none() && recovery.skipped.is_empty());
    let records = records(recovery.journal).unwrap();
    let mut expected: Vec<Vec<u8>> = (0..100u64).map(|n| n.to_le_bytes().to_vec()).collect();
    expected.push(large);
    assert_eq!(inputs(&vault, &records).unwrap(), expected);
    assert!(matches!(records.last(), Some(Record::Owner { epoch: 2, .. })), "{:?}", records.last());
    assert!(disk.files().iter().filter(|p| p.extension().is_some_and(|e| e == "log")).count() > 3, "segments");
}

#[test]
fn full_saves_and_long_chains_of_deltas_come_back() {
    let disk = fresh(2);
    let mut random = Random(9);
    let mut vault = open(&disk).unwrap();
    let mut world = World::new(300);
    let mut all = Vec::new();
    for tick in 0..60 {
        world.tick = tick;
        (0..=random.below(12)).for_each(|_| world.write(&mut random));
        // Growing and shrinking, to and from the middle of a page.
        if tick % 7 == 3 {
            let len = 200 * PAGE + random.below(200 * PAGE as u64) as usize;
            let old = world.heap.len();
            world.heap.resize(len, 0);
            let pages = len.div_ceil(PAGE) as u32;
            world.dirty.retain(|&page| page < pages);
            assert!(old != len);
        }
        vault.append(&Record::Horizon { tick }).unwrap();
        vault.commit().unwrap();
        let id = world.save(&vault, tick % 40 == 0).unwrap();
        all.push((id, world.heap.clone()));
    }
    for (id, expected) in &all {
        let save = vault.saves().open(id).unwrap();
        assert!(heap(&save).unwrap() == *expected, "tick {}", save.header().tick);
        vault.saves().verify(id).unwrap();
        assert_eq!(save.state().unwrap(), b"the state");
        assert_eq!(save.meta().unwrap(), b"the rest");
        assert_eq!(save.module(0).unwrap(), b"a module");
    }
    let lineage = vault.saves().lineage(&all[59].0).unwrap();
    assert_eq!(lineage, all[..59].iter().rev().map(|(id, _)| *id).collect::<Vec<_>>());
    drop(vault);
    let vault = open(&disk).unwrap();
    let recovery = vault.recover(Check::Whole).unwrap();
    assert_eq!(recovery.save.unwrap().id(), all[59].0);
    assert!(matches!(records(recovery.journal).unwrap()[..], [Record::Owner { epoch: 2, .. }]));
}

#[test]
fn the_registry_can_be_made_again_from_the_rest() {
    let disk = fresh(3);
    let mut random = Random(4);
    let mut vault = open(&disk).unwrap();
    let mut world = World::new(64);
    for tick in 1..8 {
        world.tick = tick;
        world.write(&mut random);
        vault.append_input(tick, &random.bytes(70_000)).unwrap();
        vault.commit().unwrap();
        world.save(&vault, tick == 4).unwrap();
    }
    let before = vault.saves().list().unwrap();
    let written = inputs(&vault, &records(vault.read_from(Position::default())).unwrap()).unwrap();
    drop(vault);
    let registry = dir().join("registry");
    for damage in 0..3 {
        let disk = disk.copy(damage);
        match damage {
            0 => codex_vault::disk::Disk::remove(&disk, &registry).unwrap(),
            1 => disk.tamper(&registry, |bytes| bytes.truncate(bytes.len() / 2)),
            _ => disk.tamper(&registry, |bytes| bytes.fill(0xa5)),
        }
        let vault = open(&disk).unwrap();
        assert_eq!(vault.saves().list().unwrap(), before);
        let save = vault.recover(Check::Whole).unwrap().save.unwrap();
        assert!(heap(&save).unwrap() == world.heap);
        let read = inputs(&vault, &records(vault.read_from(Position::default())).unwrap()).unwrap();
        assert!(read == written);
    }
}

#[test]
fn the_journal_can_be_followed_while_it_is_written() {
    let disk = fresh(5);
    let mut vault = open(&disk).unwrap();
    let mut reader = Reader::new(Arc::new(disk.clone()), dir().join("journal"));
    let mut read = Vec::new();
    for n in 0..200u64 {
        vault.append(&Record::input(n, n.to_le_bytes())).unwrap();
        if n % 5 == 4 {
            vault.commit().unwrap();
            while let Some(entry) = reader.next_entry().unwrap() {
                if let Record::Input { tick, payload: Payload::Here(_) } = entry.record {
                    read.push(tick);
                }
            }
            assert_eq!(read.len() as u64, n + 1);
            assert_eq!(reader.end().torn, 0);
        }
    }
    assert_eq!(read, (0..200).collect::<Vec<_>>());
}

#[test]
fn a_second_owner_is_refused_and_told_who_has_the_vault() {
    let disk = fresh(6);
    let first = open(&disk).unwrap();
    match open(&disk) {
        Err(Error::Held { pid, .. }) => assert_eq!(pid, Some(std::process::id())),
        other => panic!("{other:?}"),
    }
    drop(first);
    open(&disk).unwrap();
}

#[test]
fn a_vault_is_made_once_and_only_opened_where_there_is_one() {
    let disk = SimDisk::new(7);
    assert!(matches!(open(&disk), Err(Error::Refused(Refusal::NoVault(_)))));
    create(&disk).unwrap();
    assert!(matches!(create(&disk), Err(Error::Refused(Refusal::Exists(_)))));
}

#[test]
fn other_semantics_are_refused_before_anything_is_touched() {
    let disk = fresh(8);
    drop(open(&disk).unwrap());
    let before = (disk.files(), disk.written());
    let newer = codex_vault::Options { semantics: options().semantics + 1, ..options() };
    let refused = Vault::open(Arc::new(disk.clone()), dir(), newer).unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::Semantics { .. })), "{refused}");
    let files: Vec<_> = disk.files();
    assert_eq!(files, before.0);
}

#[test]
fn drafts_without_sense_are_refused() {
    let disk = fresh(9);
    let vault = open(&disk).unwrap();
    let bytes: &[u8] = &[1; 8192];
    let region = |container, change| RegionInput { container, len: 8192, change, bytes: &bytes };
    let save = |regions: &[RegionInput<'_>]| {
        let draft = draft(1, None, vault.position(), Default::default(), regions);
        vault.saves().save(&draft)
    };
    let orphan = save(&[region(5, Change::Same)]).unwrap_err();
    assert!(matches!(orphan, Error::Refused(Refusal::NoParentRegion(5))), "{orphan}");
    let twice = save(&[region(5, Change::Whole), region(5, Change::Whole)]).unwrap_err();
    assert!(matches!(twice, Error::Refused(Refusal::Regions(5))), "{twice}");
    let long = RegionInput { len: 1 << 40, ..region(5, Change::Whole) };
    assert!(matches!(save(&[long]), Err(Error::Refused(Refusal::TooLarge { .. }))));
    let short = RegionInput { len: 8193, ..region(5, Change::Whole) };
    assert!(matches!(save(&[short]), Err(Error::Io { .. })), "the region ends before its length");
}

#[test]
fn history_beyond_the_policy_goes_and_the_rest_stays_whole() {
    let disk = fresh(10);
    let mut random = Random(11);
    let mut vault = open(&disk).unwrap();
    let mut world = World::new(64);
    let mut heaps = Vec::new();
    for tick in 1..=30 {
        world.tick = tick;
        (0..20).for_each(|_| world.write(&mut random));
        vault.append_input(tick, &random.bytes(if tick % 5 == 0 { 100_000 } else { 900 })).unwrap();
        vault.commit().unwrap();
        heaps.push((world.save(&vault, tick % 10 == 0).unwrap(), world.heap.clone()));
    }
    drop(vault);
    let mut vault = open(&disk).unwrap();
    vault.append_input(31, &random.bytes(100_000)).unwrap();
    let (before, bytes) = (disk.files().len(), size(&disk));
    let pinned = heaps[14].0;
    let policy = Policy { newest: 3, younger_than: 0, pinned: vec![pinned], bytes: u64::MAX };
    let collected = vault.collect(&policy, 1000).unwrap();
    assert_eq!(collected.saves.len(), 26);
    assert!(collected.segments > 3 && collected.packs > 0, "{collected:?}");
    assert!(disk.files().len() < before && size(&disk) < bytes / 2, "{} of {bytes}", size(&disk));
    for (id, heap) in &heaps {
        if vault.saves().open(id).is_ok() {
            assert!(common::heap(&vault.saves().open(id).unwrap()).unwrap() == *heap);
            vault.saves().verify(id).unwrap();
        } else {
            assert!(collected.saves.contains(id));
        }
    }
    assert_eq!(vault.collect(&policy, 1000).unwrap().saves, []);
    drop(vault);
    let vault = open(&disk).unwrap();
    let recovery = vault.recover(Check::Whole).unwrap();
    assert_eq!(recovery.save.unwrap().id(), heaps[29].0);
    assert_eq!(inputs(&vault, &records(recovery.journal).unwrap()).unwrap().len(), 1);
}

fn size(disk: &SimDisk) -> usize {
    let packs = disk.files().into_iter().filter(|path| path.extension().is_some_and(|e| e == "pack"));
    packs.map(|path| disk.bytes(&path).unwrap().len()).sum()
}

#[test]
fn a_damaged_newest_save_gives_way_to_an_older_one() {
    let disk = fresh(12);
    let mut vault = open(&disk).unwrap();
    let mut world = World::new(64);
    let mut random = Random(13);
    let mut ids = Vec::new();
    for tick in 1..=3 {
        world.tick = tick;
        world.write(&mut random);
        vault.append_input(tick, b"something").unwrap();
        vault.commit().unwrap();
        ids.push((world.save(&vault, false).unwrap(), world.heap.clone()));
    }
    drop(vault);
    let manifest = dir().join("saves").join(format!("{}.save", ids[2].0));
    let broken = disk.copy(1);
    broken.tamper(&manifest, |bytes| bytes[100] ^= 1);
    let vault = open(&broken).unwrap();
    let recovery = vault.recover(Check::Quick).unwrap();
    assert!(recovery.skipped.len() == 1 && recovery.skipped[0].0 == ids[2].0 && is_bad(&recovery.skipped[0].1));
    let save = recovery.save.unwrap();
    assert!(save.id() == ids[1].0 && heap(&save).unwrap() == ids[1].1);
    assert_eq!(inputs(&vault, &records(recovery.journal).unwrap()).unwrap().len(), 1, "the tail is longer then");
    // A page of the newest delta, in the pack.
    let pack = disk.files().into_iter().rfind(|path| path.extension().is_some_and(|e| e == "pack")).unwrap();
    let page = (world.heap.iter().rposition(|&b| b != 0).unwrap() / PAGE) * PAGE;
    let needle = &world.heap[page..page + PAGE];
    disk.tamper(&pack, |bytes| {
        let at = bytes.windows(PAGE).rposition(|w| w == needle).expect("the page is in the pack");
        bytes[at + 5] ^= 0x40;
    });
    let mut vault = open(&disk).unwrap();
    let recovery = vault.recover(Check::Whole).unwrap();
    assert!(!recovery.skipped.is_empty());
    assert!(recovery.save.is_some_and(|save| save.id() != ids[2].0));
    // What was damaged is written anew by the next save that has it.
    vault.append_input(4, b"x").unwrap();
    vault.commit().unwrap();
    world.tick = 4;
    let id = world.save(&vault, true).unwrap();
    vault.saves().verify(&id).unwrap();
}

#[test]
fn an_older_owner_is_fenced_at_its_next_write() {
    let disk = fresh(14);
    let without_lock = || codex_vault::Options { without_lock: true, ..options() };
    let open = || Vault::open(Arc::new(disk.clone()), dir(), without_lock()).unwrap();
    let mut older = open();
    let mut world = World::new(8);
    older.append_input(1, b"first").unwrap();
    older.commit().unwrap();
    world.save(&older, true).unwrap();
    let mut newer = open();
    older.append_input(2, b"too late").unwrap();
    assert!(matches!(older.commit(), Err(Error::Fenced { mine: 1, newer: 2 })));
    assert!(matches!(older.commit(), Err(Error::Stopped)));
    assert!(matches!(world.clone().save(&older, true), Err(Error::Fenced { .. })));
    newer.append_input(2, b"second").unwrap();
    newer.commit().unwrap();
    world.tick = 2;
    world.save(&newer, true).unwrap();
    drop(older);
    drop(newer);
    let vault = open();
    let records = records(vault.read_from(Position::default())).unwrap();
    assert_eq!(inputs(&vault, &records).unwrap(), [b"first".to_vec(), b"second".to_vec()]);
    assert_eq!(vault.saves().list().unwrap().len(), 2);
}

/// More saves than fit into the bytes of a policy: the oldest go, whatever their age; the newest and the pinned stay.
#[test]
fn history_fits_into_its_bytes() {
    let disk = fresh(1);
    let mut vault = open(&disk).unwrap();
    let (mut random, mut world, mut saves) = (Random(5), World::new(64), Vec::new());
    for tick in 1..=16 {
        world.tick = tick;
        let noise = random.bytes(world.heap.len());
        world.heap.copy_from_slice(&noise);
        saves.push(world.save(&vault, true).unwrap());
    }
    let keep = |bytes| Policy { newest: 99, younger_than: i64::MAX, pinned: vec![saves[2]], bytes };
    assert_eq!(vault.collect(&keep(u64::MAX), 1000).unwrap().saves, []);
    let most = vault.bytes().unwrap() / 3;
    let gone = vault.collect(&keep(most), 1000).unwrap().saves;
    assert!(!gone.is_empty() && vault.bytes().unwrap() <= most, "{} of {most}", vault.bytes().unwrap());
    assert!(!gone.contains(&saves[2]) && !gone.contains(&saves[15]));
    vault.collect(&keep(0), 1000).unwrap();
    let left: Vec<_> = vault.saves().list().unwrap().iter().map(|row| row.id).collect();
    assert_eq!(left, [saves[2], saves[15]]);
    vault.saves().verify(&saves[15]).unwrap();
}
