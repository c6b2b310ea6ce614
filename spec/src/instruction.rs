//! The instruction table: each instruction once.
//!
//! A row gives number, name, operands (role and class each) and meaning. The [`Inst`] enum,
//! its names, the codec, the assembler, the register roles that the verifier and liveness
//! read, and the reference page are all made from it. Numbers are forever: a retired
//! instruction keeps its number.
//!
//! # Roles of an operand
//!
//! | role | is |
//! |---|---|
//! | `def` | register written: a scalar, or a reference that is now owned |
//! | `lend` | register written with a reference borrowed from the first `read`/`edit` operand |
//! | `read` | register read; a reference stays with its holder |
//! | `take` | register read; an owned reference moves out and the register is empty |
//! | `edit` | register holding a *unique* reference, changed in place (and perhaps moved: the register is rewritten) |
//! | `open` | like `edit`; afterwards the holder is open at the slot named by the next operand |
//! | `close` | an open holder, put together again |
//! | `unique` | owned before, unique after |
//! | `token` | register written with a reuse token (a dead cell, or nothing) |
//! | `spend` | a token, used up |
//! | `args` | registers passed to a callee, taken or read as its signature says |
//! | `takes`, `reads`, `defs` | lists of registers |
//! | `imm`, `float`, `func`, `layout`, `typ`, `constant`, `field`, `global`, `block`, `blocks`, `code` | not registers |
//!
//! # Classes of a register
//!
//! `i64` and `f64` are words; `data`, `list`, `text`, `bytes`, `fun` are references to that kind of cell,
//! `raw` is text or bytes, `refs` any reference, `word` an i64 or f64, `any` anything.
//! What a class leaves open (which record, which element) is checked by the verifier's
//! type rules.
//!
//! # Safepoints and fuel
//!
//! An edge to a block at or before the one it leaves is a *back-edge*. A back-edge and a
//! call pay one unit of fuel each; a machine may stop when fuel is below zero, at the loop head or
//! function entry it has just reached. `request`, `ask`, `try_ask` and `sleep` are safepoints too: the container waits
//! there ([`Inst::waits`]).

use serde::{Deserialize, Serialize};

/// A register of a frame. It has one static type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reg(pub u16);

macro_rules! index_types {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub u32);
        impl $name {
            /// As an index into the table it numbers.
            pub fn index(self) -> usize { self.0 as usize }
        }
    )*};
}

index_types! {
    /// A function of the module.
    FuncId;
    /// A cell layout of the module.
    LayoutId;
    /// A reference type of the module.
    TypeId;
    /// A text or bytes literal of the module.
    ConstId;
    /// A slot for a top-level constant, filled once by each container.
    GlobalId;
    /// A block of the function.
    BlockId;
}

/// What an instruction does with an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the table in the module's documentation
pub enum Role {
    Def,
    Lend,
    Read,
    Take,
    Edit,
    Open,
    Close,
    Unique,
    Token,
    Spend,
    Args,
    Takes,
    Reads,
    Defs,
    Imm,
    Float,
    Func,
    Layout,
    Typ,
    Constant,
    Field,
    Global,
    Block,
    Blocks,
    Code,
}

/// What a register operand may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the table in the module's documentation
pub enum Class {
    I64,
    F64,
    Word,
    Data,
    List,
    Text,
    Bytes,
    Raw,
    Fun,
    Refs,
    Any,
    None,
}

/// One operand of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperandSpec {
    /// Its name.
    pub name: &'static str,
    /// Its role.
    pub role: Role,
    /// Its class; `None` for what is not a register.
    pub class: Class,
}

