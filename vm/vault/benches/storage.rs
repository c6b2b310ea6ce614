//! What storage costs, beside what its parts cost alone, interleaved in one run:
//! `cargo bench -p codex-vault [-- append | world]`. `CODEX_BENCH_MIB` sets the size of the world (1024), `CODEX_BENCH_DIR`
//! the directory (the build's), `CODEX_BENCH_ROUNDS` how often (3).

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use codex_vault::chunk::{CHUNK, PAGE};
use codex_vault::disk::{Disk, DiskFile, Lock, Open, RealDisk};
use codex_vault::id::{SaveId, TimelineId, WorldId};
use codex_vault::journal::Record;
use codex_vault::save::{Change, Descent, Draft, Locator, RegionInput};
use codex_vault::{Check, Form, Identity, Key, Options, PortableFile, Vault};

fn main() {
    let only: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|arg| arg == name);
    let dir = setting("CODEX_BENCH_DIR").unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").to_owned());
    let dir = Path::new(&dir).join("storage");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a directory");
    if wanted("append") {
        [1, 16, 256].into_iter().for_each(|group| append(&dir, group));
    }
    if wanted("world") {
        world(&dir, "compressible", true);
        world(&dir, "not compressible", false);
    }
    fs::remove_dir_all(&dir).expect("the directory goes");
}

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn number(name: &str, usual: usize) -> usize {
    setting(name).and_then(|value| value.parse().ok()).unwrap_or(usual)
}

fn time<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = run();
    (start.elapsed(), done)
}

/// Milliseconds that passed, and that this thread had the processor.
fn timed<T>(run: impl FnOnce() -> T) -> ((f64, f64), T) {
    let cpu = || {
        let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        stat.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e6
    };
    let before = cpu();
    let (took, done) = time(run);
    ((took.as_secs_f64() * 1e3, cpu() - before), done)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

/// A disk that counts what is written.
#[derive(Clone, Debug, Default)]
struct Counting(Arc<AtomicU64>);

#[derive(Debug)]
struct CountingFile(Arc<dyn DiskFile>, Arc<AtomicU64>);

impl Disk for Counting {
    fn open(&self, path: &Path, how: Open) -> std::io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(CountingFile(RealDisk.open(path, how)?, self.0.clone())))
    }
    fn make_dir(&self, path: &Path) -> std::io::Result<()> {
        RealDisk.make_dir(path)
    }
    fn list(&self, dir: &Path) -> std::io::Result<Vec<String>> {
        RealDisk.list(dir)
    }
    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        RealDisk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> std::io::Result<()> {
        RealDisk.remove(path)
    }
    fn sync_dir(&self, dir: &Path) -> std::io::Result<()> {
        RealDisk.sync_dir(dir)
    }
    fn lock(&self, path: &Path) -> std::io::Result<Option<Lock>> {
        RealDisk.lock(path)
    }
}

impl DiskFile for CountingFile {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> std::io::Result<usize> {
        self.0.read_at(offset, into)
    }
    fn write_at(&self, offset: u64, bytes: &[u8]) -> std::io::Result<usize> {
        self.1.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.0.write_at(offset, bytes)
    }
    fn len(&self) -> std::io::Result<u64> {
        self.0.len()
    }
    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.0.set_len(len)
    }
    fn sync(&self) -> std::io::Result<()> {
        self.0.sync()
    }
    fn system(&self) -> Option<&File> {
        self.0.system()
    }
}

fn vault(dir: &Path, disk: &Counting) -> Vault {
    let key = Key::from_secret([1; 32]);
    let identity =
        Identity { world: WorldId([1; 16]), timeline: TimelineId([2; 16]), root: key.public(), origin: None };
    if !Vault::is_vault(disk, dir) {
        Vault::create(disk, dir, &identity, key.public()).expect("made");
    }
    Vault::open(Arc::new(disk.clone()), dir, Options::new(key, "the bench")).expect("opened")
}

