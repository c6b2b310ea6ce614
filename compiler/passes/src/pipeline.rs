//! The table of passes, and why they stand in this order.
//!
//! In the manner of Go's `cmd/compile/internal/ssa/compile.go`: one list, pairs that say which pass comes before which
//! and why (checked at start), and a checker that may run between any two.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use codex_core::ir::{Func, Program};
use codex_jobs::Jobs;

use crate::{
    Options, Stats, View, borrow, count, counters, destructure, globals, hoist, inline, kinds, prune, reopen, reuse,
    settle, simplify, tail, unique,
};

/// A pass.
pub struct Pass {
    /// Its name, as in [`Options::dump_after`].
    pub name: &'static str,
    /// Whether a program is right without it.
    pub optional: bool,
    work: Work,
    /// Whether the program is still as it was built: nobody counts yet.
    built: bool,
}

/// What a pass works on.
#[derive(Clone, Copy)]
enum Work {
    Program(fn(&mut Program, Jobs)),
    /// One function, which decides on nothing in another. Neighbours in the table run on a function one after the other
    /// while it is in the processor's caches: in a large program that is much of their cost.
    Function(fn(&View<'_>, &mut Func)),
}
use Work::{Function, Program as Whole};

const fn simple(name: &'static str, work: Work) -> Pass {
    Pass { name, optional: true, work, built: true }
}

const fn ownership(name: &'static str, optional: bool, work: Work) -> Pass {
    Pass { name, optional, work, built: false }
}

/// All passes, in order.
pub const PASSES: &[Pass] = &[
    simple("inline", Whole(inline::run)),
    simple("simplify", Function(simplify::run)),
    simple("globals", Whole(globals::run)),
    simple("reopen", Function(reopen::run)),
    simple("simplify again", Function(simplify::run)),
    simple("hoist", Function(hoist::run)),
    Pass { name: "settle", optional: false, work: Function(settle::run), built: true },
    simple("prune", Whole(prune::run)),
    simple("tail", Whole(tail::run)),
    ownership("borrow", true, Whole(borrow::run)),
    ownership("destructure", true, Function(destructure::run)),
    ownership("reuse", true, Function(reuse::run)),
    ownership("count", false, Function(count::run)),
    ownership("unique", false, Function(unique::run)),
    ownership("late tail", true, Function(tail::late)),
];

/// Pairs of passes: the first comes before the second, because.
const ORDER: &[(&str, &str, &str)] = &[
    ("simplify again", "prune", "the function of a closure that was inlined everywhere is dead only then"),
    ("inline", "simplify", "arguments are known in an inlined body"),
    ("simplify", "globals", "a constant is known to be a number when its computation is folded"),
    ("simplify", "reopen", "equal indices are one value only after equal computations are made once"),
    ("reopen", "simplify again", "a part that stays out is read where it was changed"),
    ("simplify again", "hoist", "what is computed once is moved out of a loop once"),
    ("simplify again", "settle", "most known variants are found there"),
    ("settle", "count", "an edge that control never takes cannot be counted"),
    ("tail", "borrow", "what a tail call passes must be given, so the callee cannot borrow it"),
    ("borrow", "destructure", "what is lent is not taken apart"),
    ("destructure", "reuse", "the cells to use again are those of records taken apart"),
    ("reuse", "count", "a token is given up where it is not used, like any owned value"),
    ("borrow", "count", "who gives a parameter up is written in the signature"),
    ("count", "late tail", "what is dropped after a call keeps it from being the last thing"),
    ("count", "unique", "what a `dup` shares is not unique, so all of them must be there"),
];

/// Runs all passes; `built_only` leaves out those from borrow inference on.
pub(crate) fn run(program: &mut Program, options: &Options, built_only: bool) -> Stats {
    debug_assert_eq!(misplaced(), None, "the passes are out of order");
    let wanted = |p: &&Pass| (p.built || !built_only) && (options.optimise || !p.optional);
    let passes: Vec<&Pass> = PASSES.iter().filter(wanted).collect();
    let apart = options.checks || options.dump_after.is_some();
    let together = |a: &&Pass, b: &&Pass| !apart && a.on_functions().is_some() && b.on_functions().is_some();
    let mut stats = Stats::default();
    for group in passes.chunk_by(together) {
        run_group(program, group, options.jobs, &mut stats);
        let last = group[group.len() - 1];
        if options.checks && last.built {
            check(program, last.name);
        }
        if options.dump_after.as_deref() == Some(last.name) {
            stats.dump = Some(codex_core::print::program(program));
        }
    }
    stats
}

impl Pass {
    fn on_functions(&self) -> Option<fn(&View<'_>, &mut Func)> {
        match self.work {
            Function(work) => Some(work),
            Whole(_) => None,
        }
    }
}

/// Runs one pass over the program, or several over each function. The time of a group is shared out by what each pass
/// took in all threads.
fn run_group(program: &mut Program, group: &[&Pass], jobs: Jobs, stats: &mut Stats) {
    let start = Instant::now();
    if let [Pass { name, work: Whole(work), .. }] = group {
        work(program, jobs);
        stats.passes.push((name, start.elapsed()));
        return;
    }
    let signatures = kinds::signatures(program);
    let spent: Vec<AtomicU64> = group.iter().map(|_| AtomicU64::new(0)).collect();
    crate::each(program, jobs, |program, batch| {
        let view = View { program, signatures: &signatures };
        let mut took = vec![Duration::ZERO; group.len()];
        for func in batch {
            for (pass, took) in group.iter().zip(&mut took) {
                let start = Instant::now();
                pass.on_functions().into_iter().for_each(|work| work(&view, func));
                if pass.built {
                    counters::keep(func);
                }
                *took += start.elapsed();
            }
        }
        spent.iter().zip(took).for_each(|(all, t)| _ = all.fetch_add(t.as_nanos() as u64, Ordering::Relaxed));
    });
    let all = start.elapsed();
    let spent: Vec<f64> = spent.into_iter().map(|s| s.into_inner() as f64).collect();
    let sum = spent.iter().sum::<f64>().max(1.0);
    stats.passes.extend(group.iter().zip(&spent).map(|(pass, spent)| (pass.name, all.mul_f64(spent / sum))));
}

/// Finds a pass that breaks what the next one builds on. After counting the verifier's rules are the stricter ones,
/// and the emitted module is held to them.
fn check(program: &Program, name: &str) {
    if let Err(wrong) = codex_core::check::check(program, codex_core::check::Stage::Built) {
        panic!("after the pass `{name}`: {}", wrong.join("; "));
    }
}

/// A pair of [`ORDER`] that [`PASSES`] does not keep, or that names no pass.
fn misplaced() -> Option<(&'static str, &'static str)> {
    let places = |name: &str| (0..PASSES.len()).filter(|&i| PASSES[i].name == name).collect::<Vec<_>>();
    ORDER.iter().map(|&(a, b, _)| (a, b)).find(|(a, b)| match (places(a).last(), places(b).first()) {
        (Some(last), Some(first)) => last >= first,
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_order_is_kept() {
        assert_eq!(super::misplaced(), None);
    }
}
