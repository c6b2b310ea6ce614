//! G0605: an event sent as a message.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0605");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an event sent as a message",
    explanation: "The machine itself calls `started`, `resumed`, `collapsed` and `stopping` when something happens to a container. Nobody can send them.",
    failing: "container Counter() {\n  on started() { print(\"here\") }\n}\n\nfn main() {\n  let c = ⊞ Counter()\n  c ⇒ started()\n}\n",
    fixed: "container Counter() {\n  on started() { print(\"here\") }\n}\n\nfn main() {\n  let _ = ⊞ Counter()\n}\n",
};

/// The event.
pub fn sent(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` cannot be sent"), span, "the machine calls this by itself")
        .help("to end a container there is `container.stop(link)`; for all else, send a message of your own")
}
