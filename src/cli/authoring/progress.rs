//! Progress display on stderr, for a terminal only.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use chapbook_compiler::{Progress, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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
        bar.set_style(style("{spinner} checking"));
        Self(bar)
    }

    /// The callback for the compiler.
    pub(super) fn progress(&self) -> Progress {
        let bar = self.0.clone();
        Progress::new(move |step| match step {
            Step::Unpacking { bytes } => start(&bar, "unpacking", bytes),
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
    bar.set_position(0);
    bar.set_length(bytes);
    let columns = "{bar:30} {percent:>3} %  {bytes} of {total_bytes}, {eta} left";
    bar.set_style(style(&format!("{step}  {columns}")));
}

/// The style of a template. All templates here are valid; an invalid one would become the default.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
