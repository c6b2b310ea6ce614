//! Drop specialisation: a record that dies where its fields are read is taken apart instead.
//!
//! Reading fields one by one and dropping the record behind them raises the count of each field that is kept and lowers
//! it again in the drop. `unpack` moves the fields out of a cell that nobody else holds (Perceus, §2.3), and its cell can
//! be used again ([`crate::reuse`]). A record is taken apart in the first block that reads a field of it, or what was read
//! before, if nobody needs the record as a whole from there on, and it pays: some field is used up, or
//! a record of the same type is made, or all fields are read there.
//!
//! Runs before counting, when it is known which parameters are borrowed: what is lent is never taken apart.

use codex_core::ir::{BlockId, Func, Imm, Inst, Term, Value};
use codex_diagnostics::Span;
use codex_spec::instruction::{Opcode, Role};
use codex_spec::layout::{LayoutDef, RegType, Storage, builtin_layout};
use rustc_hash::FxHashMap;
use smallvec::smallvec;

use crate::View;
use crate::graph::{Dominators, Graph};
use crate::kinds::{self, Kind};
use crate::live::Live;
use crate::{rows, tidy, walk};

/// Takes apart what dies in all functions.
pub(crate) fn run(view: &View<'_>, func: &mut Func) {
    let mut done: Vec<bool> = Vec::new();
    // What is moved out of one record may be a record that dies too, so there are rounds.
    loop {
        let places = places(func, &view.program.layouts, view.signatures, &mut done);
        if places.is_empty() {
            break;
        }
        take_apart(func, &view.program.layouts, &places);
    }
    if done.contains(&true) {
        // Loads whose values all come out of an `unpack` now.
        tidy::leave_out(func);
    }
}

/// Where a record can be taken apart.
#[derive(Debug)]
pub(crate) struct Place {
    record: Value,
    layout: u32,
    block: BlockId,
    /// Before which instruction of the block.
    at: u32,
    /// Blocks that the place's block dominates, itself included.
    region: Vec<BlockId>,
}

/// The fields of a record layout.
pub(crate) fn fields(layouts: &[LayoutDef], layout: u32) -> &[Storage] {
    match layout.checked_sub(builtin_layout::FIRST).and_then(|n| layouts.get(n as usize)) {
        Some(LayoutDef::Record { fields, .. }) => fields,
        _ => &[],
    }
}

fn is_load(op: Opcode) -> bool {
    matches!(op, Opcode::GetWord | Opcode::GetByte | Opcode::GetRef)
}

/// Places for the records that have not been looked at.
fn places(func: &Func, layouts: &[LayoutDef], signatures: &[Vec<bool>], done: &mut Vec<bool>) -> Vec<Place> {
    done.resize(func.values.len(), false);
    let loads = func.blocks.iter().flat_map(|b| &b.insts).filter(|i| is_load(i.op));
    let mut candidates: Vec<Value> = loads.map(|i| i.args[0]).filter(|v| !done[v.index()]).collect();
    candidates.sort_unstable();
    candidates.dedup();
    let mut found = Vec::new();
    if candidates.is_empty() {
        return found;
    }
    let kinds = kinds::kinds(func);
    let search = Search::new(func, layouts, signatures);
    for record in candidates {
        // What is borrowed now may be an owner when its holder has been taken apart.
        if kinds[record.index()] == Kind::Owned {
            done[record.index()] = true;
            search.places(record, &mut found);
        }
    }
    found
}

