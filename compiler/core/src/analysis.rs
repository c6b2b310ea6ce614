//! Facts about one function: order of blocks, dominance, liveness.

use crate::ir::{BlockId, Func, Value};

/// Dominance between the blocks of a function.
pub struct Dominators {
    /// Reachable blocks in reverse postorder.
    pub order: Vec<BlockId>,
    /// For each block: its place in `order`, if it can be reached.
    place: Vec<Option<u32>>,
    /// For each place: that of the immediate dominator (of the first: itself).
    idom: Vec<u32>,
    /// For each place: depth in the dominator tree.
    depth: Vec<u32>,
}

impl Dominators {
    /// By Cooper, Harvey and Kennedy's simple algorithm.
    pub fn new(func: &Func) -> Self {
        let order = reverse_postorder(func);
        let mut place = vec![None; func.blocks.len()];
        for (i, block) in order.iter().enumerate() {
            place[block.index()] = Some(i as u32);
        }
        let mut before: Vec<Vec<u32>> = vec![Vec::new(); order.len()];
        for (i, block) in order.iter().enumerate() {
            for target in func.blocks[block.index()].term.targets() {
                if let Some(to) = place[target.block.index()] {
                    before[to as usize].push(i as u32);
                }
            }
        }
        let idom = immediate(&before);
        let mut depth = vec![0; order.len()];
        for i in 1..order.len() {
            depth[i] = depth[idom[i] as usize] + 1;
        }
        Dominators { order, place, idom, depth }
    }

    /// Whether execution can reach the block.
    pub fn reaches(&self, block: BlockId) -> bool {
        self.place[block.index()].is_some()
    }

    /// Whether every way to `b` leads through `a`; both can be reached.
    pub fn dominates(&self, a: BlockId, b: BlockId) -> bool {
        let (Some(a), Some(mut b)) = (self.place[a.index()], self.place[b.index()]) else { return false };
        while self.depth[b as usize] > self.depth[a as usize] {
            b = self.idom[b as usize];
        }
        a == b
    }
}

const UNKNOWN: u32 = u32::MAX;

fn immediate(before: &[Vec<u32>]) -> Vec<u32> {
    let mut idom = vec![UNKNOWN; before.len()];
    idom[0] = 0;
    let mut changed = true;
    while changed {
        changed = false;
        for block in 1..before.len() {
            let mut known = before[block].iter().copied().filter(|&p| idom[p as usize] != UNKNOWN);
            let Some(first) = known.next() else { continue };
            let new = known.fold(first, |a, b| meet(&idom, a, b));
            if idom[block] != new {
                idom[block] = new;
                changed = true;
            }
        }
    }
    idom
}

fn meet(idom: &[u32], mut a: u32, mut b: u32) -> u32 {
    while a != b {
        while a > b {
            a = idom[a as usize];
        }
        while b > a {
            b = idom[b as usize];
        }
    }
    a
}

/// The blocks that can be reached: each before those it dominates.
pub fn reverse_postorder(func: &Func) -> Vec<BlockId> {
    let mut seen = vec![false; func.blocks.len()];
    let mut order = Vec::new();
    let Some(first) = func.blocks.first() else { return order };
    let mut stack = vec![(BlockId(0), first.term.targets())];
    seen[0] = true;
    while let Some((block, targets)) = stack.last_mut() {
        let Some(next) = targets.pop().map(|t| t.block) else {
            order.push(*block);
            stack.pop();
            continue;
        };
        if !std::mem::replace(&mut seen[next.index()], true) {
            stack.push((next, func.blocks[next.index()].term.targets()));
        }
    }
    order.reverse();
    order
}

/// A set of a function's values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueSet(Vec<u64>);

impl ValueSet {
    /// The empty set, for a function with these many values.
    pub fn new(values: usize) -> Self {
        ValueSet(vec![0; values.div_ceil(64)])
    }
    /// Whether it holds the value.
    pub fn contains(&self, value: Value) -> bool {
        self.0[value.index() / 64] >> (value.index() % 64) & 1 == 1
    }
    /// Adds a value; whether it is new.
    pub fn insert(&mut self, value: Value) -> bool {
        let word = &mut self.0[value.index() / 64];
        let bit = 1 << (value.index() % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
    /// Takes a value out; whether it was there.
    pub fn remove(&mut self, value: Value) -> bool {
        let word = &mut self.0[value.index() / 64];
        let bit = 1 << (value.index() % 64);
        let there = *word & bit != 0;
        *word &= !bit;
        there
    }
    /// Adds all of another set; whether any is new.
    pub fn extend(&mut self, other: &ValueSet) -> bool {
        let mut changed = false;
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            changed |= *b & !*a != 0;
            *a |= *b;
        }
        changed
    }
    /// Its values, in order.
    pub fn iter(&self) -> impl Iterator<Item = Value> + '_ {
        let bits = |(i, &word): (usize, &u64)| {
            (0..64).filter(move |b| word >> b & 1 == 1).map(move |b| Value((i * 64 + b) as u32))
        };
        self.0.iter().enumerate().flat_map(bits)
    }
}

/// For each block, the values from outside that it or what follows it still needs (its own parameters are not among
/// them).
pub fn live_in(func: &Func) -> Vec<ValueSet> {
    let mut live = vec![ValueSet::new(func.values.len()); func.blocks.len()];
    let mut order = reverse_postorder(func);
    order.reverse();
    let mut changed = true;
    while changed {
        changed = false;
        for &block in &order {
            let mut set = live_out(func, &live, block);
            let data = &func.blocks[block.index()];
            for inst in data.insts.iter().rev() {
                inst.results.iter().for_each(|&r| {
                    set.remove(r);
                });
                inst.args.iter().for_each(|&a| {
                    set.insert(a);
                });
            }
            data.params.iter().for_each(|&p| {
                set.remove(p);
            });
            changed |= live[block.index()].extend(&set);
        }
    }
    live
}

/// What is needed at the end of a block: by its terminator, its edges' arguments, and the blocks it goes to.
pub fn live_out(func: &Func, live_in: &[ValueSet], block: BlockId) -> ValueSet {
    let mut set = ValueSet::new(func.values.len());
    let term = &func.blocks[block.index()].term;
    for target in term.targets() {
        set.extend(&live_in[target.block.index()]);
        target.args.iter().for_each(|&a| {
            set.insert(a);
        });
    }
    term.operands().into_iter().for_each(|v| {
        set.insert(v);
    });
    set
}
