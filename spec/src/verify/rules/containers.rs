//! Spawning, sending, asking.

use super::{Rules, ensure};
use crate::instruction::{Inst, Reg};
use crate::layout::{LayoutDef, RegType, Storage};
use crate::module::{ContainerDef, HandlerDef};
use crate::verify::frame::Step;

impl<'m> Rules<'_, 'm> {
    /// Checks an instruction on containers; `None` if it is none.
    pub(super) fn check_containers(&self, inst: &Inst) -> Step<Option<()>> {
        match inst {
            Inst::Spawn { container, args, .. } => {
                let init = self.container(*container)?.init;
                self.arguments(init, 0, args)?;
            }
            Inst::Send { container, handler, args, .. } => {
                self.message(*container, *handler, args)?;
            }
            Inst::Ask { dst, container, handler, args, .. } => {
                let reply = self.message(*container, *handler, args)?.reply;
                self.has_type(*dst, reply)?;
            }
            Inst::TryAsk { dst, container, handler, args, .. } => {
                let reply = self.message(*container, *handler, args)?.reply;
                self.outcome(*dst, reply)?;
            }
            _ => return Ok(None),
        }
        Ok(Some(()))
    }

    fn container(&self, kind: u32) -> Step<&'m ContainerDef> {
        self.frame.module().container(kind).ok_or_else(|| format!("there is no container {kind}"))
    }

    fn message(&self, kind: u32, handler: u32, args: &[Reg]) -> Step<&'m HandlerDef> {
        let Some(handler) = self.container(kind)?.handlers.get(handler as usize) else {
            return Err(format!("container {kind} has no message {handler}"));
        };
        self.arguments(handler.function, 1, args)?;
        Ok(handler)
    }

    /// Registers for the parameters of a container's function, but for the first few.
    fn arguments(&self, function: crate::instruction::FuncId, skip: usize, args: &[Reg]) -> Step {
        let params = self.frame.module().function(function).map_or(&[][..], |f| &f.params);
        self.have_types(args, params.get(skip..).unwrap_or_default().iter().map(|p| p.typ))
    }

    /// A type of two variants: the reply, and a byte.
    fn outcome(&self, dst: Reg, reply: RegType) -> Step {
        let fields = |variant: usize| {
            let layout = (*self.variants(dst)?.get(variant)?)?;
            match self.frame.module().layout(layout) {
                Some(LayoutDef::Record { fields, .. }) => Some(&fields[..]),
                _ => None,
            }
        };
        let two = self.variants(dst).is_some_and(|v| v.len() == 2);
        let holds_reply = matches!(fields(0), Some([one]) if one.reg_type() == reply);
        ensure(two && holds_reply && fields(1) == Some(&[Storage::Byte]), || {
            format!("r{} is not of a type that holds the reply or a reason", dst.0)
        })
    }
}
