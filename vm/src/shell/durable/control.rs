//! The control socket of a durable run: how other processes speak to it.
//!
//! One line in, one line out, over a Unix socket in the vault that only its owner can open: `save`, `status`.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long the other side of a connection may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest question.
const LONGEST: u64 = 1024;

fn socket(vault: &Path) -> PathBuf {
    vault.join("control")
}

/// See the module's documentation.
pub struct Control {
    questions: Receiver<Question>,
    path: PathBuf,
}

impl Control {
    /// Listens for a vault that this process owns. A socket that a dead owner left is replaced.
    pub fn listen(vault: &Path) -> io::Result<Control> {
        let path = socket(vault);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        let (sender, questions) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(text) = question(&stream) else { continue };
                if sender.send(Question { text, stream }).is_err() {
                    return;
                }
            }
        });
        Ok(Control { questions, path })
    }

    /// What was asked since the last look.
    pub(super) fn questions(&self) -> impl Iterator<Item = Question> {
        self.questions.try_iter()
    }
}

/// Something that another process asked.
pub(super) struct Question {
    pub(super) text: String,
    stream: UnixStream,
}

impl Question {
    /// Answers it.
    pub(super) fn reply(mut self, text: &str) {
        // Who asked may be gone.
        let _ = writeln!(self.stream, "{text}");
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // A socket that is left is replaced by the next owner.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn question(stream: &UnixStream) -> Option<String> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut line = String::new();
    BufReader::new(io::Read::take(stream, LONGEST)).read_line(&mut line).ok()?;
    Some(line.trim().to_owned())
}

/// Asks the owner of a vault something. `None` if nobody owns it.
pub fn ask(vault: &Path, question: &str) -> io::Result<Option<String>> {
    let mut stream = match UnixStream::connect(socket(vault)) {
        Ok(stream) => stream,
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => return Ok(None),
        Err(error) => return Err(error),
    };
    writeln!(stream, "{question}")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(Some(line.trim().to_owned()))
}
