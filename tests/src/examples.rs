//! The programs of `examples/`, and what they meet.

use std::path::{Path, PathBuf};

use crate::{Setup, compile, root, run};

/// An example: its folder and what it meets.
pub struct Example {
    /// The folder's name.
    pub name: String,
    /// Where it is.
    pub folder: PathBuf,
    /// What it meets.
    pub setup: Setup,
    /// What it must print.
    pub expected: String,
}

fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// All examples; data that an example generates is made in a scratch folder.
pub fn all(scratch: &Path) -> Vec<Example> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root().join("examples"))
        .expect("examples")
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.is_dir())
        .collect();
    folders.sort();
    folders.into_iter().map(|folder| example(folder, scratch)).collect()
}

/// The example in a folder.
pub fn example(folder: PathBuf, scratch: &Path) -> Example {
    let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
    let expected = read(&folder.join("expected.txt")).unwrap_or_else(|| panic!("{name} has no expected.txt"));
    let arguments = read(&folder.join("args.txt")).map(|a| a.lines().map(str::to_owned).collect()).unwrap_or_default();
    let stdin = read(&folder.join("stdin.txt")).unwrap_or_default();
    let mut setup = Setup { stdin, arguments, folder: folder.clone(), ..Setup::default() };
    let generator = folder.join("generate.glyph");
    if generator.is_file() {
        let program = compile(&generator).unwrap_or_else(|e| panic!("{e}"));
        let data = run(&program, &Setup::default());
        setup.folder = scratch.join(&name);
        std::fs::create_dir_all(&setup.folder).expect("a folder");
        for argument in &setup.arguments {
            let file = setup.folder.join(argument);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::write(file, &data.output).expect("a file");
        }
    }
    Example { name, folder, setup, expected }
}
