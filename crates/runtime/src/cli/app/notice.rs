//! Message on the desktop, for users without a terminal.

#[cfg(not(any(windows, target_os = "macos")))]
use super::click::has_display;

/// A message, and what is done when its dialog is closed.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Notice<'a> {
    pub(in crate::cli) title: &'a str,
    pub(in crate::cli) text: &'a str,
    /// What closing the dialog does; empty if nothing. A notification does not have this text,
    /// because it closes by itself.
    pub(in crate::cli) on_close: &'a str,
    /// The button that closes the dialog. Windows has one for each language.
    #[cfg_attr(windows, expect(dead_code, reason = "a message box has the button OK"))]
    pub(in crate::cli) button: &'a str,
}

/// How a message was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Shown {
    /// In a dialog, which is closed now.
    UntilClosed,
    /// For some seconds.
    #[cfg_attr(
        any(windows, target_os = "macos"),
        expect(dead_code, reason = "these systems always have dialogs")
    )]
    Briefly,
    /// The desktop has no program for it.
    Nowhere,
}

impl Notice<'_> {
    /// Shows the message, and waits until a dialog is closed.
    #[cfg(windows)]
    pub(in crate::cli) fn show(&self) -> Shown {
        let is_shown = crate::cli::win32::message_box(self.title, &self.dialog_text());
        if is_shown { Shown::UntilClosed } else { Shown::Nowhere }
    }

    /// Shows the message, and waits until a dialog is closed.
    #[cfg(not(windows))]
    pub(in crate::cli) fn show(&self) -> Shown {
        let dialog_text = self.dialog_text();
        let programs = self.programs(&dialog_text);
        let shown =
            programs.into_iter().find_map(|(shown, command)| run(&command).then_some(shown));
        shown.unwrap_or(Shown::Nowhere)
    }

    fn dialog_text(&self) -> String {
        format!("{} {}", self.text, self.on_close).trim_end().to_owned()
    }

    /// The commands to try. The texts are arguments of the script, so that they need no quotes.
    #[cfg(target_os = "macos")]
    fn programs<'s>(&'s self, dialog_text: &'s str) -> Vec<(Shown, Vec<&'s str>)> {
        // The message comes first, because a title may begin with a hyphen.
        const SCRIPT: [&str; 7] = [
            "osascript",
            "-e",
            "on run {message, heading, label}",
            "-e",
            "display dialog message with title heading buttons {label} default button 1",
            "-e",
            "end run",
        ];
        let Self { title, button, .. } = self;
        vec![(Shown::UntilClosed, [&SCRIPT[..], &[dialog_text, title, button]].concat())]
    }

    /// The commands to try: those of the desktops GNOME and KDE, and a notification on any.
    #[cfg(not(any(windows, target_os = "macos")))]
    fn programs<'s>(&'s self, dialog_text: &'s str) -> Vec<(Shown, Vec<&'s str>)> {
        let Self { title, text, button, .. } = *self;
        if !has_display() {
            return Vec::new();
        }
        let zenity = ["zenity", "--info", "--no-markup", "--width=420"];
        let zenity =
            [&zenity[..], &["--title", title, "--ok-label", button, "--text", dialog_text]];
        let kdialog = ["kdialog", "--title", title, "--ok-label", button, "--msgbox", dialog_text];
        let notification = ["notify-send", "--app-name", title, "--", title, text];
        vec![
            (Shown::UntilClosed, zenity.concat()),
            (Shown::UntilClosed, kdialog.to_vec()),
            (Shown::Briefly, notification.to_vec()),
        ]
    }
}

/// Runs a command until it ends. Returns whether it has shown the message. The exit status cannot
/// tell: zenity and kdialog exit with status 1 if their dialog is closed without the button, and
/// also if they cannot show it, but then soon, although not at once when they are read from a disk.
#[cfg(not(windows))]
fn run(command: &[&str]) -> bool {
    use std::{
        process::{Command, Stdio},
        time::{Duration, Instant},
    };

    const FAILURE_MAX: Duration = Duration::from_secs(2);

    let [program, arguments @ ..] = command else { return false };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    command.status().is_ok_and(|it| it.success() || started.elapsed() > FAILURE_MAX)
}
