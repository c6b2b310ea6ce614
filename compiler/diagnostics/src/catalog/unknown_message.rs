//! G0602: a container has no such message.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0602");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a container has no such message",
    explanation: "A container understands the messages it has handlers for (`on Add(k: Int) { … }`), and nothing else. This is known when the program is compiled.",
    failing: "container Counter(start: Int) {\n  var n = start\n  on Add(k: Int) { n += k }\n  on Get() → Int { n }\n}\n\nfn main() {\n  let c = ⊞ Counter(0)\n  c ⇒ Ad(5)\n  c ⇒ Add(5)\n  print(c ⇔ Get())\n}\n",
    fixed: "container Counter(start: Int) {\n  var n = start\n  on Add(k: Int) { n += k }\n  on Get() → Int { n }\n}\n\nfn main() {\n  let c = ⊞ Counter(0)\n  c ⇒ Add(5)\n  print(c ⇔ Get())\n}\n",
};

/// `near` are similar names of messages, `known` all messages with their parameters.
pub fn unknown(container: &str, name: &str, span: Span, near: &[String], known: &[String]) -> Diagnostic {
    let d = Diagnostic::error(CODE, format!("`{container}` has no message `{name}`"), span, "there is no handler for this");
    let d = match known {
        [] => d.note(format!("`{container}` understands no messages")),
        known => d.note(format!("`{container}` understands {}", super::listed(known))),
    };
    match near {
        [one] => d.fix(format!("there is a message with a similar name: `{one}`"), span, one.clone()),
        _ => d,
    }
}
