//! One function for instances of one generic function that came out the same.
//!
//! Instances differ in name of types only where the type does not matter to the code: type parameters
//! that nothing is stored by, or types that are all words. Two functions are taken to be the same until something
//! tells them apart: name and place, then the body, then (again and again, until nothing changes) what the functions that
//! they call have been told apart by. So functions that call themselves or one another merge as well. Only
//! functions of one name and place are merged, so that a trace names what was written.

use std::hash::{Hash, Hasher};

use codex_diagnostics::Span;
use codex_spec::instruction::{FuncId, LayoutId, Opcode};
use codex_spec::layout::{LayoutDef, builtin_layout};
use rustc_hash::{FxHashMap, FxHasher};

use crate::ir::{Func, Imm, Inst, Program, Term};

/// Merges what is the same.
pub(crate) fn merge(program: &mut Program) {
    let classes = classes(program);
    let count = classes.iter().copied().max().map_or(0, |m| m + 1);
    if count == program.functions.len() {
        return;
    }
    let mut number = vec![None; count];
    let mut kept = Vec::new();
    for (i, &class) in classes.iter().enumerate() {
        if number[class].is_none() {
            number[class] = Some(FuncId(kept.len() as u32));
            kept.push(i);
        }
    }
    let functions: Vec<FuncId> = classes.iter().map(|&c| number[c].unwrap_or(FuncId(0))).collect();
    let mut all: Vec<Option<Func>> = std::mem::take(&mut program.functions).into_iter().map(Some).collect();
    program.functions = kept.iter().filter_map(|&i| all[i].take()).collect();
    let layouts = merge_layouts(program, &functions);
    for func in &mut program.functions {
        func.closure = func.closure.map(|l| renumbered(&layouts, l));
        for inst in func.blocks.iter_mut().flat_map(|b| &mut b.insts) {
            renumber(inst, &functions, &layouts);
        }
        for block in &mut func.blocks {
            if let Term::TailCall(callee, _) = &mut block.term {
                *callee = functions[callee.index()];
            }
        }
    }
    for id in program.roots_mut() {
        *id = functions[id.index()];
    }
}

/// For each function, the number of its class.
fn classes(program: &Program) -> Vec<usize> {
    let mut named: FxHashMap<(&str, Span), usize> = FxHashMap::default();
    let mut classes: Vec<usize> = Vec::with_capacity(program.functions.len());
    for func in &program.functions {
        let fresh = named.len();
        classes.push(*named.entry((&func.name, func.span)).or_insert(fresh));
    }
    let mut count = named.len();
    loop {
        // A function that is alone in its class stays so: most are, and need not be read.
        let mut members = vec![0u32; count];
        classes.iter().for_each(|&c| members[c] += 1);
        let mut known: FxHashMap<(usize, Vec<u8>), usize> = FxHashMap::default();
        let mut next = Vec::with_capacity(classes.len());
        for (func, &class) in program.functions.iter().zip(&classes) {
            let bytes = if members[class] == 1 { Vec::new() } else { digest(program, func, &classes) };
            let fresh = known.len();
            next.push(*known.entry((class, bytes)).or_insert(fresh));
        }
        let found = known.len();
        classes = next;
        if found == count || found == classes.len() {
            return classes;
        }
        count = found;
    }
}

/// Everything that tells a function apart, with the classes of the functions it names, as bytes.
fn digest(program: &Program, func: &Func, classes: &[usize]) -> Vec<u8> {
    let mut out = Bytes(Vec::new());
    func.params.hash(&mut out);
    func.result.hash(&mut out);
    func.values.hash(&mut out);
    func.closure.is_some().hash(&mut out);
    for block in &func.blocks {
        block.params.hash(&mut out);
        block.insts.len().hash(&mut out);
        for inst in &block.insts {
            digest_inst(program, inst, classes, &mut out);
        }
        digest_term(&block.term, classes, &mut out);
    }
    out.0
}

fn digest_inst(program: &Program, inst: &Inst, classes: &[usize], out: &mut Bytes) {
    inst.op.hash(out);
    inst.args.hash(out);
    inst.results.hash(out);
    match inst.op {
        Opcode::Call => classes[inst.index(0) as usize].hash(out),
        Opcode::Closure | Opcode::UnpackClosure => match layout(program, LayoutId(inst.index(0))) {
            Some(LayoutDef::Closure { typ, function, fields }) => (typ, classes[function.index()], fields).hash(out),
            _ => inst.imm.hash(out),
        },
        _ => inst.imm.hash(out),
    }
}

fn digest_term(term: &Term, classes: &[usize], out: &mut Bytes) {
    std::mem::discriminant(term).hash(out);
    term.operands().hash(out);
    for target in term.targets() {
        (target.block, &target.args).hash(out);
    }
    match term {
        Term::Branch { op, imm, .. } => (op, imm).hash(out),
        Term::TailCall(callee, _) => classes[callee.index()].hash(out),
        Term::Trap(trap) => trap.hash(out),
        _ => {}
    }
}

/// A hasher that keeps what it is given.
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn finish(&self) -> u64 {
        let mut hasher = FxHasher::default();
        hasher.write(&self.0);
        hasher.finish()
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

fn layout(program: &Program, id: LayoutId) -> Option<&LayoutDef> {
    program.layouts.get(id.0.checked_sub(builtin_layout::FIRST)? as usize)
}

/// Drops the layouts of function values whose function was merged into another; gives the new number of each.
fn merge_layouts(program: &mut Program, functions: &[FuncId]) -> Vec<LayoutId> {
    let mut first: FxHashMap<FuncId, LayoutId> = FxHashMap::default();
    let mut numbers = Vec::new();
    let (mut layouts, mut names) = (Vec::new(), Vec::new());
    let old = std::mem::take(&mut program.layouts).into_iter().zip(std::mem::take(&mut program.layout_names));
    for (mut def, name) in old {
        let id = LayoutId(builtin_layout::FIRST + layouts.len() as u32);
        if let LayoutDef::Closure { function, .. } = &mut def {
            *function = functions[function.index()];
            if let Some(&known) = first.get(function) {
                numbers.push(known);
                continue;
            }
            first.insert(*function, id);
        }
        numbers.push(id);
        layouts.push(def);
        names.push(name);
    }
    (program.layouts, program.layout_names) = (layouts, names);
    for def in &mut program.types {
        match def {
            codex_spec::layout::TypeDef::Data(all) => {
                all.iter_mut().flatten().for_each(|l| *l = renumbered(&numbers, *l))
            }
            codex_spec::layout::TypeDef::List { layout, .. } => *layout = renumbered(&numbers, *layout),
            _ => {}
        }
    }
    numbers
}

fn renumbered(layouts: &[LayoutId], id: LayoutId) -> LayoutId {
    let at = id.0.checked_sub(builtin_layout::FIRST).map(|i| i as usize);
    at.and_then(|i| layouts.get(i)).copied().unwrap_or(id)
}

fn renumber(inst: &mut Inst, functions: &[FuncId], layouts: &[LayoutId]) {
    use codex_spec::instruction::Role;
    let immediates = inst.op.operands().iter().filter(|o| o.class == codex_spec::instruction::Class::None);
    for (spec, imm) in immediates.zip(&mut inst.imm) {
        if let Some(Imm::Index(index)) = imm {
            match spec.role {
                Role::Func => *index = functions[*index as usize].0,
                Role::Layout => *index = renumbered(layouts, LayoutId(*index)).0,
                _ => {}
            }
        }
    }
}
