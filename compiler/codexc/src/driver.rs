//! The phases in order, from sources to a module.
//!
//! `read → parse → check → build the core → passes → encode`. Each phase is pure; this is where
//! they meet, and where their time is counted.
//!
//! Keeps true: the same sources give the same module bytes; a program with an error diagnostic gives no
//! module; diagnostics come sorted by file and place, at most twenty errors a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use codex_diagnostics::catalog::invalid_main;
use codex_diagnostics::{Diagnostic, FileId, Severity, SourceMap, Span};
use codex_jobs::Jobs;
use codex_spec::module::Module;
use codex_syntax::ast;
use codex_types::{Checked, ModuleSource};

use crate::project::Project;
use crate::{examples, project};

/// What to make.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// With tests: those of the project's own modules and of their documentation.
    pub tests: bool,
    /// With the tests of these standard modules too.
    pub std_tests: bool,
    /// How the passes run; their `jobs` are those below.
    pub passes: codex_passes::Options,
    /// How many threads work at once. What comes out does not depend on it.
    pub jobs: Jobs,
}

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    /// All files that were read.
    pub sources: SourceMap,
    /// Messages, errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// The module, when nothing is wrong and one was asked for.
    pub module: Option<Module>,
    /// What each phase took.
    pub timings: Vec<(&'static str, Duration)>,
    /// Lines of the sources, standard library included.
    pub lines: usize,
}

impl Outcome {
    /// Whether anything is an error.
    pub fn failed(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }
}

/// A parsed module.
struct Loaded {
    name: String,
    file: FileId,
    ast: ast::Module,
    std: bool,
}

/// Checks the program at a path: no module is made.
pub fn check(path: &Path, options: &Options) -> Outcome {
    let mut run = Run::new(options);
    if let Some(loaded) = run.load(path) {
        run.check(&loaded);
    }
    run.finish()
}

/// Compiles the program at a path.
pub fn build(path: &Path, options: &Options) -> Outcome {
    let mut run = Run::new(options);
    if let Some(loaded) = run.load(path) {
        run.compile(loaded);
    }
    run.finish()
}

/// Compiles one source text that is not in a file.
pub fn build_text(name: &str, text: &str, options: &Options) -> Outcome {
    let mut run = Run::new(options);
    let loaded = run.load_text(name, text);
    run.compile(loaded);
    run.finish()
}

/// The core of one source text and all sources it came from, for tests that run the core itself.
pub fn core_of_text(
    name: &str,
    text: &str,
    options: &Options,
) -> Result<(codex_core::ir::Program, SourceMap), Box<Outcome>> {
    let mut run = Run::new(options);
    let loaded = run.load_text(name, text);
    match run.core(loaded) {
        Some(core) => Ok((core, run.outcome.sources)),
        None => Err(Box::new(run.finish())),
    }
}

struct Run<'a> {
    options: &'a Options,
    outcome: Outcome,
}

impl<'a> Run<'a> {
    fn new(options: &'a Options) -> Self {
        Run { options, outcome: Outcome::default() }
    }

    fn timed<T>(&mut self, phase: &'static str, f: impl FnOnce(&mut Self) -> T) -> T {
        let start = Instant::now();
        let result = f(self);
        self.outcome.timings.push((phase, start.elapsed()));
        result
    }

    fn load(&mut self, path: &Path) -> Option<Vec<Loaded>> {
        let project = match Project::at(path, &mut self.outcome.sources) {
            Ok(project) => project,
            Err(error) => {
                self.outcome.diagnostics.push(*error);
                return None;
            }
        };
        let text = match project::read(&project.main, &mut self.outcome.sources) {
            Ok(text) => text,
            Err(error) => {
                self.outcome.diagnostics.push(*error);
                return None;
            }
        };
        let name = project.main.display().to_string();
        self.timed("read and parse", |run| run.load_from(Some(&project), &name, text))
    }

    fn load_text(&mut self, name: &str, text: &str) -> Vec<Loaded> {
        let text = text.to_owned();
        self.timed("read and parse", |run| run.load_from(None, name, text)).unwrap_or_default()
    }

    /// Reads and parses the main module and everything it needs, level by level; the modules of a level are
    /// parsed side by side.
    fn load_from(&mut self, project: Option<&Project>, name: &str, text: String) -> Option<Vec<Loaded>> {
        let mut loaded: BTreeMap<String, Loaded> = BTreeMap::new();
        let mut seen: BTreeSet<String> = BTreeSet::from(["main".to_owned()]);
        let mut wave = vec![("main".to_owned(), name.to_owned(), text, false)];
        if seen.insert("prelude".to_owned()) {
            wave.extend(std_source("prelude"));
        }
        while !wave.is_empty() {
            let parsed = self.parse_all(std::mem::take(&mut wave));
            for module in &parsed {
                for needed in codex_types::dependencies(&module.ast, module.std) {
                    if seen.insert(needed.clone()) {
                        wave.extend(self.find(project, &needed));
                    }
                }
            }
            loaded.extend(parsed.into_iter().map(|m| (m.name.clone(), m)));
        }
        Some(loaded.into_values().collect())
    }

