//! Inlining: a call of a small function becomes its body.
//!
//! Most of the standard library's functions are one builtin with a name, and a call costs more than they do. A function is small if
//! it has at most [`SMALL`] instructions and does not call itself; one that is passed a function value made here may be larger
//! ([`HIGHER`]), since its calls of that value become direct, and are inlined in the next round. So `list.map(xs, λ …)` becomes
//! a loop. A caller grows by at most [`GROWTH`]. Callees are taken as they were when the round began, so that a
//! few rounds reach through a wrapper of a wrapper and no chain goes on for ever. An inlined call has no frame
//! of its own: it pays no fuel, and a trace names the caller at the callee's line; where the standard library was inlined
//! into a program, at the line of the call, since that is the one the reader wrote.

use codex_core::ir::{Block, BlockId, Func, Inst, Program, Target, Term, Value, Values};
use codex_diagnostics::{FileId, Span};
use codex_jobs::Jobs;
use codex_spec::instruction::{FuncId, Opcode};
use codex_spec::layout::{LayoutDef, builtin_layout};
use rustc_hash::FxHashMap;

use crate::{counters, prune};

/// Instructions of a function that is inlined, at most.
const SMALL: usize = 24;
/// Instructions of a function that is inlined where it is passed a function value that is known.
const HIGHER: usize = 80;
/// Instructions that a caller may grow by.
const GROWTH: usize = 1500;
/// Rounds.
const ROUNDS: usize = 3;

/// Inlines in all functions.
pub(crate) fn run(program: &mut Program, jobs: Jobs) {
    for _ in 0..ROUNDS {
        let sizes: Vec<Option<u32>> = program.functions.iter().enumerate().map(|(n, f)| inlined_size(f, n)).collect();
        let numbers: Vec<usize> = (0..program.functions.len()).collect();
        let inlined = jobs.map(&numbers, |&n| {
            let closures = closures(&program.functions[n], &program.layouts);
            Inliner { closures, functions: &program.functions, library: &program.library, sizes: &sizes, number: n }
                .run()
        });
        let mut changed = false;
        for (func, inlined) in program.functions.iter_mut().zip(inlined) {
            if let Some(inlined) = inlined {
                *func = inlined;
                changed = true;
            }
        }
        if !changed {
            return;
        }
        // What was inlined everywhere would only grow in the next round.
        prune::run(program, jobs);
    }
}

/// The function values that a function makes: what they run, and what they capture.
fn closures(func: &Func, layouts: &[LayoutDef]) -> FxHashMap<Value, (FuncId, Values)> {
    let mut found = FxHashMap::default();
    for inst in func.blocks.iter().flat_map(|b| &b.insts).filter(|i| i.op == Opcode::Closure) {
        let own = inst.index(0).checked_sub(builtin_layout::FIRST).and_then(|n| layouts.get(n as usize));
        if let Some(LayoutDef::Closure { function, .. }) = own {
            found.insert(inst.results[0], (*function, inst.args.clone()));
        }
    }
    found
}

/// The instructions of a function, if it may be inlined at all.
fn inlined_size(func: &Func, number: usize) -> Option<u32> {
    let calls_itself = |i: &Inst| i.callee() == Some(FuncId(number as u32));
    let size: usize = func.blocks.iter().map(|b| b.insts.len() + 1).sum();
    (size <= HIGHER && !func.blocks.iter().flat_map(|b| &b.insts).any(calls_itself)).then_some(size as u32)
}

struct Inliner<'a> {
    closures: FxHashMap<Value, (FuncId, Values)>,
    /// All functions as they were when the round began.
    functions: &'a [Func],
    /// The files of the standard library.
    library: &'a [FileId],
    /// The sizes of those that may be inlined: at hand, because in a large program each look at a callee is a cache miss.
    sizes: &'a [Option<u32>],
    /// The caller's own number.
    number: usize,
}

