//! What those who operate a durable run can see: figures, beats, the log.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const WAITING: &str = r#"
type t0 text
type t1 bytes
constant c0 "waiting\n"
entry f0

function f0 () i64 {
    registers i64*2 t0
  b0:
    const r0, 1
    literal r2, t0, c0
    output r0, r2
    drop r2
    const r1, 60000
    sleep r1
    return r0
}
"#;

/// A run of a program that waits for a minute, in a folder.
fn waiting(folder: &Path, flags: &[&str]) -> Child {
    let module = codex_spec::text::assemble(WAITING).unwrap_or_else(|e| panic!("{e}"));
    std::fs::write(folder.join("waiting.codex"), codex_spec::codec::encode(&module)).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_codexvm"));
    command.args(["run", "waiting.codex", "--vault", "vault"]).args(flags);
    command.current_dir(folder).env("XDG_CONFIG_HOME", folder).env_remove("CODEX_LOG");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("codexvm")
}

fn leave(child: &Child) {
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill");
    assert!(asked.success());
}

fn get(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    write!(stream, "{request} HTTP/1.1\r\nHost: {address}\r\n\r\n").expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// The value of a figure on a page.
fn figure(page: &str, name: &str) -> f64 {
    let line = page.lines().find(|l| l.starts_with(name) && !l.starts_with('#'));
    let line = line.unwrap_or_else(|| panic!("{name} is missing:\n{page}"));
    line.rsplit(' ').next().and_then(|value| value.parse().ok()).expect("a number")
}

#[test]
fn figures_beats_and_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let flags = ["--metrics", "127.0.0.1:0", "--beat-every", "0", "--beat-file", "beat.json", "--log", "json"];
    let mut run = waiting(folder.path(), &flags);
    let mut errors = BufReader::new(run.stderr.take().expect("standard error"));
    let mut log = Vec::new();
    let address = loop {
        let mut line = String::new();
        assert!(errors.read_line(&mut line).expect("a line") > 0, "it ended: {log:?}");
        if let Some(rest) = line.strip_prefix("note: figures at http://") {
            break rest.trim().trim_end_matches("/metrics").to_owned();
        }
        log.push(line);
    };
    let began = Instant::now();
    let beat = folder.path().join("beat.json");
    while !beat.exists() && began.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let page = get(&address, "GET /metrics");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("text/plain; version=0.0.4"), "{page}");
    assert!(figure(&page, "codex_ticks_total") >= 1.0 && figure(&page, "codex_containers") == 1.0);
    assert!(figure(&page, "codex_epoch") == 1.0 && figure(&page, "codex_beats_total") >= 1.0);
    assert!(figure(&page, "codex_outputs_pending") == 0.0 && figure(&page, "codex_outputs_released_total") == 1.0);
    assert!(figure(&page, "codex_vault_journal_bytes") > 152.0 && page.contains("codex_beat_tick{hash=\""), "{page}");
    assert!(get(&address, "GET /else").starts_with("HTTP/1.1 404") && get(&address, "POST /metrics").contains(" 405 "));
    let line = std::fs::read_to_string(&beat).expect("the beat");
    assert!(line.starts_with("{\"timeline\":\"") && line.contains("\"state\":\"") && line.ends_with("}\n"), "{line}");
    leave(&run);
    let mut rest = String::new();
    errors.read_to_string(&mut rest).expect("the rest");
    assert!(run.wait().expect("it ends").success(), "{rest}");
    log.extend(rest.lines().map(str::to_owned));
    for message in ["began", "beat", "saved", "left"] {
        let found = log.iter().any(|l| l.contains(&format!("\"message\":\"{message}\"")) && l.starts_with('{'));
        assert!(found, "{message} is missing: {log:#?}");
    }
}

#[test]
fn without_a_flag_there_is_no_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = waiting(folder.path(), &[]);
    std::thread::sleep(Duration::from_millis(700));
    leave(&run);
    let done = run.wait_with_output().expect("it ends");
    assert!(done.status.success());
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
}

#[test]
fn what_is_no_format_or_address_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = waiting(folder.path(), &["--metrics", "nowhere"]).wait_with_output().expect("it ends");
    assert_eq!(done.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&done.stderr).contains("--metrics nowhere"));
    let done = waiting(folder.path(), &["--log", "xml"]).wait_with_output().expect("it ends");
    assert_eq!(done.status.code(), Some(2));
}
