//! What the tests of this room share: the programs, and cases in files.
#![allow(dead_code, reason = "each test uses a part")]

use std::path::{Path, PathBuf};

/// The files of a folder of this crate, sorted.
pub(crate) fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

/// Programs without a mistake: `tests/good`, the standard library and the examples, and the
/// fixed programs of the catalogue.
pub(crate) fn good_programs() -> Vec<(String, String)> {
    let read = |path: &PathBuf| (path.display().to_string(), std::fs::read_to_string(path).unwrap());
    let mut all: Vec<(String, String)> = files("tests/good").iter().map(read).collect();
    for folder in ["../../stdlib", "../../examples", "../../benches"] {
        programs_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut all);
    }
    for entry in codex_diagnostics::catalog::all() {
        if entry.code.0.starts_with("G01") || entry.code.0.starts_with("G02") {
            all.push((entry.code.0.to_owned(), entry.fixed.to_owned()));
        }
    }
    all
}

fn programs_below(folder: &Path, all: &mut Vec<(String, String)>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            programs_below(&path, all);
        } else if path.extension().is_some_and(|e| e == "glyph")
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            all.push((path.display().to_string(), text));
        }
    }
}

/// The titles and sources of a file of cases: `=== title`, the source, `---`, what comes of it.
pub(crate) fn cases(text: &str) -> Vec<(&str, &str)> {
    let text = text.strip_prefix("=== ").unwrap_or(text);
    text.split("\n=== ")
        .map(|case| {
            let title = case.find('\n').unwrap_or(case.len());
            let end = case.find("\n---\n").map_or(case.len(), |at| at + 1);
            (&case[..title], &case[(title + 1).min(end)..end])
        })
        .collect()
}

/// A seeded generator of numbers (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}
