//! G0603: a message to what is no container.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0603");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a message to what is no container",
    explanation: "A message goes to the link that `⊞` gives, or that somebody passed on. The link's type says which messages the container understands, so it must be known where the message is sent.",
    failing: "fn main() {\n  let c = 5\n  c ⇒ Add(5)\n}\n",
    fixed: "container Counter(start: Int) {\n  var n = start\n  on Add(k: Int) { n += k }\n  on Get() → Int { n }\n}\n\nfn main() {\n  let c = ⊞ Counter(0)\n  c ⇒ Add(5)\n  print(c ⇔ Get())\n}\n",
};

/// `ty` is what stands before the sign.
pub fn other(span: Span, sign: &str, ty: &str) -> Diagnostic {
    let what = super::article(ty);
    Diagnostic::error(CODE, "this is not a link to a container", span, format!("this is {what}"))
        .note(format!("before `{sign}` stands the link of the container that gets the message"))
}

/// A `Link`, whose container may be of any kind.
pub fn of_any_kind(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a `Link` does not say which messages its container understands", span, "this is a `Link`")
        .note("a message is checked against the handlers of the container that it goes to")
        .help("keep the link with its own type, such as `Counter`, where messages are sent")
}

/// Nothing tells the type.
pub fn unknown(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "it is not known which container this is", span, "the type of this is not known here")
        .note("a message is checked against the handlers of the container that it goes to")
        .help("write the type of the parameter, such as `(c: Counter)`")
}