    /// The source of a module: (name, shown name, text, standard).
    fn find(&mut self, project: Option<&Project>, name: &str) -> Option<(String, String, String, bool)> {
        // Standard modules come first: a file that happens to have such a name must not change what a program means.
        if let Some(found) = std_source(name) {
            return Some(found);
        }
        let file = project?.module_file(name)?;
        match project::read(&file, &mut self.outcome.sources) {
            Ok(text) => Some((name.to_owned(), file.display().to_string(), text, false)),
            Err(error) => {
                self.outcome.diagnostics.push(*error);
                None
            }
        }
    }

    fn parse_all(&mut self, wave: Vec<(String, String, String, bool)>) -> Vec<Loaded> {
        let files: Vec<FileId> =
            wave.iter().map(|(_, shown, text, _)| self.outcome.sources.add(shown.clone(), text.as_str())).collect();
        self.outcome.lines += wave.iter().map(|w| w.2.lines().count()).sum::<usize>();
        let jobs: Vec<(FileId, &str)> = files.iter().copied().zip(wave.iter().map(|w| w.2.as_str())).collect();
        let parsed = self.options.jobs.map(&jobs, |&(file, text)| codex_syntax::parse(file, text));
        let mut modules = Vec::new();
        for ((name, _, _, std), (file, parsed)) in wave.iter().zip(files.iter().zip(parsed)) {
            self.outcome.diagnostics.extend(parsed.diagnostics);
            let mut ast = parsed.module;
            if if *std { self.options.std_tests } else { self.options.tests } {
                let found = examples::add_tests(name, *file, &mut ast, &mut self.outcome.sources);
                self.outcome.diagnostics.extend(found);
            } else if *std {
                ast.items.retain(|item| !matches!(item.kind, ast::ItemKind::Test(_)));
            }
            modules.push(Loaded { name: name.clone(), file: *file, ast, std: *std });
        }
        modules
    }

    fn check(&mut self, loaded: &[Loaded]) -> Option<Checked> {
        let sources: Vec<ModuleSource<'_>> = loaded
            .iter()
            .map(|m| ModuleSource { name: m.name.clone(), file: m.file, ast: &m.ast, std: m.std })
            .collect();
        let checked = self.timed("check", |run| {
            let Options { tests, std_tests, jobs, .. } = *run.options;
            let options = codex_types::Options { tests: tests || std_tests, jobs };
            codex_types::check(&sources, &run.outcome.sources, &options)
        });
        self.outcome.diagnostics.extend(checked.diagnostics.iter().cloned());
        (!self.outcome.failed()).then_some(checked)
    }

    /// The core of a program. Trees are given up as soon as the next form is there, so that two are held at once, not all.
    fn core(&mut self, loaded: Vec<Loaded>) -> Option<codex_core::ir::Program> {
        let checked = self.check(&loaded)?;
        drop(loaded);
        let built = self.timed("build core", |run| {
            let options = codex_core::build::Options { tests: run.options.tests || run.options.std_tests };
            codex_core::build::build(&checked.program, &options)
        });
        match built {
            Ok(core) => Some(core),
            Err(errors) => {
                self.outcome.diagnostics.extend(errors);
                None
            }
        }
    }

    fn compile(&mut self, loaded: Vec<Loaded>) {
        let main = loaded.iter().find(|m| m.name == "main").map(|m| Span::new(m.file, 0, 0)).unwrap_or_default();
        let Some(core) = self.core(loaded) else { return };
        if core.entry.is_none() && !self.options.tests {
            // What is said of names that nothing uses follows from it.
            let name = self.outcome.sources.get(main.file).map_or("the program", |s| s.name.as_str());
            self.outcome.diagnostics = vec![invalid_main::missing(main, name)];
            return;
        }
        let options = codex_passes::Options { jobs: self.options.jobs, ..self.options.passes.clone() };
        let (module, stats) = codex_passes::compile_with_stats(core, &self.outcome.sources, &options);
        self.outcome.timings.extend(&stats.passes);
        self.outcome.module = Some(module);
    }

    fn finish(mut self) -> Outcome {
        self.outcome.diagnostics.sort_by_key(|d| (d.primary.span, d.code));
        self.outcome.diagnostics.dedup();
        drop_followers(&mut self.outcome.diagnostics);
        cap(&mut self.outcome.diagnostics);
        self.outcome
    }
}

/// In a file that could not be read whole, what seems unused may be used in what was not read: nothing is said about it.
fn drop_followers(diagnostics: &mut Vec<Diagnostic>) {
    let is_syntax = |d: &Diagnostic| d.code.0.starts_with("G01") || d.code.0.starts_with("G02");
    let broken: BTreeSet<FileId> = diagnostics.iter().filter(|d| is_syntax(d)).map(|d| d.primary.span.file).collect();
    diagnostics.retain(|d| d.severity == Severity::Error || !broken.contains(&d.primary.span.file));
}

/// At most this many errors are shown for one file: the rest mostly follow from them.
const MAX_ERRORS: usize = 20;

fn cap(diagnostics: &mut Vec<Diagnostic>) {
    let mut counts: BTreeMap<FileId, usize> = BTreeMap::new();
    diagnostics.retain(|d| {
        let count = counts.entry(d.primary.span.file).or_default();
        *count += usize::from(d.severity == Severity::Error);
        *count <= MAX_ERRORS
    });
}

fn std_source(name: &str) -> Option<(String, String, String, bool)> {
    let module = codex_stdlib::MODULES.iter().find(|m| m.name == name)?;
    Some((name.to_owned(), format!("std/{name}.glyph"), module.source.to_owned(), true))
}
