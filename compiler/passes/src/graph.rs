//! The control-flow graph of a function: predecessors, reverse postorder, dominators, loops.
//!
//! Computed when a pass asks, never kept across a change. Dominators by Cooper, Harvey and
//! Kennedy, 'A Simple, Fast Dominance Algorithm' (2001).

use codex_core::ir::{BlockId, Func};

/// No block.
pub(crate) const NONE: u32 = u32::MAX;

/// A function's graph.
#[derive(Debug)]
pub(crate) struct Graph {
    /// For each block, the blocks with an edge to it, once for each edge.
    pub(crate) preds: Vec<Vec<BlockId>>,
    /// Reachable blocks in reverse postorder.
    pub(crate) order: Vec<BlockId>,
    /// For each block its place in `order`, or [`NONE`] if nothing reaches it.
    pub(crate) place: Vec<u32>,
}

impl Graph {
    /// The graph of a function.
    pub(crate) fn new(func: &Func) -> Graph {
        let order = reverse_postorder(func, |_, _| {});
        let mut place = vec![NONE; func.blocks.len()];
        for (i, b) in order.iter().enumerate() {
            place[b.index()] = i as u32;
        }
        let mut preds = vec![Vec::new(); func.blocks.len()];
        for &b in &order {
            for t in func.blocks[b.index()].term.targets() {
                preds[t.block.index()].push(b);
            }
        }
        Graph { preds, order, place }
    }

    /// Reorders so that the blocks of a loop stand together: what leaves a loop comes after it.
    pub(crate) fn prefer_inner(&mut self, func: &Func, loops: &Loops) {
        if loops.all.is_empty() {
            return;
        }
        // Visited last are those that stay innermost; ties keep their order.
        self.order = reverse_postorder(func, |b, next| {
            let own = loops.of[b.index()];
            next.sort_by_key(|&n| own.is_some_and(|l| !loops.contains(l, n)));
        });
        for (i, b) in self.order.iter().enumerate() {
            self.place[b.index()] = i as u32;
        }
    }

    /// Whether a block can be reached.
    pub(crate) fn reached(&self, b: BlockId) -> bool {
        self.place[b.index()] != NONE
    }

    /// Whether an edge goes back.
    pub(crate) fn is_back(&self, from: BlockId, to: BlockId) -> bool {
        self.place[to.index()] <= self.place[from.index()]
    }
}

/// Depth first, without recursion: the last successor is visited first, so that the first one comes right after its
/// block and a loop's body before what follows the loop. `arrange` may reorder the successors of a block.
fn reverse_postorder(func: &Func, arrange: impl Fn(BlockId, &mut Vec<BlockId>)) -> Vec<BlockId> {
    let mut seen = vec![false; func.blocks.len()];
    let mut order = Vec::with_capacity(func.blocks.len());
    let mut stack: Vec<(BlockId, Vec<BlockId>)> = Vec::new();
    let successors = |b: BlockId| {
        let mut next: Vec<BlockId> = func.blocks[b.index()].term.targets().iter().map(|t| t.block).collect();
        arrange(b, &mut next);
        next
    };
    if func.blocks.is_empty() {
        return order;
    }
    seen[0] = true;
    stack.push((BlockId(0), successors(BlockId(0))));
    while let Some((b, rest)) = stack.last_mut() {
        match rest.pop() {
            Some(next) if seen[next.index()] => {}
            Some(next) => {
                seen[next.index()] = true;
                stack.push((next, successors(next)));
            }
            None => {
                order.push(*b);
                stack.pop();
            }
        }
    }
    order.reverse();
    order
}

/// The dominator tree.
#[derive(Debug)]
pub(crate) struct Dominators {
    /// Interval of each block in a walk over the tree: one dominates another if its interval holds the other's.
    spans: Vec<(u32, u32)>,
    /// Children in the tree, in reverse postorder.
    pub(crate) children: Vec<Vec<BlockId>>,
}

