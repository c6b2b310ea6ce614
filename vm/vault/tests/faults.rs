//! Every operation of a life fails in every way that fits it, and then the power goes out. `CODEX_FAULT_STEPS` makes the life longer
//! than the usual 8 steps, `CODEX_HISTORIES` makes more random histories than the usual 60.

mod common;

use codex_vault::disk::simulate::{Fault, Keep};

use common::life::{Ledger, live};
use common::{Random, fresh};

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

/// The life whose every operation fails: the same in every run up to the fault.
fn life(seed: u64, steps: u64, fault: Option<(u64, Fault)>, keep: Option<Keep>) -> Result<usize, String> {
    let disk = fresh(seed);
    let mut ledger = Ledger::default();
    let mut random = Random(seed);
    live(&disk, &mut ledger, &mut random, 6)?;
    disk.crash(Keep::Nothing);
    let before = disk.trace().len();
    if let Some((index, fault)) = fault {
        disk.fail(index, fault);
    }
    live(&disk, &mut ledger, &mut random, steps)?;
    let done = disk.trace().len() - before;
    match keep {
        Some(keep) => disk.crash(keep),
        None => disk.kill(),
    }
    // On a good disk: nothing is lost, and it goes on; and once more after the power went out.
    live(&disk, &mut ledger, &mut random, 8)?;
    disk.crash(Keep::Nothing);
    live(&disk, &mut ledger, &mut random, 2)?;
    Ok(done)
}

#[test]
fn every_operation_fails_in_every_way() {
    let steps = setting("CODEX_FAULT_STEPS", 8);
    let seed = setting("CODEX_FAULT_SEED", 3);
    let count = life(seed, steps, None, Some(Keep::Nothing)).unwrap() as u64;
    let trace = {
        let disk = fresh(seed);
        let (mut ledger, mut random) = (Ledger::default(), Random(seed));
        live(&disk, &mut ledger, &mut random, 6).unwrap();
        disk.crash(Keep::Nothing);
        let before = disk.trace().len();
        live(&disk, &mut ledger, &mut random, steps).unwrap();
        disk.trace()[before..].to_vec()
    };
    assert_eq!(trace.len() as u64, count);
    let faults = [Fault::Error, Fault::Short, Fault::Torn, Fault::FailedSync, Fault::Full, Fault::Off];
    let keeps = [Some(Keep::Nothing), Some(Keep::Some), None];
    let mut runs = 0;
    for (index, &op) in trace.iter().enumerate() {
        for fault in faults.into_iter().filter(|fault| fault.fits(op)) {
            // After an error the process may die alone; when the power goes out, memory goes too.
            let ends = if fault == Fault::Off {
                &[Some(Keep::Nothing), Some(Keep::Some), Some(Keep::Everything)]
            } else {
                &keeps
            };
            for &keep in ends {
                runs += 1;
                if let Err(finding) = life(seed, steps, Some((index as u64, fault)), keep) {
                    panic!("operation {index} ({op:?}), {fault:?}, then {keep:?}: {finding}");
                }
            }
        }
    }
    println!("{count} operations, {runs} lives");
    assert!(count > 40 && runs > 200, "{count} operations, {runs} lives");
}

#[test]
fn random_histories_lose_and_invent_nothing() {
    for history in 0..setting("CODEX_HISTORIES", 60) {
        let disk = fresh(history);
        let mut random = Random(history);
        let mut ledger = Ledger::default();
        for life in 0..6 {
            if random.below(3) > 0 {
                let faults = [Fault::Error, Fault::Short, Fault::Torn, Fault::FailedSync, Fault::Full, Fault::Off];
                disk.fail(random.below(120), faults[random.below(6) as usize]);
            }
            if let Err(finding) = live(&disk, &mut ledger, &mut random, 20) {
                panic!("history {history}, life {life}: {finding}");
            }
            match random.below(4) {
                0 => disk.crash(Keep::Nothing),
                1 => disk.crash(Keep::Everything),
                2 => disk.crash(Keep::Some),
                _ => disk.kill(),
            }
        }
    }
}
