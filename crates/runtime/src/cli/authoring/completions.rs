//! `chapbook completions`: a completion script for a shell, and the candidates that it shows.

use std::{env, ffi::OsString, path::PathBuf};

use clap::{Args, ValueEnum};

use super::{
    candidates::{Candidates, candidates},
    user_folders::{UserFolders, write_file},
};
use crate::cli::{
    failure::Failure,
    output::{print_bytes, print_line},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// bash, elvish, fish, powershell or zsh [default with --install: that of `SHELL`]
    #[arg(hide_possible_values = true)]
    shell: Option<Shell>,
    /// Write the script to the folder in which the shell looks for it
    #[arg(long)]
    install: bool,
    /// Print the candidates for the last of these words, as the scripts do
    #[arg(long, hide = true)]
    words: bool,
    /// Print the candidates for an empty word after these words
    #[arg(long, hide = true)]
    words_before: bool,
    #[arg(last = true, hide = true)]
    line: Vec<OsString>,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook completions --install         install the script for your shell
  chapbook completions zsh --install     install the script for zsh
  source <(chapbook completions bash)    complete in this bash only";
pub(super) const NOTES: &str = "\
--install writes to a folder in your home, and says where.";

/// A shell with a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

impl Shell {
    fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("shells/bash"),
            Self::Elvish => include_str!("shells/elvish"),
            Self::Fish => include_str!("shells/fish"),
            Self::Powershell => include_str!("shells/powershell"),
            Self::Zsh => include_str!("shells/zsh"),
        }
    }

    /// The shell of the user.
    fn of_user() -> Option<Self> {
        let path = PathBuf::from(env::var_os("SHELL")?);
        Self::from_str(path.file_stem()?.to_str()?, true).ok()
    }

    /// The path to install the script at, and what is needed for the shell to find it.
    fn place(self, folders: &UserFolders, program: &str) -> (PathBuf, Option<String>) {
        let data = &folders.data;
        match self {
            Self::Bash => (data.join("bash-completion/completions").join(program), None),
            Self::Fish => {
                (folders.config.join("fish/completions").join(format!("{program}.fish")), None)
            }
            Self::Zsh => {
                let folder = data.join("zsh/site-functions");
                let line = format!("fpath+=({})", folder.display());
                let line = format!("add `{line}` to ~/.zshrc, before `compinit`");
                (folder.join(format!("_{program}")), Some(line))
            }
            Self::Powershell => {
                let path = data.join("chapbook").join(format!("{program}.ps1"));
                let line = format!("add `. '{}'` to the file that $PROFILE names", path.display());
                (path, Some(line))
            }
            Self::Elvish => {
                let path = folders.config.join("elvish/lib").join(format!("{program}.elv"));
                (path, Some(format!("add `use {program}` to ~/.config/elvish/rc.elv")))
            }
        }
    }
}

/// Prints or installs the script, or prints candidates.
pub(super) fn run(arguments: &Arguments, command_line: clap::Command) -> Result<(), Failure> {
    if arguments.words || arguments.words_before {
        let words = arguments.line.iter().map(|it| it.to_string_lossy().into_owned());
        let empty = arguments.words_before.then(String::new);
        let words: Vec<String> = words.chain(empty).collect();
        print_candidates(&candidates(command_line, &words));
        return Ok(());
    }
    let shell = arguments.shell.or_else(|| arguments.install.then(Shell::of_user).flatten());
    let shell = shell
        .ok_or_else(|| Failure::usage("name the shell: bash, elvish, fish, powershell or zsh"))?;
    let program = program_name();
    let function: String =
        program.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '_' }).collect();
    let script = shell.script().replace("PROGRAM", &program).replace("FUNCTION", &function);
    if !arguments.install {
        print_bytes(script.as_bytes());
        return Ok(());
    }
    let (path, then) = shell.place(&UserFolders::find()?, &program);
    write_file(&path, script.as_bytes())?;
    print_line(format_args!("Written to {}", path.display()));
    let then = then.unwrap_or_else(|| "start a new shell".into());
    print_line(format_args!("Next: {then}"));
    Ok(())
}

fn print_candidates(found: &Candidates) {
    let paths = found.paths.map(|kind| kind.directive().to_owned());
    let lines: Vec<String> = found
        .values
        .iter()
        // PowerShell requires a description.
        .map(|(value, about)| format!("{value}\t{}", if about.is_empty() { value } else { about }))
        .chain(paths)
        .collect();
    if !lines.is_empty() {
        print_line(lines.join("\n"));
    }
}

/// The name of this executable, by which the shell finds the script.
fn program_name() -> String {
    let path = PathBuf::from(env::args_os().next().unwrap_or_default());
    let stem = if cfg!(windows) { path.file_stem() } else { path.file_name() };
    stem.map_or_else(|| "chapbook".to_owned(), |it| it.to_string_lossy().into_owned())
}
