//! The compiler's phases, each alone, over the standard library (lexer, parser, formatter) or an example with all it
//! needs of the library (from the check on). Throughput is in lines of source, for decoder and verifier in bytes.

mod cpu_time;

use std::hint::black_box;

use codex_benches::{example, example_module, example_text};
use codex_diagnostics::{FileId, SourceMap};
use codex_spec::{codec, verify};
use codex_stdlib::MODULES;
use codex_syntax::{Parsed, Spelling};
use codex_types::{Checked, ModuleSource};
use codexc::driver::{Options, check};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

use cpu_time::CpuTime;

fn lines(texts: &[&str]) -> Throughput {
    Throughput::Elements(texts.iter().map(|t| t.lines().count() as u64).sum())
}

fn syntax(c: &mut Criterion<CpuTime>) {
    let texts: Vec<&str> = MODULES.iter().map(|m| m.source).collect();
    let mut group = c.benchmark_group("syntax");
    group.throughput(lines(&texts));
    let each = |work: &dyn Fn(&str)| texts.iter().for_each(|text| work(text));
    group.bench_function("lexer", |b| b.iter(|| each(&|text| drop(black_box(codex_syntax::tokens(FileId(0), text))))));
    group.bench_function("parser", |b| b.iter(|| each(&|text| drop(black_box(codex_syntax::parse(FileId(0), text))))));
    group.bench_function("formatter", |b| {
        b.iter(|| each(&|text| drop(black_box(codex_syntax::format(text, Spelling::Glyph)))))
    });
    group.finish();
}

/// The example and the whole library, parsed.
struct Program {
    sources: SourceMap,
    modules: Vec<(String, FileId, Parsed, bool)>,
}

impl Program {
    fn new() -> Program {
        let mut sources = SourceMap::default();
        let main = ("main".to_owned(), example_text(), false);
        let std = MODULES.iter().map(|m| (m.name.to_owned(), m.source.to_owned(), true));
        let mut modules = Vec::new();
        for (name, text, std) in std.chain([main]) {
            let file = sources.add(name.clone(), text.as_str());
            modules.push((name, file, codex_syntax::parse(file, &text), std));
        }
        Program { sources, modules }
    }

    fn check(&self) -> Checked {
        let mut modules = Vec::new();
        for (name, file, parsed, std) in &self.modules {
            modules.push(ModuleSource { name: name.clone(), file: *file, ast: &parsed.module, std: *std });
        }
        codex_types::check(&modules, &self.sources, &codex_types::Options::default())
    }
}

fn phases(c: &mut Criterion<CpuTime>) {
    let program = Program::new();
    let checked = program.check();
    let core = codex_core::build(&checked.program, &Default::default()).expect("the example is right");
    let mut group = c.benchmark_group("phases");
    group.throughput(lines(&[&example_text()]));
    group.bench_function("check", |b| b.iter(|| black_box(program.check())));
    group.bench_function("core", |b| b.iter(|| black_box(codex_core::build(&checked.program, &Default::default()))));
    group.bench_function("passes and emission", |b| {
        let passes = |core| codex_passes::compile(core, &program.sources, &Default::default());
        b.iter_batched(|| core.clone(), passes, BatchSize::LargeInput)
    });
    group.bench_function("codexc check", |b| b.iter(|| black_box(check(&example(), &Options::default()))));
    group.finish();
}

fn modules(c: &mut Criterion<CpuTime>) {
    let module = example_module();
    let bytes = codec::encode(&module);
    let mut group = c.benchmark_group("module");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("encoder", |b| b.iter(|| black_box(codec::encode(&module))));
    group.bench_function("decoder", |b| b.iter(|| black_box(codec::decode(&bytes))));
    group.bench_function("verifier", |b| {
        b.iter_batched(|| module.clone(), |m| black_box(verify::verify(m).is_ok()), BatchSize::SmallInput)
    });
    group.finish();
}

criterion_group! { name = benches; config = cpu_time::criterion(); targets = syntax, phases, modules }
criterion_main!(benches);
