//! Saves of a world with one large heap, and its way back, beside what their parts cost alone, in one run:
//! `cargo bench -p codex-benches --bench saves --profile dev`. `CODEX_BENCH_MIB` sets the size of the heap (1024), `CODEX_BENCH_SAVES` how many
//! saves are made (100), `CODEX_BENCH_DIR` where (the build's).
//!
//! The program changes 1 % of the heap's pages, at random places, and makes a savepoint, again and again.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use codex_vault::Key;
use codex_vm::shell::console::Console;
use codex_vm::shell::durable::{self, Durable, Settings};
use codex_vm::shell::permissions::Permissions;
use codex_vm::shell::ports::Ports;
use codex_vm::world::World;

const PAGE: usize = 4096;

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

/// A heap of so many pages, of which one in a hundred changes before each savepoint; at the end it goes on for ever.
fn source(pages: usize, saves: usize) -> String {
    format!(
        "fn main() {{
  var xs = list.repeat(7, {})
  var seed = 1
  for round ∈ 0..{saves} {{
    for k ∈ 0..{} {{
      seed ≔ (seed × 1103515245 + 12345) % 2147483648
      xs[(seed / 16) % {pages} × 512] ≔ seed + round
    }}
    match ◈ \"round\" {{
      _ → {{}}
    }}
  }}
  var at = 0
  while xs[at % 512] > 0 {{ at ≔ at + 1 }}
}}
",
        pages * 512,
        pages / 100
    )
}

fn main() {
    let (mib, saves) = (number("CODEX_BENCH_MIB", 1024), number("CODEX_BENCH_SAVES", 100));
    let dir = std::env::var("CODEX_BENCH_DIR").unwrap_or_else(|_| env!("CARGO_TARGET_TMPDIR").to_owned());
    let dir = Path::new(&dir).join("saves.vault");
    let _ = std::fs::remove_dir_all(&dir);
    let pages = mib * 256;
    let key = Key::generate();
    let program = codex_benches::program(&source(pages, saves));
    let settings = || Settings { save_every: Duration::from_secs(1 << 20), ..Settings::default() };
    let (mut durable, world) =
        durable::create(&durable::Place::here(&dir), &key, World::new(program, Default::default()), settings(), &[])
            .expect("a vault");
    let bytes = watch_saves(&mut durable, world, &dir, saves);
    report_saves(&durable, &bytes, pages / 100);
    drop(durable);
    (0..5).for_each(|_| resume(&dir, &key, settings()));
    peers(mib << 20, pages / 100);
    std::fs::remove_dir_all(&dir).expect("the vault goes");
}

