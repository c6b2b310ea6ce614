//! Whether patterns cover every value, and whether each is of use (Maranget, "Warnings for pattern matching").
//!
//! The rows of a match are explored once: at each step their first column splits all values into sets, and the rows that
//! match a set go on with what is left of them. The first row that is left without a condition takes the values of
//! its set, so it is of use and those after it are not, there; a set in which no row is left is missing.
//!
//! Keeps true: work is bounded by [`FUEL`]; when it runs out, the answer says so instead of guessing. A row costs only in the
//! sets that it matches, so a thousand literals cost a thousand steps, not a million.

mod show;
mod split;

use rustc_hash::FxHashMap;
use split::{Column, Split};

use crate::typed::{DataId, ModuleId};
use crate::world::World;

/// The most steps that one match may take.
const FUEL: usize = 200_000;
/// The most missing cases that are told.
const MOST_CASES: usize = 8;

/// A pattern.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pat {
    Any,
    Head(Head, Vec<Pat>),
    /// An inclusive range.
    Int(i64, i64),
    Float(u64),
    Text(String),
    List {
        before: Vec<Pat>,
        open: bool,
        after: Vec<Pat>,
    },
    Or(Vec<Pat>),
}

/// A constructor with a fixed number of parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    Variant(DataId, u32),
    Tuple,
    Bool(bool),
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    /// Values that no pattern matches, as code.
    pub(crate) missing: Vec<String>,
    /// Patterns that match nothing new, and an earlier one that matches it all, if it is one alone.
    pub(crate) useless: Vec<(usize, Option<usize>)>,
    /// It would have taken too long.
    pub(crate) gave_up: bool,
}

/// Checks the patterns of a match, top to bottom; the flag says that a guard may refuse.
pub(crate) fn cover(world: &World<'_>, module: ModuleId, rows: &[(Pat, bool)], useless: bool) -> Coverage {
    let mut check = Check { world, module, fuel: FUEL, useful: vec![!useless; rows.len()] };
    let first: Vec<Row<'_>> = rows
        .iter()
        .enumerate()
        .map(|(index, (pat, guarded))| Row { index, guarded: *guarded, pats: vec![pat] })
        .collect();
    let sure = rows.iter().any(|(pat, guarded)| !guarded && matches!(pat, Pat::Any));
    let missing = check.explore(first, 1, !sure);
    let mut coverage = Coverage { gave_up: check.fuel == 0 && !sure, ..Coverage::default() };
    if check.fuel == 0 {
        return coverage;
    }
    let useful = std::mem::take(&mut check.useful);
    for i in (1..rows.len()).filter(|i| !useful[*i]) {
        let alone = |j: &usize| !rows[*j].1 && check.covers(&rows[*j].0, &rows[i].0);
        coverage.useless.push((i, (0..i).find(alone)));
    }
    for case in missing.iter().filter_map(|w| w.first()).map(|w| check.show(w)) {
        if case == "_" {
            // It covers all the others.
            coverage.missing = vec![case];
            break;
        }
        if !coverage.missing.contains(&case) {
            coverage.missing.push(case);
        }
    }
    coverage
}

/// A value that is not matched; parts that do not matter are `Any`.
#[derive(Clone, Debug)]
enum Witness {
    Any,
    Head(Head, Vec<Witness>),
    Int(i64, i64),
    /// Parts, and whether any number may follow.
    List(Vec<Witness>, bool),
}

/// An arm with the patterns that are left of it.
struct Row<'p> {
    index: usize,
    guarded: bool,
    pats: Vec<&'p Pat>,
}

impl Row<'_> {
    /// It takes every value that comes to it.
    fn takes_all(&self) -> bool {
        !self.guarded && self.pats.iter().all(|p| matches!(p, Pat::Any))
    }
}

struct Check<'w, 'a> {
    world: &'w World<'a>,
    module: ModuleId,
    fuel: usize,
    /// For each row, whether it matches something that no row before it does.
    useful: Vec<bool>,
}

