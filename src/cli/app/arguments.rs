//! Options of `serve` for a site in a window of its own.

use std::{env, path::PathBuf};

use clap::Args;

use super::is_started_by_click;
use crate::cli::boolean::boolean;

#[derive(Debug, Args)]
pub(in crate::cli) struct AppArguments {
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

impl AppArguments {
    /// Whether the site is shown in a window: if that is requested, or by a click on the file
    /// unless `CHAPBOOK_APP` is set.
    pub(in crate::cli) fn is_app(&self) -> bool {
        let is_unset = env::var_os("CHAPBOOK_APP").is_none();
        self.app || self.kiosk || is_unset && is_started_by_click()
    }
}
