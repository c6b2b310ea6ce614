//! On the real disk: the lock, looks from outside, and regions mapped without being read.

mod common;

use std::sync::Arc;

use codex_vault::chunk::{CHUNK, PAGE};
use codex_vault::disk::RealDisk;
use codex_vault::save::{Change, RegionInput, RegionMap};
use codex_vault::seeded::{Bug, with};
use codex_vault::{Check, Error, Pieces, Saves, Unseen, Vault, look};

use common::*;

/// A region's bytes from its pieces, in some order. Each page comes once, from the piece that says so.
fn in_pieces(saves: &Saves, region: RegionMap, order: u64) -> Vec<u8> {
    let len = region.len as usize;
    let pieces = Pieces::new(region);
    let (mut bytes, mut seen) = (vec![0xaa; pieces.pages() * PAGE], vec![false; pieces.pages()]);
    let mut left: Vec<usize> = (0..pieces.count()).collect();
    let mut random = Random(order);
    while !left.is_empty() {
        let piece = left.swap_remove(random.below(left.len() as u64) as usize);
        let give = |first: usize, run: &[u8]| {
            bytes[first * PAGE..][..run.len()].copy_from_slice(run);
            for (page, seen) in (first..).zip(&mut seen[first..][..run.len() / PAGE]) {
                assert!(!std::mem::replace(seen, true), "page {page} comes twice");
                assert_eq!(pieces.of_page(page), piece, "page {page}");
            }
        };
        pieces.read(saves, piece, give).unwrap();
    }
    assert!(seen.iter().all(|&seen| seen) && bytes[len..].iter().all(|&byte| byte == 0));
    bytes.truncate(len);
    bytes
}

/// Whether just one piece says that it is damaged, and all the others are what they were.
fn wrong_piece(saves: &Saves, region: &RegionMap, heap: &[u8]) -> bool {
    let pieces = Pieces::new(region.clone());
    let (mut bad, mut same) = (0, true);
    for piece in 0..pieces.count() {
        let read = pieces.read(saves, piece, |first, run| {
            let here = &heap[first * PAGE..heap.len().min(first * PAGE + run.len())];
            same &= here == &run[..here.len()];
        });
        bad += usize::from(matches!(read, Err(Error::Bad { .. })));
    }
    bad == 1 && same
}

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
        assert!(in_pieces(vault.saves(), region.clone(), round) == heap, "round {round}, in pieces");
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
        assert!(wrong_piece(vault.saves(), &region, &heap), "a piece with a damaged chunk gives nothing, and says so");
        let skipped = with(Bug::SkipCheck, || wrong_piece(vault.saves(), &region, &heap));
        assert!(!skipped, "a check that is skipped is noticed");
    }
    std::fs::write(&pack, &whole).unwrap();
    assert_eq!(vault.recover(Check::Whole).unwrap().save.unwrap().id(), id);
}
