//! G0614: an ask is wanted here.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0614");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an ask is wanted here",
    explanation: "`container.try_ask` and `container.ask_within` are forms of the language: their last argument is an ask, `c ⇔ Get()`, and they say what becomes of it when there is no reply.",
    failing: "container Counter(start: Int) {\n  var n = start\n  on Add(k: Int) { n += k }\n  on Get() → Int { n }\n}\n\nfn main() {\n  let c = ⊞ Counter(0)\n  c ⇒ Add(5)\n  let n = c ⇔ Get()\n  print(container.try_ask(n))\n}\n",
    fixed: "container Counter(start: Int) {\n  var n = start\n  on Add(k: Int) { n += k }\n  on Get() → Int { n }\n}\n\nfn main() {\n  let c = ⊞ Counter(0)\n  c ⇒ Add(5)\n  print(container.try_ask(c ⇔ Get()))\n}\n",
};

/// What stands there instead.
pub fn wanted(form: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{form}` takes an ask"), span, "this is not an ask")
        .note("it sends the message itself, so that it can give an Error when no reply comes")
        .help(format!("write the ask here: `{form}(… ⇔ …)`"))
}

/// How the two forms are written.
pub fn signature(within: bool) -> &'static str {
    if within { "container.ask_within(limit, c ⇔ M())" } else { "container.try_ask(c ⇔ M())" }
}
