//! The scripts of `tests/language` and `tests/regressions`.

use std::path::{Path, PathBuf};

/// Every `.glyph` file below a folder that is no module of another one, sorted.
pub fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "glyph") {
                found.push(path);
            }
        }
    }
    found.sort();
    found.retain(|path| {
        std::fs::read_to_string(path).is_ok_and(|text| text.contains("fn main") || text.contains("// error:"))
    });
    found
}
