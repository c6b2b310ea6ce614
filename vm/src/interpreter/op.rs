//! The loaded form of code: words of 16 bytes, made once for each function by [`super::load`].
//!
//! A word has an operation, up to three registers `a`, `b`, `c` and 64 bits `d`. Operations that need more
//! take it from the words behind: *extra* words of eight registers, four jumps, or one number. A jump is a signed
//! distance in bytes from the start of the word that makes it; two of them fit into `d`.
//!
//! Loaded code is the machine's own: it is neither stored nor part of a world's state. A place in it is turned
//! into (block, instruction) and back by [`super::load::Loaded`].

use codex_spec::instruction::Opcode;

use super::registers::Regs;

/// One word of loaded code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(16))]
pub(crate) struct Word {
    op: u16,
    pub(crate) a: u16,
    pub(crate) b: u16,
    pub(crate) c: u16,
    pub(crate) d: u64,
}

impl Word {
    pub(crate) const fn new(op: Op, a: u16, b: u16, c: u16, d: u64) -> Word {
        Word { op: op as u16, a, b, c, d }
    }

    /// An extra word of eight numbers.
    pub(crate) fn extra(n: [u16; 8]) -> Word {
        let d = n[4] as u64 | (n[5] as u64) << 16 | (n[6] as u64) << 32 | (n[7] as u64) << 48;
        Word { op: n[0], a: n[1], b: n[2], c: n[3], d }
    }

    /// The operation.
    ///
    /// # Safety
    /// It is no extra word.
    #[inline(always)]
    pub(crate) unsafe fn op(&self) -> Op {
        debug_assert!(self.op <= LAST as u16);
        // SAFETY: words other than extra ones are made by `Word::new` from an `Op`.
        unsafe { std::mem::transmute::<u16, Op>(self.op) }
    }

    /// Sets one of the four 32-bit lanes of the word; 2 and 3 are the halves of `d`.
    pub(crate) fn set_lane(&mut self, lane: usize, value: i32) {
        let bits = value as u32;
        match lane {
            0 => (self.op, self.a) = (bits as u16, (bits >> 16) as u16),
            1 => (self.b, self.c) = (bits as u16, (bits >> 16) as u16),
            2 => self.d = self.d & 0xffff_ffff_0000_0000 | bits as u64,
            _ => self.d = self.d & 0xffff_ffff | (bits as u64) << 32,
        }
    }

    /// The upper 16 bits of the integer that [`Word::small`] gives are `c`, the lower ones `b`.
    #[inline(always)]
    pub(crate) fn small(&self) -> i64 {
        (self.b as u32 | (self.c as u32) << 16) as i32 as i64
    }

    /// Whether the word, which is no extra word, is of this operation.
    pub(crate) fn is(&self, op: Op) -> bool {
        self.op == op as u16
    }

    /// The function value of a `CallValue` or `TailCallValue`.
    ///
    /// # Safety
    /// It is one, of the frame `r`.
    #[inline(always)]
    pub(crate) unsafe fn function_value(&self, r: Regs) -> u32 {
        // SAFETY: the caller's promise.
        unsafe { r.reference((self.d >> 32) as u16) }
    }

    /// The small step of a fused word, in `c`.
    #[inline(always)]
    pub(crate) fn step(&self) -> i64 {
        self.c as i16 as i64
    }

    /// The first of two jumps.
    #[inline(always)]
    pub(crate) fn yes(&self) -> isize {
        self.d as u32 as i32 as isize
    }

    /// The second of two jumps.
    #[inline(always)]
    pub(crate) fn no(&self) -> isize {
        (self.d >> 32) as u32 as i32 as isize
    }
}

