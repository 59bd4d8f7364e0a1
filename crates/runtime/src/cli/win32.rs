//! Console, session and message box of Windows. Contains `unsafe` code.
//!
//! An executable of the graphical subsystem gets no console, so a double-click opens no window, and
//! attaches to the console of the shell that has started it.

use std::{
    env, fs,
    io::{self, Read},
    os::windows::io::AsRawHandle,
};

use windows_sys::Win32::{
    System::{
        Console::{AllocConsole, GetConsoleProcessList},
        RemoteDesktop::ProcessIdToSessionId,
    },
    UI::WindowsAndMessaging::{MB_ICONINFORMATION, MB_OK, MB_SETFOREGROUND, MessageBoxW},
};
use winsafe::{AttachConsole, FreeConsole, PidParent};

/// The number of the subsystem for graphical programs in the headers of an executable.
const GRAPHICAL: u16 = 2;
/// The length of the headers that are read.
const HEADERS: usize = 4096;

/// Attaches to the console of the parent process if there is none. Without one, arguments need a
/// console of their own, unless their output goes elsewhere.
pub(super) fn attach_console() {
    if is_attached() || AttachConsole(PidParent::Parent).is_ok() {
        return;
    }
    let has_output = !io::stdout().as_raw_handle().is_null();
    if env::args_os().len() > 1 && !has_output && is_graphical().unwrap_or(false) {
        allocate();
    }
}

/// Whether no other process has the console, or there is none: the parent process is no shell.
pub(super) fn is_console_own() -> bool {
    processes() <= 1
}

/// Whether the process can show windows: services run in the session 0, which has no desktop.
pub(super) fn has_desktop() -> bool {
    session().is_some_and(|it| it != 0)
}

/// Closes the console window if it belongs to this process alone.
pub(super) fn close_own_console() {
    if processes() == 1 {
        // It fails only if there is no console.
        let _ = FreeConsole();
    }
}

fn is_attached() -> bool {
    processes() > 0
}

/// Whether this executable is for the graphical subsystem; `None` if it cannot be read.
fn is_graphical() -> Option<bool> {
    let mut headers = Vec::new();
    let file = fs::File::open(env::current_exe().ok()?).ok()?;
    file.take(HEADERS as u64).read_to_end(&mut headers).ok()?;
    let number = |at: usize| Some(u16::from_le_bytes(headers.get(at..at + 2)?.try_into().ok()?));
    let at = usize::from(number(0x3C)?);
    // After the signature and the file header of 20 bytes, at 68 of the optional header.
    Some(number(at + 4 + 20 + 68)? == GRAPHICAL)
}

/// The number of processes that are attached to the console; 0 if there is none.
#[expect(unsafe_code, reason = "no library in use has a safe function for it")]
fn processes() -> u32 {
    let mut ids = [0; 2];
    // SAFETY: the buffer is valid for writes of the number of elements that is passed, 2. If there
    // are more processes, nothing is written, and their number is returned.
    unsafe { GetConsoleProcessList(ids.as_mut_ptr(), 2) }
}

#[expect(unsafe_code, reason = "no library in use has a safe function for it")]
fn allocate() {
    // SAFETY: the function has no arguments, and no precondition.
    unsafe { AllocConsole() };
}

#[expect(unsafe_code, reason = "no library in use has a safe function for it")]
fn session() -> Option<u32> {
    let mut session = 0;
    // SAFETY: the pointer is valid for a write of its type.
    let found = unsafe { ProcessIdToSessionId(std::process::id(), &raw mut session) };
    (found != 0).then_some(session)
}

/// Shows a message box, and waits until it is closed. Returns whether it was shown.
#[expect(unsafe_code, reason = "no library in use has a safe function for it")]
pub(super) fn message_box(title: &str, text: &str) -> bool {
    let [title, text] = [title, text].map(|it| it.encode_utf16().chain([0]).collect::<Vec<u16>>());
    let style = MB_OK | MB_ICONINFORMATION | MB_SETFOREGROUND;
    // SAFETY: both texts end with a zero and outlive the call, and there need not be an owner.
    unsafe { MessageBoxW(std::ptr::null_mut(), text.as_ptr(), title.as_ptr(), style) != 0 }
}
