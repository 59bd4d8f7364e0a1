//! Command line: one file per command. Only this layer prints to stdout, except the access log.

mod app;
#[cfg(feature = "pack")]
mod authoring;
#[cfg(not(feature = "pack"))]
#[path = "no_authoring.rs"]
mod authoring;
mod boolean;
mod browser;
mod build;
mod by_coding;
#[cfg(feature = "tls")]
mod ca;
mod extract;
mod failure;
mod file_names;
mod find_option;
mod help;
mod home;
mod host;
mod how_to_connect;
mod http_get;
#[cfg(feature = "tls")]
mod https;
#[cfg(not(feature = "tls"))]
#[path = "no_https.rs"]
mod https;
mod licences;
mod listened;
mod local_name;
mod network;
mod output;
mod port_holder;
mod probe;
mod qr_code;
mod routes;
mod screen_size;
mod secret_link;
mod secure_urls;
mod serve;
mod signals;
mod title;
mod usage_error;
mod variable;
mod verify;
mod welcome;
#[cfg(windows)]
mod win32;

use std::{env, process::ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind};

pub use self::build::Build;
use self::failure::Failure;

/// A website in one executable.
#[derive(Debug, Parser)]
#[command(name = "chapbook", version, about = "A website in one executable", long_about = None)]
#[command(help_template = help::TEMPLATE)]
#[command(before_help = authoring::EXAMPLES, after_help = help::VARIABLES)]
#[command(args_conflicts_with_subcommands = true, subcommand_value_name = "COMMAND")]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Arguments,
}

/// Commands. `defer` builds the arguments of a command only if it is used. Structs of arguments
/// have no doc comments, because clap would show these instead of the descriptions here.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
enum Command {
    /// Serve the packed site or a folder (the default command)
    #[command(display_order = 0, help_template = help::TEMPLATE)]
    #[command(before_help = authoring::EXAMPLES, after_help = help::VARIABLES)]
    Serve(serve::Arguments),
    #[command(flatten)]
    Authoring(authoring::AuthoringCommand),
    /// List the routes of the packed site or of a folder
    #[command(display_order = 3, help_template = help::TEMPLATE)]
    #[command(before_help = routes::EXAMPLES, after_help = routes::NOTES)]
    Routes(routes::Arguments),
    /// Extract the files of the packed site to a folder
    #[command(display_order = 4, help_template = help::TEMPLATE)]
    #[command(before_help = extract::EXAMPLES, after_help = extract::NOTES)]
    Extract(extract::Arguments),
    /// Verify the packed site
    #[command(display_order = 5, help_template = help::TEMPLATE)]
    #[command(before_help = verify::EXAMPLES, after_help = verify::NOTES)]
    Verify(verify::Arguments),
    /// Check that a server answers, for health checks
    #[command(display_order = 6, help_template = help::TEMPLATE)]
    #[command(before_help = probe::EXAMPLES, after_help = probe::NOTES)]
    Probe(probe::Arguments),
    /// Manage the local CA, whose certificates --https uses
    #[cfg(feature = "tls")]
    #[command(display_order = 7, help_template = help::TEMPLATE)]
    #[command(before_help = ca::EXAMPLES, after_help = ca::NOTES)]
    Ca(ca::Arguments),
    /// Print the licences of the software in this executable
    #[command(display_order = 9, alias = "licenses", help_template = help::TEMPLATE)]
    #[command(before_help = licences::EXAMPLES, after_help = licences::NOTES)]
    Licences(licences::Arguments),
}

/// Runs the command line and returns the exit status: 0 for success, 1 for failure, 2 for wrong
/// usage. A panic on any thread ends the process with status 101.
#[must_use]
pub fn run(build: &'static Build) -> ExitCode {
    build::set(build);
    exit_on_panic();
    #[cfg(windows)]
    win32::attach_console();
    match parse(CommandLine::command()) {
        Ok(line) => exit_status(line.run()),
        Err(error) => print(error),
    }
}

fn parse(mut command_line: clap::Command) -> Result<CommandLine, clap::Error> {
    let matches = command_line.try_get_matches_from_mut(env::args_os())?;
    CommandLine::from_arg_matches(&matches).map_err(|error| error.format(&mut command_line))
}

