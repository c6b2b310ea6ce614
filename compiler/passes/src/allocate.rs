//! Registers: out of SSA form by coalescing and colouring.
//!
//! Values become *classes*: those that an instruction changes in place share one by need, a block's parameter and
//! what is passed for it share one if they never live at the same time (Boissinot, Darte, Rastello,
//! de Dinechin, Guillon, 'Revisiting Out-of-SSA Translation for Correctness, Code Quality, and Efficiency', 2009), inner loops
//! first. Classes get registers by a linear scan over live ranges with holes (Wimmer and Mössenböck, 2005); a register has one static type,
//! so each type has its own pool, and nothing is ever spilled.
//!
//! Keeps true: two values that live at the same time have different registers; a function's parameters are
//! in registers 0, 1, …; a borrowed value's owner keeps its register as long as the borrowed value lives.

use codex_core::ir::{BlockId, Func, Term, Value};
use codex_spec::instruction::Reg;
use codex_spec::layout::RegType;
use rustc_hash::FxHashMap;

use crate::graph::{Dominators, Graph, Loops};
use crate::kinds::{self, Kind};
use crate::live::{Live, for_each_term_use};
use crate::rows;

/// A half-open range of places.
type Range = (u32, u32);

/// Where each value lives.
#[derive(Debug)]
pub(crate) struct Registers {
    /// The register of each value that is defined.
    pub(crate) of: Vec<Reg>,
    /// The type of each register.
    pub(crate) types: Vec<RegType>,
}

impl Registers {
    /// A register that no value lives in, of this type.
    pub(crate) fn scratch(&mut self, typ: RegType) -> Reg {
        self.types.push(typ);
        number(self.types.len() - 1)
    }
}

/// More registers than numbers make a module that the verifier refuses.
fn number(n: usize) -> Reg {
    Reg(u16::try_from(n).unwrap_or(u16::MAX))
}

/// What allocation reads.
pub(crate) struct Input<'a> {
    pub(crate) func: &'a Func,
    pub(crate) graph: &'a Graph,
    pub(crate) kinds: &'a [Kind],
    pub(crate) live: &'a Live,
    /// Blocks in the order of emission.
    pub(crate) layout: &'a [BlockId],
}

/// Gives every value a register.
pub(crate) fn run(input: &Input<'_>) -> Registers {
    let ranges = ranges(input);
    let mut classes = Classes::new(ranges);
    tie(input.func, &mut classes);
    classes.gather();
    coalesce(input, &mut classes);
    colour(input.func, &mut classes)
}

// ── Live ranges ────────────────────────────────────────────────────────────────────

/// The ranges in which each value lives, ascending. An instruction has two places: it reads at the first and writes
/// at the second, so a result may have the register of an operand that ends here.
fn ranges(input: &Input<'_>) -> Vec<Vec<Range>> {
    let func = input.func;
    let mut ranges: Vec<Vec<Range>> = vec![Vec::new(); func.values.len()];
    let mut starts = Vec::with_capacity(input.layout.len());
    let mut at = 0;
    for b in input.layout {
        starts.push(at);
        at += 2 * func.blocks[b.index()].insts.len() as u32 + 4;
    }
    let mut end_of = vec![0u32; func.values.len()];
    for (b, &start) in input.layout.iter().zip(&starts).rev() {
        block_ranges(input, *b, start, &mut end_of, &mut ranges);
    }
    ranges.iter_mut().for_each(|r| r.reverse());
    ranges
}

