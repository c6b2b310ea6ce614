//! The interpreter: one loop over loaded words.
//!
//! Why its unchecked accesses are in bounds:
//!
//! - Only [`crate::program::Program`] makes loaded code, and only from a `Verified` module: registers are those of the
//!   function, their kinds fit the instruction, ids are in their tables, each block ends in a terminator.
//! - A frame's registers are mapped: [`control::enter`] checks before it makes a frame.
//! - A register that the verifier calls owned, borrowed or lent holds a live reference word of that type; so cells are
//!   read at offsets that their layout has. What depends on the run (indices, counts, room) is checked.
//!
//! `pc`, the registers and the fuel live in machine registers; they are written back when the loop ends. Handlers that do
//! more than a few machine instructions are functions of the files beside this one.

pub(crate) mod control;
pub(crate) mod edge;
mod float;
mod lists;
pub(crate) mod load;
pub(crate) mod messages;
pub(crate) mod op;
pub(crate) mod records;
pub(crate) mod registers;
pub(crate) mod stack;
pub(crate) mod text;

use codex_spec::semantics as means;
use codex_spec::trap::Trap;

use crate::container::Container;
use crate::effects::Effect;
use edge::Senses;
use op::Op;
use registers::Regs;

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Fuel is below zero, at the start of a function or block.
    Fuel,
    /// It is about to run a function that has native code.
    Native,
    /// It waits for something.
    Wait,
    /// Its first function returned.
    Done,
    /// It ended the world with a code.
    Exit(i64),
    /// It failed, at `pc`.
    Trap(Trap),
}

/// Runs a container from where it stopped until it stops again.
pub(crate) fn run(c: &mut Container, senses: &Senses) -> Stop {
    // SAFETY: the container keeps the program, and nothing that runs replaces it. (Sharing it would cost two atomic operations.)
    let program = unsafe { &*std::sync::Arc::as_ptr(&c.program) };
    // SAFETY: the module's documentation.
    unsafe {
        match program.native() {
            Some(native) => crate::native::run(c, senses, native),
            None => {
                let registers = Regs(c.stack.start().add((*c.stack.top).base as usize));
                dispatch(c, senses, registers)
            }
        }
    }
}

