//! How fast a large program is checked: run with `--release -- --ignored --nocapture`.

mod common;

use codex_types::{ModuleSource, Options, check};

const UNIT: &str = include_str!("programs/expressions.glyph");

#[test]
#[ignore = "measures; of use in release builds only"]
fn a_large_program() {
    // Each copy has its own names.
    let names = [
        "Expr",
        "Num",
        "Add",
        "Mul",
        "Neg",
        "Point",
        "Grid",
        "origin",
        "limit",
        "step",
        "eval",
        "half",
        "quarter",
        "parse_all",
        "move_by",
        "classify",
        "sum_pairs",
        "n_of",
        "main",
    ];
    let mut text = String::new();
    let mut copies = 0;
    while text.lines().count() < 50_000 {
        for _ in 0..50 {
            let tokens = codex_syntax::tokens(codex_diagnostics::FileId(0), UNIT);
            let mut at = 0;
            for token in tokens {
                let (start, end) = (token.span.start as usize, token.span.end as usize);
                text.push_str(&UNIT[at..end]);
                if names.contains(&&UNIT[start..end]) {
                    text.push_str(&format!("_{copies}"));
                }
                at = end;
            }
            text.push_str(&UNIT[at..]);
            copies += 1;
        }
    }
    let lines = text.lines().count();
    let mut sources = codex_diagnostics::SourceMap::default();
    let mut modules = Vec::new();
    for (name, text, std) in
        codex_stdlib::MODULES.iter().map(|m| (m.name, m.source, true)).chain([("main", text.as_str(), false)])
    {
        let file = sources.add(name, text);
        let start = std::time::Instant::now();
        let parsed = codex_syntax::parse(file, text);
        if !std {
            println!("parse: {lines} lines in {:?}", start.elapsed());
        }
        modules.push((name, file, parsed, std));
    }
    let modules: Vec<ModuleSource<'_>> = modules
        .iter()
        .map(|(name, file, p, std)| ModuleSource { name: (*name).to_owned(), file: *file, ast: &p.module, std: *std })
        .collect();
    for _ in 0..3 {
        let start = std::time::Instant::now();
        let checked = check(&modules, &sources, &Options::default());
        let took = start.elapsed();
        let errors = checked.diagnostics.iter().filter(|d| d.severity == codex_diagnostics::Severity::Error).count();
        println!("check: {lines} lines in {took:?}: {:.0} lines/s, {errors} errors", lines as f64 / took.as_secs_f64());
    }
}
