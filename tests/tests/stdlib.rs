//! Every documentation example of the standard library runs, and every public function has one; the tests of the
//! example programs run too.

use std::path::Path;

use codex_diagnostics::FileId;
use codex_syntax::ast::ItemKind;
use codex_tests::run::{compiled, run_tests};
use codex_tests::{Setup, root, run_text};
use codex_vm::shell::test::Tally;
use codexc::driver::{Options, build, build_text};

/// Every name of a public function, type or constant of the standard library, as `module.name`.
fn public_names() -> Vec<String> {
    let mut names = Vec::new();
    for module in codex_stdlib::MODULES {
        for item in codex_syntax::parse(FileId(0), module.source).module.items {
            let name = match &item.kind {
                ItemKind::Function(f) => f.name.name.as_str(),
                ItemKind::Type(t) => t.name.name.as_str(),
                ItemKind::Const(c) => c.name.name.as_str(),
                _ => continue,
            };
            if item.public {
                names.push(format!("{}.{name}", module.name));
            }
        }
    }
    names
}

#[test]
fn every_documented_example_of_the_standard_library_holds() {
    let imports: String = codex_stdlib::MODULES.iter().map(|m| format!("import {}\n", m.name)).collect();
    let options = Options { tests: true, std_tests: true, ..Options::default() };
    let program = compiled(build_text("all.glyph", &format!("{imports}fn main() {{ }}\n"), &options));
    let (tally, report) = run_tests(&program.unwrap_or_else(|e| panic!("{e}")), Path::new("."));
    let failed: Vec<&str> = report.lines().filter(|l| !l.starts_with("ok ")).collect();
    assert_eq!(tally.failed, 0, "{}", failed.join("\n"));

    let names = public_names();
    let ran = |name: &&String| report.contains(&format!("ok    {name} (example)\n"));
    let lacking: Vec<&String> = names.iter().filter(|n| !ran(n)).collect();
    println!("{} public names, {} examples and tests ran", names.len(), tally.passed);
    assert!(lacking.is_empty(), "these have no example that ran: {lacking:?}");
    assert!(names.len() >= 300, "only {} public names", names.len());
}

/// An example that does not hold is found: the check above can fail.
#[test]
fn a_wrong_example_is_found() {
    let text = "/// One more.\n/// ```glyph\n/// expect next(1) ≡ 3\n/// ```\npub fn next(n: Int) → Int = n + 1\n\nfn main() { print(next(1)) }\n";
    let options = Options { tests: true, ..Options::default() };
    let program = compiled(build_text("wrong.glyph", text, &options)).unwrap_or_else(|e| panic!("{e}"));
    let (tally, report) = run_tests(&program, Path::new("."));
    assert_eq!(tally, Tally { passed: 0, failed: 1 });
    for part in ["FAIL  main.next (example)", "expectation failed: next(1) ≡ 3", "left:  2", "wrong.glyph:3:5"] {
        assert!(report.contains(part), "{report}");
    }
}

/// Where the library was inlined into a program, a report names the line that the reader wrote.
#[test]
fn a_report_names_the_programs_own_line() {
    for (call, reason) in [
        ("list.set([1], 5, 2)", "R0004"),
        ("option.unwrap_or_panic(list.first(list.drop([1], 1)), \"nothing\")", "R0001"),
        ("todo()", "R0012"),
        ("int.pow(10, 40)", "R0002"),
    ] {
        let text = format!("fn main() {{\n  print(1)\n  print({call})\n}}\n");
        let run = run_text("own.glyph", &text).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(run.trap.as_deref(), Some(reason), "{call}");
        assert!(run.report.contains("at main (own.glyph:3:"), "{}", run.report);
    }
}

#[test]
fn the_tests_of_the_examples_pass() {
    let mut ran = 0;
    for entry in std::fs::read_dir(root().join("examples")).expect("examples").flatten() {
        let main = entry.path().join("main.glyph");
        if !main.is_file() {
            continue;
        }
        let program = compiled(build(&main, &Options { tests: true, ..Options::default() }));
        let program = program.unwrap_or_else(|e| panic!("{}: {e}", main.display()));
        let (tally, report) = run_tests(&program, &Setup::default().folder);
        assert_eq!(tally.failed, 0, "{}:\n{report}", main.display());
        ran += tally.passed;
    }
    println!("{ran} tests of examples ran");
    assert!(ran >= 20, "only {ran} tests in examples/");
}
