//! Programs that do not die: killed at random moments, resumed, saved to a file, gone on elsewhere.
//!
//! `CODEX_KILLS=N` sets how often the first test kills (8 by default).
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use codex_tests::{Place, root};

fn lines(output: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(output).lines().map(str::to_owned).collect()
}

/// Kills a process, which must not have got around to anything else, and gives what it had printed.
fn kill(mut child: Child, after: Duration) -> Vec<String> {
    std::thread::sleep(after);
    // One that ended by itself is as good.
    let _ = child.kill();
    lines(&child.wait_with_output().expect("it ends").stdout)
}

const APPENDING: &str = r#"
fn main() {
  for i ∈ 1..=200 {
    match fs.append_text("out.txt", "line {i}\n") {
      Ok(_) → print(i)
      Error(e) → panic(fs.describe(e))
    }
  }
}
"#;

/// The seed of this run's moments: printed, so that a failure can be looked at again.
fn moments() -> impl Iterator<Item = Duration> {
    let mut state = std::env::var("CODEX_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_261_128u64);
    println!("CODEX_SEED={state}");
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis((state >> 33) % 60)
    })
}

#[test]
fn a_program_that_is_killed_again_and_again_does_everything_once() {
    let kills: usize = std::env::var("CODEX_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(8);
    let mut moments = moments();
    let mut killed = 0;
    while killed < kills {
        let place = Place::new();
        let source = place.path("appending.glyph");
        std::fs::write(&source, APPENDING).expect("a file");
        place.build(&source);
        let mut printed = Vec::new();
        let start = ["run", "--vault", "vault", "--allow-write=.", "program.codex"];
        printed.extend(kill(place.machine(start).spawn().expect("codexvm"), moments.next().unwrap_or_default()));
        killed += 1;
        // Killed before there was a vault: then it begins once more.
        while killed < kills && printed.last().is_none_or(|l| l != "200") {
            let again = place.machine(start).spawn().expect("codexvm");
            printed.extend(kill(again, moments.next().unwrap_or_default()));
            killed += 1;
        }
        printed.extend(lines(&place.done(start).stdout));
        let file = std::fs::read_to_string(place.path("out.txt")).expect("the file");
        let expected: String = (1..=200).map(|i| format!("line {i}\n")).collect();
        assert_eq!(file, expected, "a regular file is written once");
        // The console is written at least once, in order, and only what had no watermark twice.
        let numbers: Vec<i32> = printed.iter().map(|l| l.parse().expect("a number")).collect();
        assert!((1..=200).all(|i| numbers.contains(&i)), "{numbers:?}");
        place.done(["verify", "vault"]);
        place.done(["replay", "vault", "--whole"]);
    }
    println!("{killed} kills");
}

#[test]
fn the_story_of_the_readme() {
    let place = Place::new();
    place.build(&root().join("examples/steps/main.glyph"));
    let first = kill(
        place.machine(["run", "--vault", "steps.vault", "program.codex"]).spawn().expect("codexvm"),
        Duration::from_millis(900),
    );
    let running = place.machine(["resume", "steps.vault"]).spawn().expect("codexvm");
    std::thread::sleep(Duration::from_millis(500));
    let status = String::from_utf8_lossy(&place.done(["ps", "steps.vault"]).stdout).into_owned();
    assert!(status.contains("tick"), "{status}");
    place.done(["save", "steps.vault", "--to", "steps.codexsave"]);
    // A second process is refused.
    let second = place.machine(["resume", "steps.vault"]).output().expect("codexvm");
    assert_eq!(second.status.code(), Some(4), "{}", String::from_utf8_lossy(&second.stderr));
    // Asked to leave, it saves and gives 0.
    let asked = Command::new("kill").args(["-TERM", &running.id().to_string()]).status().expect("kill");
    assert!(asked.success());
    let left = running.wait_with_output().expect("it ends");
    assert_eq!(left.status.code(), Some(0), "{}", String::from_utf8_lossy(&left.stderr));
    let last = lines(&place.done(["resume", "steps.vault"]).stdout);
    let all = [first, lines(&left.stdout), last].concat();
    let expected = std::fs::read_to_string(root().join("examples/steps/expected.txt")).expect("a file");
    let mut once = all.clone();
    once.dedup();
    assert_eq!(once, lines(expected.as_bytes()), "{all:#?}");
    // A world that has ended is not run again.
    assert_eq!(lines(&place.done(["resume", "steps.vault"]).stdout), Vec::<String>::new());
    // The file goes on elsewhere, from where it was saved.
    place.done(["verify", "steps.codexsave"]);
    let elsewhere = lines(&place.done(["resume", "steps.codexsave", "--vault", "elsewhere.vault"]).stdout);
    assert!(elsewhere.last().is_some_and(|l| l == "done") && elsewhere.len() < 30, "{elsewhere:?}");
    assert!(String::from_utf8_lossy(&place.done(["inspect", "steps.codexsave"]).stdout).contains("main"));
}

const ASKING: &str = r#"
fn main() {
  print("who is there?")
  match console.read_line() {
    Some(name) → print("hello {name}")
    None → print("nobody")
  }
}
"#;

/// What was asked for before a save, and not answered, is asked for again after it; the question is not.
#[test]
fn a_question_that_was_open_is_answered_after_a_resume() {
    let place = Place::new();
    let source = place.path("asking.glyph");
    std::fs::write(&source, ASKING).expect("a file");
    place.build(&source);
    let mut asking = place.machine(["run", "--vault", "vault", "program.codex"]);
    let asking = asking.stdin(Stdio::piped()).spawn().expect("codexvm");
    std::thread::sleep(Duration::from_millis(700));
    let asked = Command::new("kill").args(["-TERM", &asking.id().to_string()]).status().expect("kill");
    assert!(asked.success());
    assert_eq!(lines(&asking.wait_with_output().expect("it ends").stdout), ["who is there?"]);
    std::fs::write(place.path("name.txt"), "Ada\n").expect("a file");
    let answer = std::fs::File::open(place.path("name.txt")).expect("a file");
    let mut again = place.machine(["resume", "vault"]);
    let again = again.stdin(answer).output().expect("codexvm");
    assert_eq!(lines(&again.stdout), ["hello Ada"], "{}", String::from_utf8_lossy(&again.stderr));
}

const TOKENS: &str = r#"
fn main() {
  sleep(time.milliseconds(1500))
  let (token, _) = random.bits(random.new())
  print(token)
}
"#;

#[test]
fn one_file_resumed_twice_shares_no_random_numbers() {
    let place = Place::new();
    let source = place.path("tokens.glyph");
    std::fs::write(&source, TOKENS).expect("a file");
    place.build(&source);
    let running = place.machine(["run", "--vault", "vault", "program.codex"]).spawn().expect("codexvm");
    let began = Instant::now();
    while !place.path("vault/control").exists() && began.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(10));
    }
    place.done(["save", "vault", "--to", "w.codexsave"]);
    let mut tokens = lines(&running.wait_with_output().expect("it ends").stdout);
    for vault in ["a", "b"] {
        tokens.extend(lines(&place.done(["resume", "w.codexsave", "--vault", vault]).stdout));
    }
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 3, "{tokens:?}");
}

