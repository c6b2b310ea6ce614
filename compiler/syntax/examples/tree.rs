//! Prints the tree and the diagnostics of a file: `cargo run --example tree FILE`.

use codex_diagnostics::{SourceMap, Style, render};

fn main() {
    let Some(path) = std::env::args().nth(1) else {
        return eprintln!("usage: tree FILE");
    };
    let bytes = std::fs::read(&path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut sources = SourceMap::default();
    let file = sources.add(path, text.clone());
    let parsed = codex_syntax::parse(file, &text);
    if parsed.diagnostics.is_empty() {
        println!("{:#?}", parsed.module);
    }
    print!("{}", render(&parsed.diagnostics, &sources, Style::default()));
    for d in &parsed.diagnostics {
        println!(
            "  notes {:?} helps {:?} fixes {:?}",
            d.notes,
            d.helps,
            d.fixes.iter().map(|f| &f.text).collect::<Vec<_>>()
        );
    }
}
