//! The command line: one file per command. Only here is anything printed on stdout.

mod browser;
#[cfg(feature = "pack")]
mod check;
#[cfg(feature = "pack")]
mod completions;
#[cfg(feature = "pack")]
mod drawing;
mod extract;
#[cfg(feature = "pack")]
mod folder;
#[cfg(feature = "pack")]
mod lint_levels;
#[cfg(feature = "pack")]
mod manual;
mod network;
#[cfg(feature = "pack")]
mod pack;
#[cfg(feature = "pack")]
mod progress;
#[cfg(feature = "pack")]
mod report;
mod routes;
mod serve;
mod signals;
#[cfg(feature = "pack")]
mod target;
mod verify;
mod welcome;

use std::{
    fmt::Display,
    io::{self, Write},
    process::ExitCode,
};

use clap::{CommandFactory, Parser, Subcommand};

/// A website bound into one executable.
#[derive(Debug, Parser)]
#[command(name = "chapbook", version, about, long_about = None, after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Arguments,
}

/// The same with nothing but flags of `serve`.
#[derive(Debug, Parser)]
#[command(disable_help_flag = true)]
struct ServingLine {
    #[command(flatten)]
    serve: serve::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the site inside, or a folder (what happens without a command, too)
    #[command(after_help = EXAMPLES)]
    Serve(serve::Arguments),
    /// Judge a folder: links, markup, JSON and rules; serve nothing
    #[cfg(feature = "pack")]
    #[command(after_help = check::EXAMPLES)]
    Check(check::Arguments),
    /// Make an executable that carries a folder
    #[cfg(feature = "pack")]
    #[command(after_help = pack::EXAMPLES)]
    Pack(pack::Arguments),
    /// List what answers where, in the site inside or in a folder
    #[command(after_help = routes::EXAMPLES)]
    Routes(routes::Arguments),
    /// Write the files of the site inside to a folder
    #[command(after_help = extract::EXAMPLES)]
    Extract(extract::Arguments),
    /// Prove that the site inside is whole
    #[command(after_help = verify::EXAMPLES)]
    Verify(verify::Arguments),
    /// Print what a shell needs to complete the command line
    #[cfg(feature = "pack")]
    #[command(after_help = completions::EXAMPLES)]
    Completions(completions::Arguments),
    /// Print the manual page
    #[cfg(feature = "pack")]
    #[command(after_help = manual::EXAMPLES)]
    Man(manual::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  chapbook                         serve the site inside on http://127.0.0.1:8080/
  chapbook --open                  and show it in the browser
  chapbook --lan                   for everyone on the network, with a QR code
  chapbook --port 9000             on another port
  chapbook dist                    serve the folder `dist` as it would be bound
  chapbook check dist              say what is wrong with it
  chapbook pack dist -o demo       make an executable that carries it";

/// Does what the command line asks and returns the exit code: 0 done, 1 it could not be done, 2
/// wrong usage. A panic anywhere in the process ends it with 101.
#[must_use]
pub fn run() -> ExitCode {
    exit_on_panic();
    // Nearly all starts serve the site inside, and need not wait until clap has heard of everything
    // else. Whatever is wrong is found again, and said, with all of it.
    if let Ok(ServingLine { serve: arguments }) = ServingLine::try_parse()
        && !names_folder(&arguments)
    {
        return serve(&arguments);
    }
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => {
            // Help and version come this way too. Where nobody reads them there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match line.command {
        #[cfg(feature = "pack")]
        Some(Command::Check(arguments)) => check(&arguments),
        #[cfg(feature = "pack")]
        Some(Command::Pack(arguments)) => pack(&arguments),
        #[cfg(feature = "pack")]
        Some(Command::Completions(arguments)) => {
            completions::run(&arguments);
            ExitCode::SUCCESS
        }
        #[cfg(feature = "pack")]
        Some(Command::Man(arguments)) => man(&arguments),
        Some(Command::Routes(arguments)) => done(routes::run(&arguments).map(|()| true)),
        Some(Command::Extract(arguments)) => done(extract::run(&arguments).map(|()| true)),
        Some(Command::Verify(arguments)) => done(verify::run(&arguments)),
        Some(Command::Serve(arguments)) => serve(&arguments),
        None => match misspelt_command(&line.serve) {
            Some(problem) => wrong_usage(&problem),
            None => serve(&line.serve),
        },
    }
}

/// Whether there is a word that is no flag. It may be a command as well.
#[cfg(feature = "pack")]
fn names_folder(arguments: &serve::Arguments) -> bool {
    arguments.folder.is_some()
}

/// Without folders, clap takes no such word for anything but a command.
#[cfg(not(feature = "pack"))]
fn names_folder(_: &serve::Arguments) -> bool {
    false
}

/// What is said to `chapbook serv`: a word that is no folder and nearly a command is not taken for
/// a folder.
#[cfg(feature = "pack")]
fn misspelt_command(arguments: &serve::Arguments) -> Option<String> {
    let folder = arguments.folder.as_ref().filter(|it| !it.exists())?;
    let word = folder.to_str().filter(|it| !it.contains(['/', '\\', '.']))?;
    let command_line = CommandLine::command();
    let names = command_line.get_subcommands().map(clap::Command::get_name);
    let likeness = |name: &&str| strsim::jaro_winkler(name, word);
    let near = names.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    let problem = format!("there is no command and no folder `{word}`; did you mean `{near}`?");
    (likeness(&near) > 0.8).then_some(problem)
}

/// Without folders, clap knows what is no command.
#[cfg(not(feature = "pack"))]
fn misspelt_command(_: &serve::Arguments) -> Option<String> {
    None
}

fn serve(arguments: &serve::Arguments) -> ExitCode {
    let code = match serve::run(arguments) {
        Err(error) if error.is_wrong_usage() => wrong_usage(&error),
        outcome => done(outcome.map(|()| true)),
    };
    if code != ExitCode::SUCCESS {
        browser::keep_window();
    }
    code
}

#[cfg(feature = "pack")]
fn check(arguments: &check::Arguments) -> ExitCode {
    match check::run(arguments) {
        Err(check::CheckError::Usage(error)) => wrong_usage(&error),
        outcome => done(outcome),
    }
}

#[cfg(feature = "pack")]
fn pack(arguments: &pack::Arguments) -> ExitCode {
    match pack::run(arguments) {
        Err(pack::PackError::Usage(error)) => wrong_usage(&error),
        outcome => done(outcome),
    }
}

#[cfg(feature = "pack")]
fn man(arguments: &manual::Arguments) -> ExitCode {
    match manual::run(arguments) {
        Ok(false) => wrong_usage(&"there is no such command; `chapbook --help` names them"),
        outcome => done(outcome),
    }
}

/// The exit code of a command that says whether all is well.
fn done(outcome: Result<bool, impl Display>) -> ExitCode {
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            warn(&error);
            ExitCode::FAILURE
        }
    }
}

