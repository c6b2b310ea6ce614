//! `codexvm save`, `list`, `inspect`, `verify`, `ps`: looking after vaults.

use std::path::{Path, PathBuf};

use clap::Args;
use codex_vault::chunk::ChunkSource;
use codex_vault::disk::RealDisk;
use codex_vault::id::{PublicKey, SaveId};
use codex_vault::save::{Header, Save as Stored};
use codex_vault::{PortableFile, Saves, Vault};
use codex_vm::inspect;
use codex_vm::shell::durable::{self, Place};

use super::remote;
use super::resume::key;
use super::{Problem, failed, load};

/// Flags of `codexvm save`.
#[derive(Args)]
pub(super) struct Save {
    /// The vault
    vault: PathBuf,
    /// Write the save to one portable file; or, under its name, into an object store, such as `file:///saves`
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

impl Save {
    pub(super) fn run(self) -> Result<u8, Problem> {
        match durable::ask(&self.vault, "save").map_err(Problem::host)? {
            Some(answer) if answer.starts_with("saved") => println!("{answer}"),
            Some(answer) => return Err(Problem::host(answer)),
            None if self.to.is_none() => {
                return Err(Problem::host(format!("no process runs the world of {}", self.vault.display())));
            }
            None => {}
        }
        if let Some(to) = self.to {
            let saves = look(&self.vault)?;
            let newest = newest(&saves, &self.vault)?;
            match to.to_str().filter(|to| remote::is_address(to)) {
                Some(address) => println!("wrote {}", remote::push(&saves, newest, address)?),
                None => {
                    durable::export(&saves, newest, &to).or_else(|f| failed(f).map(drop))?;
                    println!("wrote {}", to.display());
                }
            }
        }
        Ok(0)
    }
}

fn look(vault: &Path) -> Result<Saves, Problem> {
    durable::look(&Place::here(vault)).map_err(|f| match failed(f) {
        Err(problem) => problem,
        Ok(_) => Problem::host("the vault can't be read"),
    })
}

fn newest(saves: &Saves, vault: &Path) -> Result<SaveId, Problem> {
    let rows = saves.list().map_err(Problem::host)?;
    rows.last().map(|row| row.id).ok_or_else(|| Problem::host(format!("{} holds no save", vault.display())))
}

/// Flags of `codexvm list`.
#[derive(Args)]
pub(super) struct List {
    /// The vault
    vault: PathBuf,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(self) -> Result<u8, Problem> {
        let rows = look(&self.vault)?.list().map_err(Problem::host)?;
        if self.json {
            let row = |r: &codex_vault::registry::SaveRow| {
                format!(
                    "{{\"save\":\"{}\",\"tick\":{},\"timeline\":\"{}\",\"parent\":{},\"wall\":{},\"bytes\":{}}}",
                    r.id,
                    r.tick,
                    r.timeline,
                    r.parent.map_or("null".to_owned(), |p| format!("\"{p}\"")),
                    r.wall,
                    r.bytes
                )
            };
            println!("[{}]", rows.iter().map(row).collect::<Vec<_>>().join(","));
            return Ok(0);
        }
        for row in &rows {
            println!("{}  tick {:<12}  {}  {} bytes in large heaps", row.id, row.tick, when(row.wall), row.bytes);
        }
        Ok(0)
    }
}

/// A point in time as people write it, in UTC.
fn when(milliseconds: i64) -> String {
    let (days, rest) = (milliseconds.div_euclid(86_400_000), milliseconds.rem_euclid(86_400_000));
    // Howard Hinnant, "chrono-compatible low-level date algorithms": days from the civil calendar, the other way.
    let z = days + 719_468;
    let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, year) =
        if month < 10 { (month + 3, era * 400 + year_of_era) } else { (month - 9, era * 400 + year_of_era + 1) };
    let seconds = rest / 1000;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Flags of `codexvm inspect`.
#[derive(Args)]
pub(super) struct Inspect {
    /// A vault, or a `.codexsave` file
    from: PathBuf,
    /// Which save of the vault [default: the newest]
    #[arg(long, value_name = "ID")]
    save: Option<SaveId>,
    #[command(flatten)]
    file: FileFlags,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// What is believed of a `.codexsave` file.
#[derive(Args)]
struct FileFlags {
    /// The key that signed a file [default: your own]
    #[arg(long, value_name = "HEX")]
    signer: Option<PublicKey>,
    /// Bytes that the world of a file may be long; a small file can claim any number
    #[arg(long, value_name = "BYTES", default_value_t = durable::MOST_OF_A_FILE)]
    max_world: u64,
}

impl FileFlags {
    fn open(&self, file: &Path) -> Result<Stored<PortableFile>, Problem> {
        let signer = match self.signer {
            Some(signer) => signer,
            None => key(None)?.public(),
        };
        let here = Place::here(file.parent().unwrap_or(file));
        durable::portable(&here, file, signer, self.max_world).map_err(|f| match failed(f) {
            Err(problem) => problem,
            Ok(_) => Problem::host("the file can't be read"),
        })
    }
}

impl Inspect {
    pub(super) fn run(self) -> Result<u8, Problem> {
        if self.from.is_file() {
            let save = self.file.open(&self.from)?;
            return show(&save, self.json);
        }
        let saves = look(&self.from)?;
        let id = match self.save {
            Some(id) => id,
            None => newest(&saves, &self.from)?,
        };
        show(&saves.open(&id).map_err(Problem::host)?, self.json)
    }
}

/// Prints what a save is and what its world looks like.
fn show(save: &Stored<impl ChunkSource>, json: bool) -> Result<u8, Problem> {
    let world = match durable::world_of(save) {
        Ok(world) => world,
        Err(failure) => return failed(failure),
    };
    let header = save.header();
    let containers = inspect::containers(&world);
    if json {
        let inside: Vec<String> = containers.iter().map(inspect::View::json).collect();
        println!(
            "{{\"save\":\"{}\",\"tick\":{},\"state\":\"{}\",\"world\":\"{}\",\"timeline\":\"{}\",\"epoch\":{},\"signer\":\"{}\",\
             \"containers\":[{}]}}",
            save.id(),
            header.tick,
            header.state,
            header.world,
            header.timeline,
            header.epoch,
            header.signer,
            inside.join(",")
        );
        return Ok(0);
    }
    print_header(save.id(), header);
    for module in &save.manifest().modules {
        println!("module    {}  {} bytes", module.id, module.bytes.len);
    }
    println!("heaps     {} bytes in {} large ones", save.manifest().bytes(), save.manifest().regions.len());
    for container in &containers {
        println!("\n{container}");
    }
    Ok(0)
}

fn print_header(id: SaveId, header: &Header) {
    println!("save      {id}");
    println!("made      {}, at {:?}, epoch {}", when(header.wall), header.locator.origin, header.epoch);
    println!("signer    {}", header.signer);
    println!("root      {}", header.root);
    println!("world     {}", header.world);
    println!("timeline  {}", header.timeline);
    println!("parent    {}", header.parent.map_or("none".to_owned(), |parent| parent.to_string()));
    println!("tick      {}", header.tick);
    println!("state     {}", header.state);
    for address in &header.locator.resurrect_from {
        println!("from      {address}");
    }
}

/// Flags of `codexvm verify`.
#[derive(Args)]
pub(super) struct Verify {
    /// A module, a `.codexsave` file, or a vault
    what: PathBuf,
    #[command(flatten)]
    file: FileFlags,
}

impl Verify {
    pub(super) fn run(self) -> Result<u8, Problem> {
        if Vault::is_vault(&RealDisk, &self.what) {
            return self.vault();
        }
        if self.what.extension().is_some_and(|e| e == "codexsave") {
            let save = self.file.open(&self.what)?;
            save.check().map_err(Problem::host)?;
            return restored(&save);
        }
        load(&self.what).map(|_| 0)
    }

