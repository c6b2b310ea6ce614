//! Source text to core IR to what it prints.

#![allow(dead_code, unreachable_pub)] // each test file uses its own part

use std::collections::{BTreeMap, BTreeSet};

use codex_core::check::{Stage, check};
use codex_core::evaluate::{End, Outcome, World, evaluate};
use codex_core::ir::Program;
use codex_core::{Options, build};
use codex_diagnostics::{Diagnostic, FileId, Severity, SourceMap};
use codex_syntax::ast;
use codex_types::{ModuleSource, typed};

/// Parses and checks a program of one file with what it needs of the standard library.
pub fn typed(text: &str, tests: bool) -> typed::Program {
    front(text, tests).0
}

/// The same, with the sources that places in it refer to.
pub fn front(text: &str, tests: bool) -> (typed::Program, SourceMap) {
    let mut sources = SourceMap::default();
    let mut modules: BTreeMap<String, (FileId, ast::Module, bool)> = BTreeMap::new();
    let prelude = codex_stdlib::find("prelude").map_or("", |m| m.source);
    let mut wanted = vec![("main".to_owned(), text.to_owned(), false), ("prelude".into(), prelude.into(), true)];
    let mut seen: BTreeSet<String> = ["main".to_owned(), "prelude".to_owned()].into();
    while let Some((name, text, std)) = wanted.pop() {
        let file = sources.add(name.clone(), text.as_str());
        let mut parsed = codex_syntax::parse(file, &text);
        let shown = codex_diagnostics::render(&parsed.diagnostics, &sources, codex_diagnostics::Style::default());
        assert!(parsed.diagnostics.is_empty(), "{name}: {shown}");
        parsed.module.items.retain(|i| !std || !matches!(i.kind, ast::ItemKind::Test(_)));
        for needed in codex_types::dependencies(&parsed.module, std) {
            if let (Some(module), true) = (codex_stdlib::find(&needed), seen.insert(needed.clone())) {
                wanted.push((needed, module.source.into(), true));
            }
        }
        modules.insert(name, (file, parsed.module, std));
    }
    let all: Vec<ModuleSource<'_>> = modules
        .iter()
        .map(|(name, (file, ast, std))| ModuleSource { name: name.clone(), file: *file, ast, std: *std })
        .collect();
    let checked = codex_types::check(&all, &sources, &codex_types::Options { tests, ..Default::default() });
    let errors: Vec<&Diagnostic> = checked.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    let shown = codex_diagnostics::render(&checked.diagnostics, &sources, codex_diagnostics::Style::default());
    assert!(errors.is_empty(), "{shown}");
    (checked.program, sources)
}

/// Builds a program, or says what is wrong with it.
pub fn built(text: &str) -> Result<Program, Vec<Diagnostic>> {
    let program = build(&typed(text, false), &Options { tests: false })?;
    if let Err(wrong) = check(&program, Stage::Built) {
        panic!("{wrong:#?}\n{}", codex_core::print::program(&program));
    }
    Ok(program)
}

/// The core of a program that builds.
pub fn core(text: &str) -> Program {
    match built(text) {
        Ok(program) => program,
        Err(errors) => panic!("{errors:#?}"),
    }
}

/// Runs `main`.
pub fn run(text: &str) -> Outcome {
    let program = core(text);
    let entry = program.entry.expect("there is a main");
    on_big_stack(move || evaluate(&program, entry, World::default()))
}

/// What `main` prints.
pub fn printed(text: &str) -> String {
    let outcome = run(text);
    assert_eq!(outcome.end, End::Returned, "{}", outcome.stdout());
    outcome.stdout()
}

/// What the statements print, in a `main` of their own.
pub fn prints(body: &str) -> String {
    printed(&format!("fn main() {{\n{body}\n}}\n"))
}

/// Runs on a stack with room, as tools do.
pub fn on_big_stack<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|s| {
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(s, f).expect("a thread starts");
        thread.join().unwrap_or_else(|p| std::panic::resume_unwind(p))
    })
}