/// Says what is wrong with the arguments where clap cannot see it, as clap does.
fn wrong_usage(problem: &dyn Display) -> ExitCode {
    let error = CommandLine::command().error(clap::error::ErrorKind::InvalidValue, problem);
    let _ = error.print();
    ExitCode::from(2)
}

/// A worker that panics would leave its connections hanging while the others go on; one clear end
/// is better, and whoever started the process can start it again.
fn exit_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        std::process::exit(101);
    }));
}

/// Prints a line for the user. A closed pipe is the reader's choice and no error.
fn say(line: impl Display) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// Prints what is not only for people to read.
#[cfg(feature = "pack")]
fn print(bytes: &[u8]) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
}

/// Prints a problem, in one piece, since others may write there, too.
fn warn(problem: &dyn Display) {
    let _ = io::stderr().write_all(format!("chapbook: {problem}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs itself again in a process of its own, where a thread panics as a worker would.
    #[test]
    fn a_panic_on_any_thread_ends_the_process_with_a_message_and_code_101() {
        const NAME: &str =
            "cli::tests::a_panic_on_any_thread_ends_the_process_with_a_message_and_code_101";
        const IS_INNER: &str = "PANIC_ON_A_THREAD";
        if std::env::var_os(IS_INNER).is_some() {
            exit_on_panic();
            let worker = std::thread::Builder::new().name("worker-7".to_owned());
            let worker = worker.spawn(|| panic!("it went wrong")).expect("there is a thread");
            // A failed test has code 101, too: whoever comes back from here has another one.
            std::process::exit(if worker.join().is_err() { 3 } else { 4 });
        }
        let mut command = std::process::Command::new(std::env::current_exe().expect("a name"));
        command.args(["--exact", NAME, "--nocapture"]).env(IS_INNER, "1");
        let output = command.output().expect("it runs again");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(101), "{said}");
        assert!(said.contains("'worker-7'") && said.contains("it went wrong"), "{said}");
    }
}
