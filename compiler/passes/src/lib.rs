//! Core IR to bytecode.

mod count;
mod graph;
mod kinds;
mod live;
mod plain;
mod promote;
mod rows;
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
    count::run(&mut program);
    let signatures = kinds::signatures(&program);
    let mut functions = std::mem::take(&mut program.functions);
    let mut lines = plain::Lines::new(sources);
    let mut module = Module::default();
    for func in &mut functions {
        plain::make_unique(func);
        let (function, runs) = plain::function(func, &program, &signatures, &mut lines);
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