/// Runs the words at `c.pc` on these registers, the frame's or, for a single instruction that does not call, any others.
///
/// # Safety
/// The container stopped at a place where it can go on, with a frame on its stack.
pub(crate) unsafe fn dispatch(c: &mut Container, senses: &Senses, registers: Regs) -> Stop {
    let mut pc = c.pc;
    let mut fuel = c.fuel;
    // SAFETY: the arms below rely on what the module's documentation argues; `pc` is always at a word that is no extra word.
    let stop = unsafe {
        let mut r = registers;
        /// Goes to the next word.
        macro_rules! next {
            ($done:expr) => {{
                $done;
                pc = pc.add(1);
            }};
        }
        /// Goes to the next word, or ends with a trap.
        macro_rules! attempt {
            ($result:expr) => {
                match $result {
                    Ok(_) => pc = pc.add(1),
                    Err(trap) => break Stop::Trap(trap),
                }
            };
        }
        /// Goes on where the result says, or ends with a trap.
        macro_rules! follow {
            ($result:expr) => {
                match $result {
                    Ok(to) => pc = to,
                    Err(trap) => break Stop::Trap(trap),
                }
            };
        }
        /// Bulk work, which is paid for; then the next word, or a trap.
        macro_rules! bulk {
            ($work:expr) => {{
                let done: Result<(), Trap> = $work;
                fuel -= c.heap.take_debt();
                attempt!(done)
            }};
        }
        /// Bulk work that says where to go on.
        macro_rules! bulk_follow {
            ($work:expr) => {{
                let done = $work;
                fuel -= c.heap.take_debt();
                follow!(done)
            }};
        }
        /// Bulk work after which the container waits, where it is.
        macro_rules! stop_paid {
            ($work:expr) => {{
                $work;
                fuel -= c.heap.take_debt();
                break Stop::Wait;
            }};
        }
        /// Bulk work after which the container waits where it is, or a trap.
        macro_rules! wait {
            ($work:expr) => {{
                let done: Result<(), Trap> = $work;
                fuel -= c.heap.take_debt();
                break match done {
                    Ok(()) => Stop::Wait,
                    Err(trap) => Stop::Trap(trap),
                };
            }};
        }
        /// Something with the place of an element, or a trap.
        macro_rules! item {
            ($stored:ty, $list:expr, $at:expr, |$place:ident| $work:expr) => {
                match lists::item::<$stored>(c, r, $list, $at) {
                    Ok($place) => next!($work),
                    Err(trap) => break Stop::Trap(trap),
                }
            };
        }
        /// Pushes an element; a list that moved is paid for.
        macro_rules! push {
            ($w:ident, $value:expr) => {
                match lists::push(c, r, $w, $value) {
                    Ok(moved) => {
                        if moved {
                            fuel -= c.heap.take_debt();
                        }
                        pc = pc.add(1)
                    }
                    Err(trap) => break Stop::Trap(trap),
                }
            };
        }
        macro_rules! int1 {
            ($w:ident, $f:ident) => {
                next!(r.set_int($w.a, means::$f(r.int($w.b))))
            };
        }
        macro_rules! int2 {
            ($w:ident, $f:ident) => {
                next!(r.set_int($w.a, means::$f(r.int($w.b), r.int($w.c))))
            };
        }
        macro_rules! try1 {
            ($w:ident, $f:ident) => {
                attempt!(means::$f(r.int($w.b)).map(|v| r.set_int($w.a, v)))
            };
        }
        macro_rules! try2 {
            ($w:ident, $f:ident) => {
                attempt!(means::$f(r.int($w.b), r.int($w.c)).map(|v| r.set_int($w.a, v)))
            };
        }
        macro_rules! try_imm {
            ($w:ident, $f:ident) => {
                attempt!(means::$f(r.int($w.b), $w.d as i64).map(|v| r.set_int($w.a, v)))
            };
        }
        macro_rules! float1 {
            ($w:ident, $f:ident) => {
                next!(r.set_float($w.a, means::$f(r.float($w.b))))
            };
        }
        macro_rules! float2 {
            ($w:ident, $f:ident) => {
                next!(r.set_float($w.a, float::$f(r.float($w.b), r.float($w.c))))
            };
        }
        macro_rules! test2 {
            ($w:ident, $f:ident) => {
                next!(r.set_int($w.a, means::$f(r.float($w.b), r.float($w.c))))
            };
        }
        macro_rules! go {
            ($way:expr) => {
                pc = control::go(pc, $way)
            };
        }
        /// A back-edge: pays, and stops behind it if fuel is gone.
        macro_rules! go_back {
            ($way:expr) => {{
                pc = control::go(pc, $way);
                fuel -= 1;
                if fuel < 0 {
                    break Stop::Fuel;
                }
            }};
        }
        macro_rules! branch {
            ($w:ident, $if:expr) => {
                if $if {
                    go!($w.yes());
                    control::keep_branch()
                } else {
                    go!($w.no())
                }
            };
        }
        /// The end of a loop together with its head: pays, and stops at the head if fuel is gone.
        macro_rules! back_branch {
            ($w:ident, $if:expr) => {{
                fuel -= 1;
                if fuel < 0 {
                    go!((*pc.add(1)).yes());
                    break Stop::Fuel;
                }
                branch!($w, $if)
            }};
        }
        /// The end of a loop that decides whether to go on: pays if it does.
        macro_rules! branch_back {
            ($w:ident, $if:expr) => {
                if $if {
                    go_back!($w.yes());
                    control::keep_branch()
                } else {
                    go!($w.no())
                }
            };
        }
        /// A step and the end of its loop together; see `load::fuse`.
        macro_rules! step {
            ($w:ident, $op:ident, $by:expr, |$k:ident, $limit:ident| $if:expr) => {
                match means::$op(r.int($w.a), $by) {
                    Ok($k) if fuel > 0 => {
                        r.set_int($w.a, $k);
                        let $limit = r.int($w.b);
                        branch_back!($w, $if)
                    }
                    _ => pc = pc.add(1),
                }
            };
        }
        /// Two float operations in a row; see `load::fuse`.
        macro_rules! floats {
            ($w:ident, $first:tt, |$t:ident, $c:ident| $value:expr) => {{
                let ($t, $c) = (r.float($w.a) $first r.float($w.b), r.float($w.c));
                let value: f64 = $value;
                if value.is_nan() {
                    pc = pc.add(1);
                } else {
                    r.set_float($w.d as u16, $t);
                    r.set_float(($w.d >> 16) as u16, value);
                    pc = pc.add(3);
                }
            }};
        }
        /// A field and the float operation that it goes into; see `load::fuse`.
        macro_rules! get_float {
            ($w:ident, |$t:ident, $c:ident| $value:expr) => {{
                let at = r.reference($w.b) as usize * 8 + $w.d as u32 as usize;
                let ($t, $c) = (c.heap.read::<f64>(at), r.float($w.c));
                let value: f64 = $value;
                if value.is_nan() {
                    pc = pc.add(1);
                } else {
                    r.set_float($w.a, $t);
                    r.set_float(($w.d >> 32) as u16, value);
                    pc = pc.add(3);
                }
            }};
        }
        /// A step and a call with it; see `load::fuse`.
        macro_rules! step_call {
            ($w:ident) => {
                match r.int($w.a).checked_add($w.step()) {
                    Some(value) => {
                        r.set_int($w.b, value);
                        pc = pc.add(2);
                        enter!(control::call(c, r, pc, |_, new| new.set_int(0, value)))
                    }
                    None => pc = pc.add(1),
                }
            };
        }
        /// The end of a counted loop.
        macro_rules! counted {
            ($w:ident, $go:ident) => {
                match means::loop_step(r.int($w.a), r.int($w.b)) {
                    Ok((next, again)) => {
                        r.set_int($w.a, next);
                        if again {
                            $go!($w.yes());
                            control::keep_branch()
                        } else {
                            go!($w.no())
                        }
                    }
                    Err(trap) => break Stop::Trap(trap),
                }
            };
        }
        /// A call: pays, and stops at the callee's first word if fuel is gone.
        macro_rules! enter {
            ($call:expr) => {{
                fuel -= 1;
                match $call {
                    Ok((new, code)) => {
                        r = new;
                        pc = code;
                        if fuel < 0 {
                            break Stop::Fuel;
                        }
                    }
                    Err(trap) => break Stop::Trap(trap),
                }
            }};
        }
        /// A call of a function by its number; the arguments are copied into its first registers.
        macro_rules! call {
            ($w:ident, $($to:literal: $arg:expr),*) => {
                enter!(control::call(c, r, pc, |_r, _new| {
                    $(_new.set($to, _r.word($arg));)*
                }))
            };
        }
        loop {
            let w = &*pc;
            match w.op() {
                Op::Load => pc = control::load(c),
                Op::Halt => break Stop::Done,
                Op::Native => break Stop::Native,

                Op::Const => next!(r.set(w.a, w.d)),
                Op::Copy => next!(r.set(w.a, r.word(w.b))),
                Op::Add => try2!(w, add),
                Op::Sub => try2!(w, sub),
                Op::Mul => try2!(w, mul),
                Op::Div => try2!(w, div),
                Op::Rem => try2!(w, rem),
                Op::Neg => try1!(w, neg),
                Op::AddImm => try_imm!(w, add),
                Op::MulImm => try_imm!(w, mul),
                Op::WrappingAdd => int2!(w, wrapping_add),
                Op::WrappingSub => int2!(w, wrapping_sub),
                Op::WrappingMul => int2!(w, wrapping_mul),
                Op::MulHigh => int2!(w, mul_high),
                Op::And => int2!(w, and),
                Op::Or => int2!(w, or),
                Op::Xor => int2!(w, xor),
                Op::Shl => int2!(w, shl),
                Op::Shr => int2!(w, shr),
                Op::ShrLogical => int2!(w, shr_logical),
                Op::CountOnes => int1!(w, count_ones),
                Op::LeadingZeros => int1!(w, leading_zeros),
                Op::TrailingZeros => int1!(w, trailing_zeros),
                Op::Not => int1!(w, not),
                Op::Eq => int2!(w, eq),
                Op::Ne => int2!(w, ne),
                Op::Lt => int2!(w, lt),
                Op::Le => int2!(w, le),

                Op::FAdd => float2!(w, add),
                Op::FSub => float2!(w, sub),
                Op::FMul => float2!(w, mul),
                Op::FDiv => float2!(w, div),
                Op::FMulAdd => floats!(w, *, |t, c| t + c),
                Op::FMulMul => floats!(w, *, |t, c| t * c),
                Op::FMulSub => floats!(w, *, |t, c| t - c),
                Op::FMulSubFrom => floats!(w, *, |t, c| c - t),
                Op::FAddAdd => floats!(w, +, |t, c| t + c),
                Op::FSubAdd => floats!(w, -, |t, c| t + c),
                Op::GetFAdd => get_float!(w, |t, c| t + c),
                Op::GetFMul => get_float!(w, |t, c| t * c),
                Op::GetFSub => get_float!(w, |t, c| t - c),
                Op::GetFSubFrom => get_float!(w, |t, c| c - t),
                Op::FNeg => float1!(w, fneg),
                Op::FAbs => float1!(w, fabs),
                Op::FSqrt => float1!(w, fsqrt),
                Op::FFloor => float1!(w, ffloor),
                Op::FCeil => float1!(w, fceil),
                Op::FRound => float1!(w, fround),
                Op::FTrunc => float1!(w, ftrunc),
                Op::Math => next!(float::math(r, w)),
                Op::Math2 => next!(float::math2(r, w)),
                Op::FEq => test2!(w, feq),
                Op::FLt => test2!(w, flt),
                Op::FLe => test2!(w, fle),
                Op::FCompare => test2!(w, fcompare),
                Op::IntToFloat => next!(r.set_float(w.a, means::int_to_float(r.int(w.b)))),
                Op::FloatToInt => next!(r.set_int(w.a, means::float_to_int(r.float(w.b)))),
                Op::FloatBits => next!(r.set_int(w.a, means::float_bits(r.float(w.b)))),
                Op::FloatFromBits => next!(r.set_float(w.a, means::float_from_bits(r.int(w.b)))),

                Op::Jump => go!(w.yes()),
                Op::Back => go_back!(w.yes()),
                Op::JumpIf => branch!(w, r.word(w.a) != 0),
                Op::JumpEq => branch!(w, r.word(w.a) == r.word(w.b)),
                Op::JumpLt => branch!(w, r.int(w.a) < r.int(w.b)),
                Op::JumpLe => branch!(w, r.int(w.a) <= r.int(w.b)),
                Op::JumpEqImm => branch!(w, r.int(w.a) == w.small()),
                Op::JumpLtImm => branch!(w, r.int(w.a) < w.small()),
                Op::JumpLeImm => branch!(w, r.int(w.a) <= w.small()),
                Op::JumpEqWide => branch!(w, r.int(w.a) == (*pc.add(1)).d as i64),
                Op::JumpLtWide => branch!(w, r.int(w.a) < (*pc.add(1)).d as i64),
                Op::JumpLeWide => branch!(w, r.int(w.a) <= (*pc.add(1)).d as i64),
                Op::JumpFEq => branch!(w, r.float(w.a) == r.float(w.b)),
                Op::JumpFLt => branch!(w, r.float(w.a) < r.float(w.b)),
                Op::JumpFLe => branch!(w, r.float(w.a) <= r.float(w.b)),
                Op::BackIf => back_branch!(w, r.word(w.a) != 0),
                Op::BackLt => back_branch!(w, r.int(w.a) < r.int(w.b)),
                Op::BackLe => back_branch!(w, r.int(w.a) <= r.int(w.b)),
                Op::BackLtImm => back_branch!(w, r.int(w.a) < w.small()),
                Op::BackLeImm => back_branch!(w, r.int(w.a) <= w.small()),
                Op::JumpIfBack => branch_back!(w, r.word(w.a) != 0),
                Op::JumpNeImmBack => branch_back!(w, r.int(w.a) != w.small()),
                Op::JumpLtBack => branch_back!(w, r.int(w.a) < r.int(w.b)),
                Op::JumpLeBack => branch_back!(w, r.int(w.a) <= r.int(w.b)),
                Op::JumpLtImmBack => branch_back!(w, r.int(w.a) < w.small()),
                Op::JumpLeImmBack => branch_back!(w, r.int(w.a) <= w.small()),
                Op::AddLtBack => step!(w, add, r.int(w.c), |k, limit| k < limit),
                Op::AddLeBack => step!(w, add, r.int(w.c), |k, limit| k <= limit),
                Op::AddGtBack => step!(w, add, r.int(w.c), |k, limit| limit < k),
                Op::AddGeBack => step!(w, add, r.int(w.c), |k, limit| limit <= k),
                Op::SubLtBack => step!(w, sub, r.int(w.c), |k, limit| k < limit),
                Op::SubLeBack => step!(w, sub, r.int(w.c), |k, limit| k <= limit),
                Op::SubGtBack => step!(w, sub, r.int(w.c), |k, limit| limit < k),
                Op::SubGeBack => step!(w, sub, r.int(w.c), |k, limit| limit <= k),
                Op::AddImmLtBack => step!(w, add, w.step(), |k, limit| k < limit),
                Op::AddImmLeBack => step!(w, add, w.step(), |k, limit| k <= limit),
                Op::AddImmGtBack => step!(w, add, w.step(), |k, limit| limit < k),
                Op::AddImmGeBack => step!(w, add, w.step(), |k, limit| limit <= k),
                Op::AddImmCall1 => step_call!(w),
                Op::Loop => counted!(w, go),
                Op::LoopBack => counted!(w, go_back),
                Op::Switch => pc = control::switch(r, pc),
                Op::SwitchTag => pc = control::go_table(pc, c.heap.tag(r.reference(w.a)).into()),
                Op::SwitchTag2 => branch!(w, c.heap.tag(r.reference(w.a)) == 0),
                Op::TrapCode => break Stop::Trap(control::trap(w)),
                Op::Panic => break Stop::Trap(edge::panic(c, r, w)),
                Op::Exit => break Stop::Exit(r.int(w.a)),

                Op::Return => (r, pc) = control::leave(c, r.word(w.a)),
                Op::Call0 => call!(w,),
                Op::Call1 => call!(w, 0: w.b),
                Op::Call2 => call!(w, 0: w.b, 1: w.c),
                Op::Call3 => call!(w, 0: w.b, 1: w.c, 2: (w.d >> 32) as u16),
                Op::CallN => enter!(control::call_long(c, r, pc, None)),
                Op::CallValue => enter!(control::call_long(c, r, pc, Some(w.function_value(r)))),
                Op::TailCall => enter!(control::tail_call(c, r, pc, None)),
                Op::TailCallValue => {
                    enter!(control::tail_call(c, r, pc, Some(w.function_value(r))))
                }

                Op::Dup => next!(records::dup(c, r, w)),
                Op::Drop => next!(c.heap.release(r.reference(w.a))),
                Op::MakeUnique if c.heap.is_unique(r.reference(w.a)) => pc = pc.add(1),
                Op::MakeUnique => bulk!(records::make_unique(c, r, w)),
                Op::DropReuse => next!(records::drop_reuse(c, r, w)),
                Op::FreeToken => next!(records::free_token(c, r.reference(w.a))),

                Op::New => follow!(records::new(c, r, pc)),
                Op::NewBig => follow!(records::new_big(c, r, pc, false)),
                Op::NewPair => attempt!(records::new_pair(c, r, w, 0)),
                Op::NewReuse => follow!(records::new_reuse(c, r, pc)),
                Op::NewReuseBig => follow!(records::new_big(c, r, pc, true)),
                Op::NewReusePair => attempt!(records::new_pair(c, r, w, r.reference(w.d as u16))),
                Op::GetWord => next!(r.set(w.a, c.heap.read(records::field(r, w.b, w)))),
                Op::GetByte => next!(r.set_byte(w.a, c.heap.read(records::field(r, w.b, w)))),
                Op::GetRef => next!(r.set_ref(w.a, c.heap.read(records::field(r, w.b, w)))),
                Op::GetRefDup => pc = records::get_ref_dup(c, r, pc),
                Op::SetWord => next!(c.heap.write(records::field(r, w.a, w), r.word(w.b))),
                Op::SetByte => next!(c.heap.write(records::field(r, w.a, w), r.byte(w.b))),
                Op::TakeRef => next!(r.set_ref(w.a, c.heap.take(records::field(r, w.b, w)))),
                Op::PutRef => next!(c.heap.write(records::field(r, w.a, w), r.reference(w.b))),
                Op::Unpack => pc = records::unpack(c, r, pc),
                Op::UnpackReuse => pc = records::unpack_reuse(c, r, pc),
                Op::UnpackPair => next!(records::unpack_pair(c, r, w)),
                Op::UnpackReusePair => next!(records::unpack_reuse_pair(c, r, w)),
                Op::Tag => next!(r.set_byte(w.a, c.heap.tag(r.reference(w.b)))),

                Op::ListNewWord => follow!(lists::new(c, r, pc, |r, at| r.word(at))),
                Op::ListNewRef => follow!(lists::new(c, r, pc, |r, at| r.reference(at))),
                Op::ListNewByte => follow!(lists::new(c, r, pc, |r, at| r.byte(at))),
                Op::ListRepeatWord => bulk!(lists::repeat(c, r, w, r.word(w.b))),
                Op::ListRepeatByte => bulk!(lists::repeat(c, r, w, r.byte(w.b))),
                Op::ListRepeatRef => bulk!(lists::repeat_ref(c, r, w)),
                Op::ListLength => next!(r.set_ref(w.a, c.heap.length(r.reference(w.b)))),
                Op::ListGet => item!(u64, w.b, w.c, |at| r.set(w.a, c.heap.read(at))),
                Op::ListGetByte => item!(u8, w.b, w.c, |at| r.set_byte(w.a, c.heap.read(at))),
                Op::ListGetRef => item!(u32, w.b, w.c, |at| r.set_ref(w.a, c.heap.read(at))),
                Op::ListGetRefGet => pc = lists::get_ref_get(c, r, pc),
                Op::ListTakeUnique => pc = lists::take_unique(c, r, pc),
                Op::SetListPut => pc = lists::set_put(c, r, pc),
                Op::ListMove => pc = lists::move_item(c, r, pc),
                Op::ListGetRefDup => pc = lists::get_ref_dup(c, r, pc),
                Op::ListSet => item!(u64, w.a, w.b, |at| c.heap.write(at, r.word(w.c))),
                Op::ListSetByte => item!(u8, w.a, w.b, |at| c.heap.write(at, r.byte(w.c))),
                Op::ListTakeRef => item!(u32, w.b, w.c, |at| r.set_ref(w.a, c.heap.take(at))),
                Op::ListPutRef => item!(u32, w.a, w.b, |at| c.heap.write(at, r.reference(w.c))),
                Op::ListSwapWord => attempt!(lists::swap::<u64>(c, r, w)),
                Op::ListSwapRef => attempt!(lists::swap::<u32>(c, r, w)),
                Op::ListSwapByte => attempt!(lists::swap::<u8>(c, r, w)),
                Op::ListPushWord => push!(w, r.word(w.b)),
                Op::ListPushRef => push!(w, r.reference(w.b)),
                Op::ListPushByte => push!(w, r.byte(w.b)),
                Op::ListPopWord => attempt!(lists::pop::<u64>(c, r, w)),
                Op::ListPopRef => attempt!(lists::pop::<u32>(c, r, w)),
                Op::ListPopByte => attempt!(lists::pop::<u8>(c, r, w)),
                Op::ListAppend => bulk!(lists::append(c, r, w)),
                Op::ListSlice => bulk!(lists::slice(c, r, w)),
                Op::ListTruncate => bulk!(lists::truncate(c, r, w)),
                Op::Probe => bulk!(lists::probe(c, r, w)),

                Op::Literal => attempt!(text::literal(c, r, w)),
                Op::RawLength => next!(r.set_ref(w.a, c.heap.length(r.reference(w.b)))),
                Op::RawEq => bulk!(text::eq(c, r, w)),
                Op::RawCompare => bulk!(text::compare(c, r, w)),
                Op::RawByte => attempt!(text::byte(c, r, w)),
                Op::RawFind => bulk!(text::find(c, r, w)),
                Op::RawAppend => bulk!(text::append(c, r, w)),
                Op::TextJoin => bulk_follow!(text::join(c, r, pc)),
                Op::TextSlice => bulk!(text::text_slice(c, r, w)),
                Op::BytesSlice => bulk!(text::bytes_slice(c, r, w)),
                Op::TextCharAt => attempt!(text::char_at(c, r, w)),
                Op::TextPushChar => bulk!(text::push_char(c, r, w)),
                Op::BytesPush => bulk!(text::bytes_push(c, r, w)),
                Op::TextGrapheme => bulk!(text::grapheme(c, r, w)),
                Op::TextUpper => bulk!(text::mapped(c, r, w, means::text_upper)),
                Op::TextLower => bulk!(text::mapped(c, r, w, means::text_lower)),
                Op::CharIs => next!(text::char_is(r, w)),
                Op::TextToBytes => bulk!(text::to_bytes(c, r, w)),
                Op::BytesToText => bulk!(text::to_text(c, r, w)),
                Op::IntToText => attempt!(text::from_int(c, r, w)),
                Op::FloatToText => attempt!(text::from_float(c, r, w)),
                Op::FloatToFixed => attempt!(text::to_fixed(c, r, w)),
                Op::TextToInt => bulk!(text::to_int(c, r, w)),
                Op::TextToFloat => bulk!(text::to_float(c, r, w)),

                Op::HashSeed => next!(r.set(w.a, senses.hash_seed)),
                Op::HashWord => int2!(w, hash_word),
                Op::HashRaw => bulk!(text::hash(c, r, w)),

                Op::Output => bulk!(edge::output(c, r, w)),
                Op::Request => stop_paid!(edge::request(c, r, w)),
                Op::Ambient => next!(r.set(w.a, edge::ambient(c, senses))),
                Op::Clock => next!(r.set_int(w.a, senses.clock)),
                Op::GlobalReady => next!(r.set_byte(w.a, edge::is_ready(c, w).into())),
                Op::GlobalGet => attempt!(edge::global_get(c, r, w, false)),
                Op::GlobalGetRef => attempt!(edge::global_get(c, r, w, true)),
                Op::GlobalSet => attempt!(edge::global_set(c, r, w)),

                Op::Spawn => bulk_follow!(messages::spawn(c, r, pc)),
                Op::Send => bulk_follow!(messages::send(c, r, pc)),
                Op::Ask => wait!(messages::ask(c, r, pc, false)),
                Op::TryAsk => wait!(messages::ask(c, r, pc, true)),
                Op::Reply => bulk!({
                    messages::reply(c, r, w);
                    Ok(())
                }),
                Op::Asker => next!(r.set(w.a, c.asker)),
                Op::SelfLink => next!(r.set(w.a, c.id)),
                Op::Sleep => stop_paid!(messages::sleep(c, r.int(w.a))),
                Op::Stop => next!(c.effects.log.push(Effect::Stop { link: r.word(w.a) })),
                Op::Restart => next!(c.effects.log.push(Effect::Restart { child: r.word(w.a) })),
                Op::Restore => next!(c.effects.log.push(Effect::Restore { child: r.word(w.a) })),
            }
        }
    };
    c.pc = pc;
    c.fuel = fuel;
    stop
}