impl<'a> Inliner<'a> {
    /// The caller with the calls inlined, if there are any.
    fn run(&self) -> Option<Func> {
        let before = &self.functions[self.number];
        let inlines = |i: &Inst| self.callee(i, GROWTH).is_some();
        if !before.blocks.iter().flat_map(|b| &b.insts).any(inlines) {
            return None;
        }
        let mut func = before.clone();
        let mut budget = GROWTH;
        let mut next = 0;
        // Of the blocks made here, the rest of a block is looked at, its inlined body is not.
        let mut left: Vec<usize> = (0..func.blocks.len()).collect();
        while let Some(&at) = left.get(next) {
            next += 1;
            let insts = &func.blocks[at].insts;
            let found = insts.iter().enumerate().find_map(|(n, i)| Some((n, self.callee(i, budget)?)));
            let Some((place, (callee, size))) = found else { continue };
            budget -= size;
            let captures = self.closures.get(&func.blocks[at].insts[place].args.first().copied().unwrap_or(Value(0)));
            let captures = captures.filter(|_| func.blocks[at].insts[place].op == Opcode::CallValue);
            let (call, first) = (func.blocks[at].insts[place].span, func.blocks.len());
            let rest = splice(&mut func, at, place, callee, captures.map(|c| &c.1[..]));
            if !self.library.contains(&call.file) {
                func.blocks[first..rest].iter_mut().for_each(|block| self.place_at(call, block));
            }
            left.push(rest);
        }
        counters::keep(&mut func);
        Some(func)
    }

    /// What comes from the standard library stands where a program called it.
    fn place_at(&self, call: Span, block: &mut Block) {
        let places = block.insts.iter_mut().map(|i| &mut i.span).chain([&mut block.term_span]);
        places.filter(|place| self.library.contains(&place.file)).for_each(|place| *place = call);
    }

    /// The body that a call becomes, if it becomes one, and its size.
    fn callee(&self, inst: &Inst, budget: usize) -> Option<(&'a Func, usize)> {
        let is_known = |v: &Value| self.closures.contains_key(v);
        let callee = match inst.op {
            Opcode::Call => inst.callee()?,
            Opcode::CallValue => self.closures.get(&inst.args[0])?.0,
            _ => return None,
        };
        let size = self.sizes[callee.index()]? as usize;
        let passed = if inst.op == Opcode::CallValue { &inst.args[1..] } else { &inst.args[..] };
        let most = if passed.iter().any(is_known) { HIGHER } else { SMALL };
        (callee.index() != self.number && size <= most.min(budget)).then(|| (&self.functions[callee.index()], size))
    }
}

/// Replaces the call at a place of a block by the callee's body, and gives the block with what came after the call. For the
/// call of a function value: with what it captured.
fn splice(func: &mut Func, at: usize, place: usize, callee: &Func, captures: Option<&[Value]>) -> usize {
    let mut after = func.blocks[at].insts.split_off(place);
    let call = after.remove(0);
    let first = func.blocks.len() as u32;
    let rest = BlockId(first + callee.blocks.len() as u32);
    let map = values(func, callee, &call, captures);
    for block in &callee.blocks {
        let mut copy = copy(block, &map, first, rest);
        // What a function value captured is at hand where it was made.
        copy.insts.retain(|i| captures.is_none() || i.op != Opcode::UnpackClosure);
        func.blocks.push(copy);
    }
    let block = &mut func.blocks[at];
    let entry = Term::Jump(Target { block: BlockId(first), args: Vec::new() });
    let term = std::mem::replace(&mut block.term, entry);
    let term_span = std::mem::replace(&mut block.term_span, call.span);
    func.blocks.push(Block { params: call.results.into_vec(), insts: after, term, term_span });
    rest.index()
}

/// What the callee's values are in the caller: parameters are the arguments, others are new.
fn values(func: &mut Func, callee: &Func, call: &Inst, captures: Option<&[Value]>) -> Vec<Value> {
    let mut map: Vec<Option<Value>> = vec![None; callee.values.len()];
    for (p, a) in callee.params.iter().zip(&call.args) {
        map[p.index()] = Some(*a);
    }
    if let Some(captures) = captures
        && let Some(unpack) = callee.blocks[0].insts.first().filter(|i| i.op == Opcode::UnpackClosure)
    {
        for (r, c) in unpack.results.iter().zip(captures) {
            map[r.index()] = Some(*c);
        }
    }
    map.into_iter().enumerate().map(|(v, known)| known.unwrap_or_else(|| func.value(callee.values[v]))).collect()
}

fn copy(block: &Block, map: &[Value], first: u32, rest: BlockId) -> Block {
    let to = |v: &Value| map[v.index()];
    let mut copy = block.clone();
    copy.params.iter_mut().for_each(|v| *v = to(v));
    for inst in &mut copy.insts {
        inst.args.iter_mut().chain(&mut inst.results).for_each(|v| *v = to(v));
    }
    crate::walk::for_each_term_use_mut(&mut copy.term, |v| *v = to(v));
    copy.term.targets_mut().into_iter().for_each(|t| t.block = BlockId(t.block.0 + first));
    if let Term::Return(v) = copy.term {
        copy.term = Term::Jump(Target { block: rest, args: vec![v] });
    }
    copy
}