/// Looks for places in one function.
pub(crate) struct Search<'a> {
    func: &'a Func,
    layouts: &'a [LayoutDef],
    signatures: &'a [Vec<bool>],
    graph: Graph,
    dominators: Dominators,
    live: Live,
    /// For each value its uses by instructions: block and number.
    uses: Vec<Vec<(BlockId, u32)>>,
    /// Blocks whose terminator uses a value, other than by `switch_tag`.
    ends: Vec<Vec<BlockId>>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(func: &'a Func, layouts: &'a [LayoutDef], signatures: &'a [Vec<bool>]) -> Self {
        let graph = Graph::new(func);
        let dominators = Dominators::new(&graph);
        let live = Live::new(func, &graph, |v| matches!(func.typ(v), RegType::Ref(_)), |_| None);
        let mut uses = vec![Vec::new(); func.values.len()];
        let mut ends = vec![Vec::new(); func.values.len()];
        for &b in &graph.order {
            let block = &func.blocks[b.index()];
            for (n, inst) in (0..).zip(&block.insts) {
                inst.args.iter().for_each(|v| uses[v.index()].push((b, n)));
            }
            crate::live::for_each_term_use(&block.term, |v| ends[v.index()].push(b));
        }
        Search { func, layouts, signatures, graph, dominators, live, uses, ends }
    }

    fn inst(&self, (b, n): (BlockId, u32)) -> &'a Inst {
        &self.func.blocks[b.index()].insts[n as usize]
    }

    /// Where a record can be taken apart and it pays: the first blocks, in order, that read it or what it lent.
    pub(crate) fn places(&self, record: Value, found: &mut Vec<Place>) {
        let is_field = |u: &(BlockId, u32)| is_load(self.inst(*u).op);
        let mut layouts: Vec<u32> =
            self.uses[record.index()].iter().filter(|u| is_field(u)).map(|&u| self.inst(u).index(0)).collect();
        layouts.sort_unstable();
        layouts.dedup();
        layouts.into_iter().for_each(|layout| self.places_as(record, layout, found));
    }

    /// The same, where the record is of one variant.
    fn places_as(&self, record: Value, layout: u32, found: &mut Vec<Place>) {
        let reads = |u: &(BlockId, u32)| is_load(self.inst(*u).op) && self.inst(*u).index(0) == layout;
        let loads: Vec<(BlockId, u32)> = self.uses[record.index()].iter().copied().filter(reads).collect();
        let mut touched = loads.clone();
        for &load in loads.iter().filter(|&&l| self.inst(l).op == Opcode::GetRef) {
            let part = self.inst(load).results[0];
            touched.extend(&self.uses[part.index()]);
            touched.extend(self.ends[part.index()].iter().map(|b| (*b, self.length(*b))));
        }
        touched.sort_unstable_by_key(|&(b, n)| (self.graph.place[b.index()], n));
        touched.dedup_by_key(|t| t.0);
        let before = found.len();
        for place in touched {
            if !found[before..].iter().any(|p| self.dominators.dominates(p.block, place.0))
                && let Some(new) = self.place_at(record, layout, place, &loads)
            {
                found.push(new);
            }
        }
    }

    fn length(&self, b: BlockId) -> u32 {
        self.func.blocks[b.index()].insts.len() as u32
    }

    /// Whether a use is at a place or in what the place dominates.
    fn is_behind(&self, (b, n): (BlockId, u32), (block, at): (BlockId, u32)) -> bool {
        if b == block { n >= at } else { self.dominators.dominates(block, b) }
    }

    fn place_at(&self, record: Value, layout: u32, place: (BlockId, u32), loads: &[(BlockId, u32)]) -> Option<Place> {
        let (block, at) = place;
        let fits = |u: (BlockId, u32)| is_load(self.inst(u).op) && self.inst(u).index(0) == layout;
        let dominated = |l: &(BlockId, u32)| l.0 == block || self.dominators.dominates(l.0, block);
        // The variant is known here, and everything from here on is a load.
        if !loads.iter().any(|l| dominated(l) && fits(*l))
            || !self.uses[record.index()].iter().all(|&u| !self.is_behind(u, place) || fits(u))
            || self.ends[record.index()].iter().any(|b| self.dominators.dominates(block, *b))
            || !self.dies_within(record, block)
        {
            return None;
        }
        let pays = self.uses_up_a_field(loads, place)
            || self.reads_all_fields(loads, place, layout)
            || self.makes_another(block, layout);
        let region = || self.graph.order.iter().copied().filter(|b| self.dominators.dominates(block, *b)).collect();
        pays.then(|| Place { record, layout, block, at, region: region() })
    }

    /// Whether nobody outside of what a block dominates needs a record that lives in it.
    fn dies_within(&self, record: Value, block: BlockId) -> bool {
        let mut seen = vec![block];
        let mut work = vec![block];
        while let Some(b) = work.pop() {
            for target in self.func.blocks[b.index()].term.targets() {
                let next = target.block;
                if !self.live.is_at_start(next, record) {
                    continue;
                }
                if next == block || !self.dominators.dominates(block, next) {
                    return false;
                }
                if !seen.contains(&next) {
                    seen.push(next);
                    work.push(next);
                }
            }
        }
        true
    }

    /// Whether some field that is a reference is used up from a place on.
    fn uses_up_a_field(&self, loads: &[(BlockId, u32)], place: (BlockId, u32)) -> bool {
        let used_up = |v: Value| {
            let by_inst = self.uses[v.index()].iter().filter(|u| self.is_behind(**u, place)).any(|&u| {
                let inst = self.inst(u);
                let borrowed = kinds::borrowed_by(inst, self.signatures);
                (0..inst.args.len()).any(|i| inst.args[i] == v && rows::consumes(inst.op, i, borrowed))
            });
            let switches = |b: &BlockId| matches!(self.func.blocks[b.index()].term, Term::SwitchTag(..));
            by_inst || self.ends[v.index()].iter().any(|b| self.dominators.dominates(place.0, *b) && !switches(b))
        };
        loads.iter().map(|&l| self.inst(l)).filter(|i| i.op == Opcode::GetRef).any(|i| used_up(i.results[0]))
    }

    /// Whether a place's block reads all fields of a record.
    fn reads_all_fields(&self, loads: &[(BlockId, u32)], place: (BlockId, u32), layout: u32) -> bool {
        let here = |l: &&(BlockId, u32)| l.0 == place.0 && l.1 >= place.1;
        let mut read: Vec<u32> = loads.iter().filter(here).map(|&l| self.inst(l).index(1)).collect();
        read.sort_unstable();
        read.dedup();
        read.len() == fields(self.layouts, layout).len()
    }

    /// Whether a record of the same type is made in what a block dominates, once for each time through it.
    pub(crate) fn makes_another(&self, block: BlockId, layout: u32) -> bool {
        let typ = record_type(self.layouts, layout);
        self.graph.order.iter().any(|&b| {
            self.dominators.dominates(block, b)
                && self.func.blocks[b.index()]
                    .insts
                    .iter()
                    .any(|i| i.op == Opcode::New && record_type(self.layouts, i.index(0)) == typ)
        })
    }
}

