//! Replacement for `authoring` in a build without the feature `pack`: it has the same names, and
//! neither commands nor folders.

use std::io;

use clap::{Args, Subcommand};

pub(super) use super::help::PACKED_EXAMPLES as EXAMPLES;
use super::{build::load_site, failure::Failure};
use crate::{
    server::{Server, ServerOptions, Stop},
    site::{Identity, Site},
};

/// No commands.
#[derive(Debug, Subcommand)]
pub(super) enum AuthoringCommand {}

impl AuthoringCommand {
    pub(super) fn run(&self, _: fn() -> clap::Command) -> Result<(), Failure> {
        match *self {}
    }
}

/// The site of this executable.
#[derive(Debug)]
pub(super) struct Preview(Site<'static>);

impl Preview {
    pub(super) fn title(&self) -> Option<&str> {
        self.0.info().title
    }

    pub(super) fn identity(&self) -> Identity {
        self.0.identity()
    }

    pub(super) fn home(&self) -> &str {
        self.0.info().mount.unwrap_or("/")
    }

    pub(super) fn secure_features(&self) -> Option<&str> {
        self.0.info().secure_features
    }

    pub(super) fn run(self, server: Server, options: ServerOptions, stop: &Stop) -> io::Result<()> {
        server.run(self.0, options, stop)
    }
}

#[derive(Debug, Args)]
pub(super) struct FolderArgument {}

#[expect(clippy::unused_self, reason = "the methods are those of a folder that may be given")]
impl FolderArgument {
    pub(super) fn preview(&self, _is_quiet: bool, _reloads: bool) -> Result<Preview, Failure> {
        Ok(Preview(load_site()?))
    }

    pub(super) fn keep_serving(&self) {}

    pub(super) fn compile_as_packed(&self) -> Result<Site<'static>, Failure> {
        Ok(load_site()?)
    }

    pub(super) fn missing_word(&self) -> Option<&str> {
        None
    }
}
