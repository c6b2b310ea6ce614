//! Hostile input for the real commands: a clear message with its place, the documented exit code, in bounded time and memory.
//!
//! Peak memory is what the host says about the process (Linux only; elsewhere it is not checked).

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use codex_tests::process::{peak_memory, run};

/// One hostile input, and what must come of it.
struct Case<'a> {
    name: &'a str,
    file: &'a str,
    bytes: Vec<u8>,
    /// Of the message; empty: there is nothing wrong.
    says: &'a str,
    code: i32,
    /// MiB at most.
    memory: u64,
}

fn source<'a>(name: &'a str, bytes: impl Into<Vec<u8>>, says: &'a str, code: i32, memory: u64) -> Case<'a> {
    Case { name, file: "hostile.glyph", bytes: bytes.into(), says, code, memory }
}

/// Ten million bytes, and a million brackets.
fn sources() -> Vec<Case<'static>> {
    let long = |piece: &str, bytes: usize| piece.repeat(bytes / piece.len());
    let in_main = |text: &str| format!("fn main() {{ print({text}) }}\n");
    const TEN: usize = 10_000_000;
    const MANY: usize = 1_000_000;
    vec![
        source("not UTF-8", b"fn main() {\n  print(\"a\xffb\")\n}\n".to_vec(), "G0109", 1, 50),
        source("bidirectional control", "fn main() {\n  print(\"\u{202e}\")\n}\n", "hostile.glyph:2:10", 1, 50),
        source("10 MB comment", format!("// {}\nfn main() {{ }}\n", long("x", TEN)), "", 0, 150),
        source("10 MB text", in_main(&format!("\"{}\"", long("x", TEN))), "", 0, 200),
        source("10 MB name", in_main(&long("x", TEN)), "G0301", 1, 300),
        source("10 MB number", in_main(&long("9", TEN)), "G0105", 1, 200),
        source("10 MB list", format!("fn main() {{ let x = [{}1] }}\n", long("1, ", TEN)), "", 0, 2000),
        source("10 MB of mistakes", format!("fn main() {{ {} }}\n", long("x y ", TEN)), "error", 1, 1000),
        source("10 MB of λ", long("\\", TEN), "G0204", 1, 1000),
        source("a million (", long("(", MANY), "G0204", 1, 100),
        source("a million [ in main", format!("fn main() {{ let x = {}", long("[", MANY)), "G0204", 1, 100),
        source("a million {", long("{", MANY), "G0204", 1, 100),
        source("a million texts in texts", in_main(&long("\"{", 2 * MANY)), "G0204", 1, 100),
        source("zeros", vec![0; MANY], "G0103", 1, 100),
    ]
}

/// Runs a case; its row of the table, or what is wrong.
fn tried(case: &Case<'_>, program: &str, arguments: &[&str], folder: &Path) -> Result<String, String> {
    if !case.file.is_empty() {
        std::fs::write(folder.join(case.file), &case.bytes).map_err(|e| e.to_string())?;
    }
    let did = run(program, arguments, folder);
    let row =
        format!("| {} | {} B | {:?} | {:.2?} | {} MiB |", case.name, case.bytes.len(), did.code, did.took, did.peak);
    let wrong = if did.code != Some(case.code) {
        "another exit code"
    } else if !did.errors.to_lowercase().contains(&case.says.to_lowercase()) {
        "another message"
    } else if did.errors.len() > 100_000 || did.errors.contains("panicked") {
        "too long or a panic"
    } else if did.peak > case.memory {
        "too much memory"
    } else if did.took > Duration::from_secs(60) {
        "too slow"
    } else {
        return Ok(row);
    };
    let shown: String = did.errors.chars().take(2000).collect();
    Err(format!("{row} {wrong}:\n{shown}"))
}

