//! Drives a target without a fuzzer: each item of its corpus, then items changed at random.
//!
//! Keeps true: the input of execution n follows from the seed and n alone.

use std::time::{Duration, Instant};

use crate::Random;
use crate::targets::Target;

/// How much to do: so many executions, or as many as fit into a time.
#[derive(Clone, Copy, Debug)]
pub enum Budget {
    /// So many inputs.
    Executions(u64),
    /// For so long.
    Time(Duration),
}

/// What was done.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    /// Inputs tried.
    pub executions: u64,
    /// How long it took.
    pub took: Duration,
}

/// Runs a target.
///
/// # Panics
/// When the target does, with what reproduces it.
pub fn drive(target: &Target, seed: u64, budget: Budget) -> Done {
    let corpus = (target.corpus)();
    let begun = Instant::now();
    let mut n = 0;
    loop {
        let goes_on = match budget {
            Budget::Executions(most) => n < most,
            Budget::Time(most) => begun.elapsed() < most,
        };
        if !goes_on {
            return Done { executions: n, took: begun.elapsed() };
        }
        let input = input(&corpus, seed, n);
        let run = std::panic::AssertUnwindSafe(|| (target.run)(&input));
        if let Err(panic) = std::panic::catch_unwind(run) {
            eprintln!("{}, seed {seed}, execution {n}: {}", target.name, input.escape_ascii());
            std::panic::resume_unwind(panic);
        }
        n += 1;
    }
}

/// The input of execution `n`.
pub fn input(corpus: &[Vec<u8>], seed: u64, n: u64) -> Vec<u8> {
    let mut random = Random::new(seed ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    if let Some(item) = usize::try_from(n).ok().and_then(|n| corpus.get(n)).filter(|_| seed == 0) {
        return item.clone();
    }
    if corpus.is_empty() || random.one_in(50) {
        return (0..random.below(200)).map(|_| random.bits() as u8).collect();
    }
    let mut input = random.pick(corpus).clone();
    for _ in 0..1 + random.below(4) {
        change(&mut input, corpus, &mut random);
    }
    input
}

/// Pieces that mean something somewhere.
const PIECES: &[&str] = &[
    "\"",
    "\"\"\"",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "⟦",
    "→",
    "≔",
    "λ ",
    "\\",
    "//",
    "/// ",
    "\n",
    "\u{202e}",
    "\u{200b}",
    "\0",
    "é",
    "fn ",
    "match ",
    "else",
    "..",
    "..=",
    "0x",
    "1e",
    "'",
    "|",
    "@",
    "?",
    "$",
    "\u{feff}",
    "\u{ff}\u{ff}",
    "\u{80}",
];

fn change(input: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    let at = random.below(input.len() + 1);
    match random.below(8) {
        0 if at < input.len() => input[at] = random.bits() as u8,
        1 if at < input.len() => input[at] ^= 1 << random.below(8),
        2 => input.truncate(at),
        3 => input.insert(at, random.bits() as u8),
        4 => drop(input.drain(at..input.len().min(at + random.below(20)))),
        5 => drop(input.splice(at..at, random.pick(PIECES).bytes())),
        6 => {
            let other = random.pick(corpus);
            let from = random.below(other.len());
            let piece = &other[from..other.len().min(from + random.below(60))];
            input.splice(at..at, piece.iter().copied());
        }
        _ => {
            let end = input.len().min(at + random.below(40));
            let copy = input[at..end].to_vec();
            input.splice(at..at, copy);
        }
    }
}
