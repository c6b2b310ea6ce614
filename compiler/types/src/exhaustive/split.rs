//! How the patterns of one column split all values into sets that they tell apart.

use super::{FxHashMap, Head, Pat, Witness};
use crate::world::World;

/// A set of values with the same parts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Split<'p> {
    Head(Head, usize),
    Int(i64, i64),
    Float(u64),
    Text(&'p str),
    /// Lists of this length, or of at least it.
    Length(usize, bool),
    /// Everything that no pattern names.
    Other,
}

impl Split<'_> {
    pub(super) fn arity(&self) -> usize {
        match self {
            Split::Head(_, n) | Split::Length(n, _) => *n,
            _ => 0,
        }
    }

    /// A value of the set with these parts; `only`: there is no other set.
    pub(super) fn witness(&self, parts: Vec<Witness>, only: bool) -> Witness {
        match self {
            Split::Head(head, _) => Witness::Head(*head, parts),
            Split::Int(lo, hi) if !only => Witness::Int(*lo, *hi),
            Split::Length(_, open) => Witness::List(parts, *open),
            _ => Witness::Any,
        }
    }
}

/// The sets of a column; together they are all values. Each pattern matches a run of them.
pub(super) struct Column<'p> {
    pub(super) splits: Vec<Split<'p>>,
    /// For each set, the rows that match it alone, each with its pattern or one of its alternatives.
    narrow: Vec<Vec<(usize, &'p Pat)>>,
    /// Rows that match several, and which: from the first to before the last.
    wide: Vec<(usize, &'p Pat, usize, usize)>,
}

impl<'p> Column<'p> {
    pub(super) fn new(world: &World<'_>, column: impl Iterator<Item = &'p Pat>) -> Self {
        let mut flat = Vec::new();
        column.enumerate().for_each(|(row, p)| flatten(row, p, &mut flat));
        let mut literals = FxHashMap::default();
        let splits = splits(world, &flat, &mut literals);
        let mut column = Column { narrow: vec![Vec::new(); splits.len()], splits, wide: Vec::new() };
        for (row, pat) in flat {
            let (from, to) = column.run(pat, &literals);
            if to - from == 1 {
                column.narrow[from].push((row, pat));
            } else if from < to {
                column.wide.push((row, pat, from, to));
            }
        }
        column
    }

    /// The sets that a pattern matches: from the first to before the last.
    fn run(&self, pat: &Pat, literals: &FxHashMap<Literal<'p>, usize>) -> (usize, usize) {
        let all = self.splits.len();
        let at = match pat {
            Pat::Any | Pat::Or(_) => return (0, all),
            Pat::Int(lo, hi) => {
                let before =
                    |end: i64| self.splits.partition_point(|s| matches!(s, Split::Int(from, _) if *from < end));
                return (before(*lo), hi.checked_add(1).map_or(all, before));
            }
            Pat::List { before, open, after } => {
                let length = before.len() + after.len();
                return (length, if *open { all } else { length + 1 });
            }
            Pat::Head(Head::Variant(_, v), _) => Some(*v as usize),
            Pat::Head(Head::Bool(b), _) => Some(usize::from(*b)),
            Pat::Head(Head::Tuple, _) => Some(0),
            Pat::Float(bits) => literals.get(&Literal::Float(*bits)).copied(),
            Pat::Text(text) => literals.get(&Literal::Text(text)).copied(),
        };
        // A pattern of another type, after an error that was reported, matches nothing.
        at.filter(|at| *at < all).map_or((0, 0), |at| (at, at + 1))
    }

    /// The rows that match a set, in order.
    pub(super) fn members(&self, at: usize) -> Vec<(usize, &'p Pat)> {
        let wide =
            self.wide.iter().filter(|(_, _, from, to)| (from..to).contains(&&at)).map(|(row, pat, ..)| (*row, *pat));
        let mut members: Vec<(usize, &'p Pat)> = self.narrow[at].iter().copied().chain(wide).collect();
        members.sort_by_key(|(row, _)| *row);
        members
    }

    /// Whether no pattern is about this set alone, and its values have no parts.
    pub(super) fn is_gap(&self, at: usize) -> bool {
        self.narrow[at].is_empty() && self.splits[at].arity() == 0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Literal<'p> {
    Float(u64),
    Text(&'p str),
}

fn flatten<'p>(row: usize, p: &'p Pat, out: &mut Vec<(usize, &'p Pat)>) {
    match p {
        Pat::Or(items) => items.iter().for_each(|p| flatten(row, p, out)),
        _ => out.push((row, p)),
    }
}

fn splits<'p>(
    world: &World<'_>,
    flat: &[(usize, &'p Pat)],
    literals: &mut FxHashMap<Literal<'p>, usize>,
) -> Vec<Split<'p>> {
    match flat.iter().map(|(_, p)| *p).find(|p| !matches!(p, Pat::Any)) {
        None => vec![Split::Other],
        Some(Pat::Head(Head::Bool(_), _)) => [false, true].map(|b| Split::Head(Head::Bool(b), 0)).to_vec(),
        Some(Pat::Head(Head::Tuple, parts)) => vec![Split::Head(Head::Tuple, parts.len())],
        Some(Pat::Head(Head::Variant(id, _), _)) => (0..world.variant_count(*id))
            .map(|v| Split::Head(Head::Variant(*id, v), world.fields(*id, v).len()))
            .collect(),
        Some(Pat::Int(..)) => int_splits(flat),
        Some(Pat::List { .. }) => list_splits(flat),
        Some(_) => {
            let mut splits = Vec::new();
            for (_, p) in flat {
                let (literal, split) = match p {
                    Pat::Float(bits) => (Literal::Float(*bits), Split::Float(*bits)),
                    Pat::Text(text) => (Literal::Text(text), Split::Text(text)),
                    _ => continue,
                };
                literals.entry(literal).or_insert_with(|| {
                    splits.push(split);
                    splits.len() - 1
                });
            }
            splits.push(Split::Other);
            splits
        }
    }
}

/// All Ints, cut where a pattern begins or ends.
fn int_splits<'p>(column: &[(usize, &'p Pat)]) -> Vec<Split<'p>> {
    let mut starts: Vec<i128> = vec![i128::from(i64::MIN), i128::from(i64::MAX) + 1];
    for (_, p) in column {
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
fn list_splits<'p>(column: &[(usize, &'p Pat)]) -> Vec<Split<'p>> {
    let (mut fixed, mut first, mut last) = (0, 0, 0);
    for (_, p) in column {
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