fn record_type(layouts: &[LayoutDef], layout: u32) -> Option<codex_spec::instruction::TypeId> {
    match layouts.get(layout.checked_sub(builtin_layout::FIRST)? as usize)? {
        LayoutDef::Record { typ, .. } => Some(*typ),
        _ => None,
    }
}

/// Puts an `unpack` at each place, in place of the loads behind it. What was lent before and is used behind it is the
/// field that was moved out.
fn take_apart(func: &mut Func, layouts: &[LayoutDef], places: &[Place]) {
    // For each place its parts; what was lent by the record is renamed to them in its region.
    let parts: Vec<Vec<Value>> =
        places.iter().map(|p| fields(layouts, p.layout).iter().map(|f| func.value(f.reg_type())).collect()).collect();
    let mut lent: FxHashMap<(Value, u32), Vec<(Value, usize)>> = FxHashMap::default();
    for inst in func.blocks.iter().flat_map(|b| &b.insts).filter(|i| is_load(i.op)) {
        let of = (inst.args[0], inst.index(0));
        lent.entry(of).or_default().push((inst.results[0], inst.index(1) as usize));
    }
    let mut unpacks: Vec<(BlockId, u32, usize)> = Vec::new();
    let mut gone = vec![false; func.values.len()];
    for (n, place) in places.iter().enumerate() {
        let mut renames = walk::Renames::new(func.values.len());
        for &(v, field) in lent.get(&(place.record, place.layout)).into_iter().flatten() {
            renames.set(v, parts[n][field]);
        }
        for &b in &place.region {
            let from = if b == place.block { place.at as usize } else { 0 };
            let block = &mut func.blocks[b.index()];
            for inst in &mut block.insts[from..] {
                if is_load(inst.op) && inst.args[0] == place.record {
                    gone[inst.results[0].index()] = true;
                }
                inst.args.iter_mut().for_each(|v| *v = renames.get(*v));
            }
            walk::for_each_term_use_mut(&mut block.term, |v| *v = renames.get(*v));
        }
        unpacks.push((place.block, place.at, n));
    }
    unpacks.sort_unstable_by_key(|&(b, at, _)| std::cmp::Reverse((b, at)));
    for (b, at, n) in unpacks {
        let block = &mut func.blocks[b.index()];
        let span = block.insts.get(at as usize).map_or(block.term_span, |i| i.span);
        block.insts.insert(at as usize, unpack(&places[n], parts[n].clone(), span));
    }
    for block in &mut func.blocks {
        block.insts.retain(|i| !(is_load(i.op) && gone[i.results[0].index()]));
    }
}

fn unpack(place: &Place, parts: Vec<Value>, span: Span) -> Inst {
    Inst {
        op: Opcode::Unpack,
        imm: [Some(Imm::Index(place.layout)), None],
        args: smallvec![place.record],
        results: parts.into(),
        span,
    }
}

/// For each parameter of a function, whether it would rather be given than lent: a part of it is changed or given away to
/// a call, or it would be taken apart and its cell used again.
pub(crate) fn wants_parameters(func: &Func, layouts: &[LayoutDef], signatures: &[Vec<bool>]) -> Vec<bool> {
    let mut given = vec![false; func.values.len()];
    let mut holder: Vec<Option<Value>> = vec![None; func.values.len()];
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        if let Some((lent, from)) = rows::lent(inst) {
            // An element stays in its list: only fields are moved out.
            holder[lent.index()] = (inst.op == Opcode::GetRef).then_some(from);
        }
        let borrowed = kinds::borrowed_by(inst, signatures);
        for (i, v) in inst.args.iter().enumerate() {
            let by_call =
                matches!(rows::role(inst.op, i), Role::Args | Role::Edit | Role::Open) || inst.op == Opcode::CallValue;
            given[v.index()] |= by_call && rows::consumes(inst.op, i, borrowed);
        }
    }
    for v in 0..given.len() {
        let mut at = Value(v as u32);
        while let (true, Some(from)) = (given[v], holder[at.index()]) {
            given[from.index()] = true;
            at = from;
        }
    }
    let mut wanted: Vec<bool> = func.params.iter().map(|p| given[p.index()]).collect();
    let news = func.blocks.iter().flat_map(|b| &b.insts).any(|i| i.op == Opcode::New);
    if news && wanted.contains(&false) {
        let search = Search::new(func, layouts, signatures);
        for (p, wanted) in func.params.iter().zip(&mut wanted) {
            let mut places = Vec::new();
            search.places(*p, &mut places);
            *wanted |= places.iter().any(|place| search.makes_another(place.block, place.layout));
        }
    }
    wanted
}
