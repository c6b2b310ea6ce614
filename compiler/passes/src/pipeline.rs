//! The table of passes, and why they stand in this order.
//!
//! In the manner of Go's `cmd/compile/internal/ssa/compile.go`: one list, pairs that say which pass comes before which
//! and why (checked at start), and a checker that may run between any two.

use std::time::Instant;

use codex_core::ir::Program;
use codex_jobs::Jobs;

use crate::{
    Options, Stats, borrow, count, counters, destructure, globals, hoist, inline, prune, reopen, reuse, settle,
    simplify, tail, unique,
};

/// A pass.
pub struct Pass {
    /// Its name, as in [`Options::dump_after`].
    pub name: &'static str,
    /// Whether a program is right without it.
    pub optional: bool,
    run: fn(&mut Program, Jobs),
    /// Whether the program is still as it was built: nobody counts yet.
    built: bool,
}

const fn optional(name: &'static str, run: fn(&mut Program, Jobs)) -> Pass {
    Pass { name, optional: true, run, built: true }
}

const fn ownership(name: &'static str, run: fn(&mut Program, Jobs)) -> Pass {
    Pass { name, optional: false, run, built: false }
}

/// All passes, in order.
pub const PASSES: &[Pass] = &[
    optional("inline", inline::run),
    optional("simplify", simplify::run),
    optional("globals", globals::run),
    optional("reopen", reopen::run),
    optional("simplify again", simplify::run),
    optional("prune", prune::run),
    optional("hoist", hoist::run),
    Pass { name: "settle", optional: false, run: settle::run, built: true },
    optional("tail", tail::run),
    Pass { name: "borrow", optional: true, run: borrow::run, built: false },
    Pass { name: "destructure", optional: true, run: destructure::run, built: false },
    Pass { name: "reuse", optional: true, run: reuse::run, built: false },
    ownership("count", count::run),
    ownership("unique", unique::run),
    Pass { name: "late tail", optional: true, run: tail::late, built: false },
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
    let mut stats = Stats::default();
    for pass in PASSES.iter().take_while(|p| p.built || !built_only) {
        if pass.optional && !options.optimise {
            continue;
        }
        let start = Instant::now();
        (pass.run)(program, options.jobs);
        if pass.built {
            counters::keep(program);
        }
        stats.passes.push((pass.name, start.elapsed(), size(program)));
        if cfg!(debug_assertions) && pass.built {
            check(program, pass.name);
        }
        if options.dump_after.as_deref() == Some(pass.name) {
            stats.dump = Some(codex_core::print::program(program));
        }
    }
    stats
}

/// Finds a pass that breaks what the next one builds on. After counting the verifier's rules are the stricter ones,
/// and the emitted module is held to them.
fn check(program: &Program, name: &str) {
    if let Err(wrong) = codex_core::check::check(program, codex_core::check::Stage::Built) {
        panic!("after the pass `{name}`: {}", wrong.join("; "));
    }
}

/// The number of instructions.
fn size(program: &Program) -> usize {
    program.functions.iter().flat_map(|f| &f.blocks).map(|b| b.insts.len() + 1).sum()
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
