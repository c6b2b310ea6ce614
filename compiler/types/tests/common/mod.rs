//! Programs as text, checked with the standard library.

#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod verify;

use std::collections::BTreeMap;

use codex_diagnostics::{Diagnostic, FileId, Severity, SourceMap};
use codex_syntax::ast;
use codex_types::{Checked, ModuleSource, Options, check, dependencies};

pub struct Run {
    pub sources: SourceMap,
    pub checked: Checked,
    pub parse_errors: Vec<Diagnostic>,
    pub main_file: FileId,
}

/// Checks user modules given by name and text; the standard modules they need are added.
pub fn run_modules(user: &[(&str, &str)]) -> Run {
    let mut sources = SourceMap::default();
    let mut loaded: BTreeMap<String, (FileId, ast::Module, bool)> = BTreeMap::new();
    let mut parse_errors = Vec::new();
    let mut main_file = FileId(0);
    let mut load = |name: &str, text: &str, std: bool, loaded: &mut BTreeMap<String, (FileId, ast::Module, bool)>| {
        let file = sources.add(format!("{name}.glyph"), text);
        if name == "main" {
            main_file = file;
        }
        let parsed = codex_syntax::parse(file, text);
        parse_errors.extend(parsed.diagnostics);
        let needed = dependencies(&parsed.module, std);
        loaded.insert(name.to_owned(), (file, parsed.module, std));
        needed
    };
    let mut work = vec!["prelude".to_owned()];
    for (name, text) in user {
        work.extend(load(name, text, false, &mut loaded));
    }
    while let Some(name) = work.pop() {
        if loaded.contains_key(&name) {
            continue;
        }
        if let Some(module) = codex_stdlib::MODULES.iter().find(|m| m.name == name) {
            work.extend(load(module.name, module.source, true, &mut loaded));
        }
    }
    let modules: Vec<ModuleSource<'_>> = loaded
        .iter()
        .map(|(name, (file, ast, std))| ModuleSource { name: name.clone(), file: *file, ast, std: *std })
        .collect();
    let checked = check(&modules, &sources, &Options { tests: true, ..Default::default() });
    drop(modules);
    Run { sources, checked, parse_errors, main_file }
}

/// Checks one main module.
pub fn run(text: &str) -> Run {
    run_modules(&[("main", text)])
}

impl Run {
    /// Errors and warnings as lines `CODE headline | label | help`.
    pub fn lines(&self) -> Vec<String> {
        self.parse_errors.iter().chain(&self.checked.diagnostics).map(|d| self.line(d)).collect()
    }

    pub fn line(&self, d: &Diagnostic) -> String {
        let at = self.sources.line_column(d.primary.span.file, d.primary.span.start);
        let text = self
            .sources
            .get(d.primary.span.file)
            .map_or("", |s| s.text.get(d.primary.span.start as usize..d.primary.span.end as usize).unwrap_or(""));
        let mut line = format!("{} {}:{} `{text}` {} | {}", d.code.0, at.0, at.1, d.headline, d.primary.text);
        for label in &d.secondary {
            line.push_str(&format!(" | label: {}", label.text));
        }
        for help in &d.helps {
            line.push_str(&format!(" | help: {help}"));
        }
        for fix in &d.fixes {
            line.push_str(&format!(" | fix: {}", fix.text));
        }
        line
    }

    pub fn codes(&self) -> Vec<&'static str> {
        self.parse_errors.iter().chain(&self.checked.diagnostics).map(|d| d.code.0).collect()
    }

    pub fn errors(&self) -> Vec<String> {
        let all = self.parse_errors.iter().chain(&self.checked.diagnostics);
        all.filter(|d| d.severity == Severity::Error).map(|d| self.line(d)).collect()
    }
}
