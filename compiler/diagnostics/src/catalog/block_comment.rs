//! G0110: `/* … */`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0110");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a comment in `/* … */`",
    explanation: "A comment begins with `//` and ends at the end of its line. There are no comments in `/* … */`: they cannot\n\
                  be put around code that has one itself.",
    failing: "/* adds */\nfn add(a: Int, b: Int) → Int = a + b\n",
    fixed: "// adds\nfn add(a: Int, b: Int) → Int = a + b\n",
};

/// `written` is the whole comment.
pub fn block_comment(span: Span, written: &str) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        "comments begin with `//`",
        Span {
            end: span.start + 2,
            ..span
        },
        "this comment has another form",
    );
    let inner = written.trim_start_matches("/*").trim_end_matches("*/");
    let lines: Vec<String> = inner
        .trim()
        .lines()
        .map(|l| {
            format!("// {}", l.trim().trim_start_matches('*').trim())
                .trim_end()
                .to_owned()
        })
        .collect();
    // Only a comment at the end of a line can be rewritten without a look at what follows.
    match lines.as_slice() {
        _ if !written.ends_with("*/") => d.help("put `//` before each line"),
        _ => d.fix(
            "write it with `//`",
            span,
            format!("{}\n", lines.join("\n"))
                .trim_end_matches('\n')
                .to_owned(),
        ),
    }
}
