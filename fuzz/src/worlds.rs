//! Worlds and vaults that the targets of stored things begin with: made once, by the real code.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use codex_spec::codec;
use codex_vault::Key;
use codex_vm::program::Program;
use codex_vm::shell::console::Console;
use codex_vm::shell::durable::{self, Place, Settings as Durable};
use codex_vm::shell::permissions::Permissions;
use codex_vm::shell::ports::Ports;
use codex_vm::tick::{Input, tick};
use codex_vm::world::{Settings, World};
use codex_vm::{dump, hash};
use codexc::driver::{Options, build_text};
use std::collections::BTreeMap;

use crate::disk::{Files, MemoryDisk};

/// The key of all that is made here.
pub fn key() -> Key {
    Key::from_secret([7; 32])
}

/// Where vaults are on a [`MemoryDisk`].
pub fn place(disk: &MemoryDisk) -> Place {
    Place { disk: Arc::new(disk.clone()), dir: PathBuf::from("/vault") }
}

/// A program with a little of everything that an image holds: containers large and small, asks, timers, savepoints.
const PROGRAM: &str = r#"
container Keeper(size: Int) {
  var kept = list.repeat(0, size)
  var names: Map[Text, Int] = [:]
  on Put(at: Int, value: Int) { kept[at % size] ≔ value }
  on Name(name: Text) → Int {
    names[name] ≔ map.size(names)
    map.size(names)
  }
  on Fail() { panic("on purpose") }
  on Later(d: Int) → Int {
    sleep(time.milliseconds(d))
    list.length(kept)
  }
}

container Boss() {
  var failures = 0
  on Work(n: Int) → Int {
    let worker = ⊞ Keeper(n)
    worker ⇒ Put(1, 2)
    worker ⇒ Fail()
    failures
  }
  on collapsed(child: Link, why: Collapse) { failures += text.length(why.message) }
}

fn main() {
  let (big, small, boss) = (⊞ Keeper(20_000), ⊞ Keeper(5), ⊞ Boss())
  for i ∈ 1..=24 {
    big ⇒ Put(i × 997, i)
    small ⇒ Put(i, i)
    let n = small ⇔ Name("name {i}")
    if i % 8 ≡ 0 { print("{◈ "point"} {n} {boss ⇔ Work(i)}") }
  }
  print(big ⇔ Later(1))
}
"#;

/// A world between ticks, in parts that can be changed.
#[derive(Clone)]
pub struct Snapshot {
    /// Its module's stored bytes.
    pub module: Vec<u8>,
    /// See [`dump::Image`].
    pub state: Vec<u8>,
    /// See [`dump::Image`].
    pub regions: Vec<(u64, Vec<u8>)>,
    /// Ticks so far.
    pub tick: u64,
}

impl Snapshot {
    /// What there is of a world.
    pub fn of(world: &World) -> Snapshot {
        let image = dump::image(world);
        Snapshot {
            module: codec::encode(world.program().module()),
            regions: image.regions.iter().map(|(id, cells)| (*id, cells.to_vec())).collect(),
            state: image.state,
            tick: world.ticks(),
        }
    }
}

/// Answers every request with a few bytes; the clock is that of the first timer.
pub fn go_on(world: &mut World) {
    let reply = |(request, _, _)| Input::Reply { request, status: 0, bytes: vec![0] };
    let mut inputs: Vec<Input> = world.requests().map(reply).collect();
    if let Some(due) = world.next_timer().filter(|_| !world.is_runnable()) {
        inputs.push(Input::Clock(due));
    }
    tick(world, &inputs);
}

fn program() -> Arc<Program> {
    static MODULE: OnceLock<Vec<u8>> = OnceLock::new();
    let module = MODULE.get_or_init(|| {
        let outcome = build_text("worlds.glyph", PROGRAM, &Options::default());
        codec::encode(&outcome.module.expect("the program of the worlds compiles"))
    });
    Program::new(codex_spec::verify::load(module).expect("and is sound"))
}

/// Worlds at many of their ticks.
pub fn snapshots() -> &'static [Snapshot] {
    static MADE: OnceLock<Vec<Snapshot>> = OnceLock::new();
    MADE.get_or_init(|| {
        let settings = Settings { quantum: 1500, ..Settings::default() };
        let mut programs = vec![program()];
        for source in crate::corpus::assembly() {
            let module = codex_spec::text::assemble(&source)
                .and_then(|m| codex_spec::verify::verify(m).map_err(|e| panic!("{e}")));
            programs.extend(module.map(Program::new));
        }
        let mut made = Vec::new();
        for program in programs {
            let mut world = World::new(program, settings);
            while world.end().is_none() && world.ticks() < 200 {
                if world.ticks().is_multiple_of(9) {
                    made.push(Snapshot::of(&world));
                }
                go_on(&mut world);
            }
        }
        assert!(made.iter().any(|s| !s.regions.is_empty()), "one of them has a large heap");
        made
    })
}

/// What a killed process left: the files of a vault, and the state's hash at each tick that its journal knows of.
pub struct History {
    /// The vault.
    pub files: Files,
    /// By tick.
    pub states: BTreeMap<u64, hash::StateHash>,
    /// The tick that a sound resume comes to.
    pub end: u64,
}

/// Durable runs of one program, killed at a third, at two thirds and at nine tenths of their changes.
pub fn histories() -> &'static [History] {
    static MADE: OnceLock<Vec<History>> = OnceLock::new();
    MADE.get_or_init(|| {
        let all = run_until(u64::MAX).changes();
        let made = [all / 3, all * 2 / 3, all * 9 / 10].map(|change| history(run_until(change).left()));
        assert!(made[2].states.len() > 20, "only {} ticks", made[2].states.len());
        made.into()
    })
}

/// Runs the program durably; what is kept is what a process killed at a change would have left.
fn run_until(change: u64) -> MemoryDisk {
    let disk = MemoryDisk::default();
    disk.cut_at(change);
    let settings = Durable { beat_every: Duration::ZERO, ..Durable::default() };
    let world = World::new(program(), Settings { quantum: 1500, ..Settings::default() });
    let (mut durable, world) =
        durable::create(&place(&disk), &key(), world, settings, &[]).unwrap_or_else(|e| panic!("{e:?}"));
    let mut ports = Ports::new(Vec::new(), Permissions::default(), true);
    let ran = durable.run(world, &mut ports, &mut Console::kept(), &AtomicBool::new(false), None);
    ran.unwrap_or_else(|e| panic!("{e:?}"));
    disk
}

/// The states of a vault's history, from its oldest save on.
fn history(files: Files) -> History {
    let mut states = BTreeMap::new();
    let at = place(&MemoryDisk::with(files.clone()));
    let mut see = |world: &World| _ = states.insert(world.ticks(), hash::hash(world));
    let replayed = durable::replay(&at, true, &mut see).unwrap_or_else(|e| panic!("{e:?}"));
    History { files, states, end: replayed.world.ticks() }
}

/// The path of a portable file on a [`MemoryDisk`].
pub fn portable() -> &'static Path {
    Path::new("/world.codexsave")
}
