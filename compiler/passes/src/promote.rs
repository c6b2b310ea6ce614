//! Which borrowed values become owners: those that are needed longer than their holder stays as it is.
//!
//! What `get_ref` and `list_get_ref` lend costs nothing while its holder stays. When the holder is moved away or changed
//! while the lent value is still needed, either the holder would have to be shared, and a change of it would copy all of
//! it, or the lent value becomes an owner of its own. The second is far cheaper, so that is done: a `dup`
//! right behind the instruction that lends. (Where the holder itself is needed later it is shared anyway, and the lent
//! value borrows from what stays.)

use codex_core::ir::{BlockId, Func, Value};
use codex_spec::instruction::Opcode;

use crate::graph::Graph;
use crate::kinds::{self, Kind};
use crate::live::Live;
use crate::{rows, walk};

/// A place where a value is used up.
#[derive(Clone, Copy)]
enum Site {
    /// By this instruction of a block.
    Inst(BlockId, u32),
    /// On this edge from a block.
    Edge(BlockId, u32),
}

/// Promotes what has to be, and gives the kinds of all values.
pub(crate) fn run(func: &mut Func, signatures: &[Vec<bool>]) -> Vec<Kind> {
    let mut kinds = kinds::kinds(func);
    if !kinds.iter().any(|k| matches!(k, Kind::Borrowed(_))) {
        return kinds;
    }
    let promoted = find(func, signatures, &mut kinds);
    if promoted.iter().any(|&p| p) {
        insert(func, &mut kinds, &promoted);
    }
    kinds
}

/// Marks what has to become an owner, holders before what they lend.
fn find(func: &Func, signatures: &[Vec<bool>], kinds: &mut [Kind]) -> Vec<bool> {
    let graph = Graph::new(func);
    let live = Live::new(func, &graph, |v| !matches!(kinds[v.index()], Kind::Word), |_| None);
    let places = Places::new(func, &graph, signatures, kinds);
    let mut promoted = vec![false; kinds.len()];
    for &b in &graph.order {
        for inst in &func.blocks[b.index()].insts {
            let Some((lent, _)) = rows::lent(inst) else { continue };
            if !matches!(kinds[lent.index()], Kind::Borrowed(_)) {
                continue;
            }
            let root = kinds::root(kinds, lent);
            if !kinds[root.index()].binds() {
                continue;
            }
            let outlives = |site: &Site| {
                places.needed_after(func, &live, lent, *site) && !places.needed_after(func, &live, root, *site)
            };
            if places.gone[root.index()].iter().any(outlives) {
                kinds[lent.index()] = Kind::Owned;
                promoted[lent.index()] = true;
            }
        }
    }
    promoted
}

/// Where references are used, and used up.
struct Places {
    /// For each reference that lends or is lent: block and number of the instruction, once for each operand.
    uses: Vec<Vec<(BlockId, u32)>>,
    /// Where it is used up.
    gone: Vec<Vec<Site>>,
}

impl Places {
    fn new(func: &Func, graph: &Graph, signatures: &[Vec<bool>], kinds: &[Kind]) -> Places {
        let mut matters: Vec<bool> = kinds.iter().map(|k| matches!(k, Kind::Borrowed(_))).collect();
        for v in 0..kinds.len() {
            if matters[v] {
                let mut at = Value(v as u32);
                while let Kind::Borrowed(holder) = kinds[at.index()] {
                    matters[holder.index()] = true;
                    at = holder;
                }
            }
        }
        let mut places = Places { uses: vec![Vec::new(); kinds.len()], gone: vec![Vec::new(); kinds.len()] };
        for &b in &graph.order {
            let block = &func.blocks[b.index()];
            for (n, inst) in (0..).zip(&block.insts) {
                let borrowed = kinds::borrowed_by(inst, signatures);
                for (i, v) in inst.args.iter().enumerate().filter(|(_, v)| matters[v.index()]) {
                    if rows::consumes(inst.op, i, borrowed) {
                        places.gone[v.index()].push(Site::Inst(b, n));
                    }
                    places.uses[v.index()].push((b, n));
                }
            }
            let end = block.insts.len() as u32;
            for (edge, target) in (0..).zip(block.term.targets()) {
                for v in target.args.iter().filter(|v| matters[v.index()]) {
                    places.gone[v.index()].push(Site::Edge(b, edge));
                }
            }
            crate::live::for_each_term_use(&block.term, |v| {
                if matters[v.index()] {
                    places.uses[v.index()].push((b, end));
                }
            });
        }
        places
    }

    /// Whether a value is needed after a place, or read in it.
    fn needed_after(&self, func: &Func, live: &Live, v: Value, site: Site) -> bool {
        match site {
            Site::Inst(b, n) => {
                let later = |&(block, at): &(BlockId, u32)| block == b && at > n;
                self.uses[v.index()].iter().any(later) || self.reads_at(v, b, n) || live.is_at_end(func, b, v)
            }
            Site::Edge(b, edge) => {
                let target = func.blocks[b.index()].term.targets()[edge as usize].block;
                live.is_at_start(target, v)
            }
        }
    }

    /// Whether an instruction reads a value, rather than using it up.
    fn reads_at(&self, v: Value, b: BlockId, n: u32) -> bool {
        let used = self.uses[v.index()].iter().filter(|u| **u == (b, n)).count();
        let gone = self.gone[v.index()].iter().filter(|s| matches!(s, Site::Inst(c, m) if (*c, *m) == (b, n))).count();
        used > gone
    }
}

/// Puts a `dup` behind each instruction that lends a promoted value; the value's name is now the owner's.
fn insert(func: &mut Func, kinds: &mut Vec<Kind>, promoted: &[bool]) {
    for b in 0..func.blocks.len() {
        let lends = |i: &codex_core::ir::Inst| rows::lent(i).is_some_and(|(v, _)| promoted[v.index()]);
        if !func.blocks[b].insts.iter().any(lends) {
            continue;
        }
        let insts = std::mem::take(&mut func.blocks[b].insts);
        let mut out = Vec::with_capacity(insts.len() + 2);
        for mut inst in insts {
            match rows::lent(&inst) {
                Some((lent, holder)) if promoted[lent.index()] => {
                    let span = inst.span;
                    let borrowed = func.value(func.typ(lent));
                    kinds.push(Kind::Borrowed(holder));
                    inst.results[0] = borrowed;
                    out.push(inst);
                    out.push(walk::inst(Opcode::Dup, vec![borrowed], vec![lent], span));
                }
                _ => out.push(inst),
            }
        }
        func.blocks[b].insts = out;
    }
}
