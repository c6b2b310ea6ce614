//! The heap alone: what the interpreter does to it, in small.

use codex_spec::instruction::{LayoutId, TypeId};
use codex_spec::layout::{LayoutDef, Storage, TypeDef, builtin_layout};
use codex_spec::module::Module;
use codex_spec::trap::Trap;

use super::Heap;
use super::cells::{EMPTY, IMMORTAL, START, table};
use super::raw::{BYTES, TEXT};

const PAIR: u32 = builtin_layout::FIRST;
const LIST: u32 = builtin_layout::FIRST + 1;
const NUMBERS: u32 = builtin_layout::FIRST + 2;

/// `type Tree { Leaf, Pair(Tree, Tree) }`, lists of it and of numbers.
fn heap(limit: u64) -> Heap {
    let tree = TypeId(2);
    let module = Module {
        types: vec![
            TypeDef::Text,
            TypeDef::Bytes,
            TypeDef::Data(vec![None, Some(LayoutId(PAIR))]),
            TypeDef::List { element: Storage::Ref(tree), layout: LayoutId(LIST) },
            TypeDef::List { element: Storage::I64, layout: LayoutId(NUMBERS) },
        ],
        layouts: vec![
            LayoutDef::Record { typ: tree, tag: 1, fields: vec![Storage::Ref(tree); 2] },
            LayoutDef::List(TypeId(3)),
            LayoutDef::List(TypeId(4)),
        ],
        ..Module::default()
    };
    Heap::new(table(&module).into(), limit)
}

const LEAF: u32 = 0;

/// # Safety
/// `a` and `b` are owned trees of the heap.
unsafe fn pair(heap: &mut Heap, a: u32, b: u32) -> Result<u32, Trap> {
    // SAFETY: a pair has two references behind its header.
    unsafe {
        let cell = heap.allocate_record(2, PAIR | 1 << 24)?;
        heap.write(cell as usize * 8 + 8, a);
        heap.write(cell as usize * 8 + 12, b);
        Ok(cell)
    }
}

#[test]
fn a_freed_cell_is_the_next_of_its_size() {
    let mut heap = heap(1 << 20);
    // SAFETY: words come from this heap and are owned when given up.
    unsafe {
        let a = pair(&mut heap, LEAF, LEAF).unwrap();
        let b = pair(&mut heap, LEAF, LEAF).unwrap();
        let top = heap.size();
        heap.release(a);
        heap.release(b);
        assert_eq!(pair(&mut heap, LEAF, LEAF), Ok(b));
        assert_eq!(pair(&mut heap, LEAF, LEAF), Ok(a));
        assert_eq!(heap.size(), top);
    }
}

#[test]
fn a_deep_drop_is_taken_apart_in_steps_and_then_by_allocations() {
    let mut heap = heap(1 << 26);
    // SAFETY: as above.
    unsafe {
        let mut tree = LEAF;
        for _ in 0..100_000 {
            tree = pair(&mut heap, tree, LEAF).unwrap();
        }
        let top = heap.size();
        heap.release(tree);
        assert_ne!(heap.dead_head(), 0, "one drop does not do it all");
        let mut steps = 0;
        while heap.dead_head() != 0 {
            let cell = pair(&mut heap, LEAF, LEAF).unwrap();
            heap.release(cell);
            steps += 1;
        }
        assert!(steps > 50, "an allocation does a bounded part of it");
        assert_eq!(heap.size(), top);
    }
}

#[test]
fn memory_runs_out_only_when_nothing_dead_is_left() {
    let mut heap = heap(START as u64 + 16 * 10_000);
    // SAFETY: as above.
    unsafe {
        let mut tree = LEAF;
        while let Ok(larger) = pair(&mut heap, tree, LEAF) {
            tree = larger;
        }
        assert_eq!(heap.size(), heap.limit());
        heap.release(tree);
        let mut again = LEAF;
        for _ in 0..10_000 {
            again = pair(&mut heap, again, LEAF).unwrap();
        }
        assert_eq!(pair(&mut heap, LEAF, LEAF), Err(Trap::OutOfMemory));
    }
}

#[test]
fn a_long_dead_list_is_shortened_from_its_end() {
    let mut heap = heap(1 << 26);
    // SAFETY: as above.
    unsafe {
        let mut list = EMPTY;
        for _ in 0..5_000 {
            let item = pair(&mut heap, LEAF, LEAF).unwrap();
            let (grown, slot) = heap.push_slot(list, LIST, 4).unwrap();
            heap.write(slot, item);
            list = grown;
        }
        heap.release(list);
        assert_eq!(heap.dead_head(), list);
        assert_eq!(heap.length(list), 5_000 - 1_024);
        while heap.dead_head() != 0 {
            heap.sweep(1_000);
        }
    }
}

