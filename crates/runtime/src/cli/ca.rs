//! `chapbook ca`: the local CA of `--https`.

use std::{
    ffi::OsStr,
    fs::OpenOptions,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use clap::{Args, ValueEnum};

use super::{
    failure::Failure,
    help, home,
    local_name::host_name,
    output::{print_bytes, print_line, warn},
};
use crate::tls::{
    Authority, AuthorityError, AuthorityFolder, CertificateForm, Hosts, is_clock_valid,
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What to do with the CA
    #[arg(value_name = "ACTION")]
    action: Action,
    /// File to write: .pem, .crt, .cer, .der or .mobileconfig [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long, requires = "output")]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Action {
    /// Print the path of its certificate
    Path,
    /// Write its certificate, to install it on a device
    Export,
    /// Remove it; the next start with --https makes a new one
    Forget,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook ca path                 print the path of its certificate
  chapbook ca export -o ca.crt     write the certificate, to install it elsewhere
  chapbook ca export -o ca.mobileconfig    the same, for iPhones, iPads and Macs
  chapbook ca forget               remove the CA from this machine";
pub(super) const NOTES: &str = "\
The CA certifies private addresses, `.local`, `localhost` and the name of this
machine only, and its key never leaves this machine.";

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.output.is_some() && arguments.action != Action::Export {
        return Err(Failure::usage("--output is for `export` only; remove it"));
    }
    let parent = home::state_folder().ok_or_else(|| {
        Failure::error("cannot find the folder of the local CA: set HOME to your home folder")
    })?;
    let folder = AuthorityFolder::in_state(&parent);
    match arguments.action {
        Action::Path => path(&folder),
        Action::Export => export(arguments, &parent, &folder),
        Action::Forget => forget(&folder),
    }
}

/// The failure with the commands of this executable.
pub(super) fn failure(error: &AuthorityError) -> Failure {
    Failure::error(help::with_own_name(&error.to_string()))
}

/// The time, by which certificates are valid.
pub(super) fn now() -> Result<SystemTime, Failure> {
    let now = SystemTime::now();
    if is_clock_valid(now) {
        return Ok(now);
    }
    Err(Failure::error(
        "cannot make or check a certificate: the system clock is before 1970; set it",
    ))
}

fn path(folder: &AuthorityFolder) -> Result<(), Failure> {
    let authority = folder.load().map_err(|it| failure(&it))?.ok_or_else(|| {
        Failure::error(help::with_own_name(
            "there is no local CA yet; `chapbook ca export` makes one, and so does --https",
        ))
    })?;
    check(folder, &authority)?;
    let path = folder.certificate_file(&authority).map_err(|it| failure(&it))?;
    print_line(path.display());
    Ok(())
}

fn export(arguments: &Arguments, parent: &Path, folder: &AuthorityFolder) -> Result<(), Failure> {
    let form = match &arguments.output {
        None => CertificateForm::Pem,
        Some(path) => form_of(path)?,
    };
    let authority = load_or_create(parent, folder)?;
    let bytes = form.of(&authority);
    let Some(path) = &arguments.output else {
        print_bytes(&bytes);
        return Ok(());
    };
    write(path, &bytes, arguments.force)?;
    let [first, second] = authority.fingerprint().lines();
    print_line(format_args!(
        "{}: {}\nSHA-256 fingerprint:\n  {first}\n  {second}",
        path.display(),
        authority.name()
    ));
    Ok(())
}

fn load_or_create(parent: &Path, folder: &AuthorityFolder) -> Result<Authority, Failure> {
    // If this fails, what follows reports it, unless the CA exists already.
    let _ = home::create_private(parent);
    let made = folder.load_or_create(host_name().as_deref(), now()?);
    let (authority, is_new) = made.map_err(|it| failure(&it))?;
    check(folder, &authority)?;
    if is_new {
        folder.sync();
        warn(format_args!("made a local CA in `{}`", folder.path().display()));
    }
    Ok(authority)
}

/// Checks that a server can use the CA: nothing else is worth installing on a device.
fn check(folder: &AuthorityFolder, authority: &Authority) -> Result<(), Failure> {
    let issued = folder.issue(authority, Hosts::default(), now()?);
    issued.map(|_| ()).map_err(|it| failure(&it))
}

fn form_of(path: &Path) -> Result<CertificateForm, Failure> {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    CertificateForm::of_extension(extension).ok_or_else(|| {
        Failure::usage(format_args!(
            "cannot tell the form of `{}`; let its name end with .pem, .crt, .cer, .der or \
             .mobileconfig",
            path.display()
        ))
    })
}

fn write(path: &Path, bytes: &[u8], is_forced: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(is_forced).truncate(is_forced).create_new(!is_forced);
    let written = options.open(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::error(format_args!(
            "`{}` already exists; use --force to overwrite it",
            path.display()
        )),
        _ => Failure::error(format_args!("cannot write `{}`: {error}", path.display())),
    })
}

fn forget(folder: &AuthorityFolder) -> Result<(), Failure> {
    let name = match folder.load() {
        Ok(Some(authority)) => authority.name().to_owned(),
        // It may be damaged, which is why it is removed.
        _ => "Chapbook CA".to_owned(),
    };
    if !folder.forget().map_err(|it| failure(&it))? {
        print_line("there is no local CA; nothing was removed");
        return Ok(());
    }
    print_line(format_args!(
        "removed `{}`\nremove \"{name}\" from the devices where you have installed it, too",
        folder.path().display()
    ));
    Ok(())
}
