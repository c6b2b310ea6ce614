//! Vaults whose files were changed: whatever is found in them, no state comes out that never was.

use std::path::PathBuf;
use std::sync::Arc;

use codex_vault::journal::Reader;
use codex_vm::hash;
use codex_vm::shell::Failure;
use codex_vm::shell::durable::{self, Settings};

use super::tamper;
use crate::Random;
use crate::disk::{Files, MemoryDisk};
use crate::worlds::{History, histories, key, place};

/// Changes a file of a vault that a killed process left, and looks at it, replays it and goes on with it.
pub fn vault(bytes: &[u8]) {
    let mut random = Random::from_bytes(bytes);
    let history = random.pick(histories());
    let mut files = history.files.clone();
    let changed = change(&mut files, &mut random);
    tried(history, files, &changed);
}

/// What must hold of a vault of which one file was changed.
///
/// - A look from outside changes nothing: not by listing, opening, replaying, or reading the journal.
/// - A state that is gone on with is one that there was.
/// - Nothing is lost: where it was refused, and the file is put back as it was, it goes on as if nothing had happened.
pub fn tried(history: &History, files: Files, changed: &[PathBuf]) {
    let disk = MemoryDisk::with(files.clone());
    looked_at(&disk);
    assert!(disk.files() == files, "a look changed something");
    match resumed(&disk, history) {
        Ok(_) => {}
        Err(why) => {
            assert!(!why.is_empty());
            for path in changed {
                disk.put(path, history.files.get(path).cloned());
            }
            let end = resumed(&disk, history);
            assert_eq!(end, Ok(history.end), "after {why}");
        }
    }
}

/// Everything that only reads.
fn looked_at(disk: &MemoryDisk) {
    let at = place(disk);
    if let Ok(saves) = durable::look(&at) {
        for row in saves.list().unwrap_or_default() {
            let _ = saves.verify(&row.id);
            let _ = saves.open(&row.id).map(|save| durable::world_of(&save).map(drop));
        }
    }
    for whole in [false, true] {
        let _ = durable::replay(&at, whole, &mut |_| ());
    }
    let mut journal = Reader::new(Arc::new(disk.clone()), codex_vault::journal_dir(&at.dir));
    while let Ok(Some(entry)) = journal.next_entry() {
        assert!(!entry.record.to_string().is_empty());
    }
}

/// Goes on with a vault; gives the tick that it comes to.
fn resumed(disk: &MemoryDisk, history: &History) -> Result<u64, String> {
    let at = place(disk);
    durable::has_world(&at).map_err(words)?;
    let resumed = durable::resume(&at, &key(), Settings::default()).map_err(words)?;
    let tick = resumed.world.ticks();
    assert_eq!(history.states.get(&tick), Some(&hash::hash(&resumed.world)), "a state that never was, at tick {tick}");
    Ok(tick)
}

fn words(failure: Failure) -> String {
    match failure {
        Failure::Host(why) | Failure::NotPermitted(why) => why,
        Failure::BrokenPipe => "a pipe".to_owned(),
    }
}

/// Changes, removes, exchanges or doubles a file; gives the paths that are not as they were.
fn change(files: &mut Files, random: &mut Random) -> Vec<PathBuf> {
    // The registry is large, and decides nothing: it is taken less often.
    let small: Vec<PathBuf> = files.keys().filter(|path| !path.ends_with("registry")).cloned().collect();
    let path = if random.one_in(12) { PathBuf::from("/vault/registry") } else { random.pick(&small).clone() };
    let other = random.pick(&small).clone();
    match random.below(10) {
        0 => _ = files.remove(&path),
        1 => {
            let (a, b) = (files[&path].clone(), files[&other].clone());
            files.extend([(path.clone(), b), (other.clone(), a)]);
            return vec![path, other];
        }
        2 => _ = files.insert(path.clone(), files[&other].clone()),
        _ => {
            let piece = files[&other].clone();
            let bytes = files.entry(path.clone()).or_default();
            tamper(bytes, &piece, random);
        }
    }
    vec![path]
}