#[test]
fn a_saturated_count_never_changes_again() {
    let mut heap = heap(1 << 20);
    // SAFETY: as above.
    unsafe {
        let tree = pair(&mut heap, LEAF, LEAF).unwrap();
        heap.dup_times(tree, IMMORTAL - 2);
        assert_eq!(heap.count(tree), IMMORTAL - 1);
        heap.dup(tree);
        heap.dup(tree);
        assert_eq!(heap.count(tree), IMMORTAL);
        for _ in 0..10 {
            heap.release(tree);
        }
        assert_eq!(heap.count(tree), IMMORTAL);
    }
}

#[test]
fn slack_is_zero_after_growth_pop_and_truncation() {
    let mut heap = heap(1 << 20);
    // SAFETY: as above.
    unsafe {
        let mut list = EMPTY;
        for i in 1..=100u64 {
            let (grown, slot) = heap.push_slot(list, NUMBERS, 8).unwrap();
            heap.write(slot, i);
            list = grown;
        }
        assert_eq!(heap.pop::<u64>(list), Some(100));
        heap.truncate(list, 10);
        let at = list as usize * 8;
        let end = at + heap.units(list) as usize * 8;
        assert!(heap.bytes()[at + 16 + 80..end].iter().all(|&b| b == 0));
        // A cell that was used before is clean behind its last element too.
        heap.release(list);
        let next = heap.allocate_row(NUMBERS, 8, 1, 100).unwrap();
        heap.write(Heap::items(next), 7u64);
        let (at, end) = (next as usize * 8, next as usize * 8 + heap.units(next) as usize * 8);
        assert!(heap.bytes()[at + 24..end].iter().all(|&b| b == 0));
    }
}

#[test]
fn slices_share_the_flat_parent_and_small_ones_are_copies() {
    let mut heap = heap(1 << 20);
    let words = "a text that is long enough to be shared by the slices of it, twice over".to_owned();
    // SAFETY: as above.
    unsafe {
        let text = heap.new_raw(TEXT, words.as_bytes()).unwrap();
        let slice = heap.slice_raw(text, TEXT, 2, 60).unwrap();
        let inner = heap.slice_raw(slice, TEXT, 3, 40).unwrap();
        let small = heap.slice_raw(inner, TEXT, 0, 4).unwrap();
        assert_eq!(heap.text(inner), &words[5..45]);
        assert_eq!(heap.text(small), &words[5..9]);
        assert_eq!(heap.count(text), 3, "itself and two slices");
        let bytes = heap.slice_raw(slice, BYTES, 0, 60).unwrap();
        assert_eq!(heap.count(text), 4, "bytes of a text share it");
        for r in [text, slice, inner, small] {
            heap.release(r);
        }
        assert_eq!(heap.count(text), 1);
        assert_eq!(heap.raw(bytes), &words.as_bytes()[2..62]);
    }
}

#[test]
fn the_same_steps_give_the_same_bytes_wherever_memory_lies() {
    let steps = |heap: &mut Heap| {
        let mut state = 1u64;
        let mut held: Vec<u32> = Vec::new();
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // SAFETY: as above.
            unsafe {
                if state >> 60 < 9 || held.is_empty() {
                    let size = (state >> 40) as usize % 300;
                    held.push(heap.new_raw(BYTES, &vec![7; size]).unwrap());
                } else {
                    let at = (state >> 33) as usize % held.len();
                    heap.release(held.swap_remove(at));
                }
            }
        }
    };
    let (mut a, mut b) = (heap(1 << 24), heap(1 << 25));
    steps(&mut a);
    let hold_the_addresses = vec![0u8; 1 << 20];
    steps(&mut b);
    drop(hold_the_addresses);
    assert_eq!(a.bytes(), b.bytes());
}

#[test]
fn lists_that_are_made_grown_and_dropped_over_and_over_need_no_more_room() {
    let mut heap = heap(1 << 20);
    let mut sizes = Vec::new();
    for _ in 0..1000 {
        // SAFETY: as above; the list is unique.
        unsafe {
            let mut list = heap.allocate_row(NUMBERS, 8, 0, 4).unwrap();
            for needed in [5, 9, 17] {
                list = heap.grow(list, NUMBERS, 8, needed).unwrap();
            }
            heap.release(list);
        }
        sizes.push(heap.size());
    }
    assert_eq!(sizes[10], sizes[999]);
}
