//! What a pass asks about a row of the instruction table, answered from the table.
//!
//! Keeps true: nothing here repeats a row. Roles, lists and results come from
//! [`Opcode::operands`]; only the question 'may it trap, may it be seen from outside' is this
//! file's own ([`effect`]), because the table does not tell.

use std::sync::OnceLock;

use codex_core::ir;
use codex_spec::instruction::{Opcode, Role};

/// The shape of a row in value form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    /// Roles of the single register operands that are arguments.
    pub(crate) fixed: Vec<Role>,
    /// The role of the list of registers that follows them.
    pub(crate) rest: Option<Role>,
    /// The argument that is changed in place; the row's last result is what it becomes.
    pub(crate) tied: Option<usize>,
    /// Whether the first result is borrowed from the first argument.
    pub(crate) lends: bool,
}

/// The shape of a row.
pub(crate) fn shape(op: Opcode) -> &'static Shape {
    static SHAPES: OnceLock<Vec<Shape>> = OnceLock::new();
    let shapes = SHAPES.get_or_init(|| {
        let mut all = vec![Shape::default(); 256];
        for &op in Opcode::ALL {
            all[op as usize] = shape_of(op);
        }
        all
    });
    &shapes[op as usize]
}

fn shape_of(op: Opcode) -> Shape {
    let mut shape = Shape::default();
    for operand in op.operands() {
        match operand.role {
            Role::Edit | Role::Open | Role::Close | Role::Unique => {
                shape.tied = Some(shape.fixed.len());
                shape.fixed.push(operand.role);
            }
            Role::Read | Role::Take | Role::Spend => shape.fixed.push(operand.role),
            Role::Args | Role::Takes | Role::Reads => shape.rest = Some(operand.role),
            Role::Lend => shape.lends = true,
            _ => {}
        }
    }
    shape
}

/// The role of an instruction's argument at this place.
pub(crate) fn role(op: Opcode, place: usize) -> Role {
    let shape = shape(op);
    shape.fixed.get(place).copied().or(shape.rest).unwrap_or(Role::Read)
}

/// Whether the argument at this place is used up: moved out or changed in place. `borrowed` tells it for
/// the parameters of a direct call.
pub(crate) fn consumes(op: Opcode, place: usize, borrowed: &[bool]) -> bool {
    match role(op, place) {
        Role::Read | Role::Reads => false,
        Role::Args => !borrowed.get(place).copied().unwrap_or(false),
        _ => true,
    }
}

/// The value that the changed argument becomes, with the argument.
pub(crate) fn tied(inst: &ir::Inst) -> Option<(ir::Value, ir::Value)> {
    let place = shape(inst.op).tied?;
    Some((*inst.args.get(place)?, *inst.results.last()?))
}

/// The value that an instruction lends, with its holder.
pub(crate) fn lent(inst: &ir::Inst) -> Option<(ir::Value, ir::Value)> {
    shape(inst.op).lends.then(|| (inst.results[0], inst.args[0]))
}

/// What doing, repeating or leaving out an instruction means to an observer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// A function of its arguments, defined for all of them.
    Pure,
    /// A function of its arguments that may trap: not left out, but two in a row are one.
    Traps,
    /// Reads what others change: left out if unused, but never moved.
    Reads,
    /// Seen from outside, or changes what others read.
    Acts,
}

/// The effect of a row that is no terminator. Running out of memory is not counted: leaving an allocation out is
/// what these passes are for.
pub(crate) fn effect(op: Opcode) -> Effect {
    use Opcode::*;
    match op {
        Add | Sub | Mul | Div | Rem | Neg | AddImm | MulImm => Effect::Traps,
        ListGet | ListGetByte | ListGetRef | ListSet | ListSetByte | ListTakeRef | ListSwap | ListPop => Effect::Traps,
        // What was opened has to be closed, even if nobody looks at it any more.
        TakeRef | PutRef | ListPutRef => Effect::Traps,
        RawByte | TextSlice | TextCharAt | TextPushChar | TextGrapheme => Effect::Traps,
        Clock | GlobalReady | GlobalGet => Effect::Reads,
        Call | CallValue | Output | Request | Ambient | GlobalSet => Effect::Acts,
        Spawn | Send | Ask | TryAsk | Reply | Sleep | Stop | Restart | Restore => Effect::Acts,
        Drop | MakeUnique | DropReuse | FreeToken | UnpackReuse | NewReuse | Unpack | UnpackClosure => Effect::Acts,
        _ => Effect::Pure,
    }
}

/// Whether two of it with the same arguments are one: a word, or something borrowed, that depends on nothing else.
pub(crate) fn repeats(op: Opcode) -> bool {
    use Opcode::*;
    let computes_words = matches!(op as u8, 0x01..0x40) && op != Copy;
    computes_words
        || matches!(
            op,
            GetWord
                | GetByte
                | GetRef
                | Tag
                | ListLength
                | ListGet
                | ListGetByte
                | ListGetRef
                | RawLength
                | RawEq
                | RawCompare
                | RawByte
                | RawFind
                | TextCharAt
                | TextGrapheme
                | CharIs
                | HashWord
                | HashRaw
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_follow_the_table() {
        assert_eq!(shape(Opcode::ListSet).tied, Some(0));
        assert_eq!(shape(Opcode::New).rest, Some(Role::Takes));
        assert!(shape(Opcode::ListGetRef).lends);
        assert_eq!(role(Opcode::CallValue, 0), Role::Take);
        assert_eq!(role(Opcode::CallValue, 3), Role::Takes);
        assert!(!consumes(Opcode::Call, 0, &[true, false]));
        assert!(consumes(Opcode::Call, 1, &[true, false]));
    }

    #[test]
    fn a_row_changes_at_most_one_argument() {
        for &op in Opcode::ALL {
            let changed = op
                .operands()
                .iter()
                .filter(|o| matches!(o.role, Role::Edit | Role::Open | Role::Close | Role::Unique))
                .count();
            assert!(changed <= 1, "{}", op.name());
        }
    }
}
