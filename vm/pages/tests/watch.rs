//! The host names every page that was written to. Where it knows nothing of its pages there is nothing to test, and the test says so.

use std::collections::BTreeSet;
use std::time::Duration;

use codex_pages::{Fill, PAGE, Watch};
use memmap2::MmapMut;

fn taken(watch: &mut Watch, length: usize) -> BTreeSet<usize> {
    let mut pages = BTreeSet::new();
    assert!(watch.take(length, |run| pages.extend(run)), "the host failed");
    pages
}

#[test]
fn pages_that_are_written_to_are_named_and_others_soon_are_not() {
    const PAGES: usize = 3000;
    let mut memory = MmapMut::map_anon(PAGES * PAGE).unwrap();
    memory[..1000 * PAGE].fill(7);
    let Some(mut watch) = Watch::begin(memory.as_ptr(), memory.len()) else {
        return println!("the host does not watch pages");
    };
    let mut state = 1u64;
    for round in 0..20 {
        let mut written = BTreeSet::new();
        for _ in 0..100 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let page = (state >> 40) as usize % PAGES;
            memory[page * PAGE + (state >> 20) as usize % PAGE] = round;
            written.insert(page);
        }
        let named = taken(&mut watch, memory.len());
        assert!(written.is_subset(&named), "{:?} are missing", written.difference(&named));
        // The first time pages that were never touched may be named.
        assert!(round == 0 || named == written, "{:?} were not written to", named.difference(&written));
    }
    assert!(taken(&mut watch, memory.len()).is_empty());
    assert!(memory[..1000 * PAGE].chunks(PAGE).all(|page| page.contains(&7)), "nothing else was changed");
    assert!(watch.end());
}

#[test]
fn what_the_kernel_writes_counts_and_does_not_fail() {
    let mut memory = MmapMut::map_anon(64 * PAGE).unwrap();
    let Some(mut watch) = Watch::begin(memory.as_ptr(), memory.len()) else {
        return println!("the host does not watch pages");
    };
    let _ = taken(&mut watch, memory.len());
    let source = [9u8; 3 * PAGE];
    let read = std::io::Read::read(&mut &source[..], &mut memory[5 * PAGE..8 * PAGE]).unwrap();
    assert_eq!(read, 3 * PAGE);
    let file = std::fs::File::open("/proc/self/exe").unwrap();
    let read = std::os::unix::fs::FileExt::read_at(&file, &mut memory[20 * PAGE..22 * PAGE], 0).unwrap();
    assert_eq!(read, 2 * PAGE, "into pages that nobody touched");
    assert_eq!(taken(&mut watch, memory.len()), [5, 6, 7, 20, 21].into());
}

#[test]
fn a_mapping_that_is_not_of_whole_pages_is_not_watched() {
    let memory = MmapMut::map_anon(4 * PAGE).unwrap();
    assert!(Watch::begin(memory.as_ptr().wrapping_add(8), PAGE).is_none());
    assert!(Watch::begin(memory.as_ptr(), 100).is_none());
    assert!(Watch::begin(std::ptr::without_provenance(PAGE), PAGE).is_none());
}

#[test]
fn pages_are_filled_as_they_are_touched_and_count_as_clean() {
    const PAGES: usize = 200;
    let mut memory = MmapMut::map_anon(PAGES * PAGE).unwrap();
    let (start, length) = (memory.as_mut_ptr(), memory.len());
    // SAFETY: the thread below fills all of them; until then only it and the reads below touch them.
    let Some((fill, mut watch)) = (unsafe { Fill::begin(start, length, 1..150) }) else {
        return println!("the host does not fill pages");
    };
    let filler = std::thread::spawn(move || {
        let (mut left, mut asked): (BTreeSet<usize>, Vec<usize>) = ((1..150).collect(), Vec::new());
        while let Some(&first) = left.first() {
            let page = fill.touched(Duration::from_millis(if asked.len() < 2 { 1000 } else { 0 }));
            asked.extend(page);
            let page = page.unwrap_or(first);
            if left.remove(&page) {
                assert!(fill.fill(page, &[page as u8; PAGE]));
            }
        }
        asked
    });
    assert_eq!(memory[77 * PAGE + 5], 77);
    memory[120 * PAGE] = 1;
    memory[180 * PAGE] = 2;
    assert_eq!(memory[120 * PAGE + 1], 120, "the rest of the page is what it was filled with");
    let asked = filler.join().unwrap();
    assert_eq!(asked, [77, 120]);
    assert!((1..150).all(|page| memory[page * PAGE + 9] == page as u8));
    assert_eq!(taken(&mut watch, length), [120, 180].into());
    assert!(watch.end());
}
