//! The network and sealed values, as programs use them.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codex_tests::{Place, http};

/// Waits for the next line that a process prints.
fn line(child: &mut BufReader<std::process::ChildStdout>) -> String {
    let mut line = String::new();
    child.read_line(&mut line).expect("a line");
    line.trim_end().to_owned()
}

fn start(place: &Place, source: &str, arguments: &[&str]) -> Child {
    std::fs::write(place.path("program.glyph"), source).expect("a file");
    place.build(&place.path("program.glyph"));
    go_on(place, arguments)
}

/// Begins the world of `program.codex`, or goes on with it.
fn go_on(place: &Place, arguments: &[&str]) -> Child {
    let mut machine = place.machine(["run", "--vault", "vault", "--allow-all", "program.codex", "--"]);
    machine.args(arguments).env("API_TOKEN", TOKEN).spawn().expect("codexvm")
}

const TOKEN: &str = "zE5tkq1Xw0-secret-of-the-environment";
const HEADER: &str = "Bearer pU7bn3Yh2-secret-of-a-client";

/// Serves two requests: says whether each brings the token, and tells another server with the token.
const SEALED: &str = r#"
fn main() {
  match (sealed.env("API_TOKEN"), console.args(), http.listen_sealing("127.0.0.1:0", ["authorization"])) {
    (Some(token), [url, ..], Ok(server)) → {
      console.write("{server.address}\n")
      for _ ∈ 0..2 {
        let request = result.unwrap_or_panic(http.next(server), "missing")
        let header = option.unwrap_or_panic(http.header(request.headers, "authorization"), "missing")
        let is_known = sealed.is(option.unwrap_or_panic(sealed.of(header), "missing"), "Bearer {sealed.shown(token)}")
        let told = http.send("POST", url, [("authorization", "Token {sealed.shown(token)}")], text.to_bytes("{header}"))
        print("{header} {is_known} {result.is_ok(told)}")
        let _ = http.respond(request, http.text(200, "{is_known}"))
      }
    }
    other → panic("{other}")
  }
}
"#;

/// The same without seals.
const OPEN: &str = r#"
fn main() {
  match (console.env("API_TOKEN"), console.args(), http.listen("127.0.0.1:0")) {
    (Some(token), [url, ..], Ok(server)) → {
      console.write("{server.address}\n")
      for _ ∈ 0..2 {
        let request = result.unwrap_or_panic(http.next(server), "missing")
        let header = option.unwrap_or_panic(http.header(request.headers, "authorization"), "missing")
        let told = http.send("POST", url, [("authorization", "Token {token}")], text.to_bytes(""))
        let _ = http.respond(request, http.text(200, "{header ≡ "Bearer " ++ token}"))
      }
    }
    other → panic("{other}")
  }
}
"#;

/// Which of the secrets stand in some bytes.
fn secrets_in(bytes: &[u8]) -> Vec<&'static str> {
    let holds = |secret: &&str| bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
    [TOKEN, HEADER.trim_start_matches("Bearer ")].into_iter().filter(holds).collect()
}

/// All bytes of all files of a folder.
fn all_bytes(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        match entry.path() {
            path if path.is_dir() => bytes.extend(all_bytes(&path)),
            // The socket is no file.
            path => bytes.extend(std::fs::read(path).unwrap_or_default()),
        }
    }
    bytes
}

/// Runs one of the two programs, and gives all that it left anywhere.
fn left_by(source: &str) -> Vec<u8> {
    let place = Place::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let hear = told.clone();
    let address = http::serve(move |request| {
        hear.lock().expect("not poisoned").push(request.header("authorization").to_owned());
        true
    });
    let mut child = start(&place, source, &[&format!("http://{address}/")]);
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let address = line(&mut out);
    let right = http::ask(&address, "GET", "/", &format!("Authorization: Bearer {TOKEN}\r\n"));
    assert_eq!(right, Some((200, "true".to_owned())));
    place.done(["save", "vault", "--to", "world.codexsave"]);
    let wrong = http::ask(&address, "GET", "/", &format!("Authorization: {HEADER}\r\n"));
    assert_eq!(wrong, Some((200, "false".to_owned())));
    let mut left = Vec::new();
    out.read_to_end(&mut left).expect("output");
    let ended = child.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(*told.lock().expect("not poisoned"), vec![format!("Token {TOKEN}"); 2], "it goes out as it is");
    left.extend(ended.stderr);
    // What is packed in a file stands open in a vault.
    place.machine(["resume", "world.codexsave", "--vault", "other"]).stdout(Stdio::null()).status().expect("codexvm");
    ["vault", "other"].iter().for_each(|vault| left.extend(all_bytes(&place.path(vault))));
    left.extend(place.done(["log", "vault"]).stdout);
    left.extend(place.done(["inspect", "vault"]).stdout);
    left
}

#[test]
fn a_sealed_value_is_in_no_image_journal_or_log() {
    assert_eq!(secrets_in(&left_by(SEALED)), Vec::<&str>::new());
}

