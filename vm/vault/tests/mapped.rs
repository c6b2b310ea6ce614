//! On the real disk: the lock, looks from outside, and regions mapped without being read.

mod common;

use std::sync::Arc;

use codex_vault::chunk::{CHUNK, PAGE};
use codex_vault::disk::RealDisk;
use codex_vault::save::{Change, RegionInput};
use codex_vault::{Check, Error, Unseen, Vault, look};

use common::*;

#[test]
fn a_region_is_mapped_as_it_was_saved() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("world");
    Vault::create(&RealDisk, &path, &identity(), key().public()).unwrap();
    let mut vault = Vault::open(Arc::new(RealDisk), &path, options()).unwrap();
    let mut random = Random(5);
    let mut heap = random.bytes(300 * CHUNK + 5000);
    heap[40 * CHUNK..60 * CHUNK].fill(0);
    let mut parent = None;
    for round in 0..4u64 {
        if round == 2 {
            heap.truncate(200 * CHUNK + 77);
        } else if round == 3 {
            heap.resize(310 * CHUNK, 0);
        }
        let mut pages: Vec<u32> = (0..50).map(|_| random.below((heap.len() / PAGE) as u64) as u32).collect();
        pages.sort_unstable();
        pages.dedup();
        pages.iter().for_each(|&page| heap[page as usize * PAGE + 9] ^= 0x55);
        let change = if round == 0 { Change::Whole } else { Change::Pages(&pages) };
        let bytes: &[u8] = &heap;
        let regions = [RegionInput { container: 5, len: bytes.len() as u64, change, bytes: &bytes }];
        vault.append_input(round, b"input").unwrap();
        vault.commit().unwrap();
        let id = vault.saves().save(&draft(round, parent, vault.position(), Default::default(), &regions)).unwrap();
        parent = Some(id);
        let save = vault.saves().open(&id).unwrap();
        let region = save.map(&save.manifest().regions[0]).unwrap();
        let mut mapped = vault.saves().map(&region).unwrap();
        assert!(mapped.bytes()[..heap.len()] == heap[..], "round {round}");
        assert!(mapped.bytes()[heap.len()..].iter().all(|&b| b == 0), "what follows is zero");
        assert!(mapped.mappings() < 12, "{} mappings", mapped.mappings());
        let unseen: Vec<Unseen> = mapped.unseen(&region).collect();
        assert!(unseen.len() > 170 + round as usize);
        unseen.iter().for_each(|chunk| chunk.check(vault.saves()).unwrap());
        mapped.bytes_mut().fill(1);
        assert!(common::heap(&save).unwrap() == heap, "what is written to the memory stays there");
    }
    // Another process may look, and may not write.
    assert!(matches!(Vault::open(Arc::new(RealDisk), &path, options()), Err(Error::Held { pid: Some(_), .. })));
    let outside = look(Arc::new(RealDisk), &path, 64 << 30).unwrap();
    assert_eq!(outside.list().unwrap(), vault.saves().list().unwrap());
    let id = parent.unwrap();
    outside.verify(&id).unwrap();
    assert!(outside.trust(key().public()).is_err(), "a look writes nothing");
    drop(vault);
    // Damage under a mapping, in its base and in a page laid over it: the sweep finds both.
    let vault = Vault::open(Arc::new(RealDisk), &path, options()).unwrap();
    let save = vault.saves().open(&id).unwrap();
    let region = save.map(&save.manifest().regions[0]).unwrap();
    let packs = path.join("packs");
    let pack = std::fs::read_dir(&packs).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(&pack).unwrap();
    let last_page = heap.len() / PAGE * PAGE - PAGE;
    let changed = region.pages().last().map_or(last_page, |page| page.page as usize * PAGE);
    for page in [20 * CHUNK, changed] {
        let needle = &heap[page..page + PAGE];
        let at = whole.windows(PAGE).rposition(|window| window == needle).expect("the page is in the pack");
        let mut damaged = whole.clone();
        damaged[at + 1] ^= 1;
        std::fs::write(&pack, &damaged).unwrap();
        let mapped = vault.saves().map(&region).unwrap();
        let found: Vec<_> = mapped.unseen(&region).filter_map(|chunk| chunk.check(vault.saves()).err()).collect();
        assert!(matches!(found[..], [Error::Bad { .. }]), "{found:?}");
    }
    std::fs::write(&pack, &whole).unwrap();
    assert_eq!(vault.recover(Check::Whole).unwrap().save.unwrap().id(), id);
}
