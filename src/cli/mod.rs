//! Command line: one file per command. Only this layer prints to stdout, except the access log.

#[cfg(feature = "pack")]
mod authoring;
#[cfg(not(feature = "pack"))]
#[path = "no_authoring.rs"]
mod authoring;
mod boolean;
mod browser;
mod by_coding;
mod extract;
mod failure;
mod file_names;
mod network;
mod output;
mod routes;
mod serve;
mod signals;
mod verify;
mod welcome;

use std::{env, process::ExitCode};

use clap::{
    CommandFactory, Parser, Subcommand,
    error::{ContextKind, ContextValue, ErrorKind},
};

use self::failure::Failure;

/// A website in one executable.
#[derive(Debug, Parser)]
#[command(name = "chapbook", version, about, long_about = None, after_help = examples())]
#[command(args_conflicts_with_subcommands = true)]
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
    #[command(display_order = 0, after_help = examples())]
    Serve(serve::Arguments),
    #[command(flatten)]
    Authoring(authoring::AuthoringCommand),
    /// List the routes of the packed site or of a folder
    #[command(display_order = 3, after_help = routes::EXAMPLES)]
    Routes(routes::Arguments),
    /// Extract the files of the packed site to a folder
    #[command(display_order = 4, after_help = extract::EXAMPLES)]
    Extract(extract::Arguments),
    /// Verify the packed site
    #[command(display_order = 5, after_help = verify::EXAMPLES)]
    Verify(verify::Arguments),
}

fn examples() -> String {
    [serve::EXAMPLES, authoring::EXAMPLES].concat()
}

/// Runs the command line and returns the exit status: 0 for success, 1 for failure, 2 for wrong
/// usage. A panic on any thread ends the process with status 101.
#[must_use]
pub fn run() -> ExitCode {
    exit_on_panic();
    let status = match CommandLine::try_parse() {
        Ok(line) => exit_status(line.run()),
        Err(error) => {
            let status = u8::try_from(error.exit_code()).unwrap_or(2);
            // `--help` and `--version` are errors to clap, too. A closed pipe is not an error.
            let _ = with_variable(error).print();
            ExitCode::from(status)
        }
    };
    if status != ExitCode::SUCCESS {
        browser::keep_window();
    }
    status
}

impl CommandLine {
    fn run(&self) -> Result<(), Failure> {
        match &self.command {
            Some(Command::Serve(arguments)) => serve::run(arguments),
            Some(Command::Authoring(command)) => command.run(Self::command),
            Some(Command::Routes(arguments)) => routes::run(arguments),
            Some(Command::Extract(arguments)) => extract::run(arguments),
            Some(Command::Verify(arguments)) => verify::run(arguments),
            None => match self.serve.folder.misspelt_command(Self::command) {
                Some(problem) => Err(Failure::Usage(problem)),
                None => serve::run(&self.serve),
            },
        }
    }
}

/// Adds the name of the variable to an error about a value from the environment.
fn with_variable(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let option = argument.split(' ').next().unwrap_or(argument);
    let name = option.trim_start_matches('-').to_uppercase().replace('-', "_");
    let variable = format!("CHAPBOOK_{name}");
    let is_given = env::args_os().any(|it| it.to_string_lossy().split('=').next() == Some(option));
    if !is_given && env::var_os(&variable).is_some() {
        let named = format!("{argument} (from {variable})");
        error.insert(ContextKind::InvalidArg, ContextValue::String(named));
    }
    error
}

fn exit_status(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(problem)) => {
            let _ = CommandLine::command().error(ErrorKind::InvalidValue, problem).print();
            ExitCode::from(2)
        }
        Err(Failure::Error(problem)) => {
            output::warn(problem);
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
