//! Options that say how the paths of a folder lead to its files.

use std::env;

use chapbook_compiler::RouteOptions;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct RouteArguments {
    /// Serve `index.html` for paths without a file (single-page application)
    #[arg(
        long,
        env = "CHAPBOOK_SPA",
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    spa: bool,
}

impl RouteArguments {
    pub(super) fn options(&self) -> RouteOptions {
        RouteOptions { is_single_page: self.spa }
    }

    /// The option on the command line that needs a folder. A variable does not count: it may be
    /// set for the build of this executable.
    pub(super) fn given() -> Option<&'static str> {
        let arguments: Vec<_> = env::args_os().skip(1).collect();
        let is_given = |option: &&str| {
            let is_option = |it: &str| it.split('=').next() == Some(*option);
            arguments.iter().any(|it| it.to_str().is_some_and(is_option))
        };
        ["--spa"].into_iter().find(is_given)
    }
}
