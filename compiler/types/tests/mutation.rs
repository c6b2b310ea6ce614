//! Programs with one token removed, doubled or swapped: never a panic, and what checks without an error
//! keeps the promises of the typed tree.

mod common;

/// A small generator, so that each run tries the same.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n.max(1)
    }
}

const PROGRAMS: [&str; 4] = [
    include_str!("programs/expressions.glyph"),
    include_str!("programs/collections.glyph"),
    include_str!("programs/generics.glyph"),
    include_str!("programs/containers.glyph"),
];

fn mutate(text: &str, random: &mut Random) -> String {
    let tokens = codex_syntax::tokens(codex_diagnostics::FileId(0), text);
    let spans: Vec<(usize, usize)> = tokens.iter().map(|t| (t.span.start as usize, t.span.end as usize)).collect();
    let pick = |random: &mut Random| spans[random.below(spans.len())];
    let (start, end) = pick(random);
    let other = pick(random);
    let mut out = text.to_owned();
    match random.below(3) {
        0 => out.replace_range(start..end, ""),
        1 => out.insert_str(end, &format!(" {}", &text[start..end])),
        _ => out.replace_range(start..end, &text[other.0..other.1]),
    }
    out
}

#[test]
fn mutated_programs_never_panic_and_stay_sound() {
    let rounds = std::env::var("MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let mut random = Random(7);
    for program in PROGRAMS {
        let run = common::run(program);
        assert!(run.lines().is_empty(), "{:#?}", run.lines());
        for _ in 0..rounds {
            let text = mutate(program, &mut random);
            if std::env::var("SHOW").is_ok() {
                println!("{text}");
            }
            let run = common::run(&text);
            if run.errors().is_empty() {
                let unsound = common::verify::verify(&run.checked.program);
                assert!(unsound.is_empty(), "{text}\n{unsound:#?}");
            }
            for d in &run.checked.diagnostics {
                let source = run.sources.get(d.primary.span.file).expect("a file of the map");
                let (start, end) = (d.primary.span.start as usize, d.primary.span.end as usize);
                assert!(source.text.get(start..end).is_some(), "{}\n{text}", run.line(d));
                assert!(!source.name.starts_with("list"), "blames the library: {}\n{text}", run.line(d));
            }
        }
    }
}
