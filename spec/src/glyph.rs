//! The glyph table: every sign of the language that is not on a keyboard, once.
//!
//! The lexer makes one token kind of each row (both spellings), the formatter respells by it,
//! the editors and the documentation list it. Add a row here, and the lexer knows it.
//!
//! Keeps true: fewer than thirty signs; each is one code point and one column wide; no sign
//! and no spelling occurs twice, so respelling there and back gives the same bytes.

/// How a sign combines with what stands next to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixity {
    /// Between two operands; `a ∘ b ∘ c` is `(a ∘ b) ∘ c`.
    Left,
    /// Between two operands; does not chain.
    None,
    /// Before its operand.
    Prefix,
    /// After its left operand and binding like a call.
    Postfix,
    /// Part of a larger form; not an operator.
    Form,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// The sign, one code point.
    pub sign: &'static str,
    /// What can be typed instead.
    pub ascii: &'static str,
    /// What it is called in completion lists.
    pub name: &'static str,
    /// What it means, in a few words.
    pub meaning: &'static str,
    /// How tightly it binds (higher is tighter); 0 for parts of forms.
    pub precedence: u8,
    /// How it combines.
    pub fixity: Fixity,
    /// What it does, in a sentence or two.
    pub doc: &'static str,
    /// A line of code that uses it.
    pub example: &'static str,
}

impl Glyph {
    /// Whether the ASCII spelling is a word, which needs space around it.
    pub fn is_word(&self) -> bool {
        self.ascii.as_bytes()[0].is_ascii_alphabetic()
    }
}

/// Calls a macro with every row: `Kind sign ascii name meaning precedence fixity doc example`.
///
/// The lexer builds its token kinds from the first three columns.
#[macro_export]
macro_rules! glyph_rows {
    ($callback:ident) => {
        $callback! {
            (Lambda "λ" "\\" "lambda" "function value" 0 Form
                "A function without a name. Parameters are separated by spaces."
                "let double = λ n → n × 2")
            (Arrow "→" "->" "arrow" "result, arm, body" 0 Form
                "Stands before the type of a result, the value of an arm and the body of a function value."
                "fn half(n: Int) → Int = n ÷ 2")
            (Becomes "≔" ":=" "becomes" "change a `var`" 0 Form
                "Gives a new value to a `var`, or to a place within one."
                "total ≔ total + 1")
            (Equal "≡" "==" "equal" "equal" 12 None
                "Whether two values of one type are the same, part by part."
                "n ≡ 0")
            (NotEqual "≠" "!=" "not equal" "not equal" 12 None
                "Whether two values of one type differ in some part."
                "n ≠ 0")
            (LessEqual "≤" "<=" "at most" "less or equal" 12 None
                "Whether the left value comes before the right one or is equal to it."
                "n ≤ 10")
            (GreaterEqual "≥" ">=" "at least" "greater or equal" 12 None
                "Whether the left value comes after the right one or is equal to it."
                "n ≥ 10")
            (In "∈" "in" "in" "member; `for x ∈ xs`" 12 None
                "Whether a value is an element of a list, set, map or range; in a `for`, what is walked."
                "for x ∈ [1, 2, 3] { print(x) }")
            (NotIn "∉" "!in" "not in" "not a member" 12 None
                "Whether a value is absent from a list, set, map or range."
                "x ∉ [1, 2, 3]")
            (Not "¬" "not" "not" "logical not" 10 Prefix
                "Turns `true` into `false` and `false` into `true`."
                "¬done")
            (And "∧" "and" "and" "both; short-circuit" 8 Left
                "True when both sides are; the right side is not looked at when the left one is false."
                "0 < n ∧ n < 10")
            (Or "∨" "or" "or" "at least one; short-circuit" 6 Left
                "True when one side is; the right side is not looked at when the left one is true."
                "n < 0 ∨ n > 10")
            (Times "×" "*" "times" "product" 20 Left
                "The product of two numbers of one type."
                "width × height")
            (Divide "÷" "/" "divide" "quotient" 20 Left
                "The quotient of two numbers of one type; on Int it drops the fraction, and traps on zero."
                "total ÷ count")
            (Pipe "▷" "|>" "pipe" "`x ▷ f(y)` is `f(x, y)`" 4 Left
                "Hands the left value to the call on the right as its first argument."
                "[3, 1, 2] ▷ list.sort()")
            (OpenQuote "⟦" "[|" "open quote" "begin a quoted tree" 0 Form
                "Begins a quoted tree: what stands inside is not run, but becomes a value."
                "let sum = ⟦ a + b ⟧")
            (CloseQuote "⟧" "|]" "close quote" "end a quoted tree" 0 Form
                "Ends a quoted tree."
                "let sum = ⟦ a + b ⟧")
            (Spawn "⊞" "spawn" "spawn" "new container" 24 Prefix
                "Starts a container and gives a link to it."
                "let c = ⊞ Counter(0)")
            (Send "⇒" "=>" "send" "send a message" 2 None
                "Sends a message to a container and goes on at once."
                "c ⇒ Add(5)")
            (Ask "⇔" "<=>" "ask" "send and wait for the reply" 30 Postfix
                "Sends a message to a container and waits for its reply."
                "let n = c ⇔ Get()")
            (Rewrite "↦" "~>" "rewrites to" "rewrite rule" 0 Form
                "Stands between the pattern and the replacement of a rule."
                "⟦ $x + 0 ⟧ ↦ ⟦ $x ⟧")
            (Branch "⇉" "branch" "branch" "one thought for each value" 3 Prefix
                "Splits this thought: one goes on for each value."
                "let col = ⇉ 1..=8")
            (Require "⊢" "require" "require" "this thought ends unless true" 3 Prefix
                "Ends this thought unless the condition is true."
                "⊢ col ≠ 3")
            (Collapse "⊙" "collapse" "collapse" "run thoughts, keep some" 0 Form
                "Runs a block as thoughts, and keeps the results that its mode asks for."
                "let board = ⊙ first { queens(8) }")
            (Save "◈" "save" "save" "savepoint" 3 Prefix
                "Keeps the whole running program under a name, so that it can be resumed from here."
                "◈ \"before the move\"")
        }
    };
}