/// Groups of records of 200 bytes, each group synced, beside the same bytes appended to a file and synced.
fn append(dir: &Path, group: usize) {
    let path = dir.join(format!("append-{group}"));
    let mut vault = vault(&path, &Counting::default());
    let mut bare = File::create(path.join("bare")).expect("a file");
    let payload = [7u8; 200];
    // Frame and tick add 32 bytes to 200; the bare loop writes as much.
    let bytes = vec![7u8; group * 232];
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut alone = || {
        bare.write_all(&bytes).expect("written");
        bare.sync_data().expect("synced");
    };
    let mut committed = || {
        (0..group).for_each(|_| vault.append(&Record::input(1, payload)).expect("appended"));
        vault.commit().expect("committed");
    };
    // One of each in turn, and who is first changes: a disk has moods.
    for round in 0..400 {
        if round % 2 == 0 {
            theirs.push(time(&mut alone).0);
            ours.push(time(&mut committed).0);
        } else {
            ours.push(time(&mut committed).0);
            theirs.push(time(&mut alone).0);
        }
    }
    let mean = |times: &[Duration]| times.iter().sum::<Duration>().as_secs_f64() / times.len() as f64;
    let all = 100.0 * mean(&theirs) / mean(&ours);
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        "append, groups of {group:3}: {:8.0} records/s, bare loop {:8.0}: {:.0} % in the median, {all:.0} % in the mean",
        group as f64 / ours,
        group as f64 / theirs,
        100.0 * theirs / ours
    );
}

/// Bytes like those of a heap: words with small numbers, references and texts, or noise.
fn heap(len: usize, compressible: bool) -> Vec<u8> {
    let mut heap = vec![0; len];
    let mut random = 1u64;
    for (index, word) in heap.chunks_exact_mut(8).enumerate() {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let value = match index % 4 {
            _ if !compressible => random ^ random >> 29,
            0 => 0x0000_0001_0000_002a,
            1 => random >> 44,
            2 => index as u64,
            _ => 0x6170_6c65_2074_6578,
        };
        word.copy_from_slice(&value.to_le_bytes());
    }
    heap
}

fn draft<'a>(vault: &Vault, tick: u64, parent: Option<SaveId>, regions: &'a [RegionInput<'a>]) -> Draft<'a> {
    Draft {
        parent,
        descent: if parent.is_some() { Descent::GoesOn } else { Descent::First },
        tick,
        state_hash: Default::default(),
        position: vault.position(),
        locator: Locator::default(),
        wall: tick as i64,
        modules: &[],
        state: b"",
        meta: b"",
        regions,
    }
}

/// Peak memory of this process since the last reset, in MiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn reset_peak() -> u64 {
    let _ = fs::write("/proc/self/clear_refs", "5");
    peak()
}

