//! The kill test of a durable service: the ledger of `examples/http-ledger` under load, killed at random moments.
//!
//! Clients send transfers, each under a key of its own, and send one again whenever its answer is lost, until they know how it
//! went. The ledger tells another server of each transfer; that server loses some answers too, and knows what it has heard by its key.
//! In the end every transfer must have happened once, the books must balance, and the other server must have heard of each once.
//!
//! `CODEX_KILLS=N` sets how often it is killed (8 by default), `CODEX_SEED=N` the moments.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use codex_tests::{Place, http, root};

const ACCOUNTS: u64 = 8;
const OPENING: i64 = 1000;
const CLIENTS: u64 = 4;

/// Numbers that look random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Sends a request until it is answered by the ledger itself.
fn insist(address: &str, method: &str, target: &str, key: &str) -> (u16, String) {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        match http::ask(address, method, target, &format!("Idempotency-Key: {key}\r\n")) {
            Some(answer) if answer.0 < 500 => return answer,
            _ => assert!(Instant::now() < patience, "{method} {target}: no answer for a minute"),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A transfer whose end its client knows.
#[derive(Debug)]
struct Known {
    key: String,
    from: u64,
    to: u64,
    amount: i64,
    status: u16,
}

/// Makes transfers until it is told to stop.
fn client(address: &str, number: u64, mut dice: Dice, stop: &AtomicBool, done: &AtomicU64) -> Vec<Known> {
    let mut known = Vec::new();
    for n in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let (key, from) = (format!("t{number}-{n}"), dice.below(ACCOUNTS));
        let (to, amount) = ((from + 1 + dice.below(ACCOUNTS - 1)) % ACCOUNTS, dice.below(400) as i64 + 1);
        let target = format!("/transfers?from=a{from}&to=a{to}&amount={amount}");
        let status = insist(address, "POST", &target, &key).0;
        known.push(Known { key, from, to, amount, status });
        done.fetch_add(1, Ordering::Relaxed);
    }
    known
}

/// What the other server has heard: for each key what was said under it, and how often.
type Heard = Arc<Mutex<BTreeMap<String, (String, u32)>>>;

/// The other server: takes notices, and leaves some of them without an answer.
fn listener(heard: Heard, mut dice: Dice) -> String {
    let address = http::serve(move |request| {
        let mut heard = heard.lock().expect("not poisoned");
        let key = request.header("idempotency-key").to_owned();
        let entry = heard.entry(key).or_insert_with(|| (request.body.clone(), 0));
        assert_eq!(entry.0, request.body, "one key, one notice");
        entry.1 += 1;
        dice.below(8) != 0
    });
    format!("http://{address}/notices")
}

/// An address that nobody listens at, outside of the range that hosts give out by themselves: it must be free again after each kill.
fn free_address(dice: &mut Dice) -> String {
    loop {
        let address = format!("127.0.0.1:{}", 15_000 + dice.below(15_000));
        if TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
}

/// What a run under load found.
struct Found {
    known: Vec<Known>,
    balances: BTreeMap<u64, i64>,
    heard: BTreeMap<String, (String, u32)>,
    kills: u32,
}

/// Runs a ledger under load, kills it so often, and lets it end in peace.
fn under_load(source: &str, kills: u32, dice: &mut Dice) -> Found {
    let place = Place::new();
    std::fs::write(place.path("ledger.glyph"), source).expect("a file");
    place.build(&place.path("ledger.glyph"));
    let (address, heard) = (free_address(dice), Heard::default());
    let url = listener(heard.clone(), Dice(dice.below(u64::MAX)));
    let start = || -> Child {
        let mut machine =
            place.machine(["run", "--vault", "vault", "--allow-net", "program.codex", "--", &address, &url]);
        machine.stdout(Stdio::null()).spawn().expect("codexvm")
    };
    let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut ledger = start();
    (0..ACCOUNTS)
        .for_each(|n| assert_eq!(insist(&address, "POST", &format!("/accounts/a{n}?amount={OPENING}"), "").0, 200));
    let known: Vec<Known> = std::thread::scope(|scope| {
        let seeds: Vec<Dice> = (0..CLIENTS).map(|_| Dice(dice.below(u64::MAX))).collect();
        let clients: Vec<_> = (0..)
            .zip(seeds)
            .map(|(n, dice)| {
                scope.spawn({
                    let (address, stop, done) = (&address, &stop, &done);
                    move || client(address, n, dice, stop, done)
                })
            })
            .collect();
        for _ in 0..kills {
            // Each life gets something done, or the moments would all be those of a start.
            let before = done.load(Ordering::Relaxed);
            while done.load(Ordering::Relaxed) == before {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_millis(dice.below(60)));
            ledger.kill().expect("it runs");
            ledger.wait().expect("it is gone");
            ledger = start();
        }
        stop.store(true, Ordering::Relaxed);
        clients.into_iter().flat_map(|c| c.join().expect("a client")).collect()
    });
    let told = known.iter().filter(|k| k.status == 200).count();
    let patience = Instant::now() + Duration::from_secs(30);
    while heard.lock().expect("not poisoned").len() < told && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(10));
    }
    let (_, rows) = insist(&address, "GET", "/accounts", "");
    let balance = |row: &str| {
        let (name, amount) = row.split_once(' ').expect("a name and an amount");
        (name[1..].parse().expect("a number"), amount.parse().expect("a number"))
    };
    let balances = rows.lines().map(balance).collect();
    for k in &known {
        let (status, _) = insist(&address, "GET", &format!("/transfers/{}", k.key), "");
        assert_eq!(status, k.status, "{k:?} was told otherwise before");
    }
    leave(ledger);
    place.done(["verify", "vault"]);
    place.done(["replay", "vault", "--whole"]);
    let heard = heard.lock().expect("not poisoned").clone();
    Found { known, balances, heard, kills }
}

