//! Options that say how the paths of a folder lead to its files.

use std::env;

use chapbook_compiler::{Mount, RouteOptions};
use clap::Args;

use crate::cli::boolean::boolean;

#[derive(Debug, Args)]
pub(super) struct RouteArguments {
    /// Path to serve the site at, such as `/repo/` [default: /]
    #[arg(long, value_name = "PATH", env = "CHAPBOOK_MOUNT", hide_env = true)]
    mount: Option<Mount>,
    /// Serve `index.html` for other paths (single-page application)
    #[arg(
        long,
        env = "CHAPBOOK_SPA",
        hide_env = true,
        value_parser = boolean
    )]
    spa: bool,
}

impl RouteArguments {
    pub(super) fn options(&self) -> RouteOptions {
        RouteOptions { mount: self.mount.clone().unwrap_or_default(), is_single_page: self.spa }
    }

    /// The option on the command line that needs a folder. A variable does not count: it may be
    /// set for the build of this executable.
    pub(super) fn given() -> Option<&'static str> {
        let arguments: Vec<_> = env::args_os().skip(1).collect();
        let is_given = |option: &&str| {
            let is_option = |it: &str| it.split('=').next() == Some(*option);
            arguments.iter().any(|it| it.to_str().is_some_and(is_option))
        };
        ["--mount", "--spa"].into_iter().find(is_given)
    }
}
