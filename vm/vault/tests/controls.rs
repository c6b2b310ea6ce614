//! Mistakes made on purpose: the tests of this crate must catch each of them.

mod common;

use std::sync::Arc;

use codex_vault::disk::simulate::{Fault, Keep};
use codex_vault::journal::Position;
use codex_vault::seeded::{Bug, with};
use codex_vault::{Options, Vault};

use common::life::{Ledger, live};
use common::*;

/// Random histories with some faults, until one of them finds something.
fn findings(bug: Option<Bug>, faults: &[Fault], histories: u64) -> Vec<String> {
    let mut found = Vec::new();
    for history in 0..histories {
        let disk = fresh(history);
        let (mut random, mut ledger) = (Random(history), Ledger::default());
        for _ in 0..4 {
            if !faults.is_empty() {
                disk.fail(random.below(60), faults[random.below(faults.len() as u64) as usize]);
            }
            let lived = match bug {
                Some(bug) => with(bug, || live(&disk, &mut ledger, &mut random, 15)),
                None => live(&disk, &mut ledger, &mut random, 15),
            };
            if let Err(finding) = lived {
                found.push(finding);
                break;
            }
            disk.crash(Keep::Nothing);
        }
    }
    found
}

fn caught(bug: Bug, faults: &[Fault]) {
    assert_eq!(findings(None, faults, 12), [] as [String; 0], "without the mistake");
    assert!(!findings(Some(bug), faults, 12).is_empty(), "{bug:?} was not caught");
}

#[test]
fn a_dirty_set_cleared_before_the_sync_is_caught() {
    caught(Bug::ClearBeforeSync, &[]);
}

#[test]
fn a_failed_sync_that_is_ignored_is_caught() {
    caught(Bug::IgnoreFailedSync, &[Fault::FailedSync]);
}

#[test]
fn a_watermark_that_is_dropped_is_caught() {
    caught(Bug::DropWatermark, &[]);
}

#[test]
fn a_directory_that_is_not_synced_is_caught() {
    caught(Bug::SkipDirSync, &[]);
}

/// Two owners that know nothing of each other; says whether something that was acknowledged is lost.
fn two_owners() -> bool {
    let disk = fresh(1);
    let open = || Vault::open(Arc::new(disk.clone()), dir(), Options { without_lock: true, ..options() }).unwrap();
    let mut older = open();
    let mut newer = open();
    older.append_input(1, b"of the older").unwrap();
    let acknowledged = older.commit().is_ok();
    newer.append_input(1, b"of the newer").unwrap();
    newer.commit().unwrap();
    drop((older, newer));
    let vault = open();
    let inputs = inputs(&vault, &records(vault.read_from(Position::default())).unwrap()).unwrap();
    acknowledged && !inputs.contains(&b"of the older".to_vec())
}

#[test]
fn a_fence_that_is_skipped_is_caught() {
    assert!(!two_owners());
    assert!(with(Bug::SkipFence, two_owners));
}
