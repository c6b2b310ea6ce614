//! Whole programs, at random: well typed, and sure to end.
//!
//! A program has types, constants and functions; each function calls only those before it, or itself with a
//! first argument that counts down, and every loop has a bound. What a call costs is reckoned while it is written, so that
//! a program ends soon. Half of the programs may trap: index out of bounds, divide by zero, overflow, panic.
//!
//! Keeps true: the same choices give the same text, and the text is laid out as `codexc fmt` does.

mod expression;
mod item;
mod pattern;
mod statement;
mod types;

use codex_diagnostics::{SourceMap, Style, render};

use crate::Random;
use types::{Decls, Ty};

/// A program, as its source.
///
/// # Panics
/// When what was generated does not parse: a bug of the generator or the parser.
pub fn generate(random: Random) -> String {
    let text = item::program(random);
    codex_syntax::format(&text, codex_syntax::Spelling::Glyph).unwrap_or_else(|found| {
        let mut sources = SourceMap::default();
        sources.add("random.glyph", text.as_str());
        panic!("a generated program does not parse:\n{}", render(&found, &sources, Style::default()))
    })
}

/// What can be named at a place.
#[derive(Clone, Debug)]
struct Variable {
    name: String,
    ty: Ty,
    /// A `var`: not to be captured.
    is_var: bool,
    /// A `var` that statements may change; a loop's counter may not.
    may_change: bool,
}

/// A function that may be called.
#[derive(Clone, Debug)]
struct Function {
    name: String,
    params: Vec<Ty>,
    result: Ty,
    /// Steps that a call takes at most, roughly.
    cost: u64,
    /// The first argument counts down to 0: it must be small.
    counts_down: bool,
}

/// What may be written at a place.
#[derive(Clone, Debug)]
struct Place {
    /// The result of the function or λ around it.
    result: Ty,
    /// Inside of a loop of this function.
    in_loop: bool,
    /// Inside of a λ.
    in_lambda: bool,
}

/// Steps that one function may take, roughly.
const BUDGET: u64 = 3000;

/// Writes one program.
struct Generator {
    random: Random,
    decls: Decls,
    functions: Vec<Function>,
    scope: Vec<Variable>,
    place: Place,
    /// Types for which a function `pin…` gives its argument back, so that the type is known.
    pins: Vec<Ty>,
    /// How often the place that is written may run in one call.
    times: u64,
    /// What the function being written costs so far.
    cost: u64,
    /// Names made so far.
    names: usize,
    /// Whether it may trap.
    risky: bool,
}

impl Generator {
    fn new(mut random: Random) -> Generator {
        let decls = Decls::random(&mut random);
        let risky = random.one_in(2);
        Generator {
            random,
            decls,
            functions: Vec::new(),
            scope: Vec::new(),
            place: Place { result: Ty::Unit, in_loop: false, in_lambda: false },
            pins: Vec::new(),
            times: 1,
            cost: 0,
            names: 0,
            risky,
        }
    }

    fn name(&mut self, start: &str) -> String {
        self.names += 1;
        format!("{start}{}", self.names)
    }

    /// Whether to write something that may trap.
    fn risk(&mut self) -> bool {
        self.risky && self.random.one_in(6)
    }

    fn declare(&mut self, name: &str, ty: &Ty) {
        self.scope.push(Variable { name: name.to_owned(), ty: ty.clone(), is_var: false, may_change: false });
    }

    /// A variable with this property, if there is one; newer ones are likelier.
    fn variable(&mut self, fits: impl Fn(&Self, &Variable) -> bool) -> Option<Variable> {
        let in_lambda = self.place.in_lambda;
        let found: Vec<usize> = (0..self.scope.len())
            .filter(|&i| (!in_lambda || !self.scope[i].is_var) && fits(self, &self.scope[i]))
            .collect();
        let newest = found.len().saturating_sub(6);
        let from = if self.random.one_in(3) { 0 } else { newest };
        let chosen = found.get(from + self.random.below(found.len() - from))?;
        Some(self.scope[*chosen].clone())
    }

    /// Writes something in a scope of its own.
    fn scoped<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let (names, place) = (self.scope.len(), self.place.clone());
        let done = write(self);
        self.scope.truncate(names);
        self.place = place;
        done
    }

    /// Writes something that may run so many times more often.
    fn repeated<T>(&mut self, times: u64, write: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.times;
        self.times = before.saturating_mul(times);
        self.cost += self.times;
        let done = write(self);
        self.times = before;
        done
    }

    /// A function to call here, with this result or any.
    fn callable(&mut self, result: Option<&Ty>) -> Option<Function> {
        let (times, left) = (self.times, BUDGET.saturating_sub(self.cost));
        let fits = |f: &&Function| result.is_none_or(|r| f.result == *r) && times.saturating_mul(f.cost) <= left;
        let found: Vec<Function> = self.functions.iter().filter(fits).cloned().collect();
        let function = found.get(self.random.below(found.len()))?.clone();
        self.cost += times * function.cost;
        Some(function)
    }
}
