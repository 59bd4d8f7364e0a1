//! Window of a site: a browser process with a profile of the site's own.

use std::{
    io,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::{
    browser_process::{BrowserProcess, is_ended_on_request},
    origin, profile_lock,
};
use crate::{cli::output::warn, server::Stop};

/// A browser that ends with an error this soon has not shown a window.
const START: Duration = Duration::from_secs(3);
/// The pause before a browser is started again, which doubles while it does not run for
/// [`STABLE`].
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(30);
const STABLE: Duration = Duration::from_secs(60);

/// What the window shows, and how.
#[derive(Debug, Clone)]
pub(super) struct WindowSettings {
    pub(super) browser: PathBuf,
    /// The folder for the profile.
    pub(super) profile: PathBuf,
    /// The name of the site.
    pub(super) name: String,
    pub(super) url: String,
    /// The port of the URL and the one that the server listens on, if they differ.
    pub(super) moved: Option<(u16, u16)>,
    pub(super) is_kiosk: bool,
}

/// A window that is open.
#[derive(Debug, Clone)]
pub(super) struct Window {
    shared: Arc<Mutex<WindowState>>,
    /// That of the server, which is requested by the same Ctrl-C that ends the browser.
    stop: Stop,
}

#[derive(Debug)]
struct WindowState {
    /// The last process that was started.
    browser: Arc<BrowserProcess>,
    is_closing: bool,
}

/// How a window was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    /// By its user, or because the server stops.
    Ended,
    /// The browser could not show it.
    NotShown,
}

impl WindowSettings {
    /// The command that opens the window. A browser that already uses the profile opens it.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.browser);
        command.args(self.arguments());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            format!("--app={}", self.url),
            format!("--user-data-dir={}", self.profile.display()),
            "--no-first-run".to_owned(),
            "--no-default-browser-check".to_owned(),
            // Otherwise the process may continue without a window.
            "--disable-background-mode".to_owned(),
            "--hide-crash-restore-bubble".to_owned(),
        ];
        if cfg!(target_os = "linux") {
            // A desktop file of the site has the same class, and so its icon belongs to the window.
            arguments.push(format!("--class={}", self.name));
            // Without it, the desktop may ask for the password of its keyring.
            arguments.push("--password-store=basic".to_owned());
        }
        if let Some((port, listened)) = self.moved {
            let host = origin::host(&self.name);
            arguments.push(format!("--host-resolver-rules=MAP {host}:{port} 127.0.0.1:{listened}"));
        }
        if self.is_kiosk {
            let kiosk = ["--kiosk", "--disable-pinch", "--overscroll-history-navigation=0"];
            arguments.extend(kiosk.map(str::to_owned));
            arguments.push("--noerrdialogs".to_owned());
        }
        arguments
    }

    /// Opens a window of the browser that shows the site already.
    pub(super) fn open_another(&self) -> io::Result<()> {
        self.command().spawn().map(drop)
    }

    /// Opens the window, and calls `closed` on another thread when it is closed. `stop` is that of
    /// the server.
    pub(super) fn open(
        self,
        stop: &Stop,
        closed: impl FnOnce(Closed) + Send + 'static,
    ) -> io::Result<Window> {
        let browser = Arc::new(BrowserProcess::start(&mut self.command())?);
        let state = WindowState { browser: Arc::clone(&browser), is_closing: false };
        let window = Window { shared: Arc::new(Mutex::new(state)), stop: stop.clone() };
        let open = window.clone();
        let thread = thread::Builder::new().name("window".to_owned());
        thread.spawn(move || closed(open.wait(&self, browser)))?;
        Ok(window)
    }
}

impl Window {
    /// Closes the window if it is open.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closing = true;
        state.browser.end();
    }

    /// Waits until the window is closed. In a kiosk, restarts a browser that has crashed.
    fn wait(&self, settings: &WindowSettings, mut browser: Arc<BrowserProcess>) -> Closed {
        let mut pause = PAUSE;
        loop {
            let started = Instant::now();
            let status = browser.wait();
            let has_failed = !status.is_some_and(|status| status.success());
            if self.lock().is_closing || self.stop.is_requested() {
                return Closed::Ended;
            }
            let is_restarted = settings.is_kiosk && has_failed;
            let is_ended = status.is_some_and(is_ended_on_request);
            if !is_restarted && has_failed && !is_ended && started.elapsed() < START {
                return Closed::NotShown;
            }
            if !is_restarted {
                // Another process may have the profile, and has opened the window.
                profile_lock::wait_until_free(&settings.profile);
                return Closed::Ended;
            }
            if started.elapsed() >= STABLE {
                pause = PAUSE;
            }
            let status = status.map(|it| format!(" ({it})")).unwrap_or_default();
            let seconds = pause.as_secs();
            warn(format_args!("the browser has ended{status}; starting it again in {seconds} s"));
            thread::park_timeout(pause);
            pause = (pause * 2).min(PAUSE_MAX);
            let mut state = self.lock();
            if state.is_closing {
                return Closed::Ended;
            }
            let Ok(restarted) = BrowserProcess::start(&mut settings.command()) else {
                return Closed::NotShown;
            };
            browser = Arc::new(restarted);
            state.browser = Arc::clone(&browser);
        }
    }

    fn lock(&self) -> MutexGuard<'_, WindowState> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(moved: Option<(u16, u16)>, is_kiosk: bool) -> WindowSettings {
        WindowSettings {
            browser: PathBuf::from("chromium"),
            profile: PathBuf::from("profile"),
            name: "demo".to_owned(),
            url: "http://demo.localhost:20000/".to_owned(),
            moved,
            is_kiosk,
        }
    }

    #[test]
    fn a_window_has_the_options_that_it_needs() {
        type Row<'a> = (Option<(u16, u16)>, bool, &'a [&'a str], &'a [&'a str]);
        let rows: [Row<'_>; 3] = [
            (
                None,
                false,
                &[
                    "--app=http://demo.localhost:20000/",
                    "--user-data-dir=profile",
                    "--no-first-run",
                ],
                &["--kiosk", "--host-resolver-rules", "--disable-pinch"],
            ),
            (
                Some((20000, 20001)),
                false,
                &["--host-resolver-rules=MAP demo.localhost:20000 127.0.0.1:20001"],
                &["--kiosk"],
            ),
            (
                None,
                true,
                &["--kiosk", "--disable-pinch", "--overscroll-history-navigation=0"],
                &["--host-resolver-rules"],
            ),
        ];
        for (moved, is_kiosk, present, absent) in rows {
            let arguments = settings(moved, is_kiosk).arguments();
            let has = |start: &&&str| arguments.iter().any(|it| it.starts_with(**start));
            assert!(present.iter().all(|it| has(&it)), "{arguments:?}");
            assert!(!absent.iter().any(|it| has(&it)), "{arguments:?}");
        }
    }
}
