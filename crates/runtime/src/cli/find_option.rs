//! The option of a command that a word names.

use clap::{Arg, Command};

/// The option with this name, such as `--port` or `-p`.
pub(super) fn find_option<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    command.get_arguments().find(|option| match name.strip_prefix("--") {
        Some(long) => option.get_long() == Some(long),
        None => option.get_short().is_some_and(|short| name == format!("-{short}")),
    })
}
