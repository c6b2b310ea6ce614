//! Durable runs on a disk in memory: the process or the power dies at every operation of a run, by index, and what was printed over
//! all lives is looked at. Each promise of the console; and mistakes made on purpose, which must be noticed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use codex_vault::Key;
use codex_vault::disk::simulate::{Fault, Keep, SimDisk};
use codex_vm::program::Program;
use codex_vm::seeded::{self, Bug};
use codex_vm::shell::Failure;
use codex_vm::shell::console::Console;
use codex_vm::shell::durable::{self, Leaves, Place, Promise, Settings};
use codex_vm::shell::permissions::Permissions;
use codex_vm::shell::ports::Ports;
use codex_vm::tick::{Input, tick};
use codex_vm::world::{self, World};
use codex_vm::{dump, hash};

/// None in the time of a test: a beat puts everything on the disk, and would hide who forgot to.
const BEAT: Duration = Duration::from_secs(3600);
/// Lines that the program prints.
const LINES: usize = 6;

fn key() -> Key {
    Key::from_secret([7; 32])
}

fn program() -> Arc<Program> {
    let module = codex_spec::text::assemble(include_str!("programs/durable.asm")).unwrap_or_else(|e| panic!("{e}"));
    Program::new(codex_spec::verify::verify(module).unwrap_or_else(|e| panic!("{e}")))
}

fn place(disk: &SimDisk) -> Place {
    Place { disk: Arc::new(disk.clone()), dir: PathBuf::from("/vault") }
}

fn words(failure: Failure) -> String {
    match failure {
        Failure::Host(why) | Failure::NotPermitted(why) => why,
        Failure::BrokenPipe => "a pipe".to_owned(),
    }
}

/// One process: what it printed, and whether the world ended, or why the process did.
fn life(disk: &SimDisk, number: usize, promise: Promise) -> (String, Result<bool, String>) {
    let mut console = Console::kept();
    let lived = lived(disk, number, promise, &mut console).map_err(words);
    (console.written().to_owned(), lived)
}

fn lived(disk: &SimDisk, number: usize, promise: Promise, console: &mut Console) -> Result<bool, Failure> {
    let at = place(disk);
    let settings = Settings { console: promise, beat_every: BEAT, ..Settings::default() };
    let (mut durable, world) = match durable::has_world(&at)? {
        false => durable::create(&at, &key(), World::new(program(), world::Settings::default()), settings, &[])?,
        true => {
            let resumed = durable::resume(&at, &key(), settings)?;
            if !resumed.skipped.is_empty() {
                return Err(Failure::Host(format!("a save is not used: {:?}", resumed.skipped)));
            }
            (resumed.durable, resumed.world)
        }
    };
    // What the outside says differs from life to life.
    let mut ports = Ports::new(vec![number.to_string()], Permissions::default(), true);
    let (_, leaves, _) = durable.run(world, &mut ports, console, &AtomicBool::new(false), None)?;
    Ok(leaves == Leaves::Ended)
}

/// How a process ends at an operation.
#[derive(Clone, Copy, Debug)]
enum Death {
    /// The process dies, and the system lives on.
    Killed,
    /// The power goes out, and nothing that was on the way is kept.
    Power,
}

/// Lives a run whose first process dies at an operation, to its end; gives what is wrong with it.
fn history(death: Death, at: u64, promise: Promise) -> Result<(), String> {
    let disk = SimDisk::new(at);
    disk.fail(at, Fault::Off);
    let mut lives = vec![life(&disk, 0, promise).0];
    match death {
        Death::Killed => disk.kill(),
        Death::Power => disk.crash(Keep::Nothing),
    }
    let (printed, ended) = life(&disk, 1, promise);
    lives.push(printed);
    let place = format!("{death:?} at operation {at}, {promise:?}: {lives:?}");
    if ended != Ok(true) {
        return Err(format!("{place}: {ended:?}"));
    }
    durable::replay(&self::place(&disk), true, &mut |_| ()).map_err(|e| format!("{place}: {}", words(e)))?;
    judge(&lives, death, promise).map_err(|why| format!("{place}: {why}"))
}

/// Whether what two processes printed is what was promised.
fn judge(lives: &[String], death: Death, promise: Promise) -> Result<(), String> {
    let mut seen: BTreeMap<usize, (&str, usize)> = BTreeMap::new();
    for life in lives {
        let mut last = None;
        for line in life.lines() {
            let (number, said) = line.split_once(' ').ok_or("a line that is none")?;
            let number: usize = number.parse().map_err(|_| "a line without a number")?;
            if last >= Some(number) {
                return Err(format!("line {number} out of order"));
            }
            last = Some(number);
            let entry = seen.entry(number).or_insert((said, 0));
            entry.1 += 1;
            if entry.0 != said {
                return Err(format!("line {number} says {said:?}, and said {:?} before", entry.0));
            }
        }
    }
    let twice = seen.values().filter(|(_, times)| *times > 1).count();
    match promise {
        Promise::AtLeastOnce if seen.len() < LINES => Err(format!("only {} lines", seen.len())),
        // The watermark outlives the process: only what was being written is written again.
        Promise::AtLeastOnce if matches!(death, Death::Killed) && twice > 1 => Err(format!("{twice} lines twice")),
        Promise::AtMostOnce if twice > 0 => Err(format!("{twice} lines twice")),
        _ => Ok(()),
    }
}

