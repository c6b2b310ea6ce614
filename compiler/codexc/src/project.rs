//! Where sources come from: one file without ceremony, or a folder with `codex.toml` and
//! `src/main.glyph`.
//!
//! Keeps true: a module is read at most once; its name is its path below the root, with dots
//! (`geometry/shape.glyph` is `geometry.shape`), so a name cannot lead out of the root.

use std::io::Read;
use std::path::{Path, PathBuf};

use codex_diagnostics::catalog::{not_readable, not_utf8, project_file};
use codex_diagnostics::{Diagnostic, SourceMap, Span};
use serde::Deserialize;

/// `codex.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The project's name.
    pub name: String,
    /// Its version, for people.
    #[serde(default)]
    pub version: Option<String>,
    /// How the formatter spells glyphs.
    #[serde(default)]
    pub style: Spelling,
}

/// How the formatter spells glyphs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spelling {
    /// `→`
    #[default]
    Glyph,
    /// `->`
    Ascii,
}

/// What is compiled.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder that module paths start from.
    pub root: PathBuf,
    /// The main module's file.
    pub main: PathBuf,
    /// The project file, if there is one.
    pub manifest: Option<Manifest>,
}

impl Project {
    /// The project at a path: a `.glyph` file, or a folder with `codex.toml`.
    ///
    /// # Errors
    /// A message that names the file and what is wrong with it.
    pub fn at(path: &Path, sources: &mut SourceMap) -> Result<Project, Box<Diagnostic>> {
        if !path.is_dir() {
            let root = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
            return Ok(Project { root, main: path.to_path_buf(), manifest: None });
        }
        let file = path.join("codex.toml");
        if !file.exists() {
            return Err(Box::new(not_readable::not_a_project(nothing_of(path, sources), &path.display().to_string())));
        }
        let text = read(&file, sources)?;
        let id = sources.add(file.display().to_string(), text.clone());
        let manifest = toml::from_str(&text).map_err(|error| {
            let range = error.span().unwrap_or(0..0);
            let span = Span::new(id, range.start as u32, range.end as u32);
            Box::new(project_file::invalid(span, error.message()))
        })?;
        let root = path.join("src");
        Ok(Project { main: root.join("main.glyph"), root, manifest: Some(manifest) })
    }

    /// The file of a module, if there is one.
    pub fn module_file(&self, name: &str) -> Option<PathBuf> {
        let mut file = self.root.clone();
        file.extend(name.split('.'));
        file.set_extension("glyph");
        file.is_file().then_some(file)
    }

    /// Every `.glyph` file of the project, sorted.
    pub fn files(&self) -> Vec<PathBuf> {
        if self.manifest.is_none() {
            return vec![self.main.clone()];
        }
        let mut found = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for path in entries.flatten().map(|e| e.path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "glyph") {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }
}

/// Reads a source file as text.
///
/// # Errors
/// A message that names the file: it cannot be read, is too large, or is not UTF-8.
pub fn read(path: &Path, sources: &mut SourceMap) -> Result<String, Box<Diagnostic>> {
    /// Spans are 32 bits.
    const MAX_BYTES: u64 = 256 << 20;
    let refuse = |why: String, sources: &mut SourceMap| {
        Box::new(not_readable::not_readable(nothing_of(path, sources), &path.display().to_string(), &why))
    };
    let size = std::fs::metadata(path).map_or(0, |m| m.len());
    if size > MAX_BYTES {
        return Err(refuse(format!("it has {size} bytes; at most {MAX_BYTES} are read"), sources));
    }
    // What is not a plain file has no size, and may have no end.
    let mut bytes = Vec::new();
    let whole = std::fs::File::open(path).and_then(|f| f.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    whole.map_err(|e| refuse(reason(&e), sources))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(refuse(format!("it has more than {MAX_BYTES} bytes"), sources));
    }
    if bytes.starts_with(&codex_spec::codec::MAGIC) {
        return Err(Box::new(not_readable::is_a_module(nothing_of(path, sources), &path.display().to_string())));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(at).copied().unwrap_or(0);
        let lossy = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let id = sources.add(path.display().to_string(), lossy);
        Box::new(not_utf8::not_utf8(Span::new(id, at as u32, at as u32 + 3), at, byte))
    })
}

/// A place in a file of which nothing is shown.
fn nothing_of(path: &Path, sources: &mut SourceMap) -> Span {
    Span::new(sources.add(path.display().to_string(), ""), 0, 0)
}

/// The host's reason in plain words.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "the system does not permit it".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        kind => kind.to_string(),
    }
}
