//! A command line under test, and its outcome. Every test that starts a process starts it here.

use std::{
    env,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    process::{self, Child, Command, Output, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant, UNIX_EPOCH},
};

use super::{Running, Server};

/// Runs the executable under test until it exits.
pub(crate) fn run(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Outcome {
    chapbook().args(arguments).run()
}

/// The executable under test.
pub(crate) fn chapbook() -> Program {
    Program::new(executable())
}

/// The variable with the path of another executable to test than the one that cargo has built for
/// the tests, such as a release build for another C library.
const EXECUTABLE: &str = "CHAPBOOK_TEST_EXECUTABLE";

/// The executable without its debug information, which is five sixths of it: tests that pack a site
/// copy and read it many times.
pub(crate) fn executable() -> &'static Path {
    static TESTED: OnceLock<PathBuf> = OnceLock::new();
    TESTED.get_or_init(|| {
        let built = Path::new(env!("CARGO_BIN_EXE_chapbook"));
        match env::var_os(EXECUTABLE) {
            Some(path) => PathBuf::from(path),
            None => strip(built).unwrap_or_else(|| built.to_owned()),
        }
    })
}

/// A stripped copy in the folder for files of tests, with the time of the original. `None` if it
/// cannot be stripped here.
fn strip(original: &Path) -> Option<PathBuf> {
    let built = |path: &Path| {
        let modified = fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
        Some(modified.duration_since(UNIX_EPOCH).ok()?.as_secs())
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stripped");
    let stripped = folder.join("chapbook");
    if built(&stripped) != built(original) {
        fs::create_dir_all(&folder).ok()?;
        // Another test process may do the same, or run the file.
        let new = folder.join(process::id().to_string());
        Program::new("strip").arg("-p").arg(original).arg("-o").arg(&new).run_if_installed()?;
        fs::rename(&new, &stripped).ok()?;
    }
    Some(stripped)
}

/// A process that is not started yet. It inherits no `CHAPBOOK_*` variable and no desktop. Stdin is
/// empty; stdout and stderr are pipes that the test reads.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
    stdin: Option<Stdio>,
    stdout: Option<Stdio>,
    stderr: Option<Stdio>,
}

impl Program {
    /// Another executable than the one under test.
    pub(crate) fn new(executable: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(executable);
        for (name, _) in env::vars_os() {
            let is_desktop = name == "DISPLAY" || name == "WAYLAND_DISPLAY";
            if is_desktop || name.to_string_lossy().starts_with("CHAPBOOK_") {
                command.env_remove(name);
            }
        }
        Self { command, stdin: None, stdout: None, stderr: None }
    }

    pub(crate) fn arg(self, argument: impl AsRef<OsStr>) -> Self {
        self.args([argument])
    }

    pub(crate) fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Runs in this folder.
    pub(crate) fn cwd(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(crate) fn stdin(mut self, stdin: impl Into<Stdio>) -> Self {
        self.stdin = Some(stdin.into());
        self
    }

    pub(crate) fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.stdout = Some(stdout.into());
        self
    }

    pub(crate) fn stderr(mut self, stderr: impl Into<Stdio>) -> Self {
        self.stderr = Some(stderr.into());
        self
    }

    /// Runs this shell script instead, which has the executable as `$0` and its arguments as `$@`.
    pub(crate) fn in_shell(self, script: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(self.command.get_program()).args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(folder) = self.command.get_current_dir() {
            command.current_dir(folder);
        }
        Self { command, ..self }
    }

    /// Limits how many files the process may have open.
    #[cfg(unix)]
    pub(crate) fn with_open_files_max(self, count: usize) -> Self {
        self.in_shell(&format!("ulimit -n {count}; exec \"$0\" \"$@\""))
    }

    /// Stdout, if the program is installed and succeeds.
    pub(crate) fn run_if_installed(self) -> Option<String> {
        // A shell exits with a status if there is no such program.
        let ran = self.in_shell("exec \"$0\" \"$@\"").run();
        (ran.status == Some(0)).then_some(ran.stdout)
    }

    /// Runs it until it exits.
    pub(crate) fn run(self) -> Outcome {
        self.spawn().wait()
    }

    /// Starts it and waits until it listens.
    pub(crate) fn serve(self) -> Server {
        Server::new(self.spawn())
    }

    /// Starts it.
    pub(crate) fn spawn(self) -> Running {
        let Self { mut command, stdin, stdout, stderr } = self;
        command.stdin(stdin.unwrap_or_else(Stdio::null));
        command.stdout(stdout.unwrap_or_else(Stdio::piped));
        command.stderr(stderr.unwrap_or_else(Stdio::piped));
        match start(&mut command) {
            Ok(child) => Running::new(child),
            Err(error) => panic!("cannot start {command:?}: {error}"),
        }
    }
}

/// Starts a process, also of an executable that was just written: a process that another test
/// forked meanwhile has the file open for writing until it calls exec (ETXTBSY).
fn start(command: &mut Command) -> io::Result<Child> {
    const TIMEOUT: Duration = Duration::from_secs(20);
    let begin = Instant::now();
    loop {
        let outcome = command.spawn();
        let kind = outcome.as_ref().err().map(io::Error::kind);
        if kind != Some(io::ErrorKind::ExecutableFileBusy) || begin.elapsed() > TIMEOUT {
            return outcome;
        }
        thread::yield_now();
    }
}

/// The outcome of a process.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The exit status; `None` after a signal.
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn new(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
        let Output { status, stdout, stderr } = output;
        Self { status: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// Stdout of a process that must succeed.
    #[track_caller]
    pub(crate) fn succeeded(self) -> String {
        assert_eq!(self.status, Some(0), "{self:?}");
        self.stdout
    }

    /// Stderr of a process that must fail with this status and an empty stdout.
    #[track_caller]
    pub(crate) fn failed(self, status: i32) -> String {
        assert_eq!((self.status, self.stdout.as_str()), (Some(status), ""), "{self:?}");
        self.stderr
    }

    /// The last line of stdout.
    #[track_caller]
    pub(crate) fn last_line(&self) -> &str {
        self.stdout.lines().last().unwrap_or_else(|| panic!("no line on stdout: {self:?}"))
    }
}
