//! Diagnostics for tools: one JSON object a line.
//!
//! ```json
//! {"code":"G0401","severity":"error","headline":"…",
//!  "primary":{"text":"…","file":"shop.glyph","start":{"byte":12,"line":1,"column":13},"end":{…}},
//!  "secondary":[…],"notes":["…"],"helps":["…"],
//!  "fixes":[{"text":"…","edits":[{"file":"…","start":{…},"end":{…},"text":"…"}]}]}
//! ```
//! `byte` counts from 0; `line` and `column` from 1, the column in characters.

use serde_json::{Value, json};

use crate::{Diagnostic, Label, Severity, SourceMap, Span};

/// One diagnostic as one line of JSON, without the line's end.
pub fn to_json(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let fixes = diagnostic.fixes.iter().map(|fix| {
        let edits = fix.edits.iter().map(|e| place(e.span, &e.text, sources)).collect::<Vec<_>>();
        json!({ "text": fix.text, "edits": edits })
    });
    json!({
        "code": diagnostic.code.0,
        "severity": severity,
        "headline": diagnostic.headline,
        "primary": label(&diagnostic.primary, sources),
        "secondary": diagnostic.secondary.iter().map(|l| label(l, sources)).collect::<Vec<_>>(),
        "notes": diagnostic.notes,
        "helps": diagnostic.helps,
        "fixes": fixes.collect::<Vec<_>>(),
    })
    .to_string()
}

fn label(label: &Label, sources: &SourceMap) -> Value {
    place(label.span, &label.text, sources)
}

fn place(span: Span, text: &str, sources: &SourceMap) -> Value {
    let position = |byte: u32| {
        let (line, column) = sources.line_column(span.file, byte);
        json!({ "byte": byte, "line": line, "column": column })
    };
    let file = sources.get(span.file).map_or("", |s| s.name.as_str());
    json!({ "file": file, "start": position(span.start), "end": position(span.end), "text": text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn it_is_one_line_with_all_parts() {
        let mut map = SourceMap::default();
        let file = map.add("a.glyph", "let é = 1\nx");
        let d = Diagnostic::error(Code("G0301"), "no x", Span::new(file, 11, 12), "here").fix(
            "say y",
            Span::new(file, 11, 12),
            "y",
        );
        let text = to_json(&d, &map);
        assert!(!text.contains('\n'));
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["primary"]["start"], json!({ "byte": 11, "line": 2, "column": 1 }));
        assert_eq!(value["fixes"][0]["edits"][0]["text"], "y");
    }
}
