//! Whether patterns cover every value, and whether each is of use (Maranget, "Warnings for pattern matching").
//!
//! Keeps true: work is bounded by [`FUEL`]; when it runs out, the answer says so instead of guessing.

use std::cell::Cell;

use crate::typed::{DataId, ModuleId};
use crate::world::World;

/// The most steps that one match may take.
const FUEL: u32 = 200_000;
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
    let check = Check { world, module, fuel: Cell::new(FUEL) };
    let mut coverage = Coverage::default();
    let mut matrix: Vec<Vec<&Pat>> = Vec::with_capacity(rows.len());
    for (i, (pat, guarded)) in rows.iter().enumerate() {
        if useless && i > 0 && !check.useful(&matrix, &[pat]) {
            let alone = |j: &usize| !rows[*j].1 && !check.useful(&[vec![&rows[*j].0]], &[pat]);
            coverage.useless.push((i, (0..i).find(alone)));
        }
        if !guarded {
            matrix.push(vec![pat]);
        }
    }
    let missing = check.missing(&matrix, 1);
    coverage.gave_up = check.fuel.get() == 0;
    if coverage.gave_up {
        coverage.useless.clear();
        return coverage;
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

/// A set of values with the same parts.
#[derive(Clone, Debug, PartialEq)]
enum Split {
    Head(Head, usize),
    Int(i64, i64),
    Float(u64),
    Text(String),
    /// Lists of this length, or of at least it.
    Length(usize, bool),
    /// Everything that no pattern names.
    Other,
}

impl Split {
    fn arity(&self) -> usize {
        match self {
            Split::Head(_, n) | Split::Length(n, _) => *n,
            _ => 0,
        }
    }
}

struct Check<'w, 'a> {
    world: &'w World<'a>,
    module: ModuleId,
    fuel: Cell<u32>,
}

static ANY: Pat = Pat::Any;

impl Check<'_, '_> {
    fn spend(&self, steps: usize) -> bool {
        let left = self.fuel.get().saturating_sub(steps as u32 + 1);
        self.fuel.set(left);
        left > 0
    }

    /// Whether a row matches a value that no row of the matrix does.
    fn useful(&self, matrix: &[Vec<&Pat>], row: &[&Pat]) -> bool {
        if !self.spend(matrix.len()) {
            return true;
        }
        let Some(first) = row.first() else {
            return matrix.is_empty();
        };
        if let Pat::Or(items) = first {
            return items.iter().any(|item| {
                let mut one = row.to_vec();
                one[0] = item;
                self.useful(matrix, &one)
            });
        }
        let column: Vec<&Pat> = matrix.iter().map(|r| r[0]).chain([*first]).collect();
        self.splits(&column).iter().any(|split| {
            let rows = self.specialise_row(row, split);
            rows.iter().any(|row| self.useful(&self.specialise(matrix, split), row))
        })
    }

    /// Values that no row matches, one for each way of missing.
    fn missing(&self, matrix: &[Vec<&Pat>], width: usize) -> Vec<Vec<Witness>> {
        if !self.spend(matrix.len()) {
            return Vec::new();
        }
        if width == 0 {
            return if matrix.is_empty() { vec![Vec::new()] } else { Vec::new() };
        }
        let column: Vec<&Pat> = matrix.iter().map(|r| r[0]).collect();
        let splits = self.splits(&column);
        let mut found: Vec<Vec<Witness>> = Vec::new();
        for split in &splits {
            let arity = split.arity();
            let rest = self.missing(&self.specialise(matrix, split), arity + width - 1);
            for mut witness in rest {
                let tail = witness.split_off(arity);
                let mut full = vec![self.witness(split, witness, splits.len() == 1)];
                full.extend(tail);
                found.push(full);
                if found.len() >= MOST_CASES {
                    return found;
                }
            }
        }
        found
    }

    fn witness(&self, split: &Split, parts: Vec<Witness>, only: bool) -> Witness {
        match split {
            Split::Head(head, _) => Witness::Head(*head, parts),
            Split::Int(lo, hi) if !only => Witness::Int(*lo, *hi),
            Split::Length(_, open) => Witness::List(parts, *open),
            _ => Witness::Any,
        }
    }

    /// The sets of values that the patterns of a column tell apart; together they are all values.
    fn splits(&self, column: &[&Pat]) -> Vec<Split> {
        let mut flat = Vec::new();
        column.iter().for_each(|p| flatten(p, &mut flat));
        match flat.iter().find(|p| !matches!(p, Pat::Any)) {
            None => vec![Split::Other],
            Some(Pat::Head(Head::Bool(_), _)) => [false, true].map(|b| Split::Head(Head::Bool(b), 0)).to_vec(),
            Some(Pat::Head(Head::Tuple, parts)) => vec![Split::Head(Head::Tuple, parts.len())],
            Some(Pat::Head(Head::Variant(id, _), _)) => (0..self.world.variant_count(*id))
                .map(|v| Split::Head(Head::Variant(*id, v), self.world.fields(*id, v).len()))
                .collect(),
            Some(Pat::Int(..)) => int_splits(&flat),
            Some(Pat::List { .. }) => list_splits(&flat),
            Some(_) => {
                let mut splits = Vec::new();
                for p in flat {
                    let split = match p {
                        Pat::Float(x) => Split::Float(*x),
                        Pat::Text(text) => Split::Text(text.clone()),
                        _ => continue,
                    };
                    if !splits.contains(&split) {
                        splits.push(split);
                    }
                }
                splits.push(Split::Other);
                splits
            }
        }
    }

    fn specialise<'p>(&self, matrix: &[Vec<&'p Pat>], split: &Split) -> Vec<Vec<&'p Pat>> {
        matrix.iter().flat_map(|row| self.specialise_row(row, split)).collect()
    }

    /// The row for values of a split: its first pattern replaced by those of the parts. Empty: it matches none.
    fn specialise_row<'p>(&self, row: &[&'p Pat], split: &Split) -> Vec<Vec<&'p Pat>> {
        let Some((first, rest)) = row.split_first() else {
            return Vec::new();
        };
        let with = |parts: Vec<&'p Pat>| vec![parts.into_iter().chain(rest.iter().copied()).collect::<Vec<_>>()];
        match (first, split) {
            (Pat::Or(items), _) => items
                .iter()
                .flat_map(|item| {
                    let mut one = row.to_vec();
                    one[0] = item;
                    self.specialise_row(&one, split)
                })
                .collect(),
            (Pat::Any, _) => with(vec![&ANY; split.arity()]),
            (Pat::Head(head, parts), Split::Head(other, arity)) if head == other && parts.len() == *arity => {
                with(parts.iter().collect())
            }
            (Pat::Int(lo, hi), Split::Int(from, to)) if lo <= from && to <= hi => with(Vec::new()),
            (Pat::Float(x), Split::Float(y)) if x == y => with(Vec::new()),
            (Pat::Text(x), Split::Text(y)) if x == y => with(Vec::new()),
            (Pat::List { before, open, after }, Split::Length(length, more)) => {
                let own = before.len() + after.len();
                if own > *length || (own < *length || *more) && !open {
                    return Vec::new();
                }
                let middle = std::iter::repeat_n(&ANY, length - own);
                with(before.iter().chain(middle).chain(after).collect())
            }
            _ => Vec::new(),
        }
    }

    fn show(&self, witness: &Witness) -> String {
        let list = |parts: &[Witness]| parts.iter().map(|w| self.show(w)).collect::<Vec<_>>();
        match witness {
            Witness::Any => "_".to_owned(),
            Witness::Head(Head::Bool(b), _) => b.to_string(),
            Witness::Head(Head::Tuple, parts) => format!("({})", list(parts).join(", ")),
            Witness::Head(Head::Variant(id, v), parts) => {
                let name = self.variant_name(*id, *v);
                if parts.is_empty() {
                    return name;
                }
                if parts.iter().all(|p| matches!(p, Witness::Any)) && parts.len() > 2 {
                    return format!("{name}(..)");
                }
                format!("{name}({})", list(parts).join(", "))
            }
            Witness::Int(lo, hi) if lo == hi => lo.to_string(),
            // A range without an end has no spelling; `_` covers it.
            Witness::Int(i64::MIN, _) | Witness::Int(_, i64::MAX) => "_".to_owned(),
            Witness::Int(lo, hi) => format!("{lo}..={hi}"),
            Witness::List(parts, open) => {
                let mut parts = list(parts);
                if *open {
                    parts.push("..".to_owned());
                }
                format!("[{}]", parts.join(", "))
            }
        }
    }

    /// A variant's name as it can be written in the module.
    fn variant_name(&self, id: DataId, variant: u32) -> String {
        let name = self.world.variant_ident(id, variant).name;
        if self.world.variant_named(self.module, name) == Some((id, variant)) {
            return name.as_str().to_owned();
        }
        let of = self.world.data[id.index()].module;
        let here = self.world.module(self.module);
        let mut aliases: Vec<&str> =
            here.aliases.iter().filter(|(_, (m, _))| *m == of).map(|(n, _)| n.as_str()).collect();
        aliases.sort_unstable();
        let module = aliases.first().copied().unwrap_or(&self.world.module(of).name);
        format!("{module}.{name}")
    }
}

