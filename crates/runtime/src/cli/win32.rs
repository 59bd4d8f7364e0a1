//! Console, session and message box of Windows. Contains `unsafe` code.
//!
//! A packed executable of the graphical subsystem gets no console, so a double-click opens no
//! window, and attaches to the console of the shell that has started it. On Windows 11 24H2 and
//! newer, the manifest does the same for one that is packed with `--console`.

use std::{env, io, os::windows::io::AsRawHandle};

use windows_sys::Win32::{
    System::{
        Console::{AllocConsole, GetConsoleProcessList},
        RemoteDesktop::ProcessIdToSessionId,
    },
    UI::WindowsAndMessaging::{MB_ICONINFORMATION, MB_OK, MB_SETFOREGROUND, MessageBoxW},
};
use winsafe::{AttachConsole, FreeConsole, PidParent};

/// Attaches to the console of the parent process if there is none. Without one, arguments need a
/// console of their own, unless their output goes elsewhere.
pub(super) fn attach_console() {
    if is_attached() || AttachConsole(PidParent::Parent).is_ok() {
        return;
    }
    let has_output = !io::stdout().as_raw_handle().is_null();
    if env::args_os().len() > 1 && !has_output {
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
