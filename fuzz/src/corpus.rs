//! What the targets begin with: the programs of the repository, and what they compile to.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use codex_tests::root;
use codexc::driver::{Options, build_text};

/// Every `.glyph` file below these folders: its path and text.
fn glyph_files(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = folders.iter().map(|f| root().join(f)).collect();
    while let Some(folder) = waiting.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()) {
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|e| e == "glyph")
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// Whole programs of one file without mistakes: name and text.
pub fn programs() -> &'static [(String, String)] {
    static FOUND: OnceLock<Vec<(String, String)>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let whole = |(path, text): (PathBuf, String)| {
            let good = text.contains("fn main(") && !text.contains("// error:") && !text.contains("import ");
            let name = |p: &Path| p.strip_prefix(root()).unwrap_or(p).display().to_string();
            good.then(|| (name(&path), text))
        };
        let found: Vec<_> = glyph_files(&["examples", "tests/language"]).into_iter().filter_map(whole).collect();
        assert!(found.len() > 50, "only {} programs", found.len());
        found
    })
}

/// Sources of all kinds: programs, the standard library, and those of the messages, wrong and right.
pub fn sources() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = glyph_files(&["examples", "tests/language", "stdlib", "benches", "compiler"])
        .into_iter()
        .map(|(_, text)| text.into_bytes())
        .collect();
    for entry in codex_diagnostics::catalog::all() {
        all.extend([entry.failing, entry.fixed].map(|t| t.as_bytes().to_vec()));
    }
    assert!(all.len() > 300, "only {} sources", all.len());
    all
}

/// Stored modules of programs and of assembly.
pub fn modules() -> Vec<Vec<u8>> {
    static FOUND: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let compiled = || {
        let built = programs().iter().step_by(3).filter_map(|(name, text)| {
            build_text(name, text, &Options::default()).module.map(|m| codex_spec::codec::encode(&m))
        });
        built.chain(small_modules()).collect()
    };
    FOUND.get_or_init(compiled).clone()
}

/// Stored modules of the machine's own programs.
pub fn small_modules() -> Vec<Vec<u8>> {
    let assembled = |source: &String| {
        codex_spec::codec::encode(&codex_spec::text::assemble(source).unwrap_or_else(|e| panic!("{e}")))
    };
    assembly().iter().map(assembled).collect()
}

/// The machine's own programs.
pub fn assembly() -> Vec<String> {
    static FOUND: OnceLock<Vec<String>> = OnceLock::new();
    let read = || {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(root().join("vm/tests/programs"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.extension().is_some_and(|e| e == "asm"))
            .collect();
        paths.sort();
        assert!(paths.len() > 4, "only {} programs in assembly", paths.len());
        paths.iter().filter_map(|p| std::fs::read_to_string(p).ok()).collect()
    };
    FOUND.get_or_init(read).clone()
}
