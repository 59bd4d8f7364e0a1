//! `chapbook man`: the manual, in roff.

use std::io::{self, Write};

use clap::Args;
use clap_mangen::Man;

use super::user_folders::{UserFolders, write_file};
use crate::cli::{
    failure::Failure,
    output::{count, print_bytes, print_line},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Command to describe [default: all of chapbook]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    /// Write every page to a folder in which man(1) looks for it
    #[arg(long, conflicts_with = "command")]
    install: bool,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook man --install    install the manual
  chapbook man | man -l -   read the page about all of chapbook
  chapbook man pack         print the page about a command";
pub(super) const NOTES: &str = "\
--install writes to a folder in your home, and says where.";

const EXIT_STATUS: [(&str, &str); 4] = [
    ("0", "The command is done, or the server was stopped."),
    ("1", "The command failed, or the site has errors."),
    ("2", "The arguments are wrong."),
    ("130", "Ctrl-C stopped the command, or was pressed again while the server was stopping."),
];
/// Variables that are not options.
const VARIABLES: [(&str, &str); 3] = [
    ("NO_COLOR", "If set, the output has no colours."),
    ("SOURCE_DATE_EPOCH", "The date of a packed site in seconds since 1970 (Last-Modified)."),
    ("LISTEN_FDS", "Sockets that a service manager passes; see sd_listen_fds(3)."),
];

/// Prints the page of a command, or of the complete command line; or installs all pages.
pub(super) fn run(arguments: &Arguments, mut command_line: clap::Command) -> Result<(), Failure> {
    // Gives the page of each command a name like that of git's commands: `chapbook-pack`.
    command_line.build();
    if arguments.install {
        return install(&command_line);
    }
    let described = match &arguments.command {
        None => &command_line,
        Some(name) => command_line.find_subcommand(name).ok_or_else(|| {
            Failure::usage(format_args!(
                "unknown command `{name}`; `chapbook --help` lists the commands"
            ))
        })?,
    };
    print_bytes(&page(described, &command_line)?);
    Ok(())
}

fn install(command_line: &clap::Command) -> Result<(), Failure> {
    let folder = UserFolders::find()?.data.join("man/man1");
    let commands: Vec<&clap::Command> = described_commands(command_line).collect();
    let pages = std::iter::once(command_line).chain(commands.iter().copied());
    for command in pages {
        let path = folder.join(format!("{}.1", name_of(command)));
        write_file(&path, &page(command, command_line)?)?;
    }
    print_line(format_args!(
        "{} written to {}\nNext: man chapbook; if it is not found, add ~/.local/bin to PATH",
        count(commands.len() + 1, "page"),
        folder.display()
    ));
    Ok(())
}

/// The name of the page of a command.
fn name_of(command: &clap::Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn described_commands(command_line: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    command_line.get_subcommands().filter(|it| it.get_name() != "help")
}

fn page(command: &clap::Command, command_line: &clap::Command) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    // Without a date: that of the build would make each build another one.
    let version = env!("CARGO_PKG_VERSION");
    writeln!(page, ".TH {} 1 \"\" \"chapbook {version}\" \"Chapbook Manual\"", name_of(command))?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if let Some(notes) = command.get_after_help() {
        write_paragraph(&notes.to_string(), &mut page)?;
    }
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        write_section("COMMANDS", &mut page)?;
        for it in described_commands(command) {
            let about = it.get_about().map(ToString::to_string).unwrap_or_default();
            write_item(&format!("{}(1)", name_of(it)), &about, &mut page)?;
        }
    }
    write_section("EXAMPLES", &mut page)?;
    let examples = command.get_before_help().map(ToString::to_string).unwrap_or_default();
    writeln!(page, ".nf")?;
    for line in examples.lines().skip(1) {
        writeln!(page, "{}", escaped(line.trim_start()))?;
    }
    writeln!(page, ".fi")?;
    write_section("EXIT STATUS", &mut page)?;
    for (status, meaning) in EXIT_STATUS {
        write_item(status, meaning, &mut page)?;
    }
    write_section("ENVIRONMENT", &mut page)?;
    for (variable, option) in variables(command) {
        write_item(&variable, &format!("Sets --{option}."), &mut page)?;
    }
    for (variable, meaning) in VARIABLES {
        write_item(variable, meaning, &mut page)?;
    }
    write_section("SEE ALSO", &mut page)?;
    let others = std::iter::once(command_line).chain(described_commands(command_line));
    let others = others.map(name_of).filter(|it| *it != name_of(command));
    let others: Vec<String> = others.map(|it| escaped(&format!("{it}(1)"))).collect();
    writeln!(page, "{}", others.join(",\n"))?;
    let page = String::from_utf8_lossy(&page).into_owned();
    Ok(page.lines().flat_map(|line| [line.trim_end(), "\n"]).collect::<String>().into_bytes())
}

/// The variables of the options of a command.
fn variables(command: &clap::Command) -> Vec<(String, &str)> {
    let variable = |it: &'_ clap::Arg| it.get_env().map(|it| it.to_string_lossy().into_owned());
    let options = command.get_arguments();
    options.filter_map(|it| Some((variable(it)?, it.get_long()?))).collect()
}

fn write_section(name: &str, page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".SH \"{name}\"")
}

fn write_item(name: &str, text: &str, page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".TP\n\\fB{}\\fR\n{}", escaped(name), escaped(text))
}

fn write_paragraph(text: &str, page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".PP")?;
    text.lines().try_for_each(|line| writeln!(page, "{}", escaped(line)))
}

/// A line of text that is not a request. Hyphens stay those of options.
fn escaped(line: &str) -> String {
    let text = line.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let rows = [
            ("plain", "plain"),
            ("--port N", "\\-\\-port N"),
            (".TH", "\\&.TH"),
            ("'quoted'", "\\&'quoted'"),
            ("C:\\x", "C:\\ex"),
        ];
        for (line, expected) in rows {
            assert_eq!(escaped(line), expected);
        }
    }
}
