//! Hostile images for the real `codexvm`: files that are signed by the right key, and wrong. Refused with a reason and a place, in
//! bounded time and memory, with the documented exit code; and no vault is left where one was to be made.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codex_tests::forge::{Blob, Forged, Region};
use codex_tests::process::{Did, run_with};
use codex_tests::run::compiled;
use codex_vault::Key;
use codex_vm::program::Program;
use codex_vm::tick::tick;
use codex_vm::world::{Settings, World};
use codexc::driver::{Options, build_text};
use ed25519_dalek::SigningKey;

const SECRET: [u8; 32] = [7; 32];

const PROGRAM: &str = r#"
fn main() {
  let numbers = list.repeat(7, 20_000)
  sleep(time.milliseconds(1))
  print(list.sum(numbers))
}
"#;

/// A world that sleeps, with a heap that is a region.
fn world() -> World {
    let program: Arc<Program> =
        compiled(build_text("images.glyph", PROGRAM, &Options::default())).expect("it compiles");
    let mut world = World::new(program, Settings::default());
    while world.is_runnable() {
        tick(&mut world, &[]);
    }
    assert!(world.next_timer().is_some() && world.end().is_none());
    world
}

/// A folder with the key that signs.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    Key::from_secret(SECRET).write(&folder.path().join("codex/key")).expect("a key");
    folder
}

/// `codexvm` in a folder with a key.
fn machine(arguments: &[&str], folder: &Path) -> Did {
    run_with("codexvm", arguments, folder, &[("XDG_CONFIG_HOME", &folder.display().to_string())])
}

/// A case: what is changed, and what must be said.
struct Case {
    name: &'static str,
    says: &'static str,
    bytes: Vec<u8>,
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&SECRET)
}

fn forged(name: &'static str, says: &'static str, change: impl FnOnce(&mut Forged)) -> Case {
    let mut forged = Forged::of(&world());
    change(&mut forged);
    Case { name, says, bytes: forged.write(&key()) }
}

fn id(chunk: &[u8]) -> [u8; 32] {
    *blake3::hash(chunk).as_bytes()
}

/// A blob of so many zeros: a few lists, one of them many times over.
fn zeros(forged: &mut Forged, len: u64) -> Blob {
    let chunk = vec![0; 64 << 10];
    let zero = id(&chunk);
    let mut ids = vec![zero; (len / chunk.len() as u64) as usize];
    let mut lists = Vec::new();
    while ids.len() > 1 {
        let level: Vec<Vec<u8>> = ids.chunks(2048).map(|part| part.concat()).collect();
        ids = level.iter().map(|list| id(list)).collect();
        lists.push(level);
    }
    for list in lists.into_iter().rev().flatten() {
        if !forged.chunks.contains(&list) {
            forged.chunks.push(list);
        }
    }
    (len, ids[0])
}

/// The world's only region is so long, and so is the heap in the state: all zeros.
fn all_zeros(forged: &mut Forged, len: u64) {
    let old = forged.regions[0].len.to_le_bytes();
    let state = forged.chunks.iter().position(|chunk| id(chunk) == forged.state.1).expect("a state");
    let mut bytes = forged.chunks[state].clone();
    let at = (0..bytes.len() - 8).rev().find(|&at| bytes[at..at + 8] == old).expect("the heap's length");
    bytes[at..at + 8].copy_from_slice(&len.to_le_bytes());
    forged.chunks.truncate(state);
    forged.state = forged.blob(&bytes);
    let base = zeros(forged, len);
    forged.regions = vec![Region { container: forged.regions[0].container, len, base, visible: len }];
}

/// Changes the cells of the world's region: what stands behind the state and the region's list.
fn region(forged: &mut Forged, change: impl FnOnce(&mut Vec<u8>)) {
    let state = forged.chunks.iter().position(|chunk| id(chunk) == forged.state.1).expect("a state");
    let mut cells = forged.chunks.split_off(state + 2).concat();
    forged.chunks.truncate(state + 1);
    change(&mut cells);
    forged.regions[0].base = forged.blob(&cells);
}