macro_rules! operations {
    (regular { $($same:ident)* } own { $($(#[doc = $doc:literal])+ $own:ident)* }) => {
        /// An operation of the machine: one of the instruction table, or one that loading makes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub(crate) enum Op { $($same,)* $($(#[doc = $doc])+ $own,)* }

        /// The operation for an instruction whose operands go into `a`, `b`, `c`, `d` as they stand: registers in
        /// order (a fourth one in `d`), and what is no register in `d`.
        pub(crate) fn regular(opcode: Opcode) -> Option<Op> {
            match opcode { $(Opcode::$same => Some(Op::$same),)* _ => None }
        }
    };
}

operations! {
    regular {
        Copy Add Sub Mul Div Rem Neg AddImm MulImm WrappingAdd WrappingSub WrappingMul And Or Xor Shl Shr ShrLogical
        CountOnes LeadingZeros TrailingZeros Not Eq Ne Lt Le MulHigh
        FAdd FSub FMul FDiv FNeg FAbs FSqrt FFloor FCeil FRound FTrunc Math Math2 FEq FLt FLe IntToFloat FloatToInt
        FloatBits FloatFromBits FCompare
        Return TrapCode Panic Exit
        Dup Drop MakeUnique DropReuse FreeToken
        Tag
        ListLength ListGet ListGetByte ListGetRef ListSet ListSetByte ListTakeRef ListPutRef ListSlice ListTruncate Probe
        RawLength RawEq RawCompare RawByte RawFind TextSlice BytesSlice TextCharAt TextPushChar TextGrapheme TextUpper
        TextLower CharIs TextToBytes BytesToText BytesPush IntToText FloatToText FloatToFixed TextToInt TextToFloat
        HashSeed HashWord HashRaw
        Output Request Ambient Clock GlobalReady
        Asker SelfLink Sleep Stop Restart Restore
    }
    own {
        /// The first word of a function that is not loaded yet.
        Load
        /// The first word of a function that has native code.
        Native
        /// The bottom of the stack: the container's first function returned.
        Halt
        /// `a = d`
        Const
        /// Goes to `d`.
        Jump
        /// Goes back to `d`, for a unit of fuel.
        Back
        /// Goes to one of two jumps if register `a` is not 0.
        JumpIf
        /// `a` and `b` equal?
        JumpEq
        /// `a` below `b`?
        JumpLt
        /// `a` at most `b`?
        JumpLe
        /// `a` equal to the small number?
        JumpEqImm
        /// `a` below the small number?
        JumpLtImm
        /// `a` at most the small number?
        JumpLeImm
        /// `a` equal to the number in the extra word?
        JumpEqWide
        /// `a` below the number in the extra word?
        JumpLtWide
        /// `a` at most the number in the extra word?
        JumpLeWide
        /// Floats `a` and `b` equal?
        JumpFEq
        /// Float `a` below `b`?
        JumpFLt
        /// Float `a` at most `b`?
        JumpFLe
        /// `Back` to a block that is only a `JumpIf`; the extra word has the way to that block.
        BackIf
        /// `Back` to a block that is only a `JumpLt`.
        BackLt
        /// `Back` to a block that is only a `JumpLe`.
        BackLe
        /// `Back` to a block that is only a `JumpLtImm`.
        BackLtImm
        /// `Back` to a block that is only a `JumpLeImm`.
        BackLeImm
        /// Register `a` not 0? The first way is a back-edge and is paid for, as in all with this ending.
        JumpIfBack
        /// `a` not equal to the small number?
        JumpNeImmBack
        /// `a` below `b`?
        JumpLtBack
        /// `a` at most `b`?
        JumpLeBack
        /// `a` below the small number?
        JumpLtImmBack
        /// `a` at most the small number?
        JumpLeImmBack
        /// `a += register c; JumpLtBack a, b`. This and all below up to `FMulSubFrom` are fused words.
        AddLtBack
        /// `a += register c; JumpLeBack a, b`
        AddLeBack
        /// `a += register c; JumpLtBack b, a`
        AddGtBack
        /// `a += register c; JumpLeBack b, a`
        AddGeBack
        /// `a -= register c; JumpLtBack a, b`
        SubLtBack
        /// `a -= register c; JumpLeBack a, b`
        SubLeBack
        /// `a -= register c; JumpLtBack b, a`
        SubGtBack
        /// `a -= register c; JumpLeBack b, a`
        SubGeBack
        /// `a += c; JumpLtBack a, b`
        AddImmLtBack
        /// `a += c; JumpLeBack a, b`
        AddImmLeBack
        /// `a += c; JumpLtBack b, a`
        AddImmGtBack
        /// `a += c; JumpLeBack b, a`
        AddImmGeBack
        /// `b = a + c; Call1` with argument `b`; `d` is the call's.
        AddImmCall1
        /// `a` = the reference of `b` at offset `d`, `c` another owner of it.
        GetRefDup
        /// `a` = item `c` of list `b`, register `d` another owner of it.
        ListGetRefDup
        /// Register `d` = item `c` of list `b`; `a` = its word at the offset in the upper half of `d`.
        ListGetRefGet
        /// `a` = the reference taken from item `c` of list `b`, if it is unique.
        ListTakeUnique
        /// The word of `a` at an offset (upper half of `d`) becomes `b`; then `a` goes back to item `d` of list `c`.
        SetListPut
        /// `a` = item `c` of list `b`, and so is an item of another list: list and index in `d` (16 bits each).
        ListMove
        /// `a` = the word of `b` at an offset (lower half of `d`); register `d` (next 16 bits) = `a + c`, floats.
        GetFAdd
        /// `a × c`
        GetFMul
        /// `a - c`
        GetFSub
        /// `c - a`
        GetFSubFrom
        /// `t = a + b; u = t + c`; `t` and `u` are in `d` (16 bits each).
        FAddAdd
        /// `t = a - b; u = t + c`
        FSubAdd
        /// `t = a × b; u = t + c`; `t` and `u` are in `d` (16 bits each).
        FMulAdd
        /// `u = t × c`
        FMulMul
        /// `u = t - c`
        FMulSub
        /// `u = c - t`
        FMulSubFrom
        /// A counted loop whose body is ahead.
        Loop
        /// A counted loop whose body is behind: a unit of fuel to go there.
        LoopBack
        /// Extra words have `d` jumps; the first is for numbers outside.
        Switch
        /// Extra words have a jump for each variant.
        SwitchTag
        /// Two variants: `d` has both jumps.
        SwitchTag2
        /// `a = d(lower half)()`; the window of the callee starts at `d` (upper 16 bits).
        Call0
        /// One argument, in `b`.
        Call1
        /// Two arguments, in `b` and `c`.
        Call2
        /// Three arguments: the last in bits 32 to 48 of `d`.
        Call3
        /// `a` arguments in extra words; the window starts at `b` (`c` units of 65536); the last extra word has the result in `a`.
        CallN
        /// As `CallN`; the function value is in the upper half of `d`.
        CallValue
        /// `a` arguments in extra words; a scratch window starts at `b` (`c` units of 65536).
        TailCall
        /// As `TailCall`; the function value is in the upper half of `d`.
        TailCallValue
        /// `a = new`: a record of at most 255 fields of each width; `b` and `c` unused; `d` has units (8 bits), words, references and
        /// bytes (8 each), upper half of the header (32). Registers in extra words, in order of storage.
        New
        /// The same for any record: `d` is the layout.
        NewBig
        /// As `New`, for two references, in `b` and `c`.
        NewPair
        /// As `New`; the token is in `b`.
        NewReuse
        /// As `NewBig`; the token is in `b`.
        NewReuseBig
        /// As `NewPair`; the token is in the lower 16 bits of `d`.
        NewReusePair
        /// `a` = the word of `b` at offset `d`.
        GetWord
        /// The byte.
        GetByte
        /// The reference.
        GetRef
        /// The word of `a` at offset `d` becomes `b`.
        SetWord
        /// The byte.
        SetByte
        /// Takes the reference of `b` at offset `d`.
        TakeRef
        /// Puts reference `b` into `a` at offset `d`.
        PutRef
        /// Fields of `a` into the registers of the extra words; `d` is the layout.
        Unpack
        /// As `Unpack`; the token goes to `b`.
        UnpackReuse
        /// Two references into `b` and `c`.
        UnpackPair
        /// Two references into `b` and `c`; the token goes to register `d`.
        UnpackReusePair
        /// A list of words of `b` (`c` units of 65536) items in extra words; `d` is the layout.
        ListNewWord
        /// A list of references.
        ListNewRef
        /// A list of bytes.
        ListNewByte
        /// `a` = `c` times word `b`; `d` is the layout.
        ListRepeatWord
        /// The same for a reference.
        ListRepeatRef
        /// The same for a byte.
        ListRepeatByte
        /// Exchanges words `b` and `c` of `a`.
        ListSwapWord
        /// Exchanges references.
        ListSwapRef
        /// Exchanges bytes.
        ListSwapByte
        /// Appends word `b` to `a`; `d` is the layout.
        ListPushWord
        /// Appends a reference.
        ListPushRef
        /// Appends a byte.
        ListPushByte
        /// `a` = the last word of `b`.
        ListPopWord
        /// The last reference.
        ListPopRef
        /// The last byte.
        ListPopByte
        /// Appends list `b` to `a`; `d` is the layout.
        ListAppend
        /// `a` = literal `d` (twice the constant, plus 1 for bytes).
        Literal
        /// Appends `b` to `a`; `d` is the flat layout.
        RawAppend
        /// `a` = the parts in extra words, `d` of them.
        TextJoin
        /// `a` = the word of constant `d`.
        GlobalGet
        /// `a` = the reference of constant `d`, with one owner more.
        GlobalGetRef
        /// Constant `d` becomes `a`.
        GlobalSet
        /// Makes a container of the kind in the lower half of `d`, from the registers behind.
        Spawn
        /// Sends to `a`: kind in the lower half of `d`, message in the upper one, arguments behind.
        Send
        /// Asks `b` for `a`, and waits; the rest as for `Send`.
        Ask
        /// The same, for at most `c` milliseconds.
        TryAsk
        /// Answers the ask `a` with `b`, whose type is in `d`.
        Reply
    }
}

const LAST: Op = Op::Reply;
const _: () = assert!(cfg!(target_endian = "little"), "heaps and loaded code are little-endian");
