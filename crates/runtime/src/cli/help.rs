//! Help and version: the layout of the help, and what a packed executable shows instead.

use std::{env, path::Path, process::ExitCode};

use chapbook_format::digest;

use super::{
    build::{load_site, rustls_version},
    output::{print_line, warn},
    title::printable,
};
use crate::site::Site;

/// Layout of the help of every command: examples first.
pub(super) const TEMPLATE: &str =
    "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";
/// Heading of the options that few users need.
pub(super) const TUNING: &str = "Tuning";
/// The note about variables.
pub(super) const VARIABLES: &str = "CHAPBOOK_PORT=9000 sets --port, and so on.";

/// What the recipient of a packed site does with it.
pub(super) const PACKED_EXAMPLES: &str = "\
Examples:
  chapbook --open          open the site in the browser
  chapbook --lan           share it on the network, with a QR code
  chapbook extract site    write its files to the folder `site`";
/// What the author of a site needs, and its recipient does not.
const COMMANDS_OF_AUTHORS: [&str; 5] = ["check", "explain", "pack", "completions", "man"];
const ARGUMENTS_OF_AUTHORS: [&str; 5] = ["folder", "mount", "spa", "force", "reload"];
/// Commands that are used once, which only the long help lists.
const RARE: [&str; 3] = ["completions", "man", "licences"];
/// Options that only the long help describes: those for folders, those that few windows need, and
/// those of HTTPS.
const LONG_HELP_ONLY: [&str; 9] =
    ["mount", "spa", "reload", "browser", "kiosk", "origin", "https", "tls_cert", "tls_key"];

/// The command line with the texts of this executable: the short help if it is requested, and in a
/// packed executable its name, its title and what its recipient needs.
pub(super) fn of_this_executable(command_line: clap::Command) -> clap::Command {
    let is_long = env::args_os().any(|it| it == "--help" || it == "help");
    let packed = load_site().ok().filter(Site::is_packed);
    let command_line = match packed {
        Some(site) => of_packed_site(command_line, site.info().title, &program_name()),
        None => command_line,
    };
    if is_long { command_line } else { with_short_layout(command_line) }
}

/// Hides options, and names the commands in one line: all of them with their descriptions would not
/// fit on a terminal of 24 lines.
fn with_short_layout(command_line: clap::Command) -> clap::Command {
    let is_shown = |it: &&clap::Command| !it.is_hide_set() && !RARE.contains(&it.get_name());
    let mut shown: Vec<&clap::Command> = command_line.get_subcommands().filter(is_shown).collect();
    shown.sort_by_key(|it| it.get_display_order());
    let names: Vec<&str> = shown.into_iter().map(clap::Command::get_name).collect();
    let commands = wrapped(&format!("Commands: {}", names.join(", ")), columns());
    let template = format!(
        "{{about-with-newline}}\n{{before-help}}{{usage-heading}} {{usage}}\n{commands}\n\n\
         Options:\n{{options}}{{after-help}}"
    );
    let command_line = command_line.after_help(format!("{VARIABLES} `--help` lists all."));
    command_line.help_template(template).mut_args(|it| {
        let is_tuning = it.get_help_heading() == Some(TUNING);
        let is_hidden = is_tuning || LONG_HELP_ONLY.contains(&it.get_id().as_str());
        if is_hidden { it.hide(true) } else { it }
    })
}

/// The width of the help.
fn columns() -> usize {
    const PIPE: usize = 100;
    let size = terminal_size::terminal_size().map(|(width, _)| width.0.into());
    let variable = || env::var("COLUMNS").ok()?.parse().ok();
    size.or_else(variable).unwrap_or(PIPE)
}

/// A text with line breaks between words.
fn wrapped(text: &str, columns: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                *line = format!("{line} {word}");
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

fn of_packed_site(command_line: clap::Command, title: Option<&str>, name: &str) -> clap::Command {
    let own = |text: &str| text.replace("chapbook", name);
    let about = match title.map(printable).filter(|it| !it.is_empty()) {
        Some(title) => format!("{title}: a website in one executable"),
        None => "A website in one executable".to_owned(),
    };
    let commands: Vec<String> =
        command_line.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    let mut adapted =
        command_line.bin_name(name).about(about).before_help(own(PACKED_EXAMPLES)).mut_args(|it| {
            let is_hidden = ARGUMENTS_OF_AUTHORS.contains(&it.get_id().as_str());
            if is_hidden { it.hide(true) } else { it }
        });
    for command in commands {
        adapted = adapted.mut_subcommand(command, |it| {
            let is_hidden = COMMANDS_OF_AUTHORS.contains(&it.get_name());
            let examples = it.get_before_help().map(|it| own(&it.to_string()));
            let examples =
                if it.get_name() == "serve" { Some(own(PACKED_EXAMPLES)) } else { examples };
            let about = it.get_about().map(|it| without_folder(&it.to_string()));
            let it = it.hide(is_hidden).before_help(examples.unwrap_or_default());
            it.about(about.unwrap_or_default())
        });
    }
    adapted
}

/// A description of a command that applies to a folder, too.
fn without_folder(about: &str) -> String {
    about.replace(" or a folder", "").replace(" or of a folder", "")
}

/// A message with the name of this executable, if its site is packed.
pub(super) fn with_own_name(message: &str) -> String {
    let is_packed = load_site().is_ok_and(|site| site.is_packed());
    let name = if is_packed { program_name() } else { return message.to_owned() };
    message.replace("`chapbook ", &format!("`{name} "))
}

/// The version, with that of the library whose faults can be reached over the network.
fn version() -> String {
    let own = env!("CARGO_PKG_VERSION");
    match rustls_version() {
        Some(rustls) if cfg!(feature = "tls") => format!("chapbook {own} (rustls {rustls})"),
        _ => format!("chapbook {own}"),
    }
}

/// Prints the version, and for a packed site its title and root hash.
pub(super) fn print_version() -> ExitCode {
    let own = version();
    match load_site() {
        Ok(site) if site.is_packed() => {
            let title = site.info().title.map(printable).filter(|it| !it.is_empty());
            let title = title.unwrap_or_else(|| "a site without a title".to_owned());
            let root_hash = digest::hexadecimal(site.root_hash());
            print_line(format_args!("{}: {title}\nroot hash {root_hash}\n{own}", program_name()));
        }
        Ok(_) => print_line(&own),
        Err(error) => {
            print_line(&own);
            warn(error);
        }
    }
    ExitCode::SUCCESS
}

/// The name of this executable as it is typed: `demo`, or `./demo` if it was started by a path.
fn program_name() -> String {
    let argument = env::args_os().next().unwrap_or_default();
    let path = Path::new(&argument);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match path.components().count() {
        0 => "chapbook".to_owned(),
        1 => name,
        _ if cfg!(windows) => format!(".\\{name}"),
        _ => format!("./{name}"),
    }
}
