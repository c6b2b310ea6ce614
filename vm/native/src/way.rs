//! How each instruction is compiled. The match has no wildcard: an instruction without a way does not compile.

use codex_spec::instruction::Opcode;

/// How native code does an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Inline; what is rare in it may be out of line.
    Inline,
    /// The interpreter's handler does it, on scratch registers.
    OutOfLine,
    /// Native code stops before it and the interpreter does it: it waits, or ends the container.
    HandOver,
}

/// The way of an instruction.
#[rustfmt::skip] // one line for each part of the table
pub fn way(opcode: Opcode) -> Way {
    use Opcode::*;
    match opcode {
        ConstI64 | ConstF64 | Copy | Add | Sub | Mul | Div | Rem | Neg | AddImm | MulImm | WrappingAdd | WrappingSub
        | WrappingMul | And | Or | Xor | Shl | Shr | ShrLogical | CountOnes | LeadingZeros | TrailingZeros | Not
        | Eq | Ne | Lt | Le | MulHigh => Way::Inline,
        FAdd | FSub | FMul | FDiv | FNeg | FAbs | FSqrt | FFloor | FCeil | FTrunc | FEq | FLt | FLe | IntToFloat
        | FloatToInt | FloatBits | FloatFromBits => Way::Inline,
        FRound | Math | Math2 | FCompare => Way::OutOfLine,
        Jump | JumpIf | JumpEq | JumpLt | JumpLe | JumpEqImm | JumpLtImm | JumpLeImm | JumpFEq | JumpFLt | JumpFLe
        | Loop | Switch | SwitchTag | Return | TailCall | TailCallValue | TrapCode | Call | CallValue => Way::Inline,
        Panic | Exit => Way::HandOver,
        Dup | Drop | Move | MakeUnique | DropReuse | FreeToken => Way::Inline,
        New | NewReuse | NewTag | GetWord | GetByte | GetRef | SetWord | SetByte | TakeRef | PutRef | Unpack
        | UnpackReuse | Tag | Closure | UnpackClosure => Way::Inline,
        ListLength | ListGet | ListGetByte | ListGetRef | ListSet | ListSetByte | ListTakeRef | ListPutRef | ListSwap
        | ListPush | ListPop | Probe => Way::Inline,
        ListNew | ListRepeat | ListAppend | ListSlice | ListTruncate => Way::OutOfLine,
        Literal | RawLength | RawEq | RawCompare | RawByte | RawFind => Way::Inline,
        RawAppend | TextJoin | TextSlice | BytesSlice | TextCharAt | TextPushChar | TextGrapheme | TextUpper
        | TextLower | CharIs | TextToBytes | BytesToText | BytesPush | IntToText | FloatToText | FloatToFixed
        | TextToInt | TextToFloat => Way::OutOfLine,
        HashSeed | HashWord | HashRaw | Clock | GlobalReady | GlobalGet => Way::Inline,
        Output | Ambient | GlobalSet => Way::OutOfLine,
        Request => Way::HandOver,
        Spawn | Send | Ask | TryAsk | Reply | Asker | SelfLink | Sleep | Stop | Restart | Restore => {
            Way::HandOver
        },
    }
}
