//! Linux 6.7 and later: `userfaultfd` in its asynchronous write-protecting mode, and the `PAGEMAP_SCAN` of `/proc/self/pagemap`.
//!
//! A watched page is write-protected; the kernel itself lifts that at the first write and goes on, so nobody has to answer
//! faults, and a write by a system call is as good as one by a program. `PAGEMAP_SCAN` finds the pages whose protection is gone and
//! protects them again in one pass, atomically for each page. It needs no privilege: the descriptor is for faults of user mode only,
//! and faults are never waited for.
//!
//! Memory that is filled as it is touched is registered for missing pages too, with a descriptor of its own: the kernel lets whoever touches
//! a missing page wait, says where on the descriptor, and puts a page there in one step, protected and whole, when it is given one. A system call
//! does not wait, but fails: such memory is not handed to the kernel.
//!
//! One descriptor for all watched mappings of the process; a mapping that goes takes its registration with it.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::ioctl::{Ioctl, IoctlOutput, Opcode, ioctl, opcode};
use rustix::mm::{UserfaultfdFlags, userfaultfd};

use super::PAGE;

/// What the process has to ask the kernel with.
#[derive(Debug)]
struct Host {
    faults: OwnedFd,
    pagemap: File,
}

/// A mapping that is registered.
#[derive(Clone, Debug)]
pub(crate) struct Watching(Arc<Host>);

fn host() -> Option<Arc<Host>> {
    static HOST: OnceLock<Option<Arc<Host>>> = OnceLock::new();
    HOST.get_or_init(|| open().ok().map(Arc::new)).clone()
}

