//! Errors about the command line, with what was most likely meant.

use std::{env, path::Path};

use clap::{
    Arg, Command,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{find_option::find_option, help, variable};

/// Names of commands in other programs.
const SYNONYMS: [(&str, &[&str]); 6] = [
    ("check", &["lint", "test", "validate"]),
    ("extract", &["dump", "export", "unpack"]),
    ("pack", &["build", "bundle", "compile", "embed", "package"]),
    ("probe", &["health", "healthcheck", "ping", "status"]),
    ("routes", &["list", "ls"]),
    ("serve", &["dev", "open", "preview", "run", "start"]),
];
/// Similarity from which a word counts as misspelt.
const SIMILARITY_MIN: f64 = 0.8;

/// The error, or one that says more.
pub(super) fn explained(error: clap::Error, command_line: fn() -> Command) -> clap::Error {
    let argument = match (error.kind(), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(ContextValue::String(argument))) => argument.as_str(),
        // A command after a folder.
        (ErrorKind::ArgumentConflict, _) => "",
        _ => return with_variable(error, &command_line()),
    };
    let words: Vec<String> =
        env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
    let mut described = command_line();
    described.build();
    match unknown_argument(argument, &words, &described, |it| Path::new(it).exists()) {
        Some(problem) => {
            described.error(ErrorKind::InvalidSubcommand, help::with_own_name(&problem))
        }
        None => error,
    }
}

/// What is wrong with the arguments of the default command, one of which is unknown.
fn unknown_argument(
    argument: &str,
    words: &[String],
    command_line: &Command,
    exists: impl Fn(&str) -> bool,
) -> Option<String> {
    let is_command = |it: &String| command_line.find_subcommand(it).is_some();
    let first = words.first().filter(|it| is_word(it) && !is_command(it) && !exists(it));
    let words = if words.first().is_some_and(|it| it == "serve") { &words[1..] } else { words };
    if words.first().is_some_and(is_command) {
        return None;
    }
    let unknown = |word: &String, end: &str| format!("unknown command `{word}`; {end}");
    let meant = first.and_then(|it| Some((it, similar_command(it, command_line)?)));
    if let Some((word, command)) = meant {
        return Some(unknown(word, &format!("did you mean `{command}`?")));
    }
    if let Some(at) = words.iter().position(is_command) {
        let (before, after) = (words[..at].join(" "), words[at..].join(" "));
        return Some(format!("a command comes first; did you mean `chapbook {after} {before}`?"));
    }
    if let Some(command) = command_with(argument, command_line) {
        return Some(misplaced_option(argument, command, words, &exists));
    }
    first.map(|it| unknown(it, "`chapbook --help` lists the commands"))
}

/// The suggestion for an option of another command.
fn misplaced_option(
    argument: &str,
    command: &Command,
    words: &[String],
    exists: impl Fn(&str) -> bool,
) -> String {
    let at = words.iter().position(|it| it.starts_with(argument));
    let option = at.map_or(argument, |at| words[at].as_str());
    let name = command.get_name();
    let folder = words.iter().find(|it| !it.starts_with('-') && exists(it));
    let folder = folder.map_or("FOLDER", String::as_str);
    let value = at.and_then(|at| words.get(at + 1)).filter(|it| !it.starts_with('-'));
    let has_value = find_option(command, argument).is_some_and(|it| it.get_action().takes_values());
    let value = value.filter(|it| has_value && option == argument && *it != folder);
    let value = value.map(|it| format!(" {it}")).unwrap_or_default();
    format!(
        "`{argument}` is an option of `{name}`; did you mean `chapbook {name} {folder} \
         {option}{value}`?"
    )
}

/// The first command with this option.
fn command_with<'c>(argument: &str, command_line: &'c Command) -> Option<&'c Command> {
    let mut commands: Vec<&Command> = command_line.get_subcommands().collect();
    commands.sort_by_key(|it| it.get_display_order());
    commands.into_iter().find(|it| find_option(it, argument).is_some())
}