/// Every operation of a run without a fault.
fn operations(promise: Promise) -> u64 {
    let disk = SimDisk::new(0);
    let (printed, ended) = life(&disk, 0, promise);
    assert_eq!(ended, Ok(true));
    assert_eq!(printed.lines().count(), LINES);
    disk.trace().len() as u64
}

/// All histories, until one of them is wrong.
fn first_finding(death: Death, promise: Promise) -> Option<String> {
    first_of(operations(promise), death, promise)
}

fn first_of(operations: u64, death: Death, promise: Promise) -> Option<String> {
    (0..operations).find_map(|at| history(death, at, promise).err())
}

#[test]
fn a_process_may_be_killed_at_every_operation() {
    for promise in [Promise::AtLeastOnce, Promise::AtMostOnce] {
        assert_eq!(first_finding(Death::Killed, promise), None);
        println!("{} operations, {promise:?}", operations(promise));
    }
}

#[test]
fn the_power_may_go_out_at_every_operation() {
    for promise in [Promise::AtLeastOnce, Promise::AtMostOnce] {
        assert_eq!(first_finding(Death::Power, promise), None);
    }
}

/// The kill between the write and the watermark, which tells the two promises from each other.
#[test]
fn the_promises_differ_where_a_process_dies_between_write_and_watermark() {
    let lines = |promise| {
        let lives = (0..operations(promise)).map(|at| {
            let disk = SimDisk::new(at);
            disk.fail(at, Fault::Off);
            let first = life(&disk, 0, promise).0;
            disk.kill();
            first.lines().count() + life(&disk, 1, promise).0.lines().count()
        });
        lives.collect::<Vec<usize>>()
    };
    let (least, most) = (lines(Promise::AtLeastOnce), lines(Promise::AtMostOnce));
    assert!(least.iter().all(|&n| n >= LINES) && least.contains(&(LINES + 1)), "{least:?}");
    assert!(most.iter().all(|&n| n <= LINES), "{most:?}");
}

/// A mistake is noticed by one of the histories, and without it none is wrong: see the tests above.
fn caught(bug: Bug, death: Death) {
    let operations = operations(Promise::AtLeastOnce);
    let found = seeded::with(bug, || first_of(operations, death, Promise::AtLeastOnce));
    println!("{bug:?}: {}", found.as_deref().unwrap_or("not noticed"));
    assert!(found.is_some(), "{bug:?} is not noticed");
}

#[test]
fn outputs_before_the_sync_are_noticed() {
    caught(Bug::ReleaseBeforeSync, Death::Power);
}

#[test]
fn a_save_before_what_waits_is_let_out_is_noticed() {
    caught(Bug::SaveBeforeRelease, Death::Killed);
}

#[test]
fn dead_registers_in_the_hash_are_noticed() {
    caught(Bug::HashDeadRegisters, Death::Killed);
}

#[test]
fn a_forgotten_mailbox_is_noticed() {
    caught(Bug::ForgetMailbox, Death::Killed);
}

#[test]
fn a_dropped_watermark_is_noticed() {
    let (bug, promise) = (codex_vault::seeded::Bug::DropWatermark, Promise::AtLeastOnce);
    let operations = operations(promise);
    let found = codex_vault::seeded::with(bug, || first_of(operations, Death::Killed, promise));
    assert!(found.is_some(), "not noticed");
}

/// A world whose last cell has a count that is wrong, with the hash and the signature of just that state: only the walk tells.
#[test]
fn a_wrong_count_under_the_right_hash_and_signature_is_refused() {
    let mut world = World::new(program(), world::Settings::default());
    for _ in 0..4 {
        let reply = |(request, _, _)| Input::Reply { request, status: 0, bytes: b"x".to_vec() };
        let inputs: Vec<Input> = world.requests().map(reply).collect();
        tick(&mut world, &inputs);
    }
    assert_eq!((world.size(), world.end()), (2, None));
    let mut bytes = dump::dump(&world);
    // The container's state is one cell of two words; behind it stands that nothing is kept.
    let count = bytes.len() - 8 - 16;
    assert_eq!(bytes[count], 1);
    bytes[count] = 2;
    let unsound = seeded::with(Bug::SkipWalk, || dump::load(&bytes)).unwrap_or_else(|e| panic!("{e}"));
    let state = hash::hash(&unsound);
    let disk = SimDisk::new(1);
    drop(
        durable::create(&place(&disk), &key(), unsound, Settings::default(), &[]).map_err(words).expect("it is stored"),
    );
    let why = durable::resume(&place(&disk), &key(), Settings::default()).map(|_| ()).map_err(words);
    assert!(why.as_ref().is_err_and(|why| why.contains("count")), "{why:?}");
    let taken = seeded::with(Bug::SkipWalk, || durable::resume(&place(&disk), &key(), Settings::default()));
    let taken = taken.map_err(words).expect("nothing else is wrong with it");
    assert_eq!(taken.world.ticks(), 4);
    assert_ne!(state, hash::hash(&world));
}
