//! `codexvm profile`: the same in every tier, and right about programs whose fuel is known.

use codex_tests::Place;

/// Fuel: 3,000,000 in line 4, 1,000,000 in line 9 for `main` and 1,000,000 for `Worker.Do` in pieces of 1000, some 250,000 calls of `fib`.
const PROGRAM: &str = "
fn heavy(n: Int) → Int {
  var s = 0
  for i ∈ 0..n { s += i % 7 }
  s
}
fn light(n: Int) → Int {
  var s = 0
  for i ∈ 0..n { s += i % 5 }
  s
}
fn fib(n: Int) → Int = if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
container Worker() { on Do(n: Int) → Int { light(n) } }
fn main() {
  var t = 0
  for _ ∈ 0..100 { t += heavy(30000) + light(10000) }
  let w = ⊞ Worker()
  for _ ∈ 0..1000 { t += w ⇔ Do(1000) }
  print(t + fib(25))
}
";

/// The share of a row whose name ends so, in percent: the first column of the table.
fn own(report: &str, name: &str) -> f64 {
    let row = report.lines().find(|l| l.ends_with(name)).unwrap_or_else(|| panic!("no {name} in {report}"));
    row.trim().split('%').next().and_then(|n| n.parse().ok()).expect("a share")
}

#[test]
fn a_profile_is_right_and_alike_in_every_tier() {
    let place = Place::new();
    std::fs::write(place.path("work.glyph"), PROGRAM).expect("a file");
    place.build(&place.path("work.glyph"));
    let profile = |jit: &str| {
        let done = place.done(["profile", jit, "--every=5000", "--folded=f", "--svg=g.svg", "program.codex"]);
        assert_eq!(String::from_utf8_lossy(&done.stdout), "13074525\n", "the program does what it does");
        (String::from_utf8(done.stderr).expect("text"), std::fs::read_to_string(place.path("f")).expect("a file"))
    };
    let (report, folded) = profile("--jit=off");
    assert_eq!(profile("--jit=on").0, report);
    assert_eq!(profile("--jit=eager").1, folded);
    let samples: u64 = report.split(' ').next().and_then(|n| n.parse().ok()).expect("a number");
    let counted: u64 =
        folded.lines().map(|l| l.rsplit(' ').next().and_then(|n| n.parse::<u64>().ok()).expect("a count")).sum();
    assert_eq!(samples, counted);
    assert!((900..1200).contains(&samples), "{samples} samples of 5.25 million fuel");
    for (name, share) in [(":4 main", 57.1), (":9 main", 19.0), ("Worker.Do", 19.0), ("  fib", 4.7)] {
        // Five standard deviations of about a thousand samples.
        assert!((own(&report, name) - share).abs() < 8.0, "{name}: {share} % were expected in {report}");
    }
    assert!(folded.lines().any(|l| l.starts_with("main;fib;fib;fib;")), "calls stand in each other: {folded}");
    let svg = std::fs::read_to_string(place.path("g.svg")).expect("a file");
    assert!(svg.starts_with("<?xml") && svg.contains("Worker.Do"));
}

#[test]
fn a_program_without_samples_says_so() {
    let place = Place::new();
    std::fs::write(place.path("work.glyph"), "fn main() { print(1) }\n").expect("a file");
    place.build(&place.path("work.glyph"));
    let said = place.done(["profile", "program.codex"]).stderr;
    assert!(String::from_utf8_lossy(&said).starts_with("no samples: "), "{}", String::from_utf8_lossy(&said));
}