fn cases() -> Vec<Case> {
    let sound = Forged::of(&world());
    let file = sound.write(&key());
    let other = SigningKey::from_bytes(&[8; 32]);
    let spliced = {
        let mut later = sound.clone();
        later.tick += 1;
        let later = later.write(&key());
        [&later[..200], &file[200..]].concat()
    };
    let raw = |name, says, bytes: &[u8]| Case { name, says, bytes: bytes.to_vec() };
    vec![
        raw("nothing", "ends too early", b""),
        raw("a kilobyte of zeros", "not a save", &[0; 1024]),
        raw("half of a file", "byte", &file[..file.len() / 2]),
        raw("a file and more", "byte", &[&file[..], b"more"].concat()),
        raw("parts of two files", "the signature is not", &spliced),
        raw("signed by another", "not trusted", &sound.write(&other)),
        forged("of newer semantics", "needs VM semantics 99", |f| f.semantics = 99),
        forged("without a module", "there is no module 0", |f| drop((f.modules.pop(), f.chunks.remove(0)))),
        forged("a module that is none", "does not have the hash", |f| f.modules[0].0[0] ^= 1),
        forged("a delta without a parent", "parent", |f| f.kind = 1),
        forged("its own parent's child, and the first", "parent", |f| f.parent = Some([3; 32])),
        forged("another hash", "does not have the hash that it says", |f| f.state_hash[0] ^= 1),
        forged("four billion regions", "byte", |f| f.claimed_regions = Some(u32::MAX)),
        forged("a region of a terabyte", "too large", |f| f.regions[0].len = 1 << 40),
        forged("a base of a terabyte", "too large", |f| f.regions[0].base.0 = 1 << 40),
        forged("a state of a terabyte", "too large", |f| f.state.0 = 1 << 40),
        forged("a state of 60 GiB", "too large", |f| f.state.0 = 60 << 30),
        forged("a heap of 30 GiB of zeros", "too large", |f| all_zeros(f, 30 << 30)),
        forged("a heap of 1 GiB of zeros", "cell", |f| all_zeros(f, 1 << 30)),
        forged("regions twice", "out of order", |f| f.regions.push(f.regions[0].clone())),
        forged("a region of nobody", "region", |f| f.regions[0].container = 99),
        forged("a chunk missing", "missing", |f| drop(f.chunks.pop())),
        forged("a chunk too many", "nothing refers to chunk", |f| f.chunks.push(b"stray".to_vec())),
        forged("chunks out of order", "byte", |f| f.chunks.swap(0, 1)),
        forged("wrong counts", "a heap: cell", |f| region(f, |cells| cells[0] += 1)),
        forged("a cell of another layout", "a heap: cell", |f| region(f, |cells| cells[4] ^= 2)),
    ]
}

#[test]
fn a_file_as_the_specification_says_is_read() {
    let folder = folder();
    std::fs::write(folder.path().join("w.codexsave"), Forged::of(&world()).write(&key())).expect("a file");
    let did = machine(&["verify", "w.codexsave"], folder.path());
    assert_eq!(did.code, Some(0), "{}", did.errors);
    let did = machine(&["resume", "w.codexsave", "--vault", "vault"], folder.path());
    assert_eq!(did.code, Some(0), "{}", did.errors);
}

/// What is wrong with how a case was refused, if anything.
fn wrong(case: &Case, did: &Did, folder: &Path) -> Option<String> {
    let said = did.errors.contains(case.says) && did.errors.contains("save");
    let panicked = did.errors.len() > 1000 || did.errors.contains("panicked");
    let bounded = did.took < Duration::from_secs(30) && did.peak < 700;
    let made = folder.join("v").exists();
    let fine = did.code == Some(4) && said && !panicked && bounded && !made;
    (!fine).then(|| format!("{}: {:?}, vault made: {made}, wanted {:?}", case.name, did.code, case.says))
}

#[test]
fn hostile_files_are_refused_with_their_reason() {
    let folder = folder();
    let file = folder.path().join("hostile.codexsave");
    let mut found = Vec::new();
    for case in cases() {
        std::fs::write(&file, &case.bytes).expect("a file");
        for arguments in [&["verify", "hostile.codexsave"][..], &["resume", "hostile.codexsave", "--vault", "v"]] {
            let did = machine(arguments, folder.path());
            let (size, said) = (case.bytes.len(), did.errors.trim());
            println!("| {} | {size} B | {:.2?} | {} MiB | {said}", case.name, did.took, did.peak);
            found.extend(wrong(&case, &did, folder.path()));
        }
        assert_eq!(std::fs::read(&file).expect("the file"), case.bytes, "it is as it was");
    }
    assert!(found.is_empty(), "{found:#?}");
}
