//! Patterns to decision trees.
//!
//! The arms of a match are rows; each row has tests, a pattern at an *occurrence* (the value itself, a field of it,
//! an element …). A step takes the first row's occurrence that most rows test, and splits the rows by what that
//! occurrence may be; a row without a test there goes with every case (Maranget 2008, with the choice of column
//! by need). A path never tests the same thing twice. Rows that every value reaches become leaves; bodies are not
//! copied, since many leaves may name one arm. A guard that fails goes on with the rows below.
//!
//! Keeps true: a field of a variant is only reached through the case of that variant; an element of a list only
//! where the length allows it.

use codex_spec::layout::RegType;
use codex_types::typed::{Arm, LocalId, Pattern, PatternKind};
use rustc_hash::FxHashMap;

use super::Lower;
use super::mono::Mono;

/// How many nodes a tree may have.
pub(crate) const MAX_NODES: usize = 20_000;

/// A part of the value that is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Occ(pub(crate) u32);

/// How to come to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Access {
    /// The value itself.
    Root,
    /// A field.
    Field { of: Occ, variant: u32, index: u32 },
    /// The number of elements.
    Length { of: Occ },
    /// An element, counted from the front.
    Front { of: Occ, index: u32 },
    /// An element, counted from one past the end.
    Back { of: Occ, index: u32 },
    /// What is left without elements at both ends.
    Rest { of: Occ, front: u32, back: u32 },
}

/// What a leaf binds.
pub(crate) type Binds = Vec<(LocalId, Occ)>;

/// A decision tree.
#[derive(Debug)]
pub(crate) enum Tree<'a> {
    /// No arm matches.
    Fail,
    /// This arm.
    Leaf { arm: usize, binds: Binds },
    /// This arm, if its guard holds.
    Guard { arm: usize, binds: Binds, otherwise: Box<Tree<'a>> },
    /// One case by what stands at the occurrence.
    Switch { occ: Occ, by: By<'a>, cases: Vec<Tree<'a>> },
}

/// How a switch chooses its case.
#[derive(Debug)]
pub(crate) enum By<'a> {
    /// By variant: the case of each.
    Variant(Vec<usize>),
    /// By a word: from each of these numbers on (the first is the smallest there is) the case; `bool` if there are
    /// only 0 and 1.
    Word { segments: Vec<(i64, usize)>, bool: bool },
    /// The i-th case if equal, else the last.
    Float(Vec<f64>),
    /// The i-th case if equal, else the last.
    Text(Vec<&'a str>),
}

/// An arm or an alternative of it, with the tests that are left.
#[derive(Clone)]
struct Row<'a> {
    tests: Vec<(Occ, &'a Pattern)>,
    binds: Binds,
    arm: usize,
}

/// Makes the tree of one match.
pub(crate) struct Planner<'l, 'b, 'a> {
    lower: &'l mut Lower<'b, 'a>,
    arms: &'a [Arm],
    occs: Vec<(Access, Option<Mono>)>,
    ids: FxHashMap<Access, Occ>,
    nodes: usize,
}

/// A tree, and what its occurrences are (with the type of those that were matched on).
pub(crate) struct Plan<'a> {
    pub(crate) tree: Tree<'a>,
    pub(crate) occs: Vec<(Access, Option<Mono>)>,
    /// Whether it would have become larger than [`MAX_NODES`].
    pub(crate) too_complex: bool,
}

/// The tree for these arms.
pub(crate) fn plan<'a>(lower: &mut Lower<'_, 'a>, arms: &'a [Arm]) -> Plan<'a> {
    let patterns: Vec<&Pattern> = arms.iter().map(|a| &a.pattern).collect();
    plan_patterns(lower, arms, &patterns)
}

