//! Prints the program of a seed, and what the differential test says about it: `cargo run -p codex-fuzz --example program 42`.
//! With a second number, all seeds up to it are tried and only findings are told, made smaller.

use codex_fuzz::differential::{Finding, Verdict, compare};
use codex_fuzz::{Random, program, shrink};

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|a| a.parse::<u64>().ok());
    let first = numbers.next().unwrap_or(0);
    let Some(last) = numbers.next() else {
        let text = program::generate(Random::new(first));
        println!("{text}");
        match compare(&text) {
            Ok(verdict) => println!("{verdict:#?}"),
            Err(finding) => println!("{finding}"),
        }
        return;
    };
    std::panic::set_hook(Box::new(|_| {}));
    let (mut large, mut traps) = (0, 0);
    for seed in first..last {
        let text = program::generate(Random::new(seed));
        match compare(&text) {
            Ok(Verdict::TooLarge) => large += 1,
            Ok(Verdict::Agreed(seen)) => traps += u64::from(seen.trap.is_some()),
            // Leaving lines out of a program gives other mistakes of the same kind.
            Err(finding @ Finding::Rejected(_)) => println!("── seed {seed}: {finding}"),
            Err(finding) => {
                let kind = finding.kind();
                let small = shrink::shrink(&text, 600, |t| compare(t).is_err_and(|f| f.kind() == kind));
                let finding = compare(&small).err().map_or_else(String::new, |f| f.to_string());
                println!("── seed {seed}: {finding}\n{small}");
            }
        }
    }
    println!("{} programs, {large} too large, {traps} ended with a trap", last - first);
}