/// Walks one block backwards. `end_of` is 0 for values that do not live at the place reached.
fn block_ranges(input: &Input<'_>, b: BlockId, start: u32, end_of: &mut [u32], ranges: &mut [Vec<Range>]) {
    let block = &input.func.blocks[b.index()];
    let end = start + 2 * block.insts.len() as u32 + 4;
    let mut open: Vec<Value> = Vec::new();
    let mut need = |v: Value, until: u32, end_of: &mut [u32]| {
        let mut v = v;
        loop {
            if end_of[v.index()] == 0 {
                end_of[v.index()] = until;
                open.push(v);
            }
            match input.kinds[v.index()] {
                Kind::Borrowed(holder) => v = holder,
                _ => break,
            }
        }
    };
    for target in block.term.targets() {
        input.live.at_start(target.block).iter().for_each(|&v| need(v, end, end_of));
    }
    for_each_term_use(&block.term, |v| need(v, end - 1, end_of));
    let close = |v: Value, from: u32, end_of: &mut [u32], ranges: &mut [Vec<Range>]| {
        let until = std::mem::take(&mut end_of[v.index()]).max(from + 1);
        let list = &mut ranges[v.index()];
        match list.last_mut() {
            Some(last) if last.0 == until => last.0 = from,
            _ => list.push((from, until)),
        }
    };
    for (n, inst) in block.insts.iter().enumerate().rev() {
        let at = start + 2 + 2 * n as u32;
        inst.results.iter().for_each(|&v| close(v, at + 1, end_of, ranges));
        let lends = rows::shape(inst.op).lends;
        // What lends is read until the loan is made, so that it never shares a register with the loan.
        let until = if lends { at + 2 } else { at + 1 };
        inst.args.iter().for_each(|&v| need(v, until, end_of));
    }
    let params = if b.0 == 0 { &input.func.params } else { &block.params };
    params.iter().for_each(|&v| close(v, start, end_of, ranges));
    for v in open {
        if end_of[v.index()] != 0 {
            close(v, start, end_of, ranges);
        }
    }
}

// ── Classes ────────────────────────────────────────────────────────────────────────

/// Values that share a register: a forest, with the ranges at the roots.
struct Classes {
    parent: Vec<u32>,
    ranges: Vec<Vec<Range>>,
}

impl Classes {
    fn new(ranges: Vec<Vec<Range>>) -> Classes {
        Classes { parent: (0..ranges.len() as u32).collect(), ranges }
    }

    fn find(&mut self, v: Value) -> u32 {
        let mut at = v.0;
        while self.parent[at as usize] != at {
            let next = self.parent[at as usize];
            self.parent[at as usize] = self.parent[next as usize];
            at = next;
        }
        at
    }

