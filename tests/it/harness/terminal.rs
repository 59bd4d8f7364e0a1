//! Program at a terminal of its own, of which the test is the keyboard and the display.

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::OwnedFd,
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};

use super::{Program, Running, eventually, screen::screen};

/// A program that runs at a terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    display: File,
    columns: u16,
    output: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
    process: Running,
}

impl Terminal {
    /// Starts a program with a terminal of this size as stdin, stdout and stderr, which it is the
    /// controlling terminal of, so that Ctrl-C is a signal.
    pub(crate) fn start(program: Program, columns: u16, rows: u16) -> Self {
        let (display, stdin) = open(columns, rows);
        let duplicate = || stdin.try_clone().expect("a descriptor can be duplicated");
        let program = program.in_shell("exec setsid --ctty \"$0\" \"$@\"");
        let program = program.stdout(duplicate()).stderr(duplicate());
        let process = program.stdin(duplicate()).spawn();
        let output = Arc::default();
        let reader = read(&display, Arc::clone(&output));
        Self { display, columns, output, reader: Some(reader), process }
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.display.write_all(keys.as_bytes()).expect("a terminal can be written to");
    }

    /// Everything that was printed, once it contains this text.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        let is_printed = eventually(|| self.printed().contains(text));
        assert!(is_printed, "no {text:?}: {:?}", self.printed());
        self.printed()
    }

    fn printed(&self) -> String {
        let output = self.output.lock().expect("the reader does not panic");
        String::from_utf8_lossy(&output).into_owned()
    }

    /// The exit status and the screen, once the program has exited.
    pub(crate) fn finish(mut self) -> (Option<i32>, String) {
        let status = self.process.wait_unread();
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader does not panic");
        }
        (status, screen(&self.printed(), self.columns.into()))
    }
}

/// The two ends of a terminal: the display, and the stdin and stdout of programs.
fn open(columns: u16, rows: u16) -> (File, OwnedFd) {
    let display = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&display).and_then(|()| unlockpt(&display)).expect("the terminal is ours");
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&display, size).expect("a terminal has a size");
    let name = ptsname(&display, Vec::new()).expect("a terminal has a name");
    let name = name.into_string().expect("the name is ASCII");
    let stdin = File::options().read(true).write(true).open(name).expect("it can be opened");
    (File::from(display), stdin.into())
}

/// Reads the display until no program has the terminal open, which is an error to Linux.
fn read(display: &File, output: Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    let mut display = display.try_clone().expect("a descriptor can be duplicated");
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = display.read(&mut buffer) {
            output.lock().expect("the test does not panic").extend_from_slice(&buffer[..count]);
        }
    })
}