fn open() -> io::Result<Host> {
    if rustix::param::page_size() != PAGE {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let flags =
        UserfaultfdFlags::CLOEXEC | UserfaultfdFlags::NONBLOCK | UserfaultfdFlags::from_bits_retain(USER_MODE_ONLY);
    // SAFETY: it opens a descriptor; nothing is registered with it yet, and only write protection ever will be.
    let faults = unsafe { userfaultfd(flags) }?;
    call::<API, _>(&faults, &mut Api { api: 0xAA, features: WP_ASYNC | WP_UNPOPULATED, ioctls: 0 })?;
    Ok(Host { faults, pagemap: File::open("/proc/self/pagemap")? })
}

pub(crate) fn begin(start: usize, length: usize) -> Option<Watching> {
    let watching = Watching(host()?);
    register(&watching, start..start + length, REGISTER_WP)?;
    protect(&watching, start..start + length).or_else(|| {
        end(&watching, start, length);
        None
    })?;
    Some(watching)
}

fn register(watching: &Watching, range: Range<usize>, mode: u64) -> Option<()> {
    let mut register = Register { range: Span::of(&range), mode, ioctls: 0 };
    call::<REGISTER, _>(&watching.0.faults, &mut register).ok().map(drop)
}

fn protect(watching: &Watching, range: Range<usize>) -> Option<()> {
    let mut protect = Protect { range: Span::of(&range), mode: PROTECT_WP };
    call::<WRITE_PROTECT, _>(&watching.0.faults, &mut protect).ok().map(drop)
}

/// Registers a mapping with a descriptor of its own: its missing pages in `fill` are to be filled, the rest is only watched.
pub(crate) fn begin_fill(start: usize, length: usize, fill: Range<usize>) -> Option<Watching> {
    let watching = Watching(Arc::new(open().ok()?));
    let done = register(&watching, start..start + length, REGISTER_WP)
        .and_then(|()| protect(&watching, start..fill.start))
        .and_then(|()| protect(&watching, fill.end..start + length))
        .and_then(|()| register(&watching, fill, REGISTER_MISSING | REGISTER_WP));
    if done.is_none() {
        end(&watching, start, length);
    }
    done.map(|()| watching)
}

/// The address of a missing page that somebody touched.
pub(crate) fn touched(watching: &Watching, patience: Duration) -> Option<usize> {
    let faults = &watching.0.faults;
    let time = Timespec { tv_sec: patience.as_secs() as i64, tv_nsec: patience.subsec_nanos().into() };
    poll(&mut [PollFd::new(faults, PollFlags::IN)], Some(&time)).ok().filter(|&ready| ready > 0)?;
    let mut message = [0; MESSAGE];
    let read = rustix::io::read(faults, &mut message).ok()?;
    let address = u64::from_ne_bytes(message[16..24].try_into().ok()?);
    (read == MESSAGE && message[0] == PAGE_FAULT).then_some(address as usize)
}

/// Puts pages where none are, and lets those go on who wait for them. `false` if the memory is gone.
pub(crate) fn fill(watching: &Watching, at: usize, bytes: &[u8]) -> bool {
    let mut done = 0;
    while done < bytes.len() {
        let (to, from, length) = ((at + done) as u64, bytes[done..].as_ptr() as u64, (bytes.len() - done) as u64);
        let mut copy = Copy { to, from, length, mode: COPY_WP, copied: 0 };
        match call::<COPY, _>(&watching.0.faults, &mut copy) {
            Ok(_) => done = bytes.len(),
            // It was interrupted, and says how far it came.
            Err(_) if copy.copied > 0 => done += copy.copied as usize,
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
    true
}

pub(crate) fn take(watching: &Watching, range: Range<usize>, each: &mut dyn FnMut(usize, usize)) -> bool {
    const ROOM: usize = 512;
    let mut found = [Found::default(); ROOM];
    let (mut at, end) = (range.start as u64, range.end as u64);
    while at < end {
        let mut scan = Scan {
            size: size_of::<Scan>() as u64,
            flags: SCAN_PROTECT | SCAN_ONLY_ASYNC,
            start: at,
            end,
            room: found.as_mut_ptr() as u64,
            room_length: ROOM as u64,
            all_of: WRITTEN,
            give: WRITTEN,
            ..Scan::default()
        };
        match call::<SCAN, _>(&watching.0.pagemap, &mut scan) {
            Ok(count) if count <= ROOM && scan.walked > at => {
                found[..count].iter().for_each(|found| each(found.start as usize, found.end as usize));
                at = scan.walked;
            }
            _ => return false,
        }
    }
    true
}

pub(crate) fn end(watching: &Watching, start: usize, length: usize) -> bool {
    let mut range = Span::of(&(start..start + length));
    call::<UNREGISTER, _>(&watching.0.faults, &mut range).is_ok()
}

// ── The kernel's structures, and a call with one of them ─────────────────────────────

const USER_MODE_ONLY: u32 = 1;
const WP_UNPOPULATED: u64 = 1 << 13;
const WP_ASYNC: u64 = 1 << 15;
const REGISTER_MISSING: u64 = 1;
const REGISTER_WP: u64 = 1 << 1;
const COPY_WP: u64 = 1 << 1;
const PROTECT_WP: u64 = 1;
const SCAN_PROTECT: u64 = 1;
const SCAN_ONLY_ASYNC: u64 = 1 << 1;
const WRITTEN: u64 = 1 << 1;

/// `struct uffdio_api`.
#[repr(C)]
struct Api {
    api: u64,
    features: u64,
    ioctls: u64,
}

/// `struct uffdio_range`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Span {
    start: u64,
    length: u64,
}

impl Span {
    fn of(range: &Range<usize>) -> Span {
        Span { start: range.start as u64, length: range.len() as u64 }
    }
}

/// `struct uffdio_copy`.
#[repr(C)]
struct Copy {
    to: u64,
    from: u64,
    length: u64,
    mode: u64,
    /// How much was copied, or an error.
    copied: i64,
}

/// Bytes of `struct uffd_msg`: what happened at 0, the address at 16.
const MESSAGE: usize = 32;
/// What a missing page is called there.
const PAGE_FAULT: u8 = 0x12;

/// `struct uffdio_register`.
#[repr(C)]
struct Register {
    range: Span,
    mode: u64,
    ioctls: u64,
}

/// `struct uffdio_writeprotect`.
#[repr(C)]
struct Protect {
    range: Span,
    mode: u64,
}

/// `struct pm_scan_arg`.
#[repr(C)]
#[derive(Default)]
struct Scan {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    /// Where the walk ended.
    walked: u64,
    room: u64,
    room_length: u64,
    most_pages: u64,
    inverted: u64,
    all_of: u64,
    any_of: u64,
    give: u64,
}

/// `struct page_region`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Found {
    start: u64,
    end: u64,
    categories: u64,
}

const API: Opcode = opcode::read_write::<Api>(0xAA, 0x3F);
const REGISTER: Opcode = opcode::read_write::<Register>(0xAA, 0x00);
const UNREGISTER: Opcode = opcode::read::<Span>(0xAA, 0x01);
const COPY: Opcode = opcode::read_write::<Copy>(0xAA, 0x03);
const WRITE_PROTECT: Opcode = opcode::read_write::<Protect>(0xAA, 0x06);
const SCAN: Opcode = opcode::read_write::<Scan>(b'f', 16);

/// One of the calls above, with its structure.
struct Call<'a, const OPCODE: Opcode, T>(&'a mut T);

// SAFETY: each opcode above is used with the structure that the kernel reads and writes for it, and it is `repr(C)`. A scan also
// fills the room that it points to, as much as its length says; a copy reads as many bytes as a slice has.
unsafe impl<const OPCODE: Opcode, T> Ioctl for Call<'_, OPCODE, T> {
    type Output = usize;

    const IS_MUTATING: bool = true;

    fn opcode(&self) -> Opcode {
        OPCODE
    }

    fn as_ptr(&mut self) -> *mut std::ffi::c_void {
        std::ptr::from_mut(self.0).cast()
    }

    unsafe fn output_from_ptr(out: IoctlOutput, _: *mut std::ffi::c_void) -> rustix::io::Result<usize> {
        usize::try_from(out).map_err(|_| rustix::io::Errno::INVAL)
    }
}

fn call<const OPCODE: Opcode, T>(on: &impl AsFd, with: &mut T) -> rustix::io::Result<usize> {
    // SAFETY: see `Call`. Watching does not change what memory holds, and takes no fault away from its program: the kernel resolves those
    // of asynchronous write protection itself. A copy only fills pages that are missing and were registered so by `begin_fill`, whose caller
    // answers for that.
    unsafe { ioctl(on, Call::<OPCODE, T>(with)) }
}
