//! The whole standard library and all example programs check without a complaint.

mod common;

use codex_types::{ModuleSource, Options, check};

#[test]
fn the_standard_library_checks() {
    // As user modules, so that every function is checked; `std` only decides about `builtin`.
    let mut sources = codex_diagnostics::SourceMap::default();
    let parsed: Vec<_> = codex_stdlib::MODULES
        .iter()
        .map(|m| {
            let file = sources.add(format!("{}.glyph", m.name), m.source);
            (m.name, file, codex_syntax::parse(file, m.source))
        })
        .collect();
    for (name, _, p) in &parsed {
        assert!(p.diagnostics.is_empty(), "{name}: {:?}", p.diagnostics);
    }
    // A test in each module that mentions every function makes all of them needed.
    let calls: Vec<String> = parsed
        .iter()
        .flat_map(|(name, _, p)| {
            p.module.items.iter().filter_map(move |i| match &i.kind {
                // These two take nothing but an ask.
                codex_syntax::ast::ItemKind::Function(f) if f.name.name.as_str() == "try_ask" => {
                    Some(format!("  let _ = {name}.try_ask(probe ⇔ Ping())\n"))
                }
                codex_syntax::ast::ItemKind::Function(f) if f.name.name.as_str() == "ask_within" => {
                    Some(format!("  let _ = {name}.ask_within(time.seconds(1), probe ⇔ Ping())\n"))
                }
                codex_syntax::ast::ItemKind::Function(f) if i.public => {
                    Some(format!("  let _ = {name}.{}\n", f.name.name))
                }
                _ => None,
            })
        })
        .collect();
    let main = format!(
        "container Probe() {{ on Ping() {{ }} }}\n\nfn main() {{\n  let probe = ⊞ Probe()\n{}}}\n",
        calls.concat()
    );
    let file = sources.add("main.glyph", main.as_str());
    let main = codex_syntax::parse(file, &main);
    assert!(main.diagnostics.is_empty());
    let mut modules: Vec<ModuleSource<'_>> = parsed
        .iter()
        .map(|(name, file, p)| ModuleSource { name: (*name).to_owned(), file: *file, ast: &p.module, std: true })
        .collect();
    modules.push(ModuleSource { name: "main".to_owned(), file, ast: &main.module, std: false });
    let start = std::time::Instant::now();
    let checked = check(&modules, &sources, &Options { tests: true, ..Default::default() });
    println!("checked in {:?}", start.elapsed());
    let shown: Vec<String> = checked
        .diagnostics
        .iter()
        .map(|d| {
            let (line, column) = sources.line_column(d.primary.span.file, d.primary.span.start);
            let name = sources.get(d.primary.span.file).map_or("", |s| &s.name);
            format!("{name}:{line}:{column} {} {} | {} {:?}", d.code.0, d.headline, d.primary.text, d.notes)
        })
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
    assert_eq!(common::verify::verify(&checked.program), Vec::<String>::new());
    assert!(checked.program.functions.len() > 300);
}

/// Every `.glyph` file below a folder of the workspace that is a program of its own.
fn programs(below: &str) -> Vec<std::path::PathBuf> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(below);
    let (mut folders, mut found) = (vec![root], Vec::new());
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|e| e.path()) {
            if path.is_dir() && !path.join("codex.toml").exists() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "glyph") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_example_programs_check_and_are_sound() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for path in ["benches/peers/programs", "examples", "tests/language"].into_iter().flat_map(programs) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if text.lines().any(|l| l.starts_with("import ")) {
            continue;
        }
        seen += 1;
        let run = common::run(&text);
        let name = path.display();
        wrong.extend(run.errors().iter().map(|l| format!("{name}: {l}")));
        if run.errors().is_empty() {
            let unsound = common::verify::verify(&run.checked.program);
            wrong.extend(unsound.iter().map(|l| format!("{name}: UNSOUND {l}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 5);
}

#[test]
fn the_list_of_standard_modules_is_the_library() {
    let mut library: Vec<&str> = codex_stdlib::MODULES.iter().map(|m| m.name).collect();
    library.sort_unstable();
    assert_eq!(library, codex_types::STANDARD_MODULES);
}
