//! G0612: a `Reply` at the wrong place.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0612");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a `Reply` at the wrong place",
    explanation: "A handler that answers later has a last parameter of type `Reply[a]`, and no result: who asks gets what somebody gives to `container.answer(reply, value)`. To pass on a reply that somebody else waits for, put it into a record, tuple or list.",
    failing: "container Desk() {\n  var waiting: List[Reply[Int]] = []\n  on Take(reply: Reply[Int], k: Int) {\n    if k > 0 { waiting ≔ [..waiting, reply] }\n  }\n}\n\nfn main() {\n  let _ = ⊞ Desk()\n}\n",
    fixed: "container Desk() {\n  var waiting: List[Reply[Int]] = []\n  on Take(k: Int, reply: Reply[Int]) {\n    if k > 0 { waiting ≔ [..waiting, reply] }\n  }\n}\n\nfn main() {\n  let desk = ⊞ Desk()\n  print(container.ask_within(time.seconds(1), desk ⇔ Take(1)))\n}\n",
};

/// It is not the last parameter, which is `last`.
pub fn not_last(span: Span, last: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a `Reply` must be the last parameter", span, "not the last one")
        .label(last, "this is the last one")
        .help("to pass on the reply of another ask, put it into a record, a tuple or a list")
}

/// The handler has a result too.
pub fn with_result(span: Span, result: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a handler either has a result or answers later", span, "with this it answers later")
        .label(result, "and here it has a result")
        .help("leave out one of them")
}
