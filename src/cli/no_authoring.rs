//! Replacement for `authoring` in a build without the feature `pack`: it has the same names, and
//! neither commands nor folders.

use clap::{Args, Subcommand};

use super::failure::Failure;
pub(super) use super::help::PACKED_EXAMPLES as EXAMPLES;
use crate::site::Site;

/// No commands.
#[derive(Debug, Subcommand)]
pub(super) enum AuthoringCommand {}

impl AuthoringCommand {
    pub(super) fn run(&self, _: fn() -> clap::Command) -> Result<(), Failure> {
        match *self {}
    }
}

#[derive(Debug, Args)]
pub(super) struct FolderArgument {}

#[expect(clippy::unused_self, reason = "the methods are those of a folder that may be given")]
impl FolderArgument {
    pub(super) fn preview(&self, _is_quiet: bool) -> Result<Site<'static>, Failure> {
        Ok(Site::load()?)
    }

    pub(super) fn keep_serving(&self) {}

    pub(super) fn compile_as_packed(&self) -> Result<Site<'static>, Failure> {
        Ok(Site::load()?)
    }

    pub(super) fn missing_word(&self) -> Option<&str> {
        None
    }
}