impl Dominators {
    /// The dominators of a graph.
    pub(crate) fn new(graph: &Graph) -> Dominators {
        let n = graph.place.len();
        let mut parent = vec![NONE; n];
        if let Some(entry) = graph.order.first() {
            parent[entry.index()] = entry.0;
        }
        let mut changed = true;
        while changed {
            changed = false;
            for &b in graph.order.iter().skip(1) {
                let mut new = NONE;
                for p in &graph.preds[b.index()] {
                    if parent[p.index()] != NONE {
                        new = if new == NONE { p.0 } else { meet(graph, &parent, new, p.0) };
                    }
                }
                if parent[b.index()] != new {
                    parent[b.index()] = new;
                    changed = true;
                }
            }
        }
        let mut children = vec![Vec::new(); n];
        for &b in graph.order.iter().skip(1) {
            children[parent[b.index()] as usize].push(b);
        }
        let spans = number_tree(graph, &children);
        Dominators { spans, children }
    }

    /// Whether `a` dominates `b` (each block dominates itself).
    pub(crate) fn dominates(&self, a: BlockId, b: BlockId) -> bool {
        let (a, b) = (self.spans[a.index()], self.spans[b.index()]);
        a.0 <= b.0 && b.1 <= a.1
    }
}

fn meet(graph: &Graph, parent: &[u32], mut a: u32, mut b: u32) -> u32 {
    while a != b {
        while graph.place[a as usize] > graph.place[b as usize] {
            a = parent[a as usize];
        }
        while graph.place[b as usize] > graph.place[a as usize] {
            b = parent[b as usize];
        }
    }
    a
}

fn number_tree(graph: &Graph, children: &[Vec<BlockId>]) -> Vec<(u32, u32)> {
    let mut spans = vec![(NONE, 0); children.len()];
    let Some(&entry) = graph.order.first() else { return spans };
    let mut clock = 0;
    let mut stack = vec![(entry, 0)];
    spans[entry.index()].0 = 0;
    while let Some((b, next)) = stack.last_mut() {
        if let Some(&child) = children[b.index()].get(*next) {
            *next += 1;
            clock += 1;
            spans[child.index()].0 = clock;
            stack.push((child, 0));
        } else {
            spans[b.index()].1 = clock;
            stack.pop();
        }
    }
    spans
}

/// The natural loops: for each block its innermost loop.
#[derive(Debug)]
pub(crate) struct Loops {
    /// The loops, an outer one before those inside it.
    pub(crate) all: Vec<Loop>,
    /// For each block its innermost loop, as an index into `all`.
    pub(crate) of: Vec<Option<u32>>,
}

/// One loop.
#[derive(Debug)]
pub(crate) struct Loop {
    /// The block that every turn starts with.
    pub(crate) head: BlockId,
    /// The loop around it.
    pub(crate) outer: Option<u32>,
    /// How many loops it is in, itself included.
    pub(crate) depth: u32,
}

impl Loops {
    /// The loops of a graph. Edges that go back to a block which does not dominate them make no loop.
    pub(crate) fn new(graph: &Graph, dominators: &Dominators) -> Loops {
        let mut loops = Loops { all: Vec::new(), of: vec![None; graph.place.len()] };
        let mut heads: Vec<(BlockId, Vec<BlockId>)> = Vec::new();
        for &b in &graph.order {
            let latches: Vec<BlockId> =
                graph.preds[b.index()].iter().copied().filter(|&p| dominators.dominates(b, p)).collect();
            if !latches.is_empty() {
                heads.push((b, latches));
            }
        }
        // Heads in reverse postorder: an outer loop's head comes first, so inner loops overwrite `of`.
        for (head, latches) in heads {
            let index = loops.all.len() as u32;
            let outer = loops.of[head.index()];
            let depth = outer.map_or(1, |o| loops.all[o as usize].depth + 1);
            loops.all.push(Loop { head, outer, depth });
            let mut work = latches;
            loops.of[head.index()] = Some(index);
            while let Some(b) = work.pop() {
                if loops.of[b.index()] != Some(index) && graph.reached(b) {
                    loops.of[b.index()] = Some(index);
                    work.extend(&graph.preds[b.index()]);
                }
            }
        }
        loops
    }

    /// How many loops a block is in.
    pub(crate) fn depth(&self, b: BlockId) -> u32 {
        self.of[b.index()].map_or(0, |l| self.all[l as usize].depth)
    }

    /// Whether a block is in a loop (or in one inside it).
    pub(crate) fn contains(&self, index: u32, b: BlockId) -> bool {
        let mut at = self.of[b.index()];
        while let Some(l) = at {
            if l == index {
                return true;
            }
            at = self.all[l as usize].outer;
        }
        false
    }
}
