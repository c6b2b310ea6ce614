//! The machine with tiny limits (`vm/tiny`) runs every script and example like the one people get.
//!
//! There memory moves each time it grows, freed cells are poisoned and dead ones wait. After each tick heaps are walked, and the run
//! goes on with a copy from a dump; outputs and ends are those of the usual machine, and the hashes those of the tiny
//! machine's own run without copies.

// The runner of `src/run.rs`, on the other machine.
extern crate codex_vm_tiny as codex_vm;

#[path = "../src/run.rs"]
#[allow(dead_code, unreachable_pub, reason = "only a part is used here")]
mod tiny;

use std::path::{Path, PathBuf};

use codex_tests::root;

/// Every program of one file in these folders, and of a `main.glyph`.
fn programs(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = folders.iter().map(|f| root().join(f)).collect();
    while let Some(folder) = waiting.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()) {
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|e| e == "glyph") {
                found.push(path);
            }
        }
    }
    found.sort();
    found.retain(|path| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        // Data that is made first is the business of `examples`.
        let made = path.with_file_name("generate.glyph").exists();
        text.contains("fn main(") && !text.contains("// error:") && !made
    });
    found
}

/// What an example meets.
fn setup(path: &Path) -> codex_tests::Setup {
    let beside = |name: &str| std::fs::read_to_string(path.with_file_name(name)).unwrap_or_default();
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let arguments = beside("args.txt").lines().map(str::to_owned).collect();
    codex_tests::Setup { stdin: beside("stdin.txt"), arguments, folder, ..codex_tests::Setup::default() }
}

/// Runs a program on both machines; what differs.
fn check(path: &Path) -> Result<(), String> {
    let with = setup(path);
    let usual = codex_tests::run(&codex_tests::compile(path)?, &with);
    let program = tiny::compile(path)?;
    let watched = tiny::Setup {
        stdin: with.stdin,
        arguments: with.arguments,
        folder: with.folder,
        quantum: usual.fuel / 8 + 1,
        watch: true,
        ..tiny::Setup::default()
    };
    let plain = tiny::run(&program, &watched);
    let copied = tiny::run(&program, &tiny::Setup { reload: true, ..watched });
    let ends = |output: &str, trap: &Option<String>, exit| (output.to_owned(), trap.clone(), exit);
    let expected = ends(&usual.output, &usual.trap, usual.exit);
    for run in [&plain, &copied] {
        let found = ends(&run.output, &run.trap, run.exit);
        if found != expected {
            return Err(format!("{found:?}\n  instead of\n{expected:?}"));
        }
    }
    if plain.hashes != copied.hashes { Err("a copy is in another state".to_owned()) } else { Ok(()) }
}

#[test]
fn tiny_limits_change_nothing() {
    let all = programs(&["tests/language", "examples"]);
    assert!(all.len() > 60, "only {} programs", all.len());
    let wrong: Vec<String> =
        all.iter().filter_map(|p| check(p).err().map(|why| format!("── {}\n{why}", p.display()))).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

/// Programs with containers, stopped at each few steps: one thread, eight, and a copy after each tick.
#[test]
fn containers_do_the_same_with_eight_threads() {
    let all = programs(&["tests/language/containers", "examples"]);
    let has_containers =
        |path: &&PathBuf| std::fs::read_to_string(path).is_ok_and(|text| text.contains("\ncontainer "));
    let all: Vec<&PathBuf> = all.iter().filter(has_containers).collect();
    assert!(all.len() > 20, "only {} programs", all.len());
    for path in all {
        let program = tiny::compile(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let codex_tests::Setup { stdin, arguments, folder, .. } = setup(path);
        let (quantum, max_ticks, watch) = (11, 300, true);
        let one = tiny::Setup { stdin, arguments, folder, quantum, max_ticks, watch, ..tiny::Setup::default() };
        let eight = tiny::Setup { threads: 8, ..one.clone() };
        let copied = tiny::Setup { reload: true, max_ticks: 60, ..eight.clone() };
        let expected = tiny::run(&program, &one);
        assert!(tiny::run(&program, &eight) == expected, "{}: eight threads", path.display());
        let copied = tiny::run(&program, &copied).hashes;
        assert!(expected.hashes.starts_with(&copied), "{}: copies", path.display());
    }
}

/// A control: the two are not the same machine.
#[test]
fn the_tiny_machine_is_another() {
    let text = "fn main() {\n  var all = [\"a\"]\n  for i ∈ 0..2000 { all ≔ list.push(all, \"{i}\") }\n  all ≔ []\n  for i ∈ 0..50 { all ≔ list.push(all, \"x{i}\") }\n  print(all[49])\n}\n";
    let path = tempfile::tempdir().expect("a folder");
    let file = path.path().join("drops.glyph");
    std::fs::write(&file, text).expect("a file");
    let usual = codex_tests::Setup { quantum: 500, watch: true, ..codex_tests::Setup::default() };
    let small = tiny::Setup { quantum: 500, watch: true, ..tiny::Setup::default() };
    let a = codex_tests::run(&codex_tests::compile(&file).expect("it compiles"), &usual);
    let b = tiny::run(&tiny::compile(&file).expect("it compiles"), &small);
    assert_eq!(a.output, b.output);
    let (a, b) = (format!("{:?}", a.hashes), format!("{:?}", b.hashes));
    assert_ne!(a, b, "poison and short sweeps leave no trace");
}
