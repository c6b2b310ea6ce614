//! Source text to core IR, to a module, and to what it prints.

#![allow(dead_code, unreachable_pub)] // each test file uses its own part

use codex_core::evaluate::{Outcome, World, evaluate};
use codex_core::ir::Program;
use codex_diagnostics::SourceMap;
use codex_passes::{Options, compile_with_stats};
use codex_spec::module::Module;

#[path = "../../../core/tests/common/mod.rs"]
mod front;

/// The core of a program of one file, with what it needs of the standard library.
pub fn core(text: &str) -> (Program, SourceMap) {
    let (program, sources) = front::front(text, false);
    let core = codex_core::build(&program, &codex_core::Options { tests: false });
    (core.unwrap_or_else(|e| panic!("{e:?}")), sources)
}

/// The module of a program.
pub fn module(text: &str, optimise: bool) -> Module {
    let (core, sources) = core(text);
    codex_passes::compile(core, &sources, &Options { optimise, ..Options::default() })
}

/// The whole program as it is printed after a pass.
pub fn after(pass: &str, text: &str) -> String {
    let (core, sources) = core(text);
    let options = Options { dump_after: Some(pass.to_owned()), ..Options::default() };
    compile_with_stats(core, &sources, &options).1.dump.unwrap_or_else(|| panic!("there is no pass `{pass}`"))
}

/// One function of a program, as it is printed after a pass.
pub fn function(pass: &str, name: &str, text: &str) -> String {
    let all = after(pass, text);
    let start = all.find(&format!("fn {name}(")).unwrap_or_else(|| panic!("no `{name}` in\n{all}"));
    let end = all[start..].find("\n}").map_or(all.len(), |n| start + n);
    all[start..end].to_owned()
}

/// What a program prints when its core is evaluated.
pub fn evaluated(program: Program) -> Outcome {
    let entry = program.entry.expect("there is a main");
    // The evaluator recurses with the program.
    let run = move || evaluate(&program, entry, World::default());
    let thread = std::thread::Builder::new().stack_size(1 << 30).spawn(run).expect("a thread");
    thread.join().expect("the evaluator ends")
}

/// The glyph programs in a folder of the repository and below.
pub fn programs(folder: &str) -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "glyph") {
                let text = std::fs::read_to_string(&path).expect("a readable file");
                // Whole programs of one file, without mistakes made on purpose.
                if text.contains("fn main")
                    && !text.contains("// error:")
                    && !text.contains("\nimport ")
                    && !text.starts_with("import ")
                {
                    found.push((path.display().to_string(), text));
                }
            }
        }
    }
    found.sort();
    found
}
