//! Core IR to bytecode.

mod borrow;
mod count;
mod graph;
mod hoist;
mod inline;
mod kinds;
mod live;
mod plain;
mod promote;
mod rows;
mod tail;
mod tidy;
mod unique;
mod walk;

use codex_core::ir::{Func, Program};
use codex_diagnostics::SourceMap;
use codex_spec::module::{Module, Names};

/// How the passes run.
#[derive(Clone, Debug, Default)]
pub struct Options {}

fn empty_func() -> Func {
    Func {
        name: String::new(),
        span: Default::default(),
        params: Vec::new(),
        borrowed: Vec::new(),
        result: codex_spec::layout::RegType::I64,
        closure: None,
        values: Vec::new(),
        blocks: Vec::new(),
    }
}

/// Compiles.
pub fn compile(mut program: Program, sources: &SourceMap, _options: &Options) -> Module {
    inline::run(&mut program);
    tidy::run(&mut program);
    hoist::run(&mut program);
    tail::run(&mut program);
    borrow::run(&mut program);
    count::run(&mut program);
    for n in 0..program.functions.len() {
        let mut func = std::mem::replace(&mut program.functions[n], empty_func());
        // Its own signature is still asked for where it calls itself.
        program.functions[n].borrowed.clone_from(&func.borrowed);
        unique::run(&mut func, &program);
        program.functions[n] = func;
    }
    let mut lines = plain::Lines::new(sources);
    let mut module = Module::default();
    for n in 0..program.functions.len() {
        let mut func = program.functions[n].clone();
        let (function, runs) = plain::function(&mut func, &program, &mut lines);
        module.functions.push(function);
        module.names.functions.push(func.name.clone());
        module.names.lines.push(runs);
    }
    module.types = program.types;
    module.layouts = program.layouts;
    module.constants = program.constants;
    module.globals = program.globals;
    module.entry = program.entry;
    module.tests = program.tests;
    module.names.types = program.type_names;
    module.names.layouts = program.layout_names;
    module.names.files = sources.files().map(|(_, s)| s.name.clone()).collect();
    let _: &Names = &module.names;
    module
}
