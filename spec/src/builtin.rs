//! Builtin functions: what the standard library can call that is not written in glyph.
//!
//! A standard module writes `builtin.name(args)`; no other module sees the name `builtin`. A row gives
//! name, type (in glyph's own notation; lower-case names are type variables) and what it becomes.
//! Constraints on type variables are written after `where`, in the words of the
//! type checker: `number`, `comparable`, `hashable`, `printable`, `link`.

use crate::instruction::Opcode;
use crate::semantics::{CharClass, Math, Math2};

/// What a builtin becomes in the core IR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lowering {
    /// This instruction, the arguments in order of its register operands (an edited operand is the first
    /// argument, and its new value the result; without results: `()`).
    Op(Opcode),
    /// This instruction has an `ok` and a value: an `Option`.
    OkOp(Opcode),
    /// `math` with this function.
    Math(Math),
    /// `math2` with this function.
    Math2(Math2),
    /// `char_is` with this class.
    Char(CharClass),
    /// The list instruction for the element's storage: word, byte or reference.
    ListGet,
    /// The same.
    ListSet,
    /// Repeats a value: `list_repeat` with the result's type.
    ListRepeat,
    /// `request`: the first argument is a literal number, the result the pair of status and bytes.
    Request,
    /// Structural hash of any hashable value into a state.
    Hash,
    /// Structural order: -1, 0, 1.
    Compare,
    /// The text of any printable value, as `print` shows it.
    Show,
    /// The text of any printable value, as source (texts in quotes).
    Debug,
    /// Ends the container with a trap: the first argument is a literal number.
    Trap,
    /// `panic`
    Panic,
    /// `exit`
    Exit,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// Its name after `builtin.`
    pub name: &'static str,
    /// Its type, such as `fn(List[a], Int) → a`.
    pub signature: &'static str,
    /// What it becomes.
    pub lowering: Lowering,
}

/// The builtin with this name.
pub fn find(name: &str) -> Option<(u32, &'static Builtin)> {
    BUILTINS.iter().enumerate().find(|(_, b)| b.name == name).map(|(i, b)| (i as u32, b))
}

const fn op(name: &'static str, signature: &'static str, opcode: Opcode) -> Builtin {
    Builtin { name, signature, lowering: Lowering::Op(opcode) }
}
const fn special(name: &'static str, signature: &'static str, lowering: Lowering) -> Builtin {
    Builtin { name, signature, lowering }
}

const INT1: &str = "fn(Int) → Int";
const INT2: &str = "fn(Int, Int) → Int";
const FLOAT1: &str = "fn(Float) → Float";
const FLOAT2: &str = "fn(Float, Float) → Float";
const CHAR: &str = "fn(Int) → Bool";