    /// Every save: signature, every byte, and that its world can be restored and has the hash that it says.
    fn vault(&self) -> Result<u8, Problem> {
        let saves = look(&self.what)?;
        for (id, why) in saves.damaged() {
            eprintln!("error: the save {id}: {why:?}");
        }
        let rows = saves.list().map_err(Problem::host)?;
        for row in &rows {
            saves.verify(&row.id).map_err(Problem::host)?;
            restored(&saves.open(&row.id).map_err(Problem::host)?)?;
        }
        Ok(u8::from(!saves.damaged().is_empty()))
    }
}

fn restored(save: &Stored<impl ChunkSource>) -> Result<u8, Problem> {
    match durable::world_of(save) {
        Ok(_) => {
            println!("{}  tick {}: sound", save.id(), save.header().tick);
            Ok(0)
        }
        Err(failure) => failed(failure),
    }
}

/// Flags of `codexvm ps`.
#[derive(Args)]
pub(super) struct Ps {
    /// Vaults
    vaults: Vec<PathBuf>,
}

impl Ps {
    pub(super) fn run(self) -> Result<u8, Problem> {
        for vault in &self.vaults {
            let status = durable::ask(vault, "status").map_err(Problem::host)?;
            println!("{}  {}", vault.display(), status.as_deref().unwrap_or("rests"));
        }
        Ok(0)
    }
}