    /// Joins two classes; ranges stay where they are until [`Self::gather`].
    fn link(&mut self, a: Value, b: Value) {
        let (a, b) = (self.find(a), self.find(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }

    /// Brings all ranges to the roots.
    fn gather(&mut self) {
        for v in 0..self.parent.len() {
            let root = self.find(Value(v as u32)) as usize;
            if root != v {
                let moved = std::mem::take(&mut self.ranges[v]);
                self.ranges[root].extend(moved);
            }
        }
        self.ranges.iter_mut().for_each(|r| r.sort_unstable());
    }

    /// Joins two classes if they never live at the same time.
    fn try_join(&mut self, a: Value, b: Value) {
        let (a, b) = (self.find(a) as usize, self.find(b) as usize);
        if a == b || overlap(&self.ranges[a], &self.ranges[b]) {
            return;
        }
        let (keep, gone) = (a.min(b), a.max(b));
        self.parent[gone] = keep as u32;
        let moved = std::mem::take(&mut self.ranges[gone]);
        let list = &mut self.ranges[keep];
        list.extend(moved);
        list.sort_unstable();
    }
}

/// Whether two ascending lists of ranges have a place in common.
fn overlap(a: &[Range], b: &[Range]) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.iter().any(|s| {
        let after = long.partition_point(|l| l.1 <= s.0);
        long.get(after).is_some_and(|l| l.0 < s.1)
    })
}

/// Joins what has to share a register: what is changed in place, and a loop's counter.
fn tie(func: &Func, classes: &mut Classes) {
    for block in &func.blocks {
        for inst in &block.insts {
            if let Some((before, after)) = rows::tied(inst) {
                classes.link(before, after);
            }
        }
        if let Term::Loop { counter, body, .. } = &block.term {
            classes.link(*counter, func.blocks[body.block.index()].params[0]);
        }
    }
}

/// Joins parameters of blocks with what is passed for them, innermost loops first.
fn coalesce(input: &Input<'_>, classes: &mut Classes) {
    let func = input.func;
    let dominators = Dominators::new(input.graph);
    let loops = Loops::new(input.graph, &dominators);
    let mut edges: Vec<(u32, BlockId)> = input.graph.order.iter().map(|&b| (loops.depth(b), b)).collect();
    edges.sort_by_key(|(depth, _)| std::cmp::Reverse(*depth));
    for (_, b) in edges {
        let term = &func.blocks[b.index()].term;
        for (edge, target) in term.targets().into_iter().enumerate() {
            let counted = usize::from(matches!(term, Term::Loop { .. }) && edge == 0);
            let params = func.blocks[target.block.index()].params.iter().skip(counted);
            for (&param, &arg) in params.zip(&target.args) {
                if func.typ(param) == func.typ(arg) {
                    classes.try_join(param, arg);
                }
            }
        }
    }
}

// ── Colours ────────────────────────────────────────────────────────────────────────

/// A register while colouring: the ranges in which it is taken.
struct Colour {
    typ: RegType,
    taken: Vec<Range>,
    /// The end of the last range.
    end: u32,
}

fn colour(func: &Func, classes: &mut Classes) -> Registers {
    let mut colours: Vec<Colour> = Vec::new();
    let mut pools: FxHashMap<RegType, Vec<u32>> = FxHashMap::default();
    let mut of_class: FxHashMap<u32, u32> = FxHashMap::default();
    for &v in &func.params {
        let root = classes.find(v);
        of_class.insert(root, colours.len() as u32);
        // A closure's own value stays alone in register 0, see `unpack_closure`.
        if func.closure.is_none() || !colours.is_empty() {
            pools.entry(func.typ(v)).or_default().push(colours.len() as u32);
        }
        let mut new = Colour { typ: func.typ(v), taken: Vec::new(), end: 0 };
        occupy(&mut new, &classes.ranges[root as usize]);
        colours.push(new);
    }
    let mut order: Vec<u32> = (0..classes.ranges.len() as u32)
        .filter(|&c| !classes.ranges[c as usize].is_empty() && !of_class.contains_key(&c))
        .collect();
    order.sort_unstable_by_key(|&c| (classes.ranges[c as usize][0], c));
    for class in order {
        let ranges = &classes.ranges[class as usize];
        let typ = func.values[class as usize];
        let pool = pools.entry(typ).or_default();
        let free = pool.iter().copied().find(|&c| is_free(&colours[c as usize], ranges));
        let chosen = free.unwrap_or_else(|| {
            colours.push(Colour { typ, taken: Vec::new(), end: 0 });
            pool.push(colours.len() as u32 - 1);
            colours.len() as u32 - 1
        });
        occupy(&mut colours[chosen as usize], ranges);
        of_class.insert(class, chosen);
    }
    let of = (0..func.values.len() as u32)
        .map(|v| of_class.get(&classes.find(Value(v))).map_or(Reg(0), |&c| number(c as usize)))
        .collect();
    Registers { of, types: colours.iter().map(|c| c.typ).collect() }
}

fn is_free(colour: &Colour, ranges: &[Range]) -> bool {
    colour.end <= ranges[0].0 || !overlap(&colour.taken, ranges)
}

fn occupy(colour: &mut Colour, ranges: &[Range]) {
    let sorted = ranges.first().is_none_or(|r| colour.end <= r.0);
    colour.taken.extend_from_slice(ranges);
    if !sorted {
        colour.taken.sort_unstable();
    }
    colour.end = colour.taken.last().map_or(0, |r| r.1);
}

/// The kinds that matter here: a borrowed value's holder is its root.
pub(crate) fn rooted(kinds: &mut [Kind]) {
    for v in 0..kinds.len() {
        if let Kind::Borrowed(holder) = kinds[v] {
            kinds[v] = Kind::Borrowed(kinds::root(kinds, holder));
        }
    }
}
