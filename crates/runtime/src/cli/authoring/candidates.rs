//! Candidates to complete a word of a command line.

use chapbook_compiler::Lint;
use clap::{Arg, Command};

use crate::cli::find_option::find_option;

/// What can be at the position of a word.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Candidates {
    /// Words with their descriptions.
    pub(super) values: Vec<(String, String)>,
    /// Paths, which the shell completes.
    pub(super) paths: Option<PathKind>,
}

/// A kind of path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathKind {
    /// Folders and archives.
    Site,
    File,
}

impl PathKind {
    /// The line that requests such paths from a script.
    pub(super) fn directive(self) -> &'static str {
        match self {
            Self::Site => ":sites",
            Self::File => ":files",
        }
    }
}

/// Arguments whose values are paths.
const PATHS: [(&str, PathKind); 5] = [
    ("folder", PathKind::Site),
    ("output", PathKind::File),
    ("base", PathKind::File),
    ("tls_cert", PathKind::File),
    ("tls_key", PathKind::File),
];

/// The candidates for the last word. The first one is the program.
pub(super) fn candidates(mut command_line: Command, words: &[String]) -> Candidates {
    command_line.build();
    let Some((current, before)) = words.split_last().filter(|(_, before)| !before.is_empty())
    else {
        return Candidates::default();
    };
    let position = Position::after(&command_line, &before[1..]);
    // bash splits `--option=value` into three words.
    let current = if current == "=" { "" } else { current };
    let value = match (position.pending, current.split_once('=')) {
        (Some(option), _) => Some((option, "", current)),
        (None, Some((name, value))) if !position.is_after_dashes => {
            let found = find_option(position.command, name);
            found.map(|option| (option, &current[..=name.len()], value))
        }
        _ => None,
    };
    if let Some((option, prefix, value)) = value {
        return values(&command_line, option).completing(prefix, value);
    }
    if current.starts_with('-') && !position.is_after_dashes {
        return position.options().completing("", current);
    }
    let mut found = Candidates::default();
    // A command comes first, before all options of the default command.
    if position.positionals == 0 && !position.is_after_dashes && position.given.is_empty() {
        let subcommands = position.command.get_subcommands();
        found.values.extend(described_commands(subcommands));
    }
    let positional = position.command.get_positionals().filter(|it| !it.is_hide_set());
    if let Some(argument) = positional.into_iter().nth(position.positionals) {
        let Candidates { values, paths } = values(&command_line, argument);
        found.values.extend(values);
        found.paths = paths;
    }
    found.completing("", current)
}

impl Candidates {
    /// Those that begin with a word; each gets this prefix. In a list with commas, only the last
    /// item is completed.
    fn completing(mut self, prefix: &str, word: &str) -> Self {
        let (items, last) = word.rfind(',').map_or(("", word), |at| word.split_at(at + 1));
        self.values.retain(|(value, _)| value.starts_with(last));
        for (value, _) in &mut self.values {
            *value = format!("{prefix}{items}{value}");
        }
        self
    }
}

/// Where a word is in a command line.
struct Position<'c> {
    command: &'c Command,
    /// The option whose value it is.
    pending: Option<&'c Arg>,
    /// The number of positional arguments before it.
    positionals: usize,
    is_after_dashes: bool,
    /// Options before it.
    given: Vec<&'c Arg>,
}

impl<'c> Position<'c> {
    fn after(command_line: &'c Command, words: &[String]) -> Self {
        let mut position = Self {
            command: command_line,
            pending: None,
            positionals: 0,
            is_after_dashes: false,
            given: Vec::new(),
        };
        for word in words {
            position.pass(word);
        }
        position
    }

    fn pass(&mut self, word: &str) {
        if self.pending.is_some() {
            if word != "=" {
                self.pending = None;
            }
        } else if word == "--" {
            self.is_after_dashes = true;
        } else if word.starts_with('-') && word.len() > 1 && !self.is_after_dashes {
            let (name, value) = word.split_once('=').map_or((word, None), |(n, v)| (n, Some(v)));
            // Of several letters, only the last one can have a value in the next word.
            let is_letters = !word.starts_with("--");
            let name =
                if is_letters { format!("-{}", &word[word.len() - 1..]) } else { name.into() };
            let option = find_option(self.command, &name);
            self.given.extend(option);
            self.pending = option.filter(|it| value.is_none() && it.get_action().takes_values());
        } else if let Some(command) = self.subcommand(word) {
            self.command = command;
            self.given.clear();
        } else {
            self.positionals += 1;
        }
    }

    fn subcommand(&self, word: &str) -> Option<&'c Command> {
        let is_possible = self.positionals == 0 && !self.is_after_dashes;
        is_possible.then(|| self.command.find_subcommand(word)).flatten()
    }

    /// The options that may follow. One that takes no list is not repeated.
    fn options(&self) -> Candidates {
        let is_possible = |it: &&Arg| {
            let is_list = it.get_value_delimiter().is_some();
            !it.is_hide_set()
                && (is_list || !self.given.iter().any(|given| given.get_id() == it.get_id()))
        };
        let options = self.command.get_opts().chain(flags(self.command)).filter(is_possible);
        let values = options.filter_map(|it| Some((format!("--{}", it.get_long()?), help(it))));
        Candidates { values: values.collect(), paths: None }
    }
}

/// The options without a value.
fn flags(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|it| !it.is_positional() && !it.get_action().takes_values())
}

/// The values of an argument.
fn values(command_line: &Command, argument: &Arg) -> Candidates {
    let id = argument.get_id().as_str();
    let paths = PATHS.iter().find(|(name, _)| *name == id).map(|(_, kind)| *kind);
    let codes = |is_listed: fn(&Lint) -> bool| -> Vec<(String, String)> {
        let meaning = |it: &Lint| it.explanation().meaning.trim_end_matches('.').replace('\n', " ");
        let codes = Lint::ALL.iter().filter(|it| is_listed(it));
        codes.map(|it| (it.name().to_owned(), meaning(it))).collect()
    };
    let values = match id {
        "code" => codes(|_| true),
        "allow" => codes(|it| !it.is_deny_only()),
        "deny" => {
            let all = ("warnings".to_owned(), "all warnings".to_owned());
            std::iter::once(all).chain(codes(|_| true)).collect()
        }
        "command" => described_commands(command_line.get_subcommands()).collect(),
        _ => {
            let values = argument.get_possible_values();
            let describe = |it: &clap::builder::PossibleValue| {
                let help = it.get_help().map(ToString::to_string).unwrap_or_default();
                (it.get_name().to_owned(), help)
            };
            values.iter().filter(|it| !it.is_hide_set()).map(describe).collect()
        }
    };
    Candidates { values, paths }
}

fn described_commands<'c>(
    commands: impl Iterator<Item = &'c Command>,
) -> impl Iterator<Item = (String, String)> {
    commands.filter(|it| !it.is_hide_set()).map(|it| {
        let about = it.get_about().map(ToString::to_string).unwrap_or_default();
        (it.get_name().to_owned(), about)
    })
}

fn help(argument: &Arg) -> String {
    argument.get_help().map(|it| it.to_string().replace('\n', " ")).unwrap_or_default()
}