/// Asks a process to leave, which it does with code 0.
fn leave(mut ledger: Child) {
    let id = i32::try_from(ledger.id()).expect("a process id");
    let asked = std::process::Command::new("kill").arg("-TERM").arg(id.to_string()).status().expect("kill");
    assert!(asked.success());
    assert!(ledger.wait().expect("it ends").success(), "it leaves with code 0");
}

/// What is wrong with what was found; nothing, if all is well.
fn wrong(found: &Found) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expected: BTreeMap<u64, i64> = (0..ACCOUNTS).map(|n| (n, OPENING)).collect();
    let done: Vec<&Known> = found.known.iter().filter(|k| k.status == 200).collect();
    for k in &done {
        *expected.entry(k.from).or_default() -= k.amount;
        *expected.entry(k.to).or_default() += k.amount;
    }
    if expected != found.balances {
        wrong.push(format!("the books do not balance: {expected:?}, and {:?}", found.balances));
    }
    for k in &done {
        let notice = format!("{} a{} a{} {}", k.key, k.from, k.to, k.amount);
        if found.heard.get(&k.key).map(|(text, _)| text) != Some(&notice) {
            wrong.push(format!("the other server has not heard of {notice}"));
        }
    }
    if found.heard.len() != done.len() {
        wrong.push(format!("{} were made, and {} told", done.len(), found.heard.len()));
    }
    wrong
}

fn source() -> String {
    std::fs::read_to_string(root().join("examples/http-ledger/main.glyph")).expect("the example")
}

#[test]
fn a_ledger_that_is_killed_again_and_again_loses_nothing_and_does_nothing_twice() {
    let kills = std::env::var("CODEX_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(8);
    let seed = std::env::var("CODEX_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_261_128);
    println!("CODEX_SEED={seed}");
    let found = under_load(&source(), kills, &mut Dice(seed));
    let refused = found.known.iter().filter(|k| k.status == 409).count();
    let again = found.heard.values().filter(|(_, times)| *times > 1).count();
    println!(
        "{} kills, {} transfers known, {refused} of them refused; {} notices heard, {again} of them more than once",
        found.kills,
        found.known.len(),
        found.heard.len()
    );
    assert_eq!(wrong(&found), Vec::<String>::new());
    assert!(found.known.len() > 50 && refused > 0 && again > 0, "the load was too light to show anything");
}

#[test]
fn a_ledger_that_forgets_what_it_did_is_found_out() {
    let remembers = "    if let Some(before) = map.get(outcomes, transfer.key) { return before }\n";
    let source = source();
    assert!(source.contains(remembers));
    // The answers that are lost by kills make clients ask again.
    for round in 0..20 {
        let found = under_load(&source.replace(remembers, ""), 10, &mut Dice(round));
        if !wrong(&found).is_empty() {
            return;
        }
    }
    panic!("nobody noticed transfers that were made twice");
}
