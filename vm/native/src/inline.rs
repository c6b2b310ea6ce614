//! Which calls within a unit are replaced by the body of what they call.
//!
//! It happens between translation and the back end, and needs nothing else: a body that stops returns a negative fuel, so a
//! stop in an inlined body leads into what its caller does after a call that stopped, and both write their records.

use std::borrow::Cow;

use codex_spec::instruction::FuncId;
use cranelift_codegen::inline::{Inline, InlineCommand};
use cranelift_codegen::ir::{self, ExternalName};

/// Instructions of the IR, cold blocks aside, up to which a body is inlined.
const SMALL: usize = 70;
/// Instructions that one function gets at most.
const BUDGET: usize = 700;
/// How often a function is inlined into itself.
const UNROLLED: usize = 4;

/// Room that a frame pays for what may be inlined into it.
pub(crate) const FRAME_ROOM: i64 = 768;

/// A function of a unit, translated.
pub(crate) struct Translated {
    pub(crate) id: FuncId,
    pub(crate) ir: ir::Function,
    size: usize,
}

impl Translated {
    pub(crate) fn new(id: FuncId, ir: ir::Function) -> Translated {
        let blocks = ir.layout.blocks().filter(|&block| !ir.layout.is_cold(block));
        let size = blocks.map(|block| ir.layout.block_insts(block).count()).sum();
        Translated { id, ir, size }
    }
}

/// Chooses for one function of a unit.
pub(crate) struct Inliner<'a> {
    unit: &'a [Translated],
    id: FuncId,
    budget: usize,
    unrolled: usize,
}

impl<'a> Inliner<'a> {
    pub(crate) fn new(unit: &'a [Translated], id: FuncId) -> Inliner<'a> {
        Inliner { unit, id, budget: BUDGET, unrolled: 0 }
    }

    fn wants(&mut self, callee: &Translated) -> bool {
        if callee.size > SMALL || callee.size > self.budget {
            return false;
        }
        if callee.id == self.id {
            self.unrolled += 1;
            if self.unrolled > UNROLLED {
                return false;
            }
        }
        self.budget -= callee.size;
        true
    }
}

impl Inline for Inliner<'_> {
    fn inline(
        &mut self,
        caller: &ir::Function,
        _: ir::Inst,
        _: ir::Opcode,
        callee: ir::FuncRef,
        _: &[ir::Value],
    ) -> InlineCommand<'_> {
        let ExternalName::User(name) = caller.dfg.ext_funcs[callee].name else { return InlineCommand::KeepCall };
        let number = caller.params.user_named_funcs()[name].index as usize;
        let unit = self.unit;
        match unit.get(number) {
            Some(body) if self.wants(body) => {
                InlineCommand::Inline { callee: Cow::Borrowed(&body.ir), visit_callee: true }
            }
            _ => InlineCommand::KeepCall,
        }
    }
}
