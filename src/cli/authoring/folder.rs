//! Folder as the site instead of the packed one, compiled into memory for `serve` and `routes`.

use std::{cell::OnceCell, fs::File, io, path::PathBuf, sync::Arc};

use chapbook_compiler::{Compiled, CompiledSite, Effort, LintLevels, Options, Payload, compile};
use clap::Args;

use super::{progress::ProgressDisplay, report, route_options::RouteArguments, source::Source};
use crate::{
    cli::{boolean::boolean, failure::Failure, help},
    site::{FolderFile, FolderSite, Site},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct FolderArgument {
    /// Folder or archive to use instead of the packed site
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    routes: RouteArguments,
    /// Use the folder even if it has more than 100,000 files or 20 GiB
    #[arg(
        long,
        env = "CHAPBOOK_FORCE",
        hide_env = true,
        help_heading = help::TUNING,
        value_parser = boolean
    )]
    force: bool,
    /// The folder, or what was unpacked of an archive. It is needed while the site is served.
    #[arg(skip)]
    source: OnceCell<Source>,
}

impl FolderArgument {
    /// The site in the folder, compiled fast and with lint errors as warnings, since it may be
    /// unfinished; without a folder, the site of this executable. Prints the numbers of diagnostics
    /// to stderr unless `is_quiet`, and the errors that prevent serving.
    pub(in crate::cli) fn preview(&self, is_quiet: bool) -> Result<Site<'static>, Failure> {
        let Some(source) = self.source()? else { return packed_site() };
        let compiled = compile(&Options {
            root: source.folder.clone(),
            name: source.name.clone(),
            routes: self.routes.options(),
            effort: Effort::Preview,
            lint_levels: LintLevels::lenient(),
            is_unbounded: self.force,
            ..Options::default()
        })?;
        if compiled.site.is_some() && !is_quiet {
            report::print_counts(&compiled.report, source.shown(), io::stderr());
        }
        load(compiled)
    }

    /// The site in the folder, compressed like `pack` does, so that sizes agree; without a folder,
    /// the site of this executable. Prints the errors that prevent this to stderr.
    pub(in crate::cli) fn compile_as_packed(&self) -> Result<Site<'static>, Failure> {
        let Some(source) = self.source()? else { return packed_site() };
        let display = ProgressDisplay::new();
        let compiled = compile(&Options {
            root: source.folder.clone(),
            name: source.name.clone(),
            routes: self.routes.options(),
            progress: display.progress(),
            lint_levels: LintLevels::lenient(),
            is_unbounded: self.force,
            ..Options::default()
        })?;
        drop(display);
        load(compiled)
    }

    /// From now on, a signal stops the server, which still needs the files of an archive.
    pub(in crate::cli) fn keep_serving(&self) {
        if let Some(source) = self.source.get() {
            source.keep_serving();
        }
    }

    /// The source of the site; `None` for the site of this executable.
    fn source(&self) -> Result<Option<&Source>, Failure> {
        let Some(folder) = &self.folder else { return Ok(None) };
        if self.source.get().is_none() {
            // It is empty, so this sets it.
            let _ = self.source.set(Source::open(folder)?);
        }
        Ok(self.source.get())
    }

    /// The folder if it does not exist and could be a command, as in `chapbook serv`.
    pub(in crate::cli) fn missing_word(&self) -> Option<&str> {
        self.folder.as_ref().filter(|it| !it.exists())?.to_str()
    }
}

/// The site of this executable, whose routes cannot be changed.
fn packed_site() -> Result<Site<'static>, Failure> {
    match RouteArguments::given() {
        Some(option) => Err(Failure::usage(format_args!(
            "{option} applies to a folder: name one, or give the option to `pack`"
        ))),
        None => Ok(Site::load()?),
    }
}

/// Loads a compiled site, or prints the errors that prevent it to stderr.
fn load(compiled: Compiled) -> Result<Site<'static>, Failure> {
    let Compiled { site, report } = compiled;
    let Some(site) = site else {
        let not_started = match report.tally.errors {
            1 => "not started: fix this error first".to_owned(),
            count => format!("not started: fix these {count} errors first"),
        };
        report::print(&report.only_errors(), io::stderr());
        return Err(Failure::Error(not_started));
    };
    let cannot =
        |error: io::Error| Failure::error(format_args!("cannot serve the folder: {error}"));
    let site = Box::leak(Box::new(folder_site(&site).map_err(cannot)?));
    let open = site.open().map_err(|error| cannot(io::Error::other(error)))?;
    Ok(Site::packed(Box::leak(Box::new(open))))
}

/// The payload that `pack` would write, except for the contents of long files, which stay in the
/// folder.
fn folder_site(site: &CompiledSite) -> io::Result<FolderSite> {
    let payload = Payload::new(site).map_err(io::Error::other)?;
    let placed = |(offset, file)| (offset, Box::new(PreviewedFile(file)) as Box<_>);
    let files = payload.files().map(placed).collect::<Vec<_>>();
    Ok(FolderSite { bytes: payload.without_files()?, length: payload.length(), files })
}

/// A long file of the folder, which is read when it is requested.
#[derive(Debug)]
struct PreviewedFile(Arc<chapbook_compiler::FolderFile>);

impl FolderFile for PreviewedFile {
    fn path(&self) -> &str {
        self.0.path()
    }

    fn length(&self) -> u64 {
        self.0.length()
    }

    fn open(&self) -> io::Result<File> {
        self.0.open_unchanged()
    }

    fn check(&self, file: &File) -> io::Result<()> {
        self.0.check(file)
    }
}
