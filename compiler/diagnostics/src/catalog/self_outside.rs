//! G0609: `self` where there is none.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0609");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "`self` where there is none",
    explanation: "`self` is the link of the container whose handler it stands in. In a function there is none: the function may be called from anywhere. `container.me()` gives the link of whoever runs it.",
    failing: "fn main() {\n  print(self)\n}\n",
    fixed: "fn main() {\n  print(container.me() ≡ container.me())\n}\n",
};

/// `within`: in a function of a container.
pub fn outside(span: Span, within: bool) -> Diagnostic {
    let d = Diagnostic::error(CODE, "there is no `self` here", span, "only the handlers of a container have one");
    match within {
        true => d.help("pass it to the function as an argument: `self`"),
        false => d.help("`container.me()` gives the link of the container that runs this, as a `Link`"),
    }
}