/// An operand's value, borrowed from an instruction.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum OperandRef<'a> {
    Reg(Reg),
    Regs(&'a [Reg]),
    Imm(i64),
    Float(u64),
    Index(u32),
    Block(BlockId),
    Blocks(&'a [BlockId]),
}

/// An operand's value, borrowed for change.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum OperandMut<'a> {
    Reg(&'a mut Reg),
    Regs(&'a mut [Reg]),
    Imm(&'a mut i64),
    Float(&'a mut u64),
    Index(&'a mut u32),
    Block(&'a mut BlockId),
    Blocks(&'a mut [BlockId]),
}

/// The Rust type of an operand with this role, and how to look at it.
macro_rules! operand {
    (type def) => { Reg }; (type lend) => { Reg }; (type read) => { Reg }; (type take) => { Reg };
    (type edit) => { Reg }; (type open) => { Reg }; (type close) => { Reg }; (type unique) => { Reg };
    (type token) => { Reg }; (type spend) => { Reg };
    (type args) => { Box<[Reg]> }; (type takes) => { Box<[Reg]> }; (type reads) => { Box<[Reg]> }; (type defs) => { Box<[Reg]> };
    (type imm) => { i64 }; (type float) => { u64 };
    (type func) => { FuncId }; (type layout) => { LayoutId }; (type typ) => { TypeId };
    (type constant) => { ConstId }; (type global) => { GlobalId }; (type field) => { u32 }; (type code) => { u32 };
    (type block) => { BlockId }; (type blocks) => { Box<[BlockId]> };

    (ref args $v:ident) => { OperandRef::Regs($v) }; (ref takes $v:ident) => { OperandRef::Regs($v) };
    (ref reads $v:ident) => { OperandRef::Regs($v) }; (ref defs $v:ident) => { OperandRef::Regs($v) };
    (ref imm $v:ident) => { OperandRef::Imm(*$v) }; (ref float $v:ident) => { OperandRef::Float(*$v) };
    (ref func $v:ident) => { OperandRef::Index($v.0) }; (ref layout $v:ident) => { OperandRef::Index($v.0) };
    (ref typ $v:ident) => { OperandRef::Index($v.0) }; (ref constant $v:ident) => { OperandRef::Index($v.0) };
    (ref global $v:ident) => { OperandRef::Index($v.0) };
    (ref field $v:ident) => { OperandRef::Index(*$v) }; (ref code $v:ident) => { OperandRef::Index(*$v) };
    (ref block $v:ident) => { OperandRef::Block(*$v) }; (ref blocks $v:ident) => { OperandRef::Blocks($v) };
    (ref $reg:ident $v:ident) => { OperandRef::Reg(*$v) };

    (mut args $v:ident) => { OperandMut::Regs($v) }; (mut takes $v:ident) => { OperandMut::Regs($v) };
    (mut reads $v:ident) => { OperandMut::Regs($v) }; (mut defs $v:ident) => { OperandMut::Regs($v) };
    (mut imm $v:ident) => { OperandMut::Imm($v) }; (mut float $v:ident) => { OperandMut::Float($v) };
    (mut func $v:ident) => { OperandMut::Index(&mut $v.0) }; (mut layout $v:ident) => { OperandMut::Index(&mut $v.0) };
    (mut typ $v:ident) => { OperandMut::Index(&mut $v.0) }; (mut constant $v:ident) => { OperandMut::Index(&mut $v.0) };
    (mut global $v:ident) => { OperandMut::Index(&mut $v.0) };
    (mut field $v:ident) => { OperandMut::Index($v) }; (mut code $v:ident) => { OperandMut::Index($v) };
    (mut block $v:ident) => { OperandMut::Block($v) }; (mut blocks $v:ident) => { OperandMut::Blocks($v) };
    (mut $reg:ident $v:ident) => { OperandMut::Reg($v) };

    (make imm $s:ident $e:ident) => { $s.imm()? }; (make float $s:ident $e:ident) => { $s.float()? };
    (make func $s:ident $e:ident) => { FuncId($s.index()?) }; (make layout $s:ident $e:ident) => { LayoutId($s.index()?) };
    (make typ $s:ident $e:ident) => { TypeId($s.index()?) }; (make constant $s:ident $e:ident) => { ConstId($s.index()?) };
    (make global $s:ident $e:ident) => { GlobalId($s.index()?) };
    (make field $s:ident $e:ident) => { $s.index()? }; (make code $s:ident $e:ident) => { $s.index()? };
    (make block $s:ident $e:ident) => { BlockId($s.index()?) };
    (make blocks $s:ident $e:ident) => { $s.blocks()? };
    (make args $s:ident $e:ident) => { $s.regs()? }; (make takes $s:ident $e:ident) => { $s.regs()? };
    (make reads $s:ident $e:ident) => { $s.regs()? }; (make defs $s:ident $e:ident) => { $s.regs()? };
    (make $reg:ident $s:ident $e:ident) => { $s.reg()? };

    (role def) => { Role::Def }; (role lend) => { Role::Lend }; (role read) => { Role::Read }; (role take) => { Role::Take };
    (role edit) => { Role::Edit }; (role open) => { Role::Open }; (role close) => { Role::Close };
    (role unique) => { Role::Unique }; (role token) => { Role::Token }; (role spend) => { Role::Spend };
    (role args) => { Role::Args }; (role takes) => { Role::Takes }; (role reads) => { Role::Reads }; (role defs) => { Role::Defs };
    (role imm) => { Role::Imm }; (role float) => { Role::Float }; (role func) => { Role::Func }; (role layout) => { Role::Layout };
    (role typ) => { Role::Typ }; (role constant) => { Role::Constant }; (role field) => { Role::Field };
    (role global) => { Role::Global }; (role block) => { Role::Block }; (role blocks) => { Role::Blocks }; (role code) => { Role::Code };

    (class) => { Class::None };
    (class i64) => { Class::I64 }; (class f64) => { Class::F64 }; (class word) => { Class::Word };
    (class data) => { Class::Data }; (class list) => { Class::List }; (class text) => { Class::Text };
    (class bytes) => { Class::Bytes }; (class raw) => { Class::Raw }; (class fun) => { Class::Fun };
    (class refs) => { Class::Refs }; (class any) => { Class::Any };
}

/// Where the codec and the assembler get operands from, one after the other in the row's order.
pub trait OperandSource {
    /// What goes wrong.
    type Error;
    /// The next register.
    fn reg(&mut self) -> Result<Reg, Self::Error>;
    /// The next list of registers.
    fn regs(&mut self) -> Result<Box<[Reg]>, Self::Error>;
    /// The next integer.
    fn imm(&mut self) -> Result<i64, Self::Error>;
    /// The next float, as bits.
    fn float(&mut self) -> Result<u64, Self::Error>;
    /// The next table index or block.
    fn index(&mut self) -> Result<u32, Self::Error>;
    /// The next list of blocks.
    fn blocks(&mut self) -> Result<Box<[BlockId]>, Self::Error>;
}

macro_rules! instructions {
    ($($(#[doc = $doc:literal])+ $number:literal $Name:ident $name:literal { $($field:ident : $role:ident $($class:ident)?),* $(,)? })*) => {
        /// One instruction with its operands.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Inst {
            $($(#[doc = $doc])+ #[allow(missing_docs)] $Name { $($field: operand!(type $role)),* },)*
        }

        /// An instruction's number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Opcode {
            $($(#[doc = $doc])+ $Name = $number,)*
        }

        impl Opcode {
            /// Every instruction, in the order of the table.
            pub const ALL: &'static [Opcode] = &[$(Opcode::$Name),*];
            /// The name in assembly.
            pub fn name(self) -> &'static str {
                match self { $(Opcode::$Name => $name),* }
            }
            /// What it means.
            pub fn doc(self) -> &'static str {
                match self { $(Opcode::$Name => concat!($($doc, "\n"),+)),* }
            }
            /// Its operands.
            pub fn operands(self) -> &'static [OperandSpec] {
                match self { $(Opcode::$Name => const { &[$(OperandSpec {
                    name: stringify!($field), role: operand!(role $role), class: operand!(class $($class)?),
                }),*] }),* }
            }
            /// The instruction with this number.
            pub fn from_number(number: u8) -> Option<Opcode> {
                match number { $($number => Some(Opcode::$Name),)* _ => None }
            }
            /// The instruction with this name.
            pub fn from_name(name: &str) -> Option<Opcode> {
                match name { $($name => Some(Opcode::$Name),)* _ => None }
            }
        }

        impl Inst {
            /// Its number.
            pub fn opcode(&self) -> Opcode {
                match self { $(Inst::$Name { .. } => Opcode::$Name),* }
            }
            /// Calls `f` with each operand, in the row's order.
            pub fn for_each_operand<'a>(&'a self, mut f: impl FnMut(&'static OperandSpec, OperandRef<'a>)) {
                let mut specs = self.opcode().operands().iter();
                let mut next = |value| if let Some(spec) = specs.next() { f(spec, value) };
                match self { $(Inst::$Name { $($field),* } => { $(next(operand!(ref $role $field));)* }),* }
                let _ = &mut next;
            }
            /// Calls `f` with each operand for change, in the row's order.
            pub fn for_each_operand_mut(&mut self, mut f: impl FnMut(&'static OperandSpec, OperandMut<'_>)) {
                let mut specs = self.opcode().operands().iter();
                let mut next = |value: OperandMut<'_>| if let Some(spec) = specs.next() { f(spec, value) };
                match self { $(Inst::$Name { $($field),* } => { $(next(operand!(mut $role $field));)* }),* }
                let _ = &mut next;
            }
            /// Builds the instruction from its operands, read in the row's order.
            pub fn build<S: OperandSource>(opcode: Opcode, source: &mut S) -> Result<Inst, S::Error> {
                let _ = &source;
                Ok(match opcode { $(Opcode::$Name => Inst::$Name { $($field: operand!(make $role source source)),* }),* })
            }
        }
    };
}

instructions! {
    // ── Words ──────────────────────────────────────────────────────────────────
    /// `dst = value`
    0x01 ConstI64 "const" { dst: def i64, value: imm }
    /// `dst = value`; NaN in its canonical form.
    0x02 ConstF64 "fconst" { dst: def f64, value: float }
    /// `dst = src`, for words.
    0x03 Copy "copy" { dst: def word, src: read word }
    /// `dst = a + b`; overflow traps.
    0x04 Add "add" { dst: def i64, a: read i64, b: read i64 }
    /// `dst = a - b`; overflow traps.
    0x05 Sub "sub" { dst: def i64, a: read i64, b: read i64 }
    /// `dst = a × b`; overflow traps.
    0x06 Mul "mul" { dst: def i64, a: read i64, b: read i64 }
    /// `dst = a ÷ b`, truncated; zero and overflow trap.
    0x07 Div "div" { dst: def i64, a: read i64, b: read i64 }
    /// `dst = a % b` with the sign of `a`; zero traps; `min % -1` is 0.
    0x08 Rem "rem" { dst: def i64, a: read i64, b: read i64 }
    /// `dst = -a`; overflow traps.
    0x09 Neg "neg" { dst: def i64, a: read i64 }
    /// `dst = a + value`; overflow traps.
    0x0a AddImm "add_imm" { dst: def i64, a: read i64, value: imm }
    /// `dst = a × value`; overflow traps.
    0x0b MulImm "mul_imm" { dst: def i64, a: read i64, value: imm }
    /// `dst = a + b` modulo 2^64.
    0x0c WrappingAdd "wrapping_add" { dst: def i64, a: read i64, b: read i64 }
    /// `dst = a - b` modulo 2^64.
    0x0d WrappingSub "wrapping_sub" { dst: def i64, a: read i64, b: read i64 }
    /// `dst = a × b` modulo 2^64.
    0x0e WrappingMul "wrapping_mul" { dst: def i64, a: read i64, b: read i64 }
    /// Bitwise and.
    0x0f And "and" { dst: def i64, a: read i64, b: read i64 }
    /// Bitwise or.
    0x10 Or "or" { dst: def i64, a: read i64, b: read i64 }
    /// Bitwise exclusive or.
    0x11 Xor "xor" { dst: def i64, a: read i64, b: read i64 }
    /// Shift left; a count outside 0..=63 gives 0.
    0x12 Shl "shl" { dst: def i64, a: read i64, b: read i64 }
    /// Arithmetic shift right; a count outside 0..=63 gives the sign (0 or -1).
    0x13 Shr "shr" { dst: def i64, a: read i64, b: read i64 }
    /// Logical shift right; a count outside 0..=63 gives 0.
    0x14 ShrLogical "shr_logical" { dst: def i64, a: read i64, b: read i64 }
    /// Number of one bits.
    0x15 CountOnes "count_ones" { dst: def i64, a: read i64 }
    /// Number of leading zero bits; 64 for 0.
    0x16 LeadingZeros "leading_zeros" { dst: def i64, a: read i64 }
    /// Number of trailing zero bits; 64 for 0.
    0x17 TrailingZeros "trailing_zeros" { dst: def i64, a: read i64 }
    /// `dst = 1 - a`: the other Bool. (Modulo 2^64 for any other word.)
    0x18 Not "not" { dst: def i64, a: read i64 }
    /// `dst = a ≡ b`
    0x19 Eq "eq" { dst: def i64, a: read i64, b: read i64 }
    /// `dst = a ≠ b`
    0x1a Ne "ne" { dst: def i64, a: read i64, b: read i64 }
    /// `dst = a < b`
    0x1b Lt "lt" { dst: def i64, a: read i64, b: read i64 }
    /// `dst = a ≤ b`
    0x1c Le "le" { dst: def i64, a: read i64, b: read i64 }
    /// `dst = high 64 bits of a × b`, unsigned.
    0x1d MulHigh "mul_high" { dst: def i64, a: read i64, b: read i64 }

    // ── Floats: IEEE 754 binary64, never contracted, NaN canonical ───────────────
    /// `dst = a + b`
    0x20 FAdd "fadd" { dst: def f64, a: read f64, b: read f64 }
    /// `dst = a - b`
    0x21 FSub "fsub" { dst: def f64, a: read f64, b: read f64 }
    /// `dst = a × b`
    0x22 FMul "fmul" { dst: def f64, a: read f64, b: read f64 }
    /// `dst = a ÷ b`
    0x23 FDiv "fdiv" { dst: def f64, a: read f64, b: read f64 }
    /// `dst = -a`
    0x24 FNeg "fneg" { dst: def f64, a: read f64 }
    /// `dst = |a|`
    0x25 FAbs "fabs" { dst: def f64, a: read f64 }
    /// Square root.
    0x26 FSqrt "fsqrt" { dst: def f64, a: read f64 }
    /// Largest whole number not above.
    0x27 FFloor "ffloor" { dst: def f64, a: read f64 }
    /// Smallest whole number not below.
    0x28 FCeil "fceil" { dst: def f64, a: read f64 }
    /// Nearest whole number, halves away from zero.
    0x29 FRound "fround" { dst: def f64, a: read f64 }
    /// Towards zero.
    0x2a FTrunc "ftrunc" { dst: def f64, a: read f64 }
    /// A function of one float, by its code (`semantics::Math`), from one software library on every host.
    0x2b Math "math" { dst: def f64, function: code, a: read f64 }
    /// A function of two floats, by its code (`semantics::Math2`).
    0x2c Math2 "math2" { dst: def f64, function: code, a: read f64, b: read f64 }
    /// `dst = a ≡ b`; false with NaN.
    0x2d FEq "feq" { dst: def i64, a: read f64, b: read f64 }
    /// `dst = a < b`; false with NaN.
    0x2e FLt "flt" { dst: def i64, a: read f64, b: read f64 }
    /// `dst = a ≤ b`; false with NaN.
    0x2f FLe "fle" { dst: def i64, a: read f64, b: read f64 }
    /// Nearest float.
    0x30 IntToFloat "int_to_float" { dst: def f64, a: read i64 }
    /// Truncates; out of range is the nearest Int, NaN is 0.
    0x31 FloatToInt "float_to_int" { dst: def i64, a: read f64 }
    /// The bits of a float.
    0x32 FloatBits "float_bits" { dst: def i64, a: read f64 }
    /// The float with these bits; any NaN becomes the canonical one.
    0x33 FloatFromBits "float_from_bits" { dst: def f64, a: read i64 }
    /// Total order of floats: -1, 0 or 1. `-0.0` equals `0.0`; NaN equals NaN and is above all else.
    0x34 FCompare "fcompare" { dst: def i64, a: read f64, b: read f64 }

    // ── Control (each ends a block) ──────────────────────────────────────────────
    /// Goes to `to`.
    0x40 Jump "jump" { to: block }
    /// Goes to `yes` if `a` is not 0.
    0x41 JumpIf "jump_if" { a: read i64, yes: block, no: block }
    /// Goes to `yes` if `a ≡ b`.
    0x42 JumpEq "jump_eq" { a: read i64, b: read i64, yes: block, no: block }
    /// Goes to `yes` if `a < b`.
    0x43 JumpLt "jump_lt" { a: read i64, b: read i64, yes: block, no: block }
    /// Goes to `yes` if `a ≤ b`.
    0x44 JumpLe "jump_le" { a: read i64, b: read i64, yes: block, no: block }
    /// Goes to `yes` if `a ≡ value`.
    0x45 JumpEqImm "jump_eq_imm" { a: read i64, value: imm, yes: block, no: block }
    /// Goes to `yes` if `a < value`.
    0x46 JumpLtImm "jump_lt_imm" { a: read i64, value: imm, yes: block, no: block }
    /// Goes to `yes` if `a ≤ value`.
    0x47 JumpLeImm "jump_le_imm" { a: read i64, value: imm, yes: block, no: block }
    /// Goes to `yes` if `a ≡ b`; floats.
    0x48 JumpFEq "jump_feq" { a: read f64, b: read f64, yes: block, no: block }
    /// Goes to `yes` if `a < b`; floats.
    0x49 JumpFLt "jump_flt" { a: read f64, b: read f64, yes: block, no: block }
    /// Goes to `yes` if `a ≤ b`; floats.
    0x4a JumpFLe "jump_fle" { a: read f64, b: read f64, yes: block, no: block }
    /// The counted loop: `counter += 1; if counter < limit goto body else done`. An overflow traps as
    /// unreachable (`semantics::loop_step`): a counter that was below `limit` cannot overflow.
    0x4b Loop "loop" { counter: read i64, limit: read i64, body: block, done: block }
    /// Goes to the `a`-th block, or to `other` if there is none.
    0x4c Switch "switch" { a: read i64, to: blocks, other: block }
    /// Goes to the block of `a`'s variant; one block for each variant of its type. The edge makes
    /// the variant known.
    0x4d SwitchTag "switch_tag" { a: read data, to: blocks }
    /// Ends the call with a result.
    0x4e Return "return" { a: take any }
    /// Replaces the frame by a call; nothing borrowed from this frame is passed.
    0x4f TailCall "tail_call" { function: func, args: args any }
    /// Replaces the frame by a call of a function value.
    0x50 TailCallValue "tail_call_value" { f: take fun, args: takes any }
    /// Ends the container: a failure with a code (`trap::Trap`).
    0x51 TrapCode "trap" { reason: code }
    /// Ends the container: a failure in the program's own words.
    0x52 Panic "panic" { message: take text }
    /// Ends the world with a code.
    0x53 Exit "exit" { code: read i64 }

    // ── Calls ────────────────────────────────────────────────────────────────────
    /// `dst = function(args)`
    0x58 Call "call" { dst: def any, function: func, args: args any }
    /// `dst = f(args)`; the function value and all arguments are taken.
    0x59 CallValue "call_value" { dst: def any, f: take fun, args: takes any }

    // ── Ownership ────────────────────────────────────────────────────────────────
    /// `dst` becomes another owner of what `src` refers to.
    0x60 Dup "dup" { dst: def refs, src: read refs }
    /// Gives up a reference; a cell without owners is freed, and what it held in turn.
    0x61 Drop "drop" { src: take refs }
    /// Moves an owned reference.
    0x62 Move "move" { dst: def refs, src: take refs }
    /// Makes the reference the only one: a shared cell is copied (one level).
    0x63 MakeUnique "unique" { src: unique refs }
    /// Gives up a record; if nobody else holds it, what it held is dropped and its cell becomes the token.
    0x64 DropReuse "drop_reuse" { token: token, src: take data, layout: layout }
    /// Frees an unused token.
    0x65 FreeToken "free_token" { token: spend }

    // ── Records, variants, function values ───────────────────────────────────────
    /// A new record.
    0x68 New "new" { dst: def data, layout: layout, fields: takes any }
    /// A new record in the token's cell, or in a new one if the token holds none. The layouts have one size.
    0x69 NewReuse "new_reuse" { dst: def data, token: spend, layout: layout, fields: takes any }
    /// A variant without fields.
    0x6a NewTag "new_tag" { dst: def data, typ: typ, tag: field }
    /// A word field (i64 or f64).
    0x6b GetWord "get" { dst: def word, obj: read data, layout: layout, index: field }
    /// A byte field (a Bool or an enumeration).
    0x6c GetByte "get_byte" { dst: def i64, obj: read data, layout: layout, index: field }
    /// A reference field, borrowed.
    0x6d GetRef "get_ref" { dst: lend refs, obj: read data, layout: layout, index: field }
    /// Changes a word field in place.
    0x6e SetWord "set" { obj: edit data, layout: layout, index: field, value: read word }
    /// Changes a byte field in place.
    0x6f SetByte "set_byte" { obj: edit data, layout: layout, index: field, value: read i64 }
    /// Takes a reference field out; the record is open at it.
    0x70 TakeRef "take_ref" { dst: def refs, obj: open data, layout: layout, index: field }
    /// Puts a reference into the open field.
    0x71 PutRef "put_ref" { obj: close data, layout: layout, index: field, value: take refs }
    /// Gives up a record and owns all its fields: moved out of a cell held by nobody else, shared otherwise.
    0x72 Unpack "unpack" { fields: defs any, obj: take data, layout: layout }
    /// The same; the cell becomes the token.
    0x73 UnpackReuse "unpack_reuse" { token: token, fields: defs any, obj: take data, layout: layout }
    /// The number of the variant.
    0x74 Tag "tag" { dst: def i64, obj: read data }
    /// A function value with what it captured.
    0x75 Closure "closure" { dst: def fun, layout: layout, captures: takes any }
    /// Gives up a function value inside its own function and owns its captures.
    0x76 UnpackClosure "unpack_closure" { captures: defs any, obj: take fun, layout: layout }

    // ── Lists ────────────────────────────────────────────────────────────────────
    /// A list of these items.
    0x80 ListNew "list_new" { dst: def list, typ: typ, items: takes any }
    /// A list of `count` times `value`; a negative count gives an empty list.
    0x81 ListRepeat "list_repeat" { dst: def list, typ: typ, value: take any, count: read i64 }
    /// The number of elements.
    0x82 ListLength "list_length" { dst: def i64, list: read list }
    /// An element of words; out of bounds traps.
    0x83 ListGet "list_get" { dst: def word, list: read list, at: read i64 }
    /// An element of bytes (Bools, enumerations); out of bounds traps.
    0x84 ListGetByte "list_get_byte" { dst: def i64, list: read list, at: read i64 }
    /// An element, borrowed; out of bounds traps.
    0x85 ListGetRef "list_get_ref" { dst: lend refs, list: read list, at: read i64 }
    /// Changes an element in place; out of bounds traps.
    0x86 ListSet "list_set" { list: edit list, at: read i64, value: read word }
    /// Changes an element in place; out of bounds traps.
    0x87 ListSetByte "list_set_byte" { list: edit list, at: read i64, value: read i64 }
    /// Takes an element out; the list is open at it. Out of bounds traps.
    0x88 ListTakeRef "list_take_ref" { dst: def refs, list: open list, at: read i64 }
    /// Puts an element into the open slot.
    0x89 ListPutRef "list_put_ref" { list: close list, at: read i64, value: take refs }
    /// Exchanges two elements in place; out of bounds traps.
    0x8a ListSwap "list_swap" { list: edit list, a: read i64, b: read i64 }
    /// Appends an element in place.
    0x8b ListPush "list_push" { list: edit list, value: take any }
    /// Removes and gives the last element; an empty list traps.
    0x8c ListPop "list_pop" { dst: def any, list: edit list }
    /// Appends all elements of another list in place.
    0x8d ListAppend "list_append" { list: edit list, other: read list }
    /// Elements `from..to` as a new list; bounds are cut to the list.
    0x8e ListSlice "list_slice" { dst: def list, list: read list, from: read i64, to: read i64 }
    /// Keeps the first `count` elements in place (all, if it has fewer; none, if negative).
    0x8f ListTruncate "list_truncate" { list: edit list, count: read i64 }
    /// One probe of a hash index: `slots` has 2^k words, 0 for empty, else the upper 32 bits of the hash and a
    /// position + 1 below. Gives the first slot number from `start` on (wrapping) that is empty or holds
    /// the upper 32 bits of `hash`; -1 if there is none.
    0x90 Probe "probe" { dst: def i64, slots: read list, hash: read i64, start: read i64 }

    // ── Text and bytes ───────────────────────────────────────────────────────────
    /// A text or bytes literal, built on first use and kept.
    0x98 Literal "literal" { dst: def raw, typ: typ, constant: constant }
    /// The number of bytes.
    0x99 RawLength "raw_length" { dst: def i64, a: read raw }
    /// Equal bytes.
    0x9a RawEq "raw_eq" { dst: def i64, a: read raw, b: read raw }
    /// Order of bytes: -1, 0 or 1.
    0x9b RawCompare "raw_compare" { dst: def i64, a: read raw, b: read raw }
    /// The byte at an offset; out of bounds traps.
    0x9c RawByte "raw_byte" { dst: def i64, a: read raw, at: read i64 }
    /// The offset of the first `needle` at or after `from`, or -1.
    0x9d RawFind "raw_find" { dst: def i64, a: read raw, needle: read raw, from: read i64 }
    /// Appends in place.
    0x9e RawAppend "raw_append" { a: edit raw, b: read raw }
    /// All parts, one after the other.
    0x9f TextJoin "text_join" { dst: def text, parts: reads text }
    /// Bytes `from..to` of a text, sharing it; traps unless both are in bounds and between characters.
    0xa0 TextSlice "text_slice" { dst: def text, a: read text, from: read i64, to: read i64 }
    /// Bytes `from..to`, sharing; bounds are cut to the value.
    0xa1 BytesSlice "bytes_slice" { dst: def bytes, a: read bytes, from: read i64, to: read i64 }
    /// The character (scalar value) at an offset; traps unless it is in bounds and between characters.
    0xa2 TextCharAt "text_char_at" { dst: def i64, a: read text, at: read i64 }
    /// Appends a character in place; traps if it is no scalar value.
    0xa3 TextPushChar "text_push_char" { a: edit text, char: read i64 }
    /// The offset at which the grapheme cluster that starts at `from` ends.
    0xa4 TextGrapheme "text_grapheme" { dst: def i64, a: read text, from: read i64 }
    /// Upper case by the full Unicode mapping.
    0xa5 TextUpper "text_upper" { dst: def text, a: read text }
    /// Lower case by the full Unicode mapping.
    0xa6 TextLower "text_lower" { dst: def text, a: read text }
    /// Whether a character has a property, by its code (`semantics::CharClass`).
    0xa7 CharIs "char_is" { dst: def i64, class: code, char: read i64 }
    /// The bytes of a text, sharing it.
    0xa8 TextToBytes "text_to_bytes" { dst: def bytes, a: read text }
    /// The text of bytes, if they are UTF-8 (`ok` is 1); else the empty text.
    0xa9 BytesToText "bytes_to_text" { ok: def i64, dst: def text, a: read bytes }
    /// Appends a byte in place (the value's low 8 bits).
    0xaa BytesPush "bytes_push" { a: edit bytes, value: read i64 }
    /// Decimal text.
    0xab IntToText "int_to_text" { dst: def text, a: read i64 }
    /// The shortest text that reads back as the same float.
    0xac FloatToText "float_to_text" { dst: def text, a: read f64 }
    /// With this many decimals (0 to 100), halves to even on the exact value.
    0xad FloatToFixed "float_to_fixed" { dst: def text, a: read f64, decimals: read i64 }
    /// A whole text as a decimal Int: optional sign and digits. `ok` is 0, `dst` 0 if it is none.
    0xae TextToInt "text_to_int" { ok: def i64, dst: def i64, a: read text }
    /// A whole text as a Float. `ok` is 0, `dst` 0.0 if it is none.
    0xaf TextToFloat "text_to_float" { ok: def i64, dst: def f64, a: read text }

    // ── Hashing ──────────────────────────────────────────────────────────────────
    /// The world's key for hashes.
    0xb8 HashSeed "hash_seed" { dst: def i64 }
    /// `dst` = `state` with a word mixed in.
    0xb9 HashWord "hash_word" { dst: def i64, state: read i64, value: read i64 }
    /// `dst` = `state` with bytes mixed in.
    0xba HashRaw "hash_raw" { dst: def i64, state: read i64, value: read raw }

    // ── The world ────────────────────────────────────────────────────────────────
    /// Sends a text to a stream of the console (`port::Stream`): an output.
    0xc0 Output "output" { stream: read i64, value: read text }
    /// Asks the outside (`port::Request`) and waits for the input that answers: a status and bytes.
    0xc1 Request "request" { status: def i64, reply: def bytes, request: code, argument: take bytes }
    /// Ambient random bits: a function of timeline seed, container and a counter.
    0xc2 Ambient "ambient" { dst: def i64 }
    /// The world's clock: milliseconds since 1970, UTC.
    0xc3 Clock "clock" { dst: def i64 }
    /// Whether this container has filled a constant's slot.
    0xc4 GlobalReady "global_ready" { dst: def i64, global: global }
    /// A constant, as another owner.
    0xc5 GlobalGet "global_get" { dst: def any, global: global }
    /// Fills a constant's slot, once.
    0xc6 GlobalSet "global_set" { global: global, value: take any }

    // ── Containers ───────────────────────────────────────────────────────────────
    /// A new container of this kind (`Module::containers`), made from these arguments; its link. It starts in the next tick.
    0xd0 Spawn "spawn" { dst: def i64, container: code, args: takes any }
    /// Sends a message: a handler of a kind of container, with its arguments. One to a container that is gone, or of
    /// another kind, is dropped.
    0xd1 Send "send" { link: read i64, container: code, handler: code, args: takes any }
    /// Sends a message and waits for the reply. If the other container is gone or collapses, so does this one.
    0xd2 Ask "ask" { dst: def any, link: read i64, container: code, handler: code, args: takes any }
    /// The same, for at most `within` milliseconds (below zero: for ever). `dst` is of a type with two variants: the
    /// first holds the reply, the second the reason (`container::Unanswered`) why there is none.
    0xd3 TryAsk "try_ask" { dst: def data, link: read i64, container: code, handler: code, within: read i64, args: takes any }
    /// Answers an ask, by the number that `asker` gave. One that nobody waits for any more is dropped.
    0xd4 Reply "reply" { to: read i64, value: take any }
    /// The number of the ask that is being handled; 0 if the message was sent.
    0xd5 Asker "asker" { dst: def i64 }
    /// The link of this container.
    0xd6 SelfLink "self" { dst: def i64 }
    /// Waits for so many milliseconds of the world's clock.
    0xd7 Sleep "sleep" { milliseconds: read i64 }
    /// Ends a container once it has handled what is in its mailbox.
    0xd8 Stop "stop" { link: read i64 }
    /// Makes a collapsed child anew from the arguments that it was spawned with. It keeps its link and its mailbox. Any
    /// other link is ignored.
    0xd9 Restart "restart" { child: read i64 }
    /// Lets a collapsed child go on from its last savepoint, where the request is answered with `RESUMED`; one that made none
    /// is made anew. It keeps its link and its mailbox. Any other link is ignored.
    0xda Restore "restore" { child: read i64 }
}

impl Inst {
    /// Whether a container waits at it for something that enters in a later tick.
    pub fn waits(&self) -> bool {
        use Inst::{Ask, Request, Sleep, TryAsk};
        matches!(self, Request { .. } | Ask { .. } | TryAsk { .. } | Sleep { .. })
    }

    /// Whether it ends a block.
    pub fn is_terminator(&self) -> bool {
        (0x40..0x58).contains(&(self.opcode() as u8))
    }
    /// Calls `f` with each block it may go to.
    pub fn for_each_target(&self, mut f: impl FnMut(BlockId)) {
        self.for_each_operand(|_, value| match value {
            OperandRef::Block(b) => f(b),
            OperandRef::Blocks(bs) => bs.iter().for_each(|&b| f(b)),
            _ => {}
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique() {
        for (i, a) in Opcode::ALL.iter().enumerate() {
            assert_eq!(Opcode::from_number(*a as u8), Some(*a));
            assert_eq!(Opcode::from_name(a.name()), Some(*a));
            for b in &Opcode::ALL[..i] {
                assert_ne!(a.name(), b.name());
            }
        }
    }
}