#[test]
fn what_is_damaged_or_strange_is_refused_with_its_place() {
    let place = Place::new();
    place.build(&root().join("examples/hello/main.glyph"));
    place.done(["run", "--vault", "vault", "program.codex"]);
    place.done(["save", "vault", "--to", "w.codexsave"]);
    let sound = std::fs::read(place.path("w.codexsave")).expect("a file");
    let mut refused = 0;
    for at in (0..sound.len()).step_by(sound.len() / 40 + 1) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x10;
        std::fs::write(place.path("bad.codexsave"), bytes).expect("a file");
        let seen = place.machine(["verify", "bad.codexsave"]).output().expect("codexvm");
        let words = String::from_utf8_lossy(&seen.stderr).into_owned();
        assert!(seen.status.code() == Some(4) && words.contains("bad.codexsave"), "byte {at}: {words}");
        refused += 1;
    }
    assert!(refused > 20);
    // Another's key does not open it.
    place.done(["key", "new", "other.key"]);
    let stranger =
        place.machine(["resume", "w.codexsave", "--vault", "v2", "--key", "other.key"]).output().expect("codexvm");
    assert_eq!(stranger.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&stranger.stderr).contains("not trusted"));
    // Another module does not run in a vault that holds a world.
    place.build(&root().join("examples/roman/main.glyph"));
    let other = place.machine(["run", "--vault", "vault", "program.codex"]).output().expect("codexvm");
    assert_eq!(other.status.code(), Some(2), "{}", String::from_utf8_lossy(&other.stderr));
}

