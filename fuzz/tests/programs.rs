//! Random programs: what they contain, that all ways to run them agree, and that seeded bugs are seen.
//!
//! `CODEX_FUZZ_PROGRAMS=N` tries N programs, `CODEX_FUZZ_SEED=S` begins at seed S. A finding is made smaller and printed with its seed;
//! `cargo run -p codex-fuzz --example program SEED` runs one again.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use codex_fuzz::differential::{Finding, Verdict, compare, compare_with};
use codex_fuzz::sabotage::Sabotage;
use codex_fuzz::shrink::shrink;
use codex_fuzz::{Random, constructs, number_from, program};

#[test]
fn every_construct_occurs() {
    let programs = 300;
    let mut counts: BTreeMap<&str, usize> = constructs::ALL.iter().map(|&name| (name, 0)).collect();
    for seed in 0..programs {
        let text = program::generate(Random::new(seed));
        let parsed = codex_syntax::parse(codex_diagnostics::FileId(0), &text);
        assert!(parsed.diagnostics.is_empty(), "seed {seed}: {:?}", parsed.diagnostics);
        constructs::of(&parsed.module).into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
    }
    println!("Of {programs} programs, so many contain:");
    counts.iter().for_each(|(name, n)| println!("| {name} | {n} |"));
    let missing: Vec<_> = counts.iter().filter(|(_, n)| **n == 0).collect();
    assert!(missing.is_empty(), "no program has {missing:?}");
}

/// What became of many programs.
#[derive(Default)]
struct Tally {
    agreed: usize,
    too_large: usize,
    traps: BTreeMap<String, usize>,
    findings: Vec<String>,
}

/// Tries one seed.
fn tried(seed: u64, tally: &Mutex<Tally>) {
    let text = program::generate(Random::new(seed));
    let verdict = compare(&text);
    let found = verdict.as_ref().err().map(|finding| told(seed, &text, finding));
    let mut tally = tally.lock().unwrap_or_else(|p| p.into_inner());
    match verdict {
        Ok(Verdict::TooLarge) => tally.too_large += 1,
        Ok(Verdict::Agreed(seen)) => {
            tally.agreed += 1;
            seen.trap.into_iter().for_each(|code| *tally.traps.entry(code).or_default() += 1);
        }
        Err(_) => tally.findings.extend(found),
    }
}

/// A finding, with the smallest program that shows it.
fn told(seed: u64, text: &str, finding: &Finding) -> String {
    if matches!(finding, Finding::Rejected(_)) {
        return format!("── seed {seed}: {finding}\n{text}");
    }
    let kind = finding.kind();
    let small = shrink(text, 500, |t| compare(t).is_err_and(|f| f.kind() == kind));
    let finding = compare(&small).err().map_or_else(|| finding.to_string(), |f| f.to_string());
    format!("── seed {seed}: {finding}\n{small}")
}

#[test]
fn all_ways_to_run_a_program_agree() {
    let (first, count) = (number_from("CODEX_FUZZ_SEED", 0), number_from("CODEX_FUZZ_PROGRAMS", 200));
    let tally = Mutex::new(Tally::default());
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let seed = next.fetch_add(1, Ordering::Relaxed)
                    && seed < first + count
                {
                    tried(seed, &tally);
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap_or_else(|p| p.into_inner());
    println!("{} agree, {} are too large; traps: {:?}", tally.agreed, tally.too_large, tally.traps);
    assert!(tally.findings.is_empty(), "{} findings:\n{}", tally.findings.len(), tally.findings.join("\n"));
    assert!(tally.too_large as u64 * 20 <= count, "{} of {count} are too large to compare", tally.too_large);
    assert!(tally.traps.len() > 3, "programs trap in only these ways: {:?}", tally.traps);
}

#[test]
fn every_seeded_bug_is_caught() {
    for &bug in Sabotage::ALL {
        let caught = (0..150).find_map(|seed| {
            let text = program::generate(Random::new(seed));
            compare_with(&text, Some(bug)).err().map(|finding| (seed, finding.kind()))
        });
        println!("{bug:?}: {caught:?}");
        assert!(caught.is_some(), "nobody saw {bug:?} in 150 programs");
    }
}
