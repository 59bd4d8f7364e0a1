//! Progress display on stderr, for a terminal only.

use std::{
    fmt,
    io::{self, IsTerminal},
    time::Duration,
};

use chapbook_compiler::{Progress, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::size::size;

/// How often the spinner turns, also while one large file is written.
const TICK: Duration = Duration::from_millis(200);

/// A line on stderr with the current step. Dropping it removes the line.
#[derive(Debug)]
pub(super) struct ProgressDisplay(ProgressBar);

impl ProgressDisplay {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::no_length();
        if io::stderr().is_terminal() {
            bar.enable_steady_tick(TICK);
        } else {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        bar.set_style(style("{spinner} reading the folder"));
        Self(bar)
    }

    /// The callback for the compiler. The units are those of the totals: files, and sizes with
    /// decimal prefixes.
    pub(super) fn progress(&self) -> Progress {
        let bar = self.0.clone();
        Progress::new(move |step| match step {
            Step::Unpacking { bytes } => start(&bar, "unpacking", bytes),
            Step::ToLint { files } => {
                bar.set_style(style("checking {wide_bar} {pos} of {len} files"));
                bar.set_position(0);
                bar.set_length(files as u64);
            }
            Step::LintedFile => bar.inc(1),
            Step::Linted { bytes } => start(&bar, "compressing", bytes),
            Step::ToCompress { bytes } => bar.inc_length(bytes),
            Step::Unpacked { bytes } | Step::Compressed { bytes } => bar.inc(bytes),
        })
    }

    /// Shows the name of a step without a measure of progress.
    pub(super) fn show(&self, step: &str) {
        self.0.set_style(style(&format!("{{spinner}} {step}")));
    }
}

impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Shows the name of a step of this many bytes.
fn start(bar: &ProgressBar, step: &str, bytes: u64) {
    let style = style(&format!("{step} {{wide_bar}} {{done}} of {{total}}, {{eta}} left"));
    let style = style.with_key("done", size_of(ProgressState::pos));
    let total = size_of(|state: &ProgressState| state.len().unwrap_or_default());
    bar.set_style(style.with_key("total", total));
    bar.set_position(0);
    bar.set_length(bytes);
    bar.reset_eta();
}

/// Writes a number of bytes in the units of the totals.
fn size_of(
    bytes: impl Fn(&ProgressState) -> u64 + Clone + Send + Sync + 'static,
) -> impl Fn(&ProgressState, &mut dyn fmt::Write) + Clone + Send + Sync + 'static {
    move |state, out| {
        // Writing into a String cannot fail.
        let _ = write!(out, "{}", size(bytes(state)));
    }
}

/// The style of a template. All templates here are valid; an invalid one would become the default.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