/// An error message for the name of a missing folder that resembles a command.
pub(super) fn misspelt_command(word: &str, command_line: &Command) -> Option<String> {
    let nearest = is_word(word).then(|| nearest_command(word, command_line))??;
    Some(format!("there is no command and no folder `{word}`; did you mean `{nearest}`?"))
}

/// Whether it could be the name of a command.
fn is_word(text: &str) -> bool {
    !text.starts_with('-') && !text.contains(['/', '\\', '.'])
}

/// The command that a word means if it is followed by arguments.
fn similar_command(word: &str, command_line: &Command) -> Option<String> {
    let synonym = SYNONYMS.iter().find(|(_, synonyms)| synonyms.contains(&word));
    let synonym = synonym.filter(|(name, _)| command_line.find_subcommand(name).is_some());
    synonym.map(|(name, _)| (*name).to_owned()).or_else(|| nearest_command(word, command_line))
}

fn nearest_command(word: &str, command_line: &Command) -> Option<String> {
    let names = command_line.get_subcommands().filter(|it| !it.is_hide_set());
    let names = names.map(Command::get_name);
    let similarity = |name: &&str| strsim::jaro_winkler(name, word);
    let nearest = names.max_by(|a, b| similarity(a).total_cmp(&similarity(b)))?;
    (similarity(&nearest) > SIMILARITY_MIN).then(|| nearest.to_owned())
}

/// Adds the name of the variable to an error about a value from the environment.
fn with_variable(mut error: clap::Error, command_line: &Command) -> clap::Error {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let option = argument.split(' ').next().unwrap_or(argument);
    let Some(long) = option.strip_prefix("--") else { return error };
    let short = find_option(command_line, option).and_then(Arg::get_short);
    if let Some(variable) = variable::source(long, short) {
        let named = format!("{argument} (from {variable})");
        error.insert(ContextKind::InvalidArg, ContextValue::String(named));
    }
    error
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;

    use super::*;

    fn command_line() -> Command {
        let option = |name: &'static str| Arg::new(name).long(name);
        let pack = Command::new("pack").arg(option("output").short('o'));
        let pack = pack.arg(option("fast").action(ArgAction::SetTrue));
        let check = Command::new("check").arg(option("allow"));
        let others = ["serve", "extract"].map(Command::new);
        Command::new("chapbook").subcommands([check, pack]).subcommands(others)
    }

    #[test]
    fn an_unknown_argument_suggests_a_command() {
        let rows: &[(&str, &str, &str)] = &[
            ("dist", "packk dist", "unknown command `packk`; did you mean `pack`?"),
            ("-o", "packk dist -o x", "unknown command `packk`; did you mean `pack`?"),
            ("dist", "export dist", "unknown command `export`; did you mean `extract`?"),
            ("dist", "build dist", "unknown command `build`; did you mean `pack`?"),
            ("x", "frobnicate x", "unknown command `frobnicate`; `chapbook --help` lists"),
            ("-o", "-o demo", "did you mean `chapbook pack FOLDER -o demo`?"),
            ("-o", "dist -o demo", "did you mean `chapbook pack dist -o demo`?"),
            ("-o", "serve dist -o demo", "did you mean `chapbook pack dist -o demo`?"),
            ("-o", "-odemo", "did you mean `chapbook pack FOLDER -odemo`?"),
            ("--output", "dist --output=x", "did you mean `chapbook pack dist --output=x`?"),
            ("--fast", "dist --fast", "did you mean `chapbook pack dist --fast`?"),
            ("--allow", "dist --allow own-host", "`chapbook check dist --allow own-host`?"),
            ("", "dist check", "a command comes first; did you mean `chapbook check dist`?"),
            ("", "packk extract", "unknown command `packk`; did you mean `pack`?"),
            ("x", "dist x", ""),
            ("--prot", "--prot 80", ""),
            ("-o", "check dist -o x", ""),
        ];
        let mut command_line = command_line();
        command_line.build();
        for (argument, line, expected) in rows {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let problem = unknown_argument(argument, &words, &command_line, |it| it == "dist");
            let problem = problem.unwrap_or_default();
            assert!(problem.contains(expected), "{line}: {problem}");
            assert_eq!(problem.is_empty(), expected.is_empty(), "{line}: {problem}");
        }
    }
}