/// Prints an error of clap, to which help and version are errors, too. Returns the exit status.
fn print(error: clap::Error) -> ExitCode {
    let error = match error.kind() {
        // Parsed again, because only now it is known that the texts are needed.
        ErrorKind::DisplayHelp => match parse(help::of_this_executable(CommandLine::command())) {
            Err(adapted) => adapted,
            Ok(_) => error,
        },
        ErrorKind::DisplayVersion => return help::print_version(),
        _ => usage_error::explained(error, CommandLine::command),
    };
    // A closed pipe is not an error.
    let _ = error.print();
    // A click has no arguments, but variables.
    show_on_desktop(&error.to_string());
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Shows an error after a click: its user has no terminal.
fn show_on_desktop(problem: &str) {
    if app::is_started_by_click() {
        app::Notice { title: "Chapbook", text: problem, on_close: "", button: "Close" }.show();
    }
}

impl CommandLine {
    fn run(&self) -> Result<(), Failure> {
        match &self.command {
            Some(Command::Serve(arguments)) => serve::run(arguments),
            Some(Command::Authoring(command)) => command.run(Self::command),
            Some(Command::Routes(arguments)) => routes::run(arguments),
            Some(Command::Extract(arguments)) => extract::run(arguments),
            Some(Command::Verify(arguments)) => verify::run(arguments),
            Some(Command::Probe(arguments)) => probe::run(arguments),
            #[cfg(feature = "tls")]
            Some(Command::Ca(arguments)) => ca::run(arguments),
            Some(Command::Licences(_)) => licences::run(),
            None => {
                let word = self.serve.folder.missing_word();
                match word.and_then(|it| usage_error::misspelt_command(it, &Self::command())) {
                    Some(problem) => Err(Failure::Usage(problem)),
                    None => serve::run(&self.serve),
                }
            }
        }
    }
}

fn exit_status(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(problem)) => {
            let _ = CommandLine::command().error(ErrorKind::InvalidValue, &problem).print();
            show_on_desktop(&problem);
            ExitCode::from(2)
        }
        Err(Failure::Error(problem)) => {
            output::warn(&problem);
            show_on_desktop(&problem);
            ExitCode::FAILURE
        }
        Err(Failure::Reported) => ExitCode::FAILURE,
    }
}

/// Lets a panic end the process. Otherwise the connections of that worker would hang, and a
/// supervisor would not know to restart the process.
fn exit_on_panic() {
    let print_message = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        print_message(panic);
        std::process::exit(101);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_option_of_serve_has_a_variable_of_its_name() {
        let command_line = CommandLine::command();
        let options = command_line.get_arguments().filter(|it| !it.is_positional());
        for option in options {
            let name = option.get_long().expect("every option has a long name");
            let expected = format!("CHAPBOOK_{}", name.to_uppercase().replace('-', "_"));
            let variable = option.get_env().and_then(|it| it.to_str());
            assert_eq!(variable, Some(expected.as_str()), "--{name}");
        }
    }

    #[test]
    fn each_command_has_the_description_of_its_variant() {
        let described = CommandLine::command();
        let mut built = described.clone();
        built.build();
        for command in described.get_subcommands() {
            let built =
                built.find_subcommand(command.get_name()).expect("both have the same commands");
            assert_eq!(built.get_about(), command.get_about());
        }
    }

    /// Runs the test executable again, in which a thread panics as a worker might.
    #[test]
    fn a_panic_on_any_thread_ends_the_process_with_a_message_and_status_101() {
        const NAME: &str =
            "cli::tests::a_panic_on_any_thread_ends_the_process_with_a_message_and_status_101";
        const IS_INNER: &str = "PANIC_ON_A_THREAD";
        if env::var_os(IS_INNER).is_some() {
            exit_on_panic();
            let worker = std::thread::Builder::new().name("worker-7".to_owned());
            let worker = worker.spawn(|| panic!("it went wrong")).expect("there is a thread");
            // A failed test exits with 101, too; reaching this line gives another status.
            std::process::exit(if worker.join().is_err() { 3 } else { 4 });
        }
        let mut command = std::process::Command::new(env::current_exe().expect("a name"));
        command.args(["--exact", NAME, "--nocapture"]).env(IS_INNER, "1");
        let output = command.output().expect("it runs again");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(101), "{stderr}");
        assert!(stderr.contains("'worker-7'") && stderr.contains("it went wrong"), "{stderr}");
    }
}
