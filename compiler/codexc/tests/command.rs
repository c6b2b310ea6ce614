//! The command `codexc`, as a process: what each command prints, changes and exits with.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const GOOD: &str = "fn main() {\n  print(\"hello\")\n}\n";
const BAD: &str = "fn main() {\n  print(missing)\n}\n";

/// A folder of files, and the command in it.
struct Folder(TempDir);

/// What a command did.
struct Done {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Folder {
    fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().expect("a folder"));
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the file is there")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codexc"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        for name in ["CODEXVM", "NO_COLOR", "LC_ALL", "LANG"] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Done {
        done(self.command(arguments).output().expect("codexc starts"))
    }

    fn run_with_input(&self, arguments: &[&str], input: &str) -> Done {
        use std::io::Write;
        let mut command = self.command(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("codexc starts");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
        done(child.wait_with_output().expect("it ends"))
    }
}

fn done(output: Output) -> Done {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Done { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl Done {
    #[track_caller]
    fn code(self, code: i32) -> Done {
        assert_eq!(self.code, Some(code), "out: {}\nerr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    fn out(self, expected: &str) -> Done {
        assert_eq!(self.out, expected, "err: {}", self.err);
        self
    }

    /// Standard error has all of these in it.
    #[track_caller]
    fn err(self, parts: &[&str]) -> Done {
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in\n{}", self.err);
        }
        self
    }

    #[track_caller]
    fn quiet(self) -> Done {
        assert_eq!((self.out.as_str(), self.err.as_str()), ("", ""));
        self
    }
}

// ── build, disasm ────────────────────────────────────────────────────────────────────

#[test]
fn build_makes_a_module() {
    let folder = Folder::with(&[("a.glyph", GOOD)]);
    folder.run(&["build", "a.glyph"]).code(0).quiet();
    folder.run(&["build", "a.glyph", "-o", "b.codex"]).code(0).quiet();
    let module = |name| std::fs::read(folder.path(name)).expect("a module");
    assert!(module("a.codex") == module("b.codex"), "the same source gives the same bytes");
    let shown = folder.run(&["disasm", "a.codex"]).code(0);
    assert!(shown.out.contains("function f0"), "{}", shown.out);
    assert_eq!(folder.run(&["disasm", "a.glyph"]).code(0).out, shown.out);
    folder.run(&["build", "a.glyph", "-o", "no/such/folder/x"]).code(3).err(&["cannot be written"]);
    folder.write("junk.codex", b"junk");
    folder.run(&["disasm", "junk.codex"]).code(1).err(&["junk.codex", "not a .codex module"]);
    folder.run(&["disasm", "none.codex"]).code(3).err(&["none.codex", "cannot be read"]);
    folder.run(&["build", "a.glyph", "--timings"]).code(0).err(&["lines/s"]);
}

#[test]
fn a_program_with_errors_makes_no_module() {
    let folder = Folder::with(&[("a.glyph", BAD)]);
    folder.run(&["build", "a.glyph"]).code(1).out("").err(&["G0301", "a.glyph:2:9"]);
    assert!(!folder.path("a.codex").exists());
    let folder = Folder::with(&[("a.glyph", "fn helper() → Int = 1\n"), ("empty.glyph", "")]);
    folder.run(&["build", "a.glyph"]).code(1).err(&["G0315", "`a.glyph` has no `main`"]);
    folder.run(&["run", "empty.glyph"]).code(1).err(&["G0315", "`empty.glyph` has no `main`"]);
    folder.run(&["check", "a.glyph"]).code(0);
}

// ── check and its messages ───────────────────────────────────────────────────────────

#[test]
fn check_says_what_is_wrong_and_where() {
    let folder = Folder::with(&[("good.glyph", GOOD), ("bad.glyph", BAD)]);
    folder.run(&["check", "good.glyph"]).code(0).quiet();
    let human = folder.run(&["check", "bad.glyph"]).code(1).out("");
    let human = human.err(&["[G0301] Error", "bad.glyph:2:9", "print(missing)", "codexc explain G0301"]);
    assert!(!human.err.contains('\u{1b}'), "no colours in a pipe");
    let short = folder.run(&["check", "bad.glyph", "--message-format", "short"]).code(1);
    assert_eq!(short.err, "bad.glyph:2:9: error[G0301]: there is nothing named `missing` here\n");
    let json = folder.run(&["check", "bad.glyph", "--message-format", "json"]).code(1);
    assert_eq!((json.out.lines().count(), json.err.as_str()), (1, ""));
    for part in ["\"code\":\"G0301\"", "\"severity\":\"error\"", "\"line\":2", "\"file\":\"bad.glyph\""] {
        assert!(json.out.contains(part), "{part} in {}", json.out);
    }
}

#[test]
fn colours_are_for_terminals_and_those_who_ask() {
    let folder = Folder::with(&[("bad.glyph", BAD)]);
    folder.run(&["check", "bad.glyph", "--color", "always"]).code(1).err(&["\u{1b}["]);
    for arguments in [["--color", "never"], ["--color", "auto"]] {
        let mut command = folder.command(&["check", "bad.glyph"]);
        let plain = done(command.args(arguments).env("NO_COLOR", "1").output().expect("codexc starts")).code(1);
        assert!(!plain.err.contains('\u{1b}'), "{}", plain.err);
    }
}

#[test]
fn check_lists_permissions() {
    let reads = "fn main() {\n  print(fs.read_text(\"x\"))\n  print(console.env(\"HOME\"))\n}\n";
    let folder = Folder::with(&[("a.glyph", GOOD), ("b.glyph", reads)]);
    folder.run(&["check", "--permissions", "a.glyph"]).code(0).out("this program needs no permissions\n");
    let listed = folder.run(&["check", "--permissions", "b.glyph"]).code(0);
    assert!(listed.out.contains("--allow-read: ") && listed.out.contains("--allow-env: "), "{}", listed.out);
    folder.run(&["run", "b.glyph"]).code(1).err(&["R0011", "help: to read x, run it with --allow-read=."]);
    folder.run(&["run", "b.glyph", "--allow-read", ".", "--allow-env", "HOME"]).code(0);
    folder.run(&["run", "b.glyph", "--allow-all"]).code(0);
}

#[test]
fn what_is_no_source_is_said_in_a_line() {
    let folder = Folder::with(&[("a.glyph", GOOD), ("empty/x.txt", "")]);
    folder.write("latin.glyph", b"fn main() { print(\"caf\xe9\") }\n");
    folder.run(&["build", "a.glyph"]).code(0);
    for command in ["build", "check", "run", "test", "fmt"] {
        folder.run(&[command, "none.glyph"]).code(3).err(&["`none.glyph` cannot be read", "there is no such file"]);
        folder.run(&[command, "empty"]).code(3).err(&["`empty` is a folder without a project", "codexc new"]);
        folder.run(&[command, "a.codex"]).code(3).err(&["compiled module, not a source", "codexvm run a.codex"]);
        folder.run(&[command, "latin.glyph"]).code(1).err(&["G0109", "byte 22 (0xE9)"]);
    }
}

#[test]
fn the_command_line_is_checked() {
    let folder = Folder::with(&[("a.glyph", GOOD)]);
    for arguments in [
        &["bogus"][..],
        &["check"],
        &["check", "a.glyph", "b.glyph"],
        &["check", "a.glyph", "--nonsense"],
        &["check", "a.glyph", "--message-format", "xml"],
        &["fmt"],
        &["run", "a.glyph", "argument-without-dashes"],
        &["completions", "no-such-shell"],
    ] {
        folder.run(arguments).code(2).out("").err(&["error:"]);
    }
    folder.run(&[]).code(2).err(&["Usage"]);
    let help = folder.run(&["--help"]).code(0).out;
    for word in ["build", "check", "run", "fmt", "test", "new", "explain", "disasm", "glyphs", "Exit codes"] {
        assert!(help.contains(word), "{word} in {help}");
    }
    assert!(folder.run(&["--version"]).code(0).out.starts_with("codexc "));
}

// ── run and test ─────────────────────────────────────────────────────────────────────

#[test]
fn run_gives_the_program_its_input_and_takes_its_exit_code() {
    let echo = "fn main() {\n  print(console.args())\n  write(console.read_all())\n  console.error(\"told\")\n  \
                console.exit(7)\n}\n";
    let trap = "fn main() {\n  let n = 0\n  print(1 ÷ n)\n}\n";
    let folder = Folder::with(&[("echo.glyph", echo), ("trap.glyph", trap)]);
    let ran = folder.run_with_input(&["run", "echo.glyph", "--", "a", "b c", "--flag"], "one\ntwo\n");
    ran.code(7).out("[\"a\", \"b c\", \"--flag\"]\none\ntwo\n").err(&["told\n"]);
    folder.run(&["run", "trap.glyph"]).code(1).out("").err(&["error[R0003]", "at main (trap.glyph:3:"]);
}

#[test]
fn test_runs_tests_and_examples() {
    let text = "/// Doubles.\n/// ```glyph\n/// expect double(2) ≡ 4\n/// ```\nfn double(n: Int) → Int = n × 2\n\n\
                test \"by two\" { expect double(3) ≡ 6 }\n\ntest \"wrong\" {\n  print(\"seen\")\n  \
                expect double(1) ≡ 3\n}\n\nfn main() { print(double(1)) }\n";
    let folder = Folder::with(&[("a.glyph", text)]);
    folder.run(&["test", "a.glyph"]).code(1).out(
        "FAIL  wrong\n    expectation failed: double(1) ≡ 3\n      left:  2\n      right: 3\n    \
         at test \"wrong\" (a.glyph:11:3)\n    it had printed:\n      seen\n\n2 passed, 1 failed\n",
    );
    folder.run(&["test", "a.glyph", "--filter", "two", "-v"]).code(0).out("ok    by two\n1 passed, 0 failed\n");
    folder.run(&["test", "a.glyph", "--std", "--filter", "prelude.min"]).code(0).out("1 passed, 0 failed\n");
    let broken = Folder::with(&[("a.glyph", "/// ```glyph\n/// expect 1 +\n/// ```\nfn main() { }\n")]);
    broken.run(&["test", "a.glyph"]).code(1).err(&["a.glyph:2:"]);
}

#[test]
fn a_machine_that_is_missing_or_another_is_named() {
    let folder = Folder::with(&[("a.glyph", GOOD)]);
    let with = |machine: &str| {
        let mut command = folder.command(&["run", "a.glyph"]);
        done(command.env("CODEXVM", machine).output().expect("codexc starts"))
    };
    with("/no/such/machine").code(4).out("").err(&["/no/such/machine", "cannot be started"]);
    // Another program, with a version of its own.
    with(env!("CARGO")).code(4).out("").err(&["is of another version", "build both together"]);
}

// ── fmt ──────────────────────────────────────────────────────────────────────────────

#[test]
fn fmt_respells_and_checks() {
    let messy = "fn main(){\n  let xs=[1,2]\n  print(xs |> list.map(\\ n -> n*2)) // kept\n}\n";
    let neat = "fn main() {\n  let xs = [1, 2]\n  print(xs ▷ list.map(λ n → n × 2)) // kept\n}\n";
    let folder = Folder::with(&[("a.glyph", messy), ("bad.glyph", "fn main( {\n")]);
    folder.run(&["fmt", "--check", "a.glyph"]).code(1).err(&["a.glyph is not formatted"]);
    assert_eq!(folder.read("a.glyph"), messy);
    folder.run(&["fmt", "a.glyph"]).code(0).quiet();
    assert_eq!(folder.read("a.glyph"), neat);
    folder.run(&["fmt", "--check", "a.glyph"]).code(0).quiet();
    folder.run(&["fmt", "--ascii", "a.glyph"]).code(0).quiet();
    assert!(folder.read("a.glyph").is_ascii(), "{}", folder.read("a.glyph"));
    folder.run(&["fmt", "a.glyph"]).code(0);
    assert_eq!(folder.read("a.glyph"), neat);
    folder.run_with_input(&["fmt", "--stdin"], messy).code(0).out(neat);
    folder.run_with_input(&["fmt", "--stdin", "--check"], messy).code(1).out("");
    folder.run(&["fmt", "bad.glyph"]).code(1).err(&["bad.glyph:"]);
    assert_eq!(folder.read("bad.glyph"), "fn main( {\n");
}

/// Glyphs to ASCII and back gives every formatted source of the project byte for byte.
#[test]
fn respelling_there_and_back_changes_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let inside = |folder: &str| std::fs::read_dir(root.join(folder)).expect("a folder").flatten().map(|e| e.path());
    let sources = inside("examples").map(|p| p.join("main.glyph")).chain(inside("stdlib/glyph"));
    let folder = Folder::with(&[]);
    let mut names = Vec::new();
    for (number, file) in sources.filter(|p| p.is_file()).enumerate() {
        names.push(format!("{number}.glyph"));
        folder.write(&names[number], &std::fs::read(file).expect("a source"));
    }
    assert!(names.len() > 30, "only {} sources", names.len());
    let fmt = |flags: &[&str]| {
        let all: Vec<&str> = ["fmt"].iter().chain(flags).copied().chain(names.iter().map(String::as_str)).collect();
        folder.run(&all).code(0).quiet();
        names.iter().map(|n| folder.read(n)).collect::<Vec<_>>()
    };
    let glyphs = fmt(&[]);
    let ascii = fmt(&["--ascii"]);
    assert!(ascii != glyphs);
    assert!(fmt(&[]) == glyphs, "something changed on the way");
    assert!(fmt(&["--ascii"]) == ascii, "something changed on the way");
}

// ── new, explain, glyphs, completions ────────────────────────────────────────────────

#[test]
fn a_new_project_works_at_once() {
    let folder = Folder::with(&[]);
    let made = folder.run(&["new", "shop"]).code(0);
    assert!(made.out.contains("codexc run shop"), "{}", made.out);
    folder.run(&["check", "shop"]).code(0).quiet();
    folder.run(&["fmt", "--check", "shop"]).code(0).quiet();
    folder.run(&["run", "shop"]).code(0).out("Hello, world\n");
    folder.run(&["test", "shop"]).code(0).out("2 passed, 0 failed\n");
    folder.run(&["build", "shop"]).code(0).quiet();
    assert!(folder.path("shop/shop.codex").is_file());
    folder.run(&["new", "shop"]).code(1).err(&["`shop` is already there; nothing was changed"]);
    folder.write("shop/codex.toml", b"name = \"shop\"\nstyle = \"ascii\"\n");
    folder.run(&["fmt", "shop"]).code(0);
    assert!(folder.read("shop/src/main.glyph").contains("fn greeting(name: Text) -> Text"));
    folder.write("shop/codex.toml", b"title = \"shop\"\n");
    folder.run(&["run", "shop"]).code(1).err(&["G0002", "codex.toml:1:1", "unknown field `title`"]);
}

#[test]
fn explain_knows_every_code() {
    let folder = Folder::with(&[]);
    let list = folder.run(&["explain"]).code(0).out;
    assert!(list.lines().count() > 100, "{list}");
    let one = folder.run(&["explain", "g0501"]).code(0).out;
    for part in ["G0501: ", "This program gives G0501:", "Put right:", "    fn main() {"] {
        assert!(one.contains(part), "{part} in {one}");
    }
    assert!(folder.run(&["explain", "R0003"]).code(0).out.starts_with("R0003: division by zero"));
    folder.run(&["explain", "G9999"]).code(1).err(&["`G9999`", "lists all"]);
}

#[test]
fn glyphs_and_completions_are_listed() {
    let folder = Folder::with(&[]);
    let list = folder.run(&["glyphs"]).code(0).out;
    for sign in ["λ", "→", "≔", "▷", "∈"] {
        assert!(list.contains(sign), "{sign} in {list}");
    }
    for name in ["→", "->"] {
        assert!(folder.run(&["glyphs", name]).code(0).out.starts_with("→   type `->`"));
    }
    folder.run(&["glyphs", "nothing"]).code(1).err(&["`nothing` is no glyph"]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = folder.run(&["completions", shell]).code(0).out;
        assert!(script.contains("codexc") && script.contains("explain"), "{shell}: {script}");
    }
}

/// `codexc explain | head`: a reader that goes away is no failure, and nothing is said about it.
#[test]
fn a_reader_may_stop_reading() {
    let folder = Folder::with(&[("bad.glyph", BAD)]);
    let json = ["check", "bad.glyph", "--message-format", "json"];
    for (arguments, code) in [(&["explain"][..], 0), (&["glyphs"], 0), (&["completions", "bash"], 0), (&json, 1)] {
        let mut command = folder.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("codexc starts");
        drop(child.stdout.take());
        done(child.wait_with_output().expect("it ends")).code(code).quiet();
    }
}
