//! This file owns the bar that shows how far long work is. It is for people at a terminal: nobody
//! else sees anything.

use std::io::{self, IsTerminal};

use chapbook_compiler::{Progress, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on stderr, as long as it lives.
#[derive(Debug)]
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::no_length();
        if !io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        bar.set_style(style("{spinner} levels"));
        Self(bar)
    }

    /// Who has to hear how far it is.
    pub(super) fn progress(&self) -> Progress {
        let bar = self.0.clone();
        Progress::new(move |step| match step {
            Step::Linted { bytes } => {
                bar.set_length(bytes);
                let columns = "{bar:30} {percent:>3} %  {bytes} of {total_bytes}, {eta} left";
                bar.set_style(style(&format!("coding  {columns}")));
            }
            Step::Compressed { bytes } => bar.inc(bytes),
        })
    }

    /// Says what is done now.
    pub(super) fn say(&self, what: &str) {
        self.0.set_style(style(&format!("{{spinner}} {what}")));
        self.0.tick();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// The template is right for all of them; if it were not, there would be the default.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