static ANY: Pat = Pat::Any;

impl<'a> Check<'_, 'a> {
    fn spend(&mut self, steps: usize) -> bool {
        self.fuel = self.fuel.saturating_sub(steps + 1);
        self.fuel > 0
    }

    /// Marks the rows that are of use; gives values that no row matches, one for each way of missing, if wanted.
    fn explore(&mut self, mut rows: Vec<Row<'_>>, width: usize, mut wanted: bool) -> Vec<Vec<Witness>> {
        if !self.spend(rows.len() * (1 + width / 16)) {
            return Vec::new();
        }
        if let Some(last) = rows.iter().position(Row::takes_all) {
            rows.truncate(last + 1);
            wanted = false;
        }
        if width == 0 || rows.first().is_some_and(Row::takes_all) {
            rows.iter().for_each(|row| self.useful[row.index] = true);
            return if wanted { vec![Vec::new()] } else { Vec::new() };
        }
        if rows.is_empty() || !wanted && rows.iter().all(|row| self.useful[row.index]) {
            return if wanted { vec![vec![Witness::Any; width]] } else { Vec::new() };
        }
        self.explore_column(&rows, width, wanted)
    }

    fn explore_column(&mut self, rows: &[Row<'_>], width: usize, wanted: bool) -> Vec<Vec<Witness>> {
        let column = Column::new(self.world, rows.iter().map(|row| row.pats[0]));
        let mut found: Vec<Vec<Witness>> = Vec::new();
        let mut gap: Option<Vec<usize>> = None;
        for (at, split) in column.splits.iter().enumerate() {
            let members = column.members(at);
            // Sets that the same rows match, and none for itself, are as one.
            if column.is_gap(at) && !members.is_empty() {
                let these: Vec<usize> = members.iter().map(|(row, _)| *row).collect();
                if gap.as_ref() == Some(&these) {
                    continue;
                }
                gap = Some(these);
            }
            let arity = split.arity();
            let left = members.into_iter().filter_map(|(row, pat)| rows[row].at(pat, split)).collect();
            for mut witness in self.explore(left, arity + width - 1, wanted && found.len() < MOST_CASES) {
                let rest = witness.split_off(arity);
                let mut full = vec![split.witness(witness, column.splits.len() == 1)];
                full.extend(rest);
                found.push(full);
            }
            if self.fuel == 0 {
                break;
            }
        }
        found.truncate(MOST_CASES);
        found
    }

    /// Whether one pattern matches all that another does.
    fn covers(&mut self, wide: &Pat, narrow: &Pat) -> bool {
        self.useful = vec![false; 2];
        let row = |index, pat| Row { index, guarded: false, pats: vec![pat] };
        self.explore(vec![row(0, wide), row(1, narrow)], 1, false);
        self.fuel > 0 && !self.useful[1]
    }
}

impl<'p> Row<'p> {
    /// The row for values of a set: its first pattern, which is `pat` or has it as an alternative, is replaced by those of the parts.
    fn at(&self, pat: &'p Pat, split: &Split<'_>) -> Option<Row<'p>> {
        let rest = self.pats[1..].iter().copied();
        let pats = match (pat, split) {
            (Pat::Any, _) => std::iter::repeat_n(&ANY, split.arity()).chain(rest).collect(),
            (Pat::Head(_, parts), _) if parts.len() != split.arity() => return None,
            (Pat::Head(_, parts), _) => parts.iter().chain(rest).collect(),
            (Pat::List { before, after, .. }, Split::Length(length, _)) => {
                let middle = std::iter::repeat_n(&ANY, length - before.len() - after.len());
                before.iter().chain(middle).chain(after).chain(rest).collect()
            }
            _ => rest.collect(),
        };
        Some(Row { index: self.index, guarded: self.guarded, pats })
    }
}
