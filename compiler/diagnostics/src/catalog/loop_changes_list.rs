//! G0424: a `for` whose body changes what it walks.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0424");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a `for` that changes the list it walks",
    explanation: "`for x ∈ xs` walks the list as it was at the start, so changes of `xs` in the body are not seen by the loop, and cost a copy of the list.",
    failing: "fn main() {\n  var xs = [1, 2]\n  for x ∈ xs { xs ≔ list.push(xs, x) }\n  print(xs)\n}\n",
    fixed: "fn main() {\n  let xs = [1, 2]\n  var doubled = xs\n  for x ∈ xs { doubled ≔ list.push(doubled, x) }\n  print(doubled)\n}\n",
};

/// `walked` is the list in the head of the loop.
pub fn changes(name: &str, span: Span, walked: Span) -> Diagnostic {
    Diagnostic::warning(
        CODE,
        format!("the loop does not see this change of `{name}`"),
        span,
        "changed here",
    )
    .label(walked, "walked as it was at the start")
    .help("collect changes in another `var`, or use `while` with a position")
}
