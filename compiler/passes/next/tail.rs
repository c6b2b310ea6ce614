//! Tail calls: a call whose result is returned at once replaces the frame.
//!
//! Runs before counting, so that the arguments are moved into the call. A function that is the target of a tail call takes
//! all its parameters ([`crate::borrow`] sees to that): what it borrowed would be gone with the frame.

use codex_core::ir::{Func, Program, Term};
use codex_spec::instruction::Opcode;

/// Makes tail calls in all functions.
pub(crate) fn run(program: &mut Program) {
    program.functions.iter_mut().for_each(function);
}

fn function(func: &mut Func) {
    forward_returns(func);
    for block in &mut func.blocks {
        let Term::Return(result) = block.term else { continue };
        let Some(call) = block.insts.last() else { continue };
        if call.results.first() != Some(&result) {
            continue;
        }
        let term = match (call.op, call.callee()) {
            (Opcode::Call, Some(f)) => Term::TailCall(f, call.args.clone()),
            (Opcode::CallValue, _) => Term::TailCallValue(call.args[0], call.args[1..].to_vec()),
            _ => continue,
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
