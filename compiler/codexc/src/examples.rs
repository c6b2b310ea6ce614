//! Documentation examples as tests: each ```` ```glyph ```` block of a doc comment is the body of a
//! test in the documented module, so an example that does not compile or hold fails.
//!
//! Keeps true: a place in an example is shown with the file, line and column at which it is written.

use codex_diagnostics::{Diagnostic, FileId, SourceMap};
use codex_syntax::ast::{Doc, Item, ItemKind, Module};

/// Adds a test for each example in `module` (called `name`, from `file`) to the module itself.
///
/// Gives the diagnostics of examples that do not parse.
pub fn add_tests(name: &str, file: FileId, module: &mut Module, sources: &mut SourceMap) -> Vec<Diagnostic> {
    let mut documented: Vec<(String, Doc)> = Vec::new();
    if let Some(doc) = &module.doc {
        documented.push((name.to_owned(), doc.clone()));
    }
    for item in &module.items {
        if let (Some(doc), Some(title)) = (&item.doc, title(name, item)) {
            documented.push((title, doc.clone()));
        }
    }
    let Some(source) = sources.get(file).cloned() else { return Vec::new() };
    let mut diagnostics = Vec::new();
    for (title, doc) in documented {
        let (start, end) = (doc.span.start as usize, doc.span.end as usize);
        let before = source.text[..start].matches('\n').count() as u32;
        for (i, example) in examples(&source.text[start..end]).into_iter().enumerate() {
            let label = if i == 0 { format!("{title} (example)") } else { format!("{title} (example {})", i + 1) };
            let text = format!("test \"{label}\" {{\n{}}}\n", example.body);
            let part = sources.add_part(source.name.clone(), text.clone(), before + example.fence);
            let parsed = codex_syntax::parse(part, &text);
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

/// What stands between ```` ```glyph ```` and ```` ``` ```` in a comment.
#[derive(Debug, PartialEq)]
struct Example {
    /// Lines of the comment before that with the opening fence.
    fence: u32,
    /// Its lines, with spaces for the comment's marks, so that columns stay what they are.
    body: String,
}

fn examples(comment: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut open: Option<Example> = None;
    for (number, line) in comment.lines().enumerate() {
        let text = line.trim_start().trim_start_matches('/');
        match (&mut open, text.trim()) {
            (None, "```glyph") => open = Some(Example { fence: number as u32, body: String::new() }),
            (Some(_), "```") => found.extend(open.take()),
            (Some(example), _) => {
                let marks = line.chars().count() - text.chars().count();
                example.body.push_str(&" ".repeat(marks));
                example.body.push_str(text);
                example.body.push('\n');
            }
            (None, _) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_glyph_blocks_are_examples() {
        let comment = "/// Text.\n/// ```glyph\n/// expect 1 ≡ 1\n/// ```\n/// ```\n/// not this\n/// ```\n  /// ```glyph\n  /// a\n  /// b\n  /// ```\n/// ```glyph\n/// open";
        let found = [(1, "    expect 1 ≡ 1\n"), (7, "      a\n      b\n")];
        assert_eq!(examples(comment), found.map(|(fence, body)| Example { fence, body: body.to_owned() }));
    }
}