/// Every builtin.
pub const BUILTINS: &[Builtin] = &[
    op("wrapping_add", INT2, Opcode::WrappingAdd),
    op("wrapping_sub", INT2, Opcode::WrappingSub),
    op("wrapping_mul", INT2, Opcode::WrappingMul),
    op("mul_high", INT2, Opcode::MulHigh),
    op("bit_and", INT2, Opcode::And),
    op("bit_or", INT2, Opcode::Or),
    op("bit_xor", INT2, Opcode::Xor),
    op("shift_left", INT2, Opcode::Shl),
    op("shift_right", INT2, Opcode::Shr),
    op("shift_right_logical", INT2, Opcode::ShrLogical),
    op("count_ones", INT1, Opcode::CountOnes),
    op("leading_zeros", INT1, Opcode::LeadingZeros),
    op("trailing_zeros", INT1, Opcode::TrailingZeros),
    op("int_to_float", "fn(Int) → Float", Opcode::IntToFloat),
    op("float_to_int", "fn(Float) → Int", Opcode::FloatToInt),
    op("float_bits", "fn(Float) → Int", Opcode::FloatBits),
    op("float_from_bits", "fn(Int) → Float", Opcode::FloatFromBits),
    op("float_abs", FLOAT1, Opcode::FAbs),
    op("float_sqrt", FLOAT1, Opcode::FSqrt),
    op("float_floor", FLOAT1, Opcode::FFloor),
    op("float_ceil", FLOAT1, Opcode::FCeil),
    op("float_round", FLOAT1, Opcode::FRound),
    op("float_truncate", FLOAT1, Opcode::FTrunc),
    op("float_compare", "fn(Float, Float) → Int", Opcode::FCompare),
    special("float_exp", FLOAT1, Lowering::Math(Math::Exp)),
    special("float_exp2", FLOAT1, Lowering::Math(Math::Exp2)),
    special("float_ln", FLOAT1, Lowering::Math(Math::Ln)),
    special("float_log2", FLOAT1, Lowering::Math(Math::Log2)),
    special("float_log10", FLOAT1, Lowering::Math(Math::Log10)),
    special("float_sin", FLOAT1, Lowering::Math(Math::Sin)),
    special("float_cos", FLOAT1, Lowering::Math(Math::Cos)),
    special("float_tan", FLOAT1, Lowering::Math(Math::Tan)),
    special("float_asin", FLOAT1, Lowering::Math(Math::Asin)),
    special("float_acos", FLOAT1, Lowering::Math(Math::Acos)),
    special("float_atan", FLOAT1, Lowering::Math(Math::Atan)),
    special("float_sinh", FLOAT1, Lowering::Math(Math::Sinh)),
    special("float_cosh", FLOAT1, Lowering::Math(Math::Cosh)),
    special("float_tanh", FLOAT1, Lowering::Math(Math::Tanh)),
    special("float_cbrt", FLOAT1, Lowering::Math(Math::Cbrt)),
    special("float_pow", FLOAT2, Lowering::Math2(Math2::Pow)),
    special("float_atan2", FLOAT2, Lowering::Math2(Math2::Atan2)),
    special("float_hypot", FLOAT2, Lowering::Math2(Math2::Hypot)),
    special("float_remainder", FLOAT2, Lowering::Math2(Math2::Rem)),
    op("list_length", "fn(List[a]) → Int", Opcode::ListLength),
    special("list_get", "fn(List[a], Int) → a", Lowering::ListGet),
    special("list_set", "fn(List[a], Int, a) → List[a]", Lowering::ListSet),
    special("list_repeat", "fn(a, Int) → List[a]", Lowering::ListRepeat),
    op("list_swap", "fn(List[a], Int, Int) → List[a]", Opcode::ListSwap),
    op("list_push", "fn(List[a], a) → List[a]", Opcode::ListPush),
    op("list_append", "fn(List[a], List[a]) → List[a]", Opcode::ListAppend),
    op("list_slice", "fn(List[a], Int, Int) → List[a]", Opcode::ListSlice),
    op("list_truncate", "fn(List[a], Int) → List[a]", Opcode::ListTruncate),
    op("probe", "fn(List[Int], Int, Int) → Int", Opcode::Probe),
    op("text_size", "fn(Text) → Int", Opcode::RawLength),
    op("text_byte", "fn(Text, Int) → Int", Opcode::RawByte),
    op("text_find", "fn(Text, Text, Int) → Int", Opcode::RawFind),
    op("text_append", "fn(Text, Text) → Text", Opcode::RawAppend),
    op("text_slice", "fn(Text, Int, Int) → Text", Opcode::TextSlice),
    op("text_char_at", "fn(Text, Int) → Int", Opcode::TextCharAt),
    op("text_push_char", "fn(Text, Int) → Text", Opcode::TextPushChar),
    op("text_grapheme", "fn(Text, Int) → Int", Opcode::TextGrapheme),
    op("text_upper", "fn(Text) → Text", Opcode::TextUpper),
    op("text_lower", "fn(Text) → Text", Opcode::TextLower),
    op("text_to_bytes", "fn(Text) → Bytes", Opcode::TextToBytes),
    special("bytes_to_text", "fn(Bytes) → Option[Text]", Lowering::OkOp(Opcode::BytesToText)),
    op("bytes_size", "fn(Bytes) → Int", Opcode::RawLength),
    op("bytes_get", "fn(Bytes, Int) → Int", Opcode::RawByte),
    op("bytes_find", "fn(Bytes, Bytes, Int) → Int", Opcode::RawFind),
    op("bytes_append", "fn(Bytes, Bytes) → Bytes", Opcode::RawAppend),
    op("bytes_slice", "fn(Bytes, Int, Int) → Bytes", Opcode::BytesSlice),
    op("bytes_push", "fn(Bytes, Int) → Bytes", Opcode::BytesPush),
    op("int_to_text", "fn(Int) → Text", Opcode::IntToText),
    op("float_to_text", "fn(Float) → Text", Opcode::FloatToText),
    op("float_to_fixed", "fn(Float, Int) → Text", Opcode::FloatToFixed),
    special("text_to_int", "fn(Text) → Option[Int]", Lowering::OkOp(Opcode::TextToInt)),
    special("text_to_float", "fn(Text) → Option[Float]", Lowering::OkOp(Opcode::TextToFloat)),
    special("char_is_alphabetic", CHAR, Lowering::Char(CharClass::Alphabetic)),
    special("char_is_numeric", CHAR, Lowering::Char(CharClass::Numeric)),
    special("char_is_whitespace", CHAR, Lowering::Char(CharClass::Whitespace)),
    special("char_is_upper", CHAR, Lowering::Char(CharClass::Upper)),
    special("char_is_lower", CHAR, Lowering::Char(CharClass::Lower)),
    op("hash_seed", "fn() → Int", Opcode::HashSeed),
    op("hash_word", INT2, Opcode::HashWord),
    special("hash", "fn(Int, a) → Int where a: hashable", Lowering::Hash),
    special("compare", "fn(a, a) → Int where a: comparable", Lowering::Compare),
    special("show", "fn(a) → Text where a: printable", Lowering::Show),
    special("debug", "fn(a) → Text where a: printable", Lowering::Debug),
    op("output", "fn(Int, Text) → ()", Opcode::Output),
    special("request", "fn(Int, Bytes) → (Int, Bytes)", Lowering::Request),
    op("reply", "fn(Reply[a], a) → ()", Opcode::Reply),
    op("link", "fn(a) → Link where a: link", Opcode::Copy),
    op("self_link", "fn() → Link", Opcode::SelfLink),
    op("sleep", "fn(Int) → ()", Opcode::Sleep),
    op("stop", "fn(Link) → ()", Opcode::Stop),
    op("restart", "fn(Link) → ()", Opcode::Restart),
    op("restore", "fn(Link) → ()", Opcode::Restore),
    op("ambient", "fn() → Int", Opcode::Ambient),
    op("clock", "fn() → Int", Opcode::Clock),
    special("trap", "fn(Int) → a", Lowering::Trap),
    special("panic", "fn(Text) → a", Lowering::Panic),
    special("exit", "fn(Int) → a", Lowering::Exit),
];
