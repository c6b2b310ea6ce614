//! Tail calls: a call whose result is returned at once replaces the frame.
//!
//! In two steps. Before borrow inference, calls within a circle of functions (so that such recursion runs in one frame,
//! whatever it costs to give the arguments instead of lending them) and calls of function values. After
//! counting, all others that borrow nothing from the frame and leave nothing in it: those where nothing stands between the call
//! and the return.

use codex_core::ir::{Func, Inst, Program, Term};
use codex_jobs::Jobs;
use codex_spec::instruction::{FuncId, Opcode};

use crate::View;
use crate::components;
use crate::kinds::{self, Kind};

/// Makes tail calls of what must be.
pub(crate) fn run(program: &mut Program, _: Jobs) {
    let components = components::of_calls(program);
    for (n, func) in program.functions.iter_mut().enumerate() {
        forward_returns(func);
        let in_circle = |callee: FuncId| components[callee.index()] == components[n];
        make(func, |call| call.callee().is_none_or(in_circle));
    }
}

/// Makes tail calls of what can be, after counting.
pub(crate) fn late(view: &View<'_>, func: &mut Func) {
    let returns = func.blocks.iter().any(|b| matches!(b.term, Term::Return(_)) && b.insts.last().is_some_and(is_call));
    if returns {
        let kinds = kinds::kinds(func);
        let stays = |call: &Inst| {
            let borrowed = kinds::borrowed_by(call, view.signatures);
            call.args.iter().zip(borrowed).all(|(v, b)| !b || kinds[v.index()] == Kind::Lent)
        };
        make(func, stays);
    }
}

fn is_call(inst: &Inst) -> bool {
    matches!(inst.op, Opcode::Call | Opcode::CallValue)
}

/// Turns calls at the end of a block that returns their result into tail calls, where `may` holds.
fn make(func: &mut Func, may: impl Fn(&Inst) -> bool) {
    for block in &mut func.blocks {
        let Term::Return(result) = block.term else { continue };
        let Some(call) = block.insts.last() else { continue };
        if call.results.first() != Some(&result) || !is_call(call) || !may(call) {
            continue;
        }
        let term = match call.callee() {
            Some(f) => Term::TailCall(f, call.args.to_vec()),
            None => Term::TailCallValue(call.args[0], call.args[1..].to_vec()),
        };
        block.term_span = call.span;
        block.term = term;
        block.insts.pop();
    }
}

/// A jump to a block that does nothing but return its parameter returns by itself.
fn forward_returns(func: &mut Func) {
    // Chains of such blocks are short: an `if` in the last place of an `if`.
    for _ in 0..4 {
        let returns: Vec<Option<usize>> = func
            .blocks
            .iter()
            .map(|b| match b.term {
                Term::Return(v) if b.insts.is_empty() => b.params.iter().position(|&p| p == v),
                _ => None,
            })
            .collect();
        let mut changed = false;
        for block in &mut func.blocks {
            if let Term::Jump(target) = &block.term
                && let Some(place) = returns[target.block.index()]
            {
                block.term = Term::Return(target.args[place]);
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}
