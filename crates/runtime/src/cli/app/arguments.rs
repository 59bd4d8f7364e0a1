//! Options of `serve` for a site in a window of its own.

use std::path::PathBuf;

use clap::Args;

use super::is_started_by_click;
use crate::cli::boolean::boolean;

#[derive(Debug, Args)]
pub(in crate::cli) struct WindowArguments {
    /// Show the site in a window of its own, and end with it
    #[arg(
        long,
        env = "CHAPBOOK_APP",
        hide_env = true,
        value_parser = boolean
    )]
    app: bool,
    /// Browser for the window [default: Edge, Chrome, Chromium, Brave, Vivaldi]
    #[arg(long, value_name = "PATH", env = "CHAPBOOK_BROWSER", hide_env = true)]
    pub(super) browser: Option<PathBuf>,
    /// Fill the screen, and restart a browser that crashes
    #[arg(
        long,
        env = "CHAPBOOK_KIOSK",
        hide_env = true,
        value_parser = boolean
    )]
    pub(super) kiosk: bool,
    /// Print and open the address with the site's name, too
    #[arg(
        long,
        env = "CHAPBOOK_ORIGIN",
        hide_env = true,
        value_parser = boolean
    )]
    pub(in crate::cli) origin: bool,
}

impl WindowArguments {
    /// Whether the site is shown in a window: if that is requested, or by a click on the file.
    pub(in crate::cli) fn is_app(&self) -> bool {
        self.app || self.kiosk || is_started_by_click()
    }
}
