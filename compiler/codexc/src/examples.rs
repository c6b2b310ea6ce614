//! Documentation examples as tests: each ```` ```glyph ```` block of a doc comment is the body of a
//! test in the documented module, so an example that does not compile or hold fails.

use codex_diagnostics::{Diagnostic, SourceMap};
use codex_syntax::ast::{Doc, Item, ItemKind, Module};

/// Adds a test for each example in `module` (called `name`) to the module itself.
///
/// Gives the diagnostics of examples that do not parse.
pub fn add_tests(name: &str, module: &mut Module, sources: &mut SourceMap) -> Vec<Diagnostic> {
    let mut documented: Vec<(String, Doc)> = Vec::new();
    if let Some(doc) = &module.doc {
        documented.push((name.to_owned(), doc.clone()));
    }
    for item in &module.items {
        if let (Some(doc), Some(title)) = (&item.doc, title(name, item)) {
            documented.push((title, doc.clone()));
        }
    }
    let mut diagnostics = Vec::new();
    for (title, doc) in documented {
        for (i, body) in blocks(&doc.text).into_iter().enumerate() {
            let label = if i == 0 { format!("{title} (example)") } else { format!("{title} (example {})", i + 1) };
            let text = format!("test \"{label}\" {{\n{body}}}\n");
            let file = sources.add(format!("example of {title}"), text.clone());
            let parsed = codex_syntax::parse(file, &text);
            diagnostics.extend(parsed.diagnostics);
            module.items.extend(parsed.module.items);
        }
    }
    diagnostics
}

fn title(module: &str, item: &Item) -> Option<String> {
    let name = match &item.kind {
        ItemKind::Function(f) => f.name.name.as_str(),
        ItemKind::Type(t) => t.name.name.as_str(),
        ItemKind::Const(c) => c.name.name.as_str(),
        ItemKind::Container(c) => c.name.name.as_str(),
        _ => return None,
    };
    Some(format!("{module}.{name}"))
}

/// The texts between ```` ```glyph ```` and ```` ``` ````.
fn blocks(doc: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<String> = None;
    for line in doc.lines() {
        let marker = line.trim();
        match &mut open {
            None if marker == "```glyph" => open = Some(String::new()),
            Some(_) if marker == "```" => found.extend(open.take()),
            Some(body) => {
                body.push_str(line);
                body.push('\n');
            }
            None => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_glyph_blocks_are_examples() {
        let doc = "Text.\n```glyph\nexpect 1 ≡ 1\n```\n```\nnot this\n```\n```glyph\na\nb\n```\n```glyph\nopen";
        assert_eq!(blocks(doc), ["expect 1 ≡ 1\n", "a\nb\n"]);
    }
}
