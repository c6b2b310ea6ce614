//! G0210: a keyword of another language.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0210");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a keyword of another language",
    explanation: "Some languages have a keyword for what is written differently here: functions begin with `fn`, types with `type`,\n\
                  choices with `match`. The message says what to write instead.",
    failing: "def add(a: Int, b: Int) → Int {\n  a + b\n}\n",
    fixed: "fn add(a: Int, b: Int) → Int {\n  a + b\n}\n",
};

/// What is written instead of a word of another language: a replacement for the word that is
/// certain, if there is one, and a sentence.
pub fn instead(word: &str) -> Option<(Option<&'static str>, &'static str)> {
    definitions(word)
        .or_else(|| control(word))
        .or_else(|| types(word))
}

fn definitions(word: &str) -> Option<(Option<&'static str>, &'static str)> {
    Some(match word {
        "def" | "func" | "function" | "fun" | "defn" | "defp" | "proc" | "sub" => {
            (Some("fn"), "functions begin with `fn`")
        }
        "const" | "val" | "final" => (
            Some("let"),
            "values that do not change are defined with `let`",
        ),
        "mut" => (None, "a value that changes is defined with `var`"),
        "auto" => (Some("let"), "the type of a `let` follows from its value"),
        "class" | "object" => (
            None,
            "data is described with `type`, and what has state is a `container`",
        ),
        "struct" | "record" | "data" | "enum" | "union" | "newtype" => (
            None,
            "data is described with `type`: `type Point { x: Float, y: Float }`, `type Shape { Circle(Float), Square(Float) }`",
        ),
        "trait" | "interface" | "impl" | "protocol" | "instance" | "extends" => (
            None,
            "there are no classes and no methods: data is described with `type`, and functions take it as an argument",
        ),
        "from" => (
            None,
            "write `import geometry: area`; the modules of the standard library need no import: `float.sqrt(x)`",
        ),
        "use" | "using" | "include" => (
            None,
            "modules are brought in with `import`: `import geometry.shape`",
        ),
        "module" | "mod" | "namespace" | "package" => {
            (None, "each file is a module, named after the file")
        }
        "public" | "export" => (Some("pub"), "what other modules may use begins with `pub`"),
        "private" | "static" | "protected" => (
            None,
            "what does not begin with `pub` can only be used in its own module",
        ),
        "where" => (
            None,
            "parts of an expression get names with `let`, before they are used",
        ),
        _ => return None,
    })
}

fn control(word: &str) -> Option<(Option<&'static str>, &'static str)> {
    Some(match word {
        "switch" | "case" | "when" | "cond" | "select" => (
            None,
            "choices are made with `match value { pattern → result }`",
        ),
        "elif" | "elsif" | "elseif" => {
            (Some("else if"), "further conditions are written `else if`")
        }
        "unless" => (
            None,
            "the opposite of a condition is written `if ¬condition { … }`",
        ),
        "until" => (
            None,
            "a loop with a condition is written `while ¬condition { … }`",
        ),
        "foreach" => (
            Some("for"),
            "a loop over the elements of a list is written `for x ∈ xs { … }`",
        ),
        "do" => (
            None,
            "a loop is written `loop { … }` or `while condition { … }`, and a block just `{ … }`",
        ),
        "then" | "begin" | "end" => (None, "blocks stand in braces: `{ … }`"),
        "try" | "catch" | "except" | "throw" | "throws" | "raise" | "rescue" | "finally" => (
            None,
            "there are no exceptions: what can fail gives a Result, and `?` hands an Error on",
        ),
        "new" => (
            None,
            "a value is built by its name, `Point(x: 1.0, y: 2.0)`, and a container with `⊞` (typed `spawn`)",
        ),
        "async" | "await" => (
            None,
            "there is no `async`: containers run side by side, and `⇔` (typed `<=>`) waits for a reply",
        ),
        "yield" => (None, "sequences are made with the functions of `iter`"),
        "lambda" => (
            None,
            "a function value is written `λ x → …` (typed `\\x -> …`)",
        ),
        "pass" => (None, "an empty block is written `{ }`"),
        "assert" => (None, "in a test, write `expect condition`"),
        _ => return None,
    })
}

fn types(word: &str) -> Option<(Option<&'static str>, &'static str)> {
    Some(match word {
        "void" => (
            None,
            "a function without a result has no `→` in its signature",
        ),
        "int" | "integer" | "long" | "i32" | "i64" | "usize" => (
            None,
            "whole numbers have the type `Int`, and a value is defined with `let` or `var`",
        ),
        "double" | "f64" | "f32" => (
            None,
            "numbers with a fraction have the type `Float`, and a value is defined with `let` or `var`",
        ),
        "string" | "char" | "str" => (
            None,
            "texts have the type `Text`, and a value is defined with `let` or `var`",
        ),
        "bool" | "boolean" => (
            None,
            "truth values have the type `Bool`, and a value is defined with `let` or `var`",
        ),
        _ => return None,
    })
}

/// `word` is known to [`instead`]; `certain` when what follows it is right after a replacement.
pub fn foreign(span: Span, word: &str, certain: bool) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("`{word}` is not a keyword of this language"),
        span,
        "a word of another language",
    );
    match instead(word) {
        None => d,
        Some((Some(replacement), why)) if certain => {
            d.note(why)
                .fix(format!("write `{replacement}`"), span, replacement)
        }
        Some((_, why)) => d.help(why),
    }
}