#[derive(Default)]
struct Times(Vec<(&'static str, Vec<Duration>)>);

impl Times {
    fn add(&mut self, name: &'static str, time: Duration) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, times)) => times.push(time),
            None => self.0.push((name, vec![time])),
        }
    }

    fn report(&self, parts: &[&str]) {
        let of = |name: &str| self.0.iter().find(|(known, _)| *known == name).map_or(0.0, |(_, t)| median(t.clone()));
        let slowest = parts.iter().map(|part| of(part)).fold(0.0, f64::max);
        for (name, _) in &self.0 {
            println!("  {name:24} {:7.3} s   {:.2} x the slowest part", of(name), of(name) / slowest);
        }
    }
}

fn world(dir: &Path, name: &str, compressible: bool) {
    let len = number("CODEX_BENCH_MIB", 1024) << 20;
    let mut bytes = heap(len, compressible);
    let mut times = Times::default();
    println!("a world of {} MiB, {name}", len >> 20);
    for round in 0..number("CODEX_BENCH_ROUNDS", 3) {
        parts(dir, &bytes, &mut times);
        whole(&dir.join(format!("world-{compressible}-{round}")), &bytes, &mut times);
    }
    times.report(&["blake3", "zstd -1", "write + sync"]);
    delta(&dir.join(format!("delta-{compressible}")), &mut bytes);
}

/// What the parts cost alone.
fn parts(dir: &Path, bytes: &[u8], times: &mut Times) {
    let hash = |chunk: &[u8]| {
        std::hint::black_box(codex_vault::chunk::id(chunk));
    };
    times.add("blake3", time(|| bytes.chunks(CHUNK).for_each(hash)).0);
    let mut out = vec![0; 2 * CHUNK];
    let mut zstd = zstd::bulk::Compressor::new(1).expect("zstd");
    let mut pack = |chunk: &[u8]| zstd.compress_to_buffer(chunk, &mut out).map(drop).expect("packed");
    times.add("zstd -1", time(|| bytes.chunks(CHUNK).for_each(&mut pack)).0);
    let path = dir.join("bare");
    let write = || {
        let mut file = File::create(&path).expect("a file");
        bytes.chunks(1 << 20).for_each(|part| file.write_all(part).expect("written"));
        file.sync_data().expect("synced");
    };
    times.add("write + sync", time(write).0);
    fs::remove_file(&path).expect("removed");
}

/// Save and load in a vault, and as a portable file.
fn whole(path: &Path, bytes: &[u8], times: &mut Times) {
    let vault = vault(path, &Counting::default());
    let source = &bytes;
    let regions = [RegionInput { container: 1, len: bytes.len() as u64, change: Change::Whole, bytes: source }];
    let before = reset_peak();
    let (took, id) = time(|| vault.saves().save(&draft(&vault, 0, None, &regions)).expect("saved"));
    times.add("save to the vault", took);
    let saved = peak();
    let mut loaded = vec![0u8; bytes.len()];
    let load = |into: &mut [u8]| {
        let save = vault.saves().open(&id).expect("opened");
        let map = save.map(&save.manifest().regions[0]).expect("lists");
        map.read(save.source(), |at, part| {
            into[at as usize..at as usize + part.len()].copy_from_slice(part);
            Ok(())
        })
        .expect("read");
    };
    times.add("load from the vault", time(|| load(&mut loaded)).0);
    assert!(loaded == bytes);
    let file: PathBuf = path.join("world.codexsave");
    let reset = reset_peak();
    times.add("export", time(|| vault.saves().export(&id, &RealDisk, &file, Form::Whole, 1).expect("exported")).0);
    let exported = peak() - reset;
    let open = || PortableFile::open(&RealDisk, &file, &vault.saves().trusted(), 64 << 30).expect("opened");
    let load = |into: &mut [u8]| {
        let save = open();
        let map = save.map(&save.manifest().regions[0]).expect("lists");
        map.read(save.source(), |at, part| {
            into[at as usize..at as usize + part.len()].copy_from_slice(part);
            Ok(())
        })
        .expect("read");
    };
    times.add("load from the file", time(|| load(&mut loaded)).0);
    assert!(loaded == bytes);
    let size = fs::metadata(&file).expect("the file").len();
    println!("  memory: {} MiB to save, {exported} MiB to export; portable file {} MiB", saved - before, size >> 20);
    drop(vault);
    fs::remove_dir_all(path).expect("removed");
}

fn save(vault: &Vault, tick: u64, parent: Option<SaveId>, change: Change<'_>, bytes: &[u8]) -> SaveId {
    let regions = [RegionInput { container: 1, len: bytes.len() as u64, change, bytes: &bytes }];
    vault.saves().save(&draft(vault, tick, parent, &regions)).expect("saved")
}

/// A delta of 1 % of the pages, at random; and the way back into memory.
fn delta(path: &Path, bytes: &mut [u8]) {
    let disk = Counting::default();
    let first = vault(path, &disk);
    let mut parent = save(&first, 0, None, Change::Whole, bytes);
    let mut random = 9u64;
    for tick in 1..=3 {
        let count = bytes.len() / PAGE / 100;
        let mut pages: Vec<u32> = (0..count)
            .map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                ((random >> 33) as usize % (bytes.len() / PAGE)) as u32
            })
            .collect();
        pages.sort_unstable();
        pages.dedup();
        for &page in &pages {
            bytes[page as usize * PAGE] ^= tick as u8;
        }
        let before = disk.0.load(Ordering::Relaxed);
        let (took, id) = time(|| save(&first, tick, Some(parent), Change::Pages(&pages), bytes));
        let written = disk.0.load(Ordering::Relaxed) - before;
        let changed = (pages.len() * PAGE) as u64;
        println!(
            "  delta {tick}: {} pages, {:.3} x their bytes written, {:.0} ms",
            pages.len(),
            written as f64 / changed as f64,
            took.as_secs_f64() * 1e3
        );
        parent = id;
    }
    drop(first);
    let ((open, open_cpu), again) = timed(|| vault(path, &disk));
    let find = || again.recover(Check::Quick).expect("recovered").save.expect("a save");
    let ((find, find_cpu), found) = timed(find);
    let map = || {
        let region = found.map(&found.manifest().regions[0]).expect("lists");
        again.saves().map(&region).expect("mapped")
    };
    let ((map, map_cpu), mapped) = timed(map);
    println!(
        "  resume, ms (and of CPU): open {open:.1} ({open_cpu:.1}), find the save {find:.1} ({find_cpu:.1}), map it in {} pieces {map:.1} ({map_cpu:.1})",
        mapped.mappings()
    );
    assert!(mapped.bytes()[..bytes.len()] == *bytes);
    drop((mapped, again));
    fs::remove_dir_all(path).expect("removed");
}
