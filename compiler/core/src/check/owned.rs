//! After the ownership pass: each owned reference is given away exactly once on every path.
//!
//! A value is owned if it is a parameter that is not lent, a block's parameter, or a result other than a `lend`ed one. It is
//! given away by the operands that take it, by an edge's arguments and by the end of the call. What is
//! left when the container ends (`trap`, `panic`, `exit`) goes with its heap. Words are not counted.

use codex_spec::instruction::{FuncId, Opcode, Role};
use codex_spec::layout::RegType;

use super::Found;
use crate::analysis::{Dominators, ValueSet};
use crate::ir::{Func, Inst, Program, Term, Value};

pub(super) fn check(program: &Program, func: &Func, doms: &Dominators) -> Found {
    let mut entry: Vec<Option<ValueSet>> = vec![None; func.blocks.len()];
    let lent = lent(func);
    let counted = |v: Value| matches!(func.typ(v), RegType::Ref(_)) && !lent.contains(v);
    let mut first = ValueSet::new(func.values.len());
    func.params.iter().copied().filter(|&p| counted(p)).for_each(|p| {
        first.insert(p);
    });
    entry[0] = Some(first);
    for &block in &doms.order {
        let here = |what: String| (format!("b{}", block.0), what);
        let mut owned = entry[block.index()].clone().unwrap_or_else(|| ValueSet::new(func.values.len()));
        let data = &func.blocks[block.index()];
        for inst in &data.insts {
            for value in given(program, inst) {
                give(&mut owned, value, &counted).map_err(|what| here(format!("`{}`: {what}", inst.op.name())))?;
            }
            inst.results.iter().copied().filter(|&r| counted(r)).for_each(|r| {
                owned.insert(r);
            });
        }
        for value in given_at_end(program, &data.term) {
            give(&mut owned, value, &counted).map_err(here)?;
        }
        if matches!(data.term, Term::Return(_) | Term::TailCall(..) | Term::TailCallValue(..))
            && let Some(left) = owned.iter().next()
        {
            return Err(here(format!("v{} is still owned at the end", left.0)));
        }
        for target in data.term.targets() {
            let mut after = owned.clone();
            for &arg in &target.args {
                give(&mut after, arg, &counted).map_err(here)?;
            }
            func.blocks[target.block.index()].params.iter().copied().filter(|&p| counted(p)).for_each(|p| {
                after.insert(p);
            });
            match &entry[target.block.index()] {
                Some(known) if *known != after => {
                    return Err(here(format!(
                        "b{} is entered with other references owned than before",
                        target.block.0
                    )));
                }
                _ => entry[target.block.index()] = Some(after),
            }
        }
    }
    Ok(())
}

fn give(owned: &mut ValueSet, value: Value, counted: &impl Fn(Value) -> bool) -> Result<(), String> {
    if counted(value) && !owned.remove(value) {
        return Err(format!("v{} is given away, but not owned here", value.0));
    }
    Ok(())
}

/// Values that are borrowed: lent parameters, results of `lend` operands.
fn lent(func: &Func) -> ValueSet {
    let mut lent = ValueSet::new(func.values.len());
    for (&param, &borrowed) in func.params.iter().zip(&func.borrowed) {
        if borrowed {
            lent.insert(param);
        }
    }
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        let lends = inst.op.operands().iter().any(|o| o.role == Role::Lend);
        if let (true, Some(&result)) = (lends, inst.results.first()) {
            lent.insert(result);
        }
    }
    lent
}

/// The arguments that an instruction takes.
fn given(program: &Program, inst: &Inst) -> Vec<Value> {
    use Role as R;
    let mut args = inst.args.iter().copied();
    let mut given = Vec::new();
    for spec in inst.op.operands() {
        match spec.role {
            R::Read => drop(args.next()),
            R::Take | R::Edit | R::Open | R::Close | R::Unique | R::Spend => given.extend(args.next()),
            R::Takes => given.extend(args.by_ref()),
            R::Args => given.extend(taken_by(program, inst.index(0), args.by_ref())),
            R::Reads => args.by_ref().for_each(drop),
            _ => {}
        }
    }
    debug_assert!(inst.op != Opcode::Call || args.next().is_none());
    given
}

/// The arguments that a callee does not borrow.
fn taken_by(program: &Program, callee: u32, args: impl Iterator<Item = Value>) -> Vec<Value> {
    let borrowed = program.functions.get(FuncId(callee).index()).map_or(&[][..], |f| &f.borrowed);
    args.enumerate().filter(|(i, _)| borrowed.get(*i) != Some(&true)).map(|(_, v)| v).collect()
}

fn given_at_end(program: &Program, term: &Term) -> Vec<Value> {
    match term {
        Term::Return(value) | Term::Panic(value) => vec![*value],
        Term::TailCall(callee, args) => taken_by(program, callee.0, args.iter().copied()),
        Term::TailCallValue(function, args) => [*function].into_iter().chain(args.iter().copied()).collect(),
        _ => Vec::new(),
    }
}
