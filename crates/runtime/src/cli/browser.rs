//! Opening of the default browser.

use std::thread;

use super::output::warn;

/// Opens a page in the browser, on another thread.
pub(super) fn open(url: &str) {
    let builder = thread::Builder::new().name("opener".to_owned());
    let owned_url = url.to_owned();
    let spawned = builder.spawn(move || {
        if open::that_detached(&owned_url).is_err() {
            warn_not_opened(&owned_url);
        }
    });
    if spawned.is_err() {
        warn_not_opened(url);
    }
}

/// Without the reason, which names programs that the user need not know.
pub(super) fn warn_not_opened(url: &str) {
    warn(format_args!("no browser could be started; open {url} yourself"));
}