/// Runs until all savepoints are made; gives the bytes that were written for each save, the first one apart.
fn watch_saves(durable: &mut Durable, world: World, dir: &Path, saves: usize) -> Vec<u64> {
    let leave = Arc::new(AtomicBool::new(false));
    let watcher = {
        let (leave, dir) = (leave.clone(), dir.to_owned());
        std::thread::spawn(move || {
            let mut marks = Vec::new();
            while marks.len() < saves + 1 {
                let made = saves_in(&dir);
                while marks.len() < made {
                    marks.push(written());
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            leave.store(true, Ordering::Relaxed);
            marks
        })
    };
    let mut ports = Ports::new(Vec::new(), Permissions::default(), true);
    durable.run(world, &mut ports, &mut Console::kept(), &leave, None).expect("it runs");
    let marks = watcher.join().expect("the watcher");
    marks.windows(2).skip(1).map(|pair| pair[1] - pair[0]).collect()
}

/// From a closed vault to the first instruction, and to the whole world.
fn resume(dir: &Path, key: &Key, settings: Settings) {
    let (start, before) = (Instant::now(), count_io("rchar: "));
    let mut resumed = durable::resume(&durable::Place::here(dir), key, settings).expect("it comes back");
    codex_vm::tick(&mut resumed.world, &[]);
    let (first, read) = (start.elapsed(), count_io("rchar: ") - before);
    // Whoever fills it is waited for.
    drop(resumed.durable);
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    println!(
        "resume: first tick after {:.0} ms, {} KiB read; whole after {:.0} ms",
        ms(first),
        read >> 10,
        ms(start.elapsed())
    );
}

fn saves_in(dir: &Path) -> usize {
    let names = std::fs::read_dir(dir.join("saves")).into_iter().flatten().flatten();
    names.filter(|entry| entry.path().extension().is_some_and(|e| e == "save")).count()
}

/// Bytes that this process has given to the system to write.
fn written() -> u64 {
    count_io("wchar: ")
}

fn count_io(what: &str) -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = io.lines().find_map(|line| line.strip_prefix(what));
    line.and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn report_saves(durable: &Durable, bytes: &[u64], changed: usize) {
    let pauses: Vec<_> = durable.pauses().collect();
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    println!("first save, whole: the world stood still for {:.0} ms", ms(pauses[0].copy));
    let show = |what: &str, mut all: Vec<f64>, unit: &str| {
        all.sort_by(f64::total_cmp);
        let at = |part: usize| all[(all.len() - 1) * part / 100];
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        println!(
            "{what}: median {:.2}, p99 {:.2}, longest {:.2}, mean {mean:.2} {unit}, {} saves",
            at(50),
            at(99),
            at(100),
            all.len()
        );
    };
    show("pause, copy", pauses[1..].iter().map(|p| ms(p.copy)).collect(), "ms");
    show("pause, gate", pauses[1..].iter().map(|p| ms(p.gate)).collect(), "ms");
    let page_bytes = (changed * PAGE) as f64;
    show("written, over the changed pages", bytes.iter().map(|&b| b as f64 / page_bytes).collect(), "×");
}

/// What the parts cost alone.
fn peers(bytes: usize, pages: usize) {
    let time = |what: &str, rounds: usize, mut run: Box<dyn FnMut()>| {
        let mut all: Vec<f64> = (0..rounds)
            .map(|_| {
                let start = Instant::now();
                run();
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        all.sort_by(f64::total_cmp);
        println!("{what}: median {:.2}, longest {:.2} ms", all[rounds / 2], all[rounds - 1]);
    };
    let heap: Arc<Vec<u8>> = Arc::new((0..bytes).map(|i| (i / 4096) as u8 | 1).collect());
    let mut to = vec![1u8; bytes];
    let from = heap.clone();
    time("memcpy of the heap", 5, Box::new(move || to.copy_from_slice(&from)));
    let from = heap.clone();
    time("blake3 of the heap", 3, Box::new(move || _ = std::hint::black_box(blake3::hash(&from))));
    let from = heap.clone();
    let mut room = vec![1u8; pages * PAGE];
    let mut seed = 1usize;
    let copy = move || {
        for page in room.chunks_exact_mut(PAGE) {
            seed = (seed * 1_103_515_245 + 12_345) % (1 << 31);
            let at = seed / 16 % (from.len() / PAGE) * PAGE;
            page.copy_from_slice(&from[at..at + PAGE]);
        }
    };
    time("copy of 1 % of the pages", 31, Box::new(copy));
    time("fork of the process", 31, Box::new(fork));
    drop(heap);
}

/// A child that ends at once: what it takes to have a copy of all memory.
fn fork() {
    // SAFETY: the child does nothing but end, so it needs nothing that another thread may hold.
    match unsafe { libc::fork() } {
        -1 => panic!("no child"),
        // SAFETY: ends the child, and runs nothing else.
        0 => unsafe { libc::_exit(0) },
        child => {
            let mut status = 0;
            // SAFETY: `status` is a place for the answer. The wait is part of the time, and short.
            unsafe { libc::waitpid(child, &raw mut status, 0) };
        }
    }
}