macro_rules! table {
    ($(($kind:ident $sign:tt $ascii:tt $name:tt $meaning:tt $precedence:tt $fixity:ident $doc:tt $example:tt))*) => {
        /// Every glyph, in the order of the language's description.
        pub const GLYPHS: &[Glyph] = &[$(Glyph {
            sign: $sign,
            ascii: $ascii,
            name: $name,
            meaning: $meaning,
            precedence: $precedence,
            fixity: Fixity::$fixity,
            doc: $doc,
            example: $example,
        }),*];
    };
}
glyph_rows!(table);

/// The glyph with this sign or ASCII spelling.
pub fn find(spelling: &str) -> Option<&'static Glyph> {
    GLYPHS.iter().find(|g| g.sign == spelling || g.ascii == spelling)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_stays_small() {
        assert!(GLYPHS.len() < 30, "hold the line: {} glyphs", GLYPHS.len());
    }

    #[test]
    fn each_sign_is_one_narrow_code_point() {
        for g in GLYPHS {
            let mut chars = g.sign.chars();
            let c = chars.next().expect("a sign");
            assert_eq!(chars.next(), None, "{} is more than one code point", g.sign);
            // Blocks without wide or emoji-presentation characters, apart from a few that
            // lie outside the ranges used here.
            let narrow = [0xA0..=0xFF, 0x370..=0x3FF, 0x2190..=0x22FF, 0x25A0..=0x25FC, 0x27C0..=0x27EF];
            assert!(narrow.iter().any(|r| r.contains(&(c as u32))), "{c} may be wide");
            let emoji = [0x25FD, 0x25FE, 0x231A, 0x231B, 0x25B6, 0x25C0];
            assert!(!emoji.contains(&(c as u32)), "{c} is an emoji");
        }
    }

    #[test]
    fn spellings_are_unique_and_typeable() {
        let mut seen = std::collections::HashSet::new();
        for g in GLYPHS {
            assert!(seen.insert(g.sign) && seen.insert(g.ascii), "{} has a spelling twice", g.sign);
            assert!(g.ascii.is_ascii() && !g.ascii.is_empty());
            assert!(!g.name.is_empty() && !g.doc.is_empty());
            assert!(g.example.contains(g.sign), "the example of {} does not show it", g.sign);
        }
    }

    #[test]
    fn both_spellings_find_the_row() {
        for g in GLYPHS {
            assert_eq!(find(g.sign), Some(g));
            assert_eq!(find(g.ascii), Some(g));
        }
        assert_eq!(find("==="), None);
    }
}
