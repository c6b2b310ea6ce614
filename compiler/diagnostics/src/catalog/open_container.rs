//! G0613: a type in a container that is left open.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0613");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a type in a container that is left open",
    explanation: "Messages are checked where they are sent, so the parameters of containers and handlers have written types without type variables, and each member has one type that the container itself tells.",
    failing: "container Box() {\n  var held: List[Int] = []\n  on Put(item) { held ≔ [..held, item] }\n  on Count() → Int { list.length(held) }\n}\n\nfn main() {\n  let box = ⊞ Box()\n  box ⇒ Put(1)\n  print(box ⇔ Count())\n}\n",
    fixed: "container Box() {\n  var held: List[Int] = []\n  on Put(item: Int) { held ≔ [..held, item] }\n  on Count() → Int { list.length(held) }\n}\n\nfn main() {\n  let box = ⊞ Box()\n  box ⇒ Put(1)\n  print(box ⇔ Count())\n}\n",
};

/// A type variable.
pub fn variable(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "the types of a container must be closed", span, format!("`{name}` stands for any type"))
        .note("a container has one kind of state and messages, whoever uses it")
        .help("write the type that is meant, such as `Int`")
}

/// A parameter without a whole type.
pub fn untyped(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` needs a type"), span, "its type is not written")
        .note("what is sent to a container is checked against the types in its handlers")
        .help(format!("write it: `{name}: Int`, for example"))
}

/// A member whose type nothing tells; `ty` is what is known of it.
pub fn member(name: &str, span: Span, ty: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("the type of `{name}` is not known"), span, format!("so far this is `{ty}`"))
        .note("nothing in the container tells the rest")
        .help(format!("write it: `{name}: …`"))
}