#[test]
fn a_value_that_is_not_sealed_is_found_in_them() {
    assert_eq!(secrets_in(&left_by(OPEN)).len(), 2);
}

#[test]
fn a_request_that_is_sent_again_has_the_same_key() {
    const SENDING: &str = r#"
fn main() {
  for i ∈ 1..=40 {
    match http.post(console.args()[0], "event {i}") {
      Ok(_) → ()
      Error(why) → panic(http.describe(why))
    }
  }
}
"#;
    let place = Place::new();
    let heard: Arc<Mutex<BTreeMap<String, Vec<String>>>> = Arc::default();
    let hear = heard.clone();
    let address = http::serve(move |request| {
        let key = request.header("idempotency-key").to_owned();
        hear.lock().expect("not poisoned").entry(key).or_default().push(request.body);
        // An answer takes a while: many are killed who wait for one.
        std::thread::sleep(Duration::from_millis(5));
        true
    });
    let url = format!("http://{address}/");
    let mut child = start(&place, SENDING, &[&url]);
    let mut kills = 0;
    loop {
        std::thread::sleep(Duration::from_millis(70 + kills * 7 % 50));
        if let Some(status) = child.try_wait().expect("a child") {
            assert!(status.success());
            break;
        }
        child.kill().expect("it runs");
        child.wait().expect("it is gone");
        kills += 1;
        child = go_on(&place, &[&url]);
    }
    let heard = heard.lock().expect("not poisoned");
    let again = heard.values().filter(|bodies| bodies.len() > 1).count();
    println!("{kills} kills, {again} requests sent again");
    assert!(heard.values().all(|bodies| bodies.iter().all(|b| *b == bodies[0])), "{heard:?}");
    let mut events: Vec<&str> = heard.values().map(|bodies| bodies[0].as_str()).collect();
    events.sort_by_key(|event| event[6..].parse::<u32>().expect("a number"));
    let expected: Vec<String> = (1..=40).map(|i| format!("event {i}")).collect();
    assert_eq!(events, expected, "each event has one key");
    assert!(kills > 1 && again > 0, "nobody was killed at the wrong moment");
}

#[test]
fn a_flag_that_was_forgotten_ends_the_process_and_not_the_world() {
    const READING: &str = r#"
fn main() {
  print("before")
  print(result.map_or(fs.read_text("program.glyph"), "nothing", λ _ → "read"))
}
"#;
    let place = Place::new();
    std::fs::write(place.path("program.glyph"), READING).expect("a file");
    place.build(&place.path("program.glyph"));
    for command in [&["run", "--vault", "vault", "program.codex"][..], &["resume", "vault"]] {
        let mut machine = place.machine([]);
        let stopped = machine.args(command).output().expect("codexvm");
        let words = String::from_utf8_lossy(&stopped.stderr).into_owned();
        assert!(stopped.status.code() == Some(2) && words.contains("--allow-read=."), "{words}");
        let first = command[0] == "run";
        assert_eq!(String::from_utf8_lossy(&stopped.stdout), if first { "before\n" } else { "" });
    }
    assert_eq!(String::from_utf8_lossy(&place.done(["resume", "vault", "--allow-read=."]).stdout), "read\n");
}

#[test]
fn a_connection_is_lost_with_its_process_and_a_listener_is_not() {
    const ECHO: &str = r#"
fn main() {
  let listener = result.unwrap_or_panic(tcp.listen("127.0.0.1:0"), "missing")
  console.write("{listener.address}\n")
  for _ ∈ 0..2 {
    let connection = result.unwrap_or_panic(tcp.accept(listener), "missing")
    var open = true
    while open {
      match result.then(tcp.read(connection), λ some → tcp.write(connection, some)) {
        Ok(_) → ()
        Error(why) → {
          print(tcp.describe(why))
          open ≔ false
        }
      }
    }
  }
}
"#;
    let place = Place::new();
    let mut child = start(&place, ECHO, &[]);
    let address = line(&mut BufReader::new(child.stdout.take().expect("piped")));
    let says = |stream: &mut TcpStream, text: &str| {
        stream.write_all(text.as_bytes()).expect("written");
        let mut back = vec![0; text.len()];
        stream.read_exact(&mut back).expect("an echo");
        assert_eq!(back, text.as_bytes());
    };
    let mut first = TcpStream::connect(&address).expect("a connection");
    says(&mut first, "hello");
    child.kill().expect("it runs");
    child.wait().expect("it is gone");
    let child = place.machine(["resume", "vault", "--allow-net"]).spawn().expect("codexvm");
    let mut second = (0..200)
        .find_map(|_| {
            std::thread::sleep(Duration::from_millis(20));
            TcpStream::connect(&address).ok()
        })
        .expect("it listens at the same address again");
    says(&mut second, "once more");
    drop(second);
    let ended = child.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let printed = String::from_utf8_lossy(&ended.stdout).into_owned();
    let lines: Vec<&str> = printed.lines().filter(|l| !l.contains(':')).collect();
    assert_eq!(lines, ["the connection is lost", "the other side has ended"], "{printed}");
}