/// The tree for these patterns; a pattern beyond the arms has no guard.
pub(crate) fn plan_patterns<'a>(lower: &mut Lower<'_, 'a>, arms: &'a [Arm], patterns: &[&'a Pattern]) -> Plan<'a> {
    let mut planner = Planner { lower, arms, occs: Vec::new(), ids: FxHashMap::default(), nodes: 0 };
    let root = planner.occ(Access::Root);
    let rows = patterns.iter().enumerate().map(|(arm, &p)| Row { tests: vec![(root, p)], binds: Vec::new(), arm });
    let rows = rows.map(|row| planner.simplified(row)).collect();
    let tree = planner.tree(rows);
    Plan { tree, too_complex: planner.nodes > MAX_NODES, occs: planner.occs }
}

impl<'a> Planner<'_, '_, 'a> {
    fn occ(&mut self, access: Access) -> Occ {
        *self.ids.entry(access).or_insert_with(|| {
            self.occs.push((access, None));
            Occ(self.occs.len() as u32 - 1)
        })
    }

    fn mono(&mut self, pattern: &Pattern, occ: Occ) -> Mono {
        let mono = self.lower.mono(pattern.ty);
        self.occs[occ.0 as usize].1 = Some(mono);
        mono
    }

    fn tree(&mut self, mut rows: Vec<Row<'a>>) -> Tree<'a> {
        self.nodes += 1;
        loop {
            let Some(first) = rows.first() else { return Tree::Fail };
            if self.nodes > MAX_NODES {
                return Tree::Fail;
            }
            if first.tests.is_empty() {
                let Row { binds, arm, .. } = rows.remove(0);
                if self.arms.get(arm).is_none_or(|a| a.guard.is_none()) {
                    return Tree::Leaf { arm, binds };
                }
                return Tree::Guard { arm, binds, otherwise: Box::new(self.tree(rows)) };
            }
            let occ = most_needed(&rows);
            match self.split_alternatives(&mut rows, occ) {
                true => continue,
                false => return self.switch(rows, occ),
            }
        }
    }

    // ── Rows ─────────────────────────────────────────────────────────────────────

    /// The row with what always matches turned into bindings and parts, so that every test left can fail.
    fn simplified(&mut self, row: Row<'a>) -> Row<'a> {
        let Row { tests, mut binds, arm } = row;
        let mut left = Vec::new();
        let mut stack: Vec<(Occ, &'a Pattern)> = tests.into_iter().rev().collect();
        while let Some((occ, pattern)) = stack.pop() {
            let mono = self.mono(pattern, occ);
            match &pattern.kind {
                PatternKind::Any => {}
                PatternKind::Bind(local) => binds.push((*local, occ)),
                PatternKind::As(local, inner) => {
                    binds.push((*local, occ));
                    stack.push((occ, inner));
                }
                PatternKind::Tuple(parts) => stack.extend(self.fields(occ, 0, parts).into_iter().rev()),
                PatternKind::Variant(_, parts) if self.lower.b.types.variant_count(mono) == 1 => {
                    stack.extend(self.fields(occ, 0, parts).into_iter().rev());
                }
                PatternKind::List { before, rest: Some(rest), after } if before.is_empty() && after.is_empty() => {
                    binds.extend(rest.map(|local| (local, occ)));
                }
                _ => left.push((occ, pattern)),
            }
        }
        Row { tests: left, binds, arm }
    }

    fn fields(&mut self, of: Occ, variant: u32, parts: &'a [Pattern]) -> Vec<(Occ, &'a Pattern)> {
        let field = |(index, part)| (self.occ(Access::Field { of, variant, index: index as u32 }), part);
        parts.iter().enumerate().map(field).collect()
    }

    /// Makes rows of their own of alternatives at the occurrence. Whether there were any.
    fn split_alternatives(&mut self, rows: &mut Vec<Row<'a>>, occ: Occ) -> bool {
        let alternatives = |row: &Row<'a>| match row.test(occ).map(|p| &p.kind) {
            Some(PatternKind::Or(patterns)) => Some(patterns),
            _ => None,
        };
        if !rows.iter().any(|row| alternatives(row).is_some()) {
            return false;
        }
        let mut split = Vec::new();
        for row in rows.drain(..) {
            match alternatives(&row) {
                None => split.push(row),
                Some(patterns) => {
                    for pattern in patterns {
                        self.nodes += 1;
                        let replaced = row.replaced(occ, vec![(occ, pattern)], Vec::new());
                        split.push(self.simplified(replaced));
                    }
                }
            }
        }
        *rows = split;
        true
    }

    /// The rows of a case: those without a test there, and those whose test gives its parts.
    fn case(&mut self, rows: &[Row<'a>], members: &[usize], occ: Occ) -> Tree<'a> {
        let mut kept = Vec::with_capacity(members.len());
        for row in members.iter().map(|&i| &rows[i]) {
            match row.test(occ) {
                None => kept.push(row.clone()),
                Some(pattern) => {
                    let (parts, binds) = self.parts(occ, pattern);
                    let row = row.replaced(occ, parts, binds);
                    kept.push(self.simplified(row));
                }
            }
        }
        self.tree(kept)
    }

    /// What is left to test, and bound, once the occurrence is known to be what the pattern says.
    fn parts(&mut self, occ: Occ, pattern: &'a Pattern) -> (Vec<(Occ, &'a Pattern)>, Binds) {
        match &pattern.kind {
            PatternKind::Variant(variant, parts) => (self.fields(occ, *variant, parts), Vec::new()),
            PatternKind::List { before, rest, after } => {
                let mut tests = Vec::new();
                for (i, part) in before.iter().enumerate() {
                    tests.push((self.occ(Access::Front { of: occ, index: i as u32 }), part));
                }
                for (i, part) in after.iter().enumerate() {
                    // From the front, where that is the same, so that rows share the occurrence.
                    let access = match rest {
                        None => Access::Front { of: occ, index: (before.len() + i) as u32 },
                        Some(_) => Access::Back { of: occ, index: (after.len() - i) as u32 },
                    };
                    tests.push((self.occ(access), part));
                }
                let mut binds = Vec::new();
                if let Some(Some(local)) = rest {
                    self.occ(Access::Length { of: occ });
                    let access = Access::Rest { of: occ, front: before.len() as u32, back: after.len() as u32 };
                    binds.push((*local, self.occ(access)));
                }
                (tests, binds)
            }
            _ => (Vec::new(), Vec::new()),
        }
    }

    // ── Switches ─────────────────────────────────────────────────────────────────

    fn switch(&mut self, rows: Vec<Row<'a>>, occ: Occ) -> Tree<'a> {
        let patterns: Vec<Option<&'a Pattern>> = rows.iter().map(|r| r.test(occ)).collect();
        let Some(first) = patterns.iter().flatten().next().copied() else { return Tree::Fail };
        let mono = self.mono(first, occ);
        match &first.kind {
            PatternKind::Variant(..) => {
                let count = self.lower.b.types.variant_count(mono);
                match self.lower.b.types.reg(mono) {
                    RegType::I64 => self.by_word(rows, occ, occ, (0, i64::from(count) - 1)),
                    _ => self.by_variant(rows, occ, count),
                }
            }
            PatternKind::Bool(_) => self.by_word(rows, occ, occ, (0, 1)),
            PatternKind::Int(..) => self.by_word(rows, occ, occ, (i64::MIN, i64::MAX)),
            PatternKind::List { .. } => {
                let length = self.occ(Access::Length { of: occ });
                self.by_word(rows, occ, length, (0, i64::MAX))
            }
            PatternKind::Float(_) => {
                let mut values: Vec<f64> = Vec::new();
                for pattern in patterns.iter().flatten() {
                    if let PatternKind::Float(v) = pattern.kind
                        && !values.contains(&v)
                    {
                        values.push(v);
                    }
                }
                let cases = self.equal_cases(
                    &rows,
                    occ,
                    values.len(),
                    |kind, i| matches!(kind, PatternKind::Float(v) if *v == values[i]),
                );
                Tree::Switch { occ, by: By::Float(values), cases }
            }
            _ => {
                let mut values: Vec<&'a str> = Vec::new();
                for pattern in patterns.iter().flatten() {
                    if let PatternKind::Text(text) = &pattern.kind
                        && !values.contains(&text.as_str())
                    {
                        values.push(text);
                    }
                }
                let cases = self.equal_cases(
                    &rows,
                    occ,
                    values.len(),
                    |kind, i| matches!(kind, PatternKind::Text(t) if t == values[i]),
                );
                Tree::Switch { occ, by: By::Text(values), cases }
            }
        }
    }

    /// A case for each of `count` values, and one for anything else.
    fn equal_cases(
        &mut self,
        rows: &[Row<'a>],
        occ: Occ,
        count: usize,
        is: impl Fn(&PatternKind, usize) -> bool,
    ) -> Vec<Tree<'a>> {
        let mut cases = Vec::with_capacity(count + 1);
        for case in 0..=count {
            let fits = |row: &Row<'a>| row.test(occ).is_none_or(|p| case < count && is(&p.kind, case));
            let members: Vec<usize> = (0..rows.len()).filter(|&i| fits(&rows[i])).collect();
            cases.push(self.case(rows, &members, occ));
        }
        cases
    }

    fn by_variant(&mut self, rows: Vec<Row<'a>>, occ: Occ, count: u32) -> Tree<'a> {
        let mut grouped = Grouped::default();
        let fits = |row: &Row<'a>, variant| {
            row.test(occ).is_none_or(|p| matches!(p.kind, PatternKind::Variant(v, _) if v == variant))
        };
        let which = (0..count).map(|v| grouped.add((0..rows.len()).filter(|&i| fits(&rows[i], v)).collect())).collect();
        let cases = grouped.sets.iter().map(|members| self.case(&rows, members, occ)).collect();
        Tree::Switch { occ, by: By::Variant(which), cases }
    }

    /// Cases by ranges of a word: of the occurrence itself, or of its length.
    fn by_word(&mut self, rows: Vec<Row<'a>>, occ: Occ, word: Occ, (low, high): (i64, i64)) -> Tree<'a> {
        let ranges: Vec<Option<(i64, i64)>> = rows.iter().map(|r| r.test(occ).map(|p| word_range(&p.kind))).collect();
        let mut starts = vec![low];
        for &(from, to) in ranges.iter().flatten() {
            starts.push(from.max(low));
            starts.extend(to.checked_add(1).filter(|&next| next <= high));
        }
        starts.sort_unstable();
        starts.dedup();
        let mut grouped = Grouped::default();
        let mut segments: Vec<(i64, usize)> = Vec::new();
        for start in starts {
            let fits = |i: &usize| ranges[*i].is_none_or(|(from, to)| from <= start && start <= to);
            let case = grouped.add((0..rows.len()).filter(fits).collect());
            if segments.last().is_none_or(|&(_, before)| before != case) {
                segments.push((start, case));
            }
        }
        let cases = grouped.sets.iter().map(|members| self.case(&rows, members, occ)).collect();
        Tree::Switch { occ: word, by: By::Word { segments, bool: (low, high) == (0, 1) }, cases }
    }
}

impl<'a> Row<'a> {
    fn test(&self, occ: Occ) -> Option<&'a Pattern> {
        self.tests.iter().find(|(o, _)| *o == occ).map(|(_, p)| *p)
    }

    /// The row with its test at the occurrence replaced by others.
    fn replaced(&self, occ: Occ, by: Vec<(Occ, &'a Pattern)>, binds: Binds) -> Row<'a> {
        let at = self.tests.iter().position(|(o, _)| *o == occ).unwrap_or(self.tests.len());
        let mut tests = self.tests.clone();
        tests.splice(at..(at + 1).min(self.tests.len()), by);
        Row { tests, binds: self.binds.iter().copied().chain(binds).collect(), arm: self.arm }
    }
}

/// Sets of rows, each kept once.
#[derive(Default)]
struct Grouped {
    sets: Vec<Vec<usize>>,
    known: FxHashMap<Vec<usize>, usize>,
}

impl Grouped {
    fn add(&mut self, set: Vec<usize>) -> usize {
        if let Some(&known) = self.known.get(&set) {
            return known;
        }
        self.known.insert(set.clone(), self.sets.len());
        self.sets.push(set);
        self.sets.len() - 1
    }
}

/// The first row's occurrence that most rows test; the leftmost of several.
fn most_needed(rows: &[Row<'_>]) -> Occ {
    let need = |occ: Occ| rows.iter().filter(|r| r.test(occ).is_some()).count();
    let mut best = (0, Occ(0));
    for &(occ, _) in &rows[0].tests {
        let count = need(occ);
        if count > best.0 {
            best = (count, occ);
        }
    }
    best.1
}

/// The words (for a list: lengths) that a pattern matches.
fn word_range(kind: &PatternKind) -> (i64, i64) {
    match kind {
        PatternKind::Int(from, to) => (*from, *to),
        PatternKind::Bool(value) => ((*value).into(), (*value).into()),
        PatternKind::Variant(variant, _) => ((*variant).into(), (*variant).into()),
        PatternKind::List { before, rest, after } => {
            let length = (before.len() + after.len()) as i64;
            (length, if rest.is_some() { i64::MAX } else { length })
        }
        _ => (i64::MIN, i64::MAX),
    }
}