fn flatten<'p>(p: &'p Pat, out: &mut Vec<&'p Pat>) {
    match p {
        Pat::Or(items) => items.iter().for_each(|p| flatten(p, out)),
        _ => out.push(p),
    }
}

/// All Ints, cut where a pattern begins or ends.
fn int_splits(column: &[&Pat]) -> Vec<Split> {
    let mut starts: Vec<i128> = vec![i128::from(i64::MIN), i128::from(i64::MAX) + 1];
    for p in column {
        if let Pat::Int(lo, hi) = p {
            starts.push(i128::from(*lo));
            starts.push(i128::from(*hi) + 1);
        }
    }
    starts.sort_unstable();
    starts.dedup();
    starts.windows(2).map(|w| Split::Int(w[0] as i64, (w[1] - 1) as i64)).collect()
}

/// All lists, told apart up to the length from which on the patterns see no difference.
fn list_splits(column: &[&Pat]) -> Vec<Split> {
    let (mut fixed, mut first, mut last) = (0, 0, 0);
    for p in column {
        match p {
            Pat::List { before, open: false, after } => fixed = fixed.max(before.len() + after.len() + 1),
            Pat::List { before, after, .. } => {
                first = first.max(before.len());
                last = last.max(after.len());
            }
            _ => {}
        }
    }
    let most = fixed.max(first + last);
    (0..most).map(|n| Split::Length(n, false)).chain([Split::Length(most, true)]).collect()
}
