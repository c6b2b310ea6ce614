//! G0606: a handler that the machine would not call.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0606");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a handler that the machine would not call",
    explanation: "Messages have upper-case names. Lower-case handlers are called by the machine, and there are four: `on started()`, `on resumed(how: Resumption)`,\n`on collapsed(child: Link, why: Collapse)` and `on stopping()`.",
    failing: "container Boss() {\n  on collapsed(why: Collapse) { print(why.message) }\n}\n\nfn main() {\n  let _ = ⊞ Boss()\n}\n",
    fixed: "container Boss() {\n  on collapsed(_: Link, why: Collapse) { print(why.message) }\n}\n\nfn main() {\n  let _ = ⊞ Boss()\n}\n",
};

/// There is no such event.
pub fn unknown(name: &str, span: Span, near: &[String]) -> Diagnostic {
    let d = Diagnostic::error(CODE, format!("there is no event `{name}`"), span, "a lower-case handler is for an event")
        .note("the events are `started`, `resumed`, `collapsed` and `stopping`")
        .help("a message that others send begins with an upper-case letter");
    match near {
        [one] => d.fix(format!("there is an event with a similar name: `{one}`"), span, one.clone()),
        _ => d,
    }
}

/// The event has other parameters, or no result.
pub fn wrong(name: &str, span: Span, signature: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("the handler of `{name}` has the wrong form"), span, "differs from what the machine calls")
        .help(format!("write it as `{signature} {{ … }}`"))
}
