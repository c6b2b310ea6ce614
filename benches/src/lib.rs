//! What the benches of parts share: sources to compile, and programs as worlds.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use codex_diagnostics::{Diagnostic, Style, render};
use codex_spec::module::Module;
use codex_vm::program::Program;
use codex_vm::tick;
use codex_vm::world::{Settings, World};
use codexc::driver::{Options, Outcome, build, build_text};

/// The largest example, as real programs go: several hundred lines that use most of the language.
pub fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/lisp/main.glyph")
}

/// The text of [`example`].
pub fn example_text() -> String {
    std::fs::read_to_string(example()).expect("the examples stand beside the benches")
}

/// The module of [`example`].
pub fn example_module() -> Module {
    module(build(&example(), &Options::default()))
}

/// A program from source, ready to run.
pub fn program(text: &str) -> Arc<Program> {
    let module = module(build_text("bench.glyph", text, &Options::default()));
    Program::new(codex_spec::verify::verify(module).expect("the compiler's modules are sound"))
}

fn module(outcome: Outcome) -> Module {
    let shown = |wrong: &[Diagnostic]| render(wrong, &outcome.sources, Style { color: false, ascii: true });
    assert!(!outcome.failed(), "{}", shown(&outcome.diagnostics));
    outcome.module.expect("a program without errors has a module")
}

/// Runs a program that asks for nothing to its end.
pub fn run(program: &Arc<Program>) -> World {
    let mut world = World::new(program.clone(), Settings::default());
    while world.end().is_none() {
        tick(&mut world, &[]);
    }
    world
}

/// A world in the middle of its work, with a list of so many bytes in its heap.
pub fn world_of(bytes: usize) -> World {
    let count = bytes / 8;
    let text = format!(
        "fn main() {{\n  let xs = list.repeat(7, {count})\n  var at = 0\n  while xs[at % {count}] ≡ 7 {{ at ≔ at + 1 }}\n}}\n"
    );
    let mut world = World::new(program(&text), Settings::default());
    for _ in 0..100 {
        tick(&mut world, &[]);
    }
    assert!(world.end().is_none(), "it goes on for ever");
    world
}