fn all(cases: &[Case<'_>], program: &str, arguments: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut wrong = String::new();
    for case in cases {
        match tried(case, program, arguments, folder.path()) {
            Ok(row) => println!("{row}"),
            Err(why) => _ = writeln!(wrong, "{why}"),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn sources_are_refused_or_checked() {
    all(&sources(), "codexc", &["check", "hostile.glyph"]);
}

#[test]
fn modules_that_import_each_other_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path: PathBuf = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    file("codex.toml", "name = \"cycle\"\n");
    file("src/main.glyph", "import a\nfn main() { print(a.x()) }\n");
    file("src/a.glyph", "import b\npub fn x() → Int = b.y()\n");
    file("src/b.glyph", "import a\npub fn y() → Int = a.x()\n");
    let case = Case { name: "import cycle", file: "", bytes: vec![], says: "G0308", code: 1, memory: 50 };
    let row = tried(&case, "codexc", &["check", "."], folder.path()).unwrap_or_else(|why| panic!("{why}"));
    println!("{row}");
}

/// What has no end is not read to its end.
#[cfg(target_os = "linux")]
#[test]
fn endless_files_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let nothing = |name, says, code, memory| Case { name, file: "", bytes: vec![], says, code, memory };
    let module = nothing("endless module", "/dev/zero", 3, 700);
    println!(
        "{}",
        tried(&module, "codexvm", &["verify", "/dev/zero"], folder.path()).unwrap_or_else(|e| panic!("{e}"))
    );
    let source = nothing("endless source", "G000", 3, 2500);
    println!("{}", tried(&source, "codexc", &["check", "/dev/zero"], folder.path()).unwrap_or_else(|e| panic!("{e}")));
}

/// A stored module of a program that does a little of everything.
fn stored() -> Vec<u8> {
    let text = std::fs::read_to_string(codex_tests::root().join("examples/calculator/main.glyph")).expect("a program");
    let outcome = codexc::driver::build_text("calculator.glyph", &text, &codexc::driver::Options::default());
    codex_spec::codec::encode(&outcome.module.expect("it compiles"))
}

/// Four billion, as a count is stored.
const FOUR_BILLION: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0x0f];

#[test]
fn modules_are_refused() {
    let good = stored();
    let module = |name, bytes: Vec<u8>, says| Case { name, file: "hostile.codex", bytes, says, code: 3, memory: 60 };
    let with = |at: usize, piece: &[u8]| [&good[..at], piece, &good[at..]].concat();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 0x10;
    let cases = [
        module("nothing", vec![], "hostile.codex"),
        module("a source", b"fn main() { }".to_vec(), "not a .codex module"),
        module("half of a module", good[..good.len() / 2].to_vec(), "byte"),
        module("a module and more", with(good.len(), b"more"), "byte"),
        module("a count of four billion types", [&good[..12], &FOUR_BILLION].concat(), "byte"),
        module("a section of four billion bytes", [&good[..11], &FOUR_BILLION].concat(), "byte"),
        module("a bit flipped", flipped, "hostile.codex"),
        module(
            "noise",
            (0..100_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect(),
            "not a .codex module",
        ),
    ];
    all(&cases, "codexvm", &["run", "hostile.codex"]);
}

/// Every byte of a module replaced by a count of four billion, and every beginning of it: refused, without
/// asking for memory that is not there.
#[test]
fn no_count_is_believed() {
    let good = stored();
    let (mut tried, mut refused) = (0, 0);
    let begun = Instant::now();
    for at in (0..good.len()).step_by(5) {
        let mut bytes = good.clone();
        bytes.splice(at..=at, FOUR_BILLION);
        tried += 1;
        refused += usize::from(codex_spec::verify::load(&bytes).is_err());
        assert!(codex_spec::verify::load(&good[..at]).is_err(), "the first {at} bytes are a module");
    }
    assert!(refused * 100 > tried * 95, "only {refused} of {tried} are refused");
    println!("{tried} changed modules, {refused} refused, in {:.1?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(120));
    let own = peak_memory(std::process::id());
    assert!(own < 2000, "{own} MiB");
}
