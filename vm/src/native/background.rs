//! The thread that compiles. One for the process, started when something is hot for the first time.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{OnceLock, Weak};

use codex_native::Want;

use crate::program::Program;

type Job = (Weak<Program>, Want);

static JOBS: OnceLock<Option<Sender<Job>>> = OnceLock::new();

/// Has something compiled. Without a thread it stays with the interpreter.
pub(super) fn compile(program: Weak<Program>, want: Want) {
    let jobs = JOBS.get_or_init(|| {
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new().name("compiler".to_owned()).spawn(move || work(&receiver));
        thread.is_ok().then_some(sender)
    });
    if let Some(jobs) = jobs {
        // It fails when the thread is gone.
        let _ = jobs.send((program, want));
    }
}

fn work(jobs: &Receiver<Job>) {
    for (program, want) in jobs {
        // A program that is gone needs no code.
        if let Some(program) = program.upgrade()
            && let Some(native) = program.native()
        {
            native.make(&program, want);
        }
    }
}
