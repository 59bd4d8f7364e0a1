//! Site in the default browser, which does not tell when its tab is closed.

use std::{
    io::{self, IsTerminal},
    sync::Arc,
    thread,
};

use super::{
    idle, is_started_by_click,
    notice::{Notice, Shown},
};
use crate::{
    cli::browser,
    server::{Activity, Stop},
};

/// The minutes are those of [`idle::IDLE`].
const END: &str = "It stops by itself after 30 minutes without use.";
const ON_CLOSE: &str = "Close this message to stop it at once.";

/// A site that is opened in the default browser.
#[derive(Debug, Clone)]
pub(super) struct DefaultBrowser {
    pub(super) url: String,
    pub(super) title: String,
    /// Receives whether the server is used.
    pub(super) activity: Arc<Activity>,
    pub(super) stop: Stop,
}

/// What to do if no browser can be started.
fn not_opened(url: &str) -> String {
    format!("No browser could be started. Open this address in one:\n{url}")
}

/// Opens a site that another process serves, and waits until it is opened: this process ends then.
pub(super) fn open_and_wait(url: &str, title: &str) {
    if open::that_detached(url).is_ok() {
        return;
    }
    browser::warn_not_opened(url);
    if is_started_by_click() {
        Notice { title, text: &not_opened(url), on_close: "", button: "Close" }.show();
    }
}

impl DefaultBrowser {
    /// Opens the site, and says on the desktop how to stop it.
    pub(super) fn open(self) {
        let thread = thread::Builder::new().name("browser".to_owned());
        let url = self.url.clone();
        if thread.spawn(move || self.show()).is_err() {
            browser::warn_not_opened(&url);
        }
    }

    fn show(self) {
        let Self { url, title, activity, stop } = self;
        // Without it, the server continues until it is stopped.
        let _ = idle::stop_if_unused(activity, stop.clone());
        let is_open = open::that_detached(&url).is_ok();
        let text = if is_open {
            format!("“{title}” is open in your browser:\n{url}\n\n{END}")
        } else {
            format!("{}\n\n{END}", not_opened(&url))
        };
        // At a terminal, the first screen says how to stop.
        let notice = Notice { title: &title, text: &text, on_close: ON_CLOSE, button: "Stop" };
        let shown = if io::stdout().is_terminal() { Shown::Nowhere } else { notice.show() };
        match shown {
            Shown::UntilClosed => drop(stop.request()),
            Shown::Nowhere if !is_open => browser::warn_not_opened(&url),
            Shown::Briefly | Shown::Nowhere => {}
        }
    }
}
