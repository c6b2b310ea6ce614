//! Good programs with one token wrong: never a panic, an error near the change, and soon.

use std::time::{Duration, Instant};

use codex_diagnostics::{FileId, Severity};
use codex_syntax::{Token, tokens};
use codexc::driver::{Options, build_text};

use super::parse::points_into;
use crate::Random;

/// What the compiler made of a changed program.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The changed program.
    pub text: String,
    /// How many errors it has; 0 if it still is a good program.
    pub errors: usize,
    /// Whether one of them is at most two lines from the change.
    pub near: bool,
    /// What the compiler took.
    pub took: Duration,
}

/// Changes a program that the bytes choose, and compiles it.
pub fn mutate(bytes: &[u8]) {
    let judged = one(&mut Random::from_bytes(bytes));
    assert!(judged.took < Duration::from_secs(5), "{:?} for\n{}", judged.took, judged.text);
}

/// Deletes, doubles, exchanges or replaces one token of a good program, and compiles the result.
pub fn one(random: &mut Random) -> Judged {
    let programs = crate::corpus::programs();
    let (_, program) = random.pick(programs);
    let (text, line) = changed(program, random);
    let begun = Instant::now();
    let outcome = build_text("changed.glyph", &text, &Options::default());
    let took = begun.elapsed();
    let mut lines = Vec::new();
    for d in &outcome.diagnostics {
        let span = d.primary.span;
        let source = outcome.sources.get(span.file).expect("a message is about a file");
        assert!(!source.name.starts_with("std/"), "{} blames the library:\n{text}", d.code.0);
        points_into(d, &text);
        if d.severity == Severity::Error {
            lines.push(text[..span.start as usize].matches('\n').count());
        }
    }
    assert!(outcome.module.is_some() != outcome.failed(), "neither a module nor an error:\n{text}");
    let near = lines.iter().any(|l| l.abs_diff(line) <= 2);
    Judged { text, errors: lines.len(), near, took }
}

/// The changed text, and the line of the change.
fn changed(program: &str, random: &mut Random) -> (String, usize) {
    let all: Vec<Token> = tokens(FileId(0), program);
    let span = |i: usize| all[i].span.start as usize..all[i].span.end as usize;
    let which = random.below(all.len() - 1);
    let (at, next, other) = (span(which), span(which + 1), span(random.below(all.len())));
    let mut text = program.to_owned();
    match random.below(5) {
        0 => text.replace_range(at.clone(), ""),
        1 => text.insert_str(at.end, &format!(" {}", &program[at.clone()])),
        2 => text.replace_range(at.clone(), &program[other]),
        3 => text.insert_str(at.start, &format!("{} ", &program[other])),
        _ => {
            let swapped = format!("{}{}{}", &program[next.clone()], &program[at.end..next.start], &program[at.clone()]);
            text.replace_range(at.start..next.end, &swapped);
        }
    }
    (text, program[..at.start].matches('\n').count())
}
