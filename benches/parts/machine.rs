//! The machine's parts, each by a small program that does little else, and what is done to whole worlds. A program's
//! throughput is in turns of its loop, start and end of the world included.

mod cpu_time;

use std::hint::black_box;

use codex_benches::{program, run, world_of};
use codex_vm::{dump, hash};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use cpu_time::CpuTime;

const TURNS: u64 = 100_000;

/// Name, declarations, what comes before the loop, what a turn does with `i`, and what is printed at the end.
const PROGRAMS: &[(&str, &str, &str, &str, &str)] = &[
    ("dispatch, 4 instructions", "", "var t = 1", "t ≔ (t × 3 + i) % 65536", "t"),
    ("call", "fn f(n: Int, i: Int) → Int = if n ≡ 0 { i } else { f(n - 1, i) + 1 }", "var t = 1", "t ≔ f(1, i)", "t"),
    (
        "alloc and free",
        "type Tree { Leaf, Node(Tree, Tree) }\nfn make(n: Int) → Tree = if n ≡ 0 { Leaf } else { Node(make(n - 1), Leaf) }\n\
         fn depth(t: Tree) → Int {\n  match t {\n    Leaf → 0\n    Node(left, _) → 1 + depth(left)\n  }\n}",
        "var t = 0",
        "t ≔ t + depth(make(1 + i % 2))",
        "t",
    ),
    ("list push", "", "var xs: List[Int] = []", "xs ≔ list.push(xs, i)", "list.length(xs)"),
    ("list index", "", "let xs = list.repeat(3, 1000)\n  var t = 0", "t ≔ t + xs[i % 1000]", "t"),
    ("map insert", "", "var m: Map[Int, Int] = [:]", "m ≔ map.insert(m, i, i)", "map.size(m)"),
    (
        "map get",
        "",
        "var m: Map[Int, Int] = [:]\n  for k ∈ 0..1000 { m ≔ map.insert(m, k, k) }\n  var t = 0",
        "t ≔ t + map.get_or(m, i % 1000, 0)",
        "t",
    ),
    ("text append", "", "var s = \"\"", "s ≔ s ++ \"abc\"\n    if i < 0 { print(s) }", "s ≡ \"\""),
];

fn parts(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("interpreter");
    group.throughput(Throughput::Elements(TURNS));
    for (name, declarations, before, turn, shown) in PROGRAMS {
        let text = format!(
            "{declarations}\nfn main() {{\n  {before}\n  for i ∈ 0..{TURNS} {{\n    {turn}\n  }}\n  print({shown})\n}}\n"
        );
        let program = program(&text);
        group.bench_function(*name, |b| b.iter(|| black_box(run(&program).ticks())));
    }
    group.finish();
}

fn worlds(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("world");
    group.sample_size(10);
    for mebibytes in [1, 16, 256] {
        let world = world_of(mebibytes << 20);
        group.throughput(Throughput::Bytes((mebibytes << 20) as u64));
        group.bench_function(format!("state hash, {mebibytes} MiB"), |b| b.iter(|| black_box(hash::hash(&world))));
        if mebibytes < 256 {
            let bytes = dump::dump(&world);
            group.bench_function(format!("dump, {mebibytes} MiB"), |b| b.iter(|| black_box(dump::dump(&world))));
            group
                .bench_function(format!("load, {mebibytes} MiB"), |b| b.iter(|| black_box(dump::load(&bytes).is_ok())));
        }
    }
    group.finish();
}

criterion_group! { name = benches; config = cpu_time::criterion(); targets = parts, worlds }
criterion_main!(benches);
