//! The command `codexvm`, as a process.

mod common;

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// Assembles a program into a file of its own.
fn module(name: &str, source: &str) -> PathBuf {
    let module = codex_spec::text::assemble(source).unwrap_or_else(|e| panic!("{e}"));
    let path = directory().join(name).with_extension("codex");
    std::fs::write(&path, codex_spec::codec::encode(&module)).unwrap();
    path
}

fn directory() -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("command");
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn codexvm(arguments: &[&str], stdin: &str) -> Output {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_codexvm"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const ECHO: &str = include_str!("programs/requests.asm");

#[test]
fn it_runs_a_module_with_its_input() {
    let path = module("echo", ECHO);
    let out = codexvm(&["run", path.to_str().unwrap()], "first\nsecond\r\nlast");
    assert_eq!(text(&out.stdout), "1: first\n2: second\n3: last\nconsole");
    assert_eq!((out.status.code(), text(&out.stderr)), (Some(0), String::new()));
    assert_eq!(codexvm(&["verify", path.to_str().unwrap()], "").status.code(), Some(0));
}

#[test]
fn a_world_goes_on_in_another_process() {
    let path = module("lists", include_str!("programs/lists.asm"));
    let path = path.to_str().unwrap();
    let run = ["run", path, "--quantum", "5", "--seed", "1", "--hash"];
    let whole = codexvm(&run, "");
    for tick in ["1", "20", "70"] {
        let file = directory().join(format!("lists-{tick}.dump"));
        let file = file.to_str().unwrap();
        let first = codexvm(&["run", path, "--quantum", "5", "--seed", "1", "--dump-at", tick, "--dump-to", file], "");
        let second = codexvm(&["load", file, "--hash"], "");
        assert_eq!(text(&first.stdout) + &text(&second.stdout), text(&whole.stdout), "tick {tick}");
    }
    let copied = codexvm(&[&run[..], &["--every-point"]].concat(), "");
    assert_eq!(copied.stdout, whole.stdout);
}

#[test]
fn exit_codes_and_messages() {
    let ends = |name: &str, code: &str| {
        let source = format!("type t0 text type t1 bytes entry f0 function f0 () i64 {{ registers i64 b0: {code} }}");
        let out = codexvm(&["run", module(name, &source).to_str().unwrap()], "");
        (out.status.code(), text(&out.stderr))
    };
    assert_eq!(ends("exit", "const r0, 7 exit r0"), (Some(7), String::new()));
    let collapse = "error[R0012]: this part of the program is not written yet\n  at function 0\n";
    assert_eq!(ends("todo", "trap 12"), (Some(1), collapse.to_owned()));
    assert_eq!(codexvm(&["run"], "").status.code(), Some(2));
    let broken = directory().join("broken.codex");
    std::fs::write(&broken, "no module").unwrap();
    assert_eq!(codexvm(&["run", broken.to_str().unwrap()], "").status.code(), Some(3));
    assert_eq!(codexvm(&["run", "/nowhere/at/all.codex"], "").status.code(), Some(3));
    assert!(text(&codexvm(&["--version"], "").stdout).contains("semantics"));
    assert!(text(&codexvm(&["completions", "bash"], "").stdout).contains("codexvm"));
}

/// Makes one request and prints status and reply.
fn asking(request: u32, argument: &str) -> String {
    format!(
        "type t0 text type t1 bytes constant c0 \"{argument}\" constant c1 \" \" entry f0
        function f0 () i64 {{
            registers i64*2 t0*4 t1*2
          b0:
            literal r6, t1, c0
            request r0, r7, {request}, r6
            bytes_to_text r1, r2, r7
            drop r7
            int_to_text r3, r0
            literal r4, t0, c1
            text_join r5, (r3, r4, r2)
            drop r2 drop r3 drop r4
            const r0, 1
            output r0, r5
            drop r5
            return r0
        }}"
    )
}

fn ask(name: &str, request: u32, argument: &str, flags: &[&str]) -> String {
    let path = module(name, &asking(request, argument));
    text(&codexvm(&[&["run", path.to_str().unwrap()], flags].concat(), "some\ninput").stdout)
}

#[test]
fn what_is_not_permitted_names_its_flag() {
    let file = directory().join("data.txt");
    std::fs::write(&file, "some data").unwrap();
    let (file, dir) = (file.to_str().unwrap(), directory());
    let allow = format!("--allow-read={}", dir.display());
    assert_eq!(ask("read", 5, file, &[]), format!("4 to read {file}, run it with {allow}"));
    assert_eq!(ask("read", 5, file, &[&allow]), "0 some data");
    assert_eq!(ask("read", 5, file, &["--allow-all"]), "0 some data");
    assert_eq!(ask("info", 7, file, &[&allow]), "0 f9");
    assert_eq!(ask("missing", 5, &format!("{file}.not"), &[&allow]), "2 ");
    assert_eq!(ask("outside", 5, "/etc/hostname", &[&allow]), "4 to read /etc/hostname, run it with --allow-read=/etc");
    assert!(ask("list", 6, dir.to_str().unwrap(), &[&allow]).contains("data.txt\0"));
    let env = "4 to read the environment variable CARGO_PKG_NAME, run it with --allow-env=CARGO_PKG_NAME";
    assert_eq!(ask("env", 4, "CARGO_PKG_NAME", &[]), env);
    assert_eq!(ask("env", 4, "CARGO_PKG_NAME", &["--allow-env=CARGO_PKG_NAME"]), "0 codex-vm");
    assert_eq!(ask("args", 3, "", &["--", "a", "b c"]), "0 a\0b c\0");
    assert_eq!(ask("all", 2, "", &[]), "0 some\ninput");
    assert_eq!(ask("terminal", 8, "", &[]), "0 \0");
}

/// A module with four tests: one that holds, one whose expectation fails, one that leaves, one that never ends.
const TESTS: &str = r#"
type t0 text type t1 bytes
constant c0 "said\n" constant c1 "expectation failed: 1 ≡ 2\n  left:  1\n  right: 2"
entry f0
test "holds" f0 test "fails here" f1 test "leaves" f2 test "stays" f3
function f0 () i64 { registers i64 b0: const r0, 0 return r0 }
function f1 () i64 { registers i64 t0 b0: const r0, 1 literal r1, t0, c0 output r0, r1 drop r1 literal r1, t0, c1 panic r1 }
function f2 () i64 { registers i64 b0: const r0, 5 exit r0 }
function f3 () i64 { registers i64 b0: jump b1 b1: jump b1 }
names { file "t.glyph" function "main" function "test \"fails here\"" function "test \"leaves\"" function "test \"stays\"" }
"#;

#[test]
fn tests_run_each_in_a_world_of_its_own() {
    let path = module("tests", TESTS);
    let path = path.to_str().unwrap();
    let out = codexvm(&["test", path, "--max-fuel", "1000000"], "never read");
    let expected = "\
FAIL  fails here
    expectation failed: 1 ≡ 2
      left:  1
      right: 2
    at test \"fails here\"
    it had printed:
      said

FAIL  leaves
    it ended with exit(5)

FAIL  stays
    it was stopped: it used more than 1000000 fuel

1 passed, 3 failed
";
    assert_eq!((text(&out.stdout).as_str(), text(&out.stderr).as_str()), (expected, ""));
    assert_eq!(out.status.code(), Some(1));
    let good = codexvm(&["test", path, "--filter", "hold", "--verbose"], "");
    assert_eq!((text(&good.stdout).as_str(), good.status.code()), ("ok    holds\n1 passed, 0 failed\n", Some(0)));
    assert_eq!(text(&codexvm(&["test", path, "--filter", "none"], "").stdout), "0 passed, 0 failed\n");
    assert_eq!(codexvm(&["test", "/nowhere.codex"], "").status.code(), Some(3));
}
