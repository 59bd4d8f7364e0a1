//! Progress of embedding a site, on the terminal of cargo. Cargo shows what a build script prints
//! after it has ended, and compressing a large site takes minutes.

use std::{
    env,
    fs::File,
    io::{IsTerminal, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use chapbook_compiler::{Progress, Step};

/// The smallest site with progress, in bytes: it takes a second.
const BYTES_MIN: u64 = 4_000_000;
/// How many lines a site gets while it is compressed.
const LINES: u64 = 20;

/// The callback for the compiler; it does nothing if cargo has no terminal or is quiet.
pub(crate) fn progress(site: &Path) -> Progress {
    let is_quiet = ["CARGO_TERM_QUIET", "CARGO_TERM_PROGRESS_WHEN"]
        .iter()
        .any(|variable| env::var(variable).is_ok_and(|value| value == "true" || value == "never"));
    let Some(terminal) = terminal().filter(|_| !is_quiet) else { return Progress::default() };
    let display =
        Display { terminal, site: site.display().to_string(), done: 0, total: 0, line: 0 };
    let display = Mutex::new(display);
    Progress::new(move |step| {
        display.lock().unwrap_or_else(PoisonError::into_inner).show(step);
    })
}

/// The terminal that cargo writes to.
fn terminal() -> Option<File> {
    #[cfg(target_os = "linux")]
    let path = format!("/proc/{}/fd/2", std::os::unix::process::parent_id());
    #[cfg(not(target_os = "linux"))]
    let path = if cfg!(windows) { "CONOUT$" } else { "/dev/tty" };
    let terminal = File::options().write(true).open(path).ok()?;
    terminal.is_terminal().then_some(terminal)
}

struct Display {
    terminal: File,
    site: String,
    /// How many bytes are unpacked or compressed.
    done: u64,
    total: u64,
    /// How many lines of this step were printed.
    line: u64,
}

impl Display {
    fn show(&mut self, step: Step) {
        match step {
            Step::Unpacking { bytes } | Step::Linted { bytes } => {
                (self.done, self.total, self.line) = (0, bytes, 0);
            }
            Step::ToCompress { bytes } => self.total = self.total.saturating_add(bytes),
            Step::Unpacked { bytes } => self.add(bytes, "unpacked"),
            Step::Compressed { bytes } => self.add(bytes, "compressed"),
            Step::ToLint { .. } | Step::LintedFile => {}
        }
    }

    fn add(&mut self, bytes: u64, verb: &str) {
        self.done = self.done.saturating_add(bytes);
        let line = self.done.saturating_mul(LINES) / self.total.max(1);
        if self.total < BYTES_MIN || line <= self.line {
            return;
        }
        self.line = line;
        let megabytes = |bytes: u64| format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10);
        let (done, total) = (megabytes(self.done), megabytes(self.total));
        // The line may have the progress bar of cargo, which draws it again. A terminal that is
        // gone does not stop the build.
        let _ = write!(
            self.terminal,
            "\r\x1b[K{:>12} {}: {verb} {done} of {total} MB\n",
            "Embedding", self.site
        );
    }
}