/// A heap of several MiB that changes everywhere, slowly enough to be killed in the middle.
const LARGE: &str = r#"
fn main() {
  var xs = list.repeat(1, 700000)
  var seed = 1
  for step ∈ 1..=40 {
    for _ ∈ 0..3000 {
      seed ≔ (seed × 1103515245 + 12345) % 2147483648
      let at = (seed / 16) % list.length(xs)
      xs[at] ≔ xs[at] + step
      if step % 10 ≡ 0 { xs ≔ list.push(xs, step) }
    }
    if step % 5 ≡ 0 { match ◈ "step" { _ → {} } }
    print("{step}: {seed} {xs[(seed / 16) % 700000]}")
    sleep(time.milliseconds(5))
  }
  var sum = 0
  for x ∈ xs { sum ≔ (sum × 31 + x) % 1000000007 }
  print("sum {sum}")
}
"#;

const RUN: [&str; 4] = ["run", "--vault", "vault", "program.codex"];

/// Runs it to its end, killed on the way as often as asked; gives the last line.
fn last_of_large(place: &Place, kills: usize) -> String {
    let mut moments = moments();
    let mut printed = Vec::new();
    for _ in 0..kills {
        let after = Duration::from_millis(150) + 4 * moments.next().unwrap_or_default();
        printed.extend(kill(place.machine(RUN).spawn().expect("codexvm"), after));
    }
    printed.extend(lines(&place.done(RUN).stdout));
    printed.pop().unwrap_or_default()
}

fn large() -> Place {
    let place = Place::new();
    let source = place.path("large.glyph");
    std::fs::write(&source, LARGE).expect("a file");
    place.build(&source);
    place
}

#[test]
fn a_large_heap_goes_on_before_all_of_it_is_there() {
    let expected = last_of_large(&large(), 0);
    assert!(expected.starts_with("sum "), "{expected}");
    let place = large();
    assert_eq!(last_of_large(&place, 5), expected);
    place.done(["verify", "vault"]);
    place.done(["replay", "vault", "--whole"]);
}

/// Runs it until it has saved its heap and a little longer, kills it, and changes a byte in the middle of its largest pack.
fn damage(place: &Place, wait: Duration) {
    let mut running = place.machine(RUN).spawn().expect("codexvm");
    let saves = || std::fs::read_dir(place.path("vault/saves")).map_or(0, Iterator::count);
    while saves() < 2 && running.try_wait().expect("its state").is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    kill(running, wait);
    let packs = std::fs::read_dir(place.path("vault/packs")).expect("packs").flatten().map(|entry| entry.path());
    let pack = packs.max_by_key(|path| path.metadata().map_or(0, |m| m.len())).expect("a pack");
    let mut bytes = std::fs::read(&pack).expect("a pack");
    assert!(bytes.len() > 3 << 20, "{} bytes: it has not saved its heap", bytes.len());
    bytes[2 << 20] ^= 4;
    std::fs::write(&pack, bytes).expect("a pack");
}

#[test]
fn a_damaged_chunk_of_a_large_heap_stops_the_world_and_an_older_save_is_used() {
    let expected = last_of_large(&large(), 0);
    // Killed too early, the damage is found when the vault is opened; too late, the newest save may not have that chunk.
    let stops = (1..12).any(|wait| {
        let place = large();
        damage(&place, Duration::from_millis(5 * wait));
        let stopped = place.machine(RUN).output().expect("codexvm");
        let said = String::from_utf8_lossy(&stopped.stderr).into_owned();
        if stopped.status.code() == Some(0) {
            assert_eq!(lines(&stopped.stdout).pop(), Some(expected.clone()), "{said}");
            return false;
        }
        assert_eq!(stopped.status.code(), Some(4), "{said}");
        assert!(said.contains(".pack: at byte"), "{said}");
        assert_eq!(last_of_large(&place, 0), expected);
        said.contains("error: the save") && stopped.stdout.is_empty()
    });
    assert!(stops, "no save was stopped in the middle of being filled");
}
