//! A running executable, on a port of its own, gone with the test.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
};

use super::Client;

/// The executable under test, with none of the variables that it reads.
pub(crate) fn chapbook() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chapbook"));
    let own = |name: &str| name.starts_with("CHAPBOOK_");
    for (name, _) in std::env::vars().filter(|(name, _)| own(name)) {
        command.env_remove(name);
    }
    command
}

/// A file of the default site.
pub(crate) fn site_file(path: &str) -> Vec<u8> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("site").join(path);
    std::fs::read(&place).unwrap_or_else(|error| panic!("{}: {error}", place.display()))
}

/// A server that answers.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    stderr: BufReader<ChildStderr>,
    address: SocketAddr,
}

impl Server {
    /// The default site with two workers.
    pub(crate) fn start() -> Self {
        Self::start_with(&["--workers", "2"])
    }

    /// The default site with these arguments behind `--port 0`.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut command = chapbook();
        command.args(["--port", "0"]).args(arguments);
        Self::spawn(command)
    }

    /// Whatever this command serves.
    pub(crate) fn spawn(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the executable starts");
        let stdout = child.stdout.take().expect("stdout is a pipe");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("it says something");
        let address = line.trim().strip_prefix("Listening on http://");
        let address = address.and_then(|it| it.strip_suffix('/')?.parse().ok());
        let address = address.unwrap_or_else(|| panic!("the first line is `{line}`"));
        let stderr = child.stderr.take().expect("stderr is a pipe");
        Self { child, stderr: BufReader::new(stderr), address }
    }

    /// The default site, in a process that may open no more files than this.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_limited(descriptors: usize, shell: &str, arguments: &[&str]) -> Self {
        let mut command = chapbook();
        let program = command.get_program().to_owned();
        let removed: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
        command = Command::new("sh");
        for name in removed {
            command.env_remove(name);
        }
        let line = format!("ulimit -n {descriptors}; exec \"$0\" --port 0 \"$@\" {shell}");
        command.arg("-c").arg(line).arg(program).args(arguments);
        Self::spawn(command)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// The next line that it says on stderr.
    pub(crate) fn problem(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).expect("it is UTF-8");
        line.trim_end().to_owned()
    }

    /// Ends it, and gives all that it still had to say on stderr.
    #[cfg(target_os = "linux")]
    pub(crate) fn end(mut self) -> String {
        self.child.kill().expect("it runs");
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).expect("it is UTF-8");
        rest
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().expect("it can be waited for")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
