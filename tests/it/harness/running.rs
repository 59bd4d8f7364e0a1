//! A running process; killed when its test ends.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStderr, ChildStdout, Output},
    thread,
};

use super::{Outcome, Program};

/// A running process, whose output is read while it runs.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    stderr: Option<BufReader<ChildStderr>>,
}

impl Running {
    pub(crate) fn new(mut child: Child) -> Self {
        let stdout = child.stdout.take().map(BufReader::new);
        let stderr = child.stderr.take().map(BufReader::new);
        Self { child, stdout, stderr }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line on stdout, with its newline; empty at the end.
    pub(crate) fn stdout_line(&mut self) -> String {
        line(self.stdout.as_mut().expect("stdout is a pipe"))
    }

    /// The next line on stderr, with its newline; empty at the end.
    pub(crate) fn stderr_line(&mut self) -> String {
        line(self.stderr.as_mut().expect("stderr is a pipe"))
    }

    /// The output on stdout that was read together with earlier lines.
    pub(crate) fn buffered_stdout(&self) -> &str {
        let buffer = self.stdout.as_ref().expect("stdout is a pipe").buffer();
        str::from_utf8(buffer).expect("the output is UTF-8")
    }

    /// Closes the reading end of stdout.
    pub(crate) fn close_stdout(&mut self) {
        self.stdout = None;
    }

    /// Sends a signal, `TERM` for example.
    pub(crate) fn signal(&self, name: &str) {
        Program::new("kill").args(["-s", name, &self.id().to_string()]).run().succeeded();
    }

    /// The exit status, without reading any more output.
    pub(crate) fn wait_unread(&mut self) -> Option<i32> {
        self.child.wait().expect("a child can be waited for").code()
    }

    /// The exit status and the output that was not read yet.
    pub(crate) fn wait(mut self) -> Outcome {
        let (mut stdout, mut stderr) = (self.stdout.take(), self.stderr.take());
        let (stdout, stderr) = thread::scope(|scope| {
            let stderr = scope.spawn(move || rest(stderr.as_mut()));
            (rest(stdout.as_mut()), stderr.join().expect("stderr can be read"))
        });
        let status = self.child.wait().expect("a child can be waited for");
        Outcome::new(Output { status, stdout, stderr })
    }

    /// Terminates it with SIGTERM, and waits.
    pub(crate) fn terminate(self) -> Outcome {
        self.signal("TERM");
        self.wait()
    }

    /// Kills it, and returns the output that was not read yet.
    pub(crate) fn kill(mut self) -> Outcome {
        self.child.kill().expect("a child can be killed");
        self.wait()
    }
}

fn line(stream: &mut impl BufRead) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).expect("the output is UTF-8");
    line
}

fn rest(stream: Option<&mut impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.read_to_end(&mut bytes).expect("a pipe can be read");
    }
    bytes
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
