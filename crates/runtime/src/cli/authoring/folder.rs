//! Folder as the site instead of the packed one, compiled into memory for `serve` and `routes`.

use std::{
    cell::OnceCell,
    fmt::Display,
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use chapbook_compiler::{CompileCache, Compiled, Effort, LintLevels, Options, Progress, compile};
use clap::Args;

use super::{
    folder_site::CompiledFolder, folder_snapshot::FolderSnapshot, live_folder::LiveFolder,
    output_name::source_name, progress::ProgressDisplay, report, route_options::RouteArguments,
    source::Source,
};
use crate::{
    cli::{boolean::boolean, build::load_site, failure::Failure, help},
    server::{Server, ServerOptions, Stop},
    site::{FolderSite, Identity, Site},
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

/// The site to serve.
#[derive(Debug)]
pub(in crate::cli) enum Preview {
    Packed(Site<'static>),
    Folder(Box<LiveFolder>),
}

impl Preview {
    /// The title of the site.
    pub(in crate::cli) fn title(&self) -> Option<&str> {
        match self {
            Self::Packed(site) => site.info().title,
            Self::Folder(folder) => folder.title(),
        }
    }

    /// What tells the site from others.
    pub(in crate::cli) fn identity(&self) -> Identity {
        match self {
            Self::Packed(site) => site.identity(),
            Self::Folder(folder) => folder.identity(),
        }
    }

    /// The path of the home page.
    pub(in crate::cli) fn home(&self) -> &str {
        match self {
            Self::Packed(site) => site.info().mount.unwrap_or("/"),
            Self::Folder(folder) => folder.home(),
        }
    }

    /// The features of browsers that other devices have over HTTPS only.
    pub(in crate::cli) fn secure_features(&self) -> Option<&str> {
        match self {
            Self::Packed(site) => site.info().secure_features,
            Self::Folder(folder) => folder.secure_features(),
        }
    }

    /// Serves the site until `stop` is requested.
    pub(in crate::cli) fn run(
        self,
        server: Server,
        options: ServerOptions,
        stop: &Stop,
    ) -> io::Result<()> {
        match self {
            Self::Packed(site) => server.run(site, options, stop),
            Self::Folder(folder) => folder.run(server, options, stop),
        }
    }
}

impl FolderArgument {
    /// The site in the folder, compiled fast and with lint errors as warnings, since it may be
    /// unfinished; without a folder, the site of this executable. Prints the numbers of diagnostics
    /// to stderr unless `is_quiet`, and the errors that prevent serving.
    pub(in crate::cli) fn preview(
        &self,
        is_quiet: bool,
        reloads: bool,
    ) -> Result<Preview, Failure> {
        let Some(source) = self.source()? else {
            if reloads {
                return Err(Failure::usage("--reload applies to a folder: name one"));
            }
            return packed_site().map(Preview::Packed);
        };
        let display = (!is_quiet).then(ProgressDisplay::new);
        let mut options = Options {
            root: source.folder.clone(),
            name: source.name.clone(),
            name_fallback: source_name(Path::new(&source.shown())),
            routes: self.routes.options(),
            effort: Effort::Preview,
            progress: display.as_ref().map(ProgressDisplay::progress).unwrap_or_default(),
            lint_levels: LintLevels::lenient(),
            is_unbounded: self.force,
            reloads,
            compile_cache: Some(CompileCache::new().at(SystemTime::now())),
            ..Options::default()
        };
        let snapshot = FolderSnapshot::take(&source.folder);
        let compiled = compile(&options)?;
        drop(display);
        options.progress = Progress::default();
        if compiled.site.is_some() && !is_quiet {
            report::print_counts(&compiled.report, source.shown(), io::stderr());
        }
        let counts = compiled.report.counts.clone();
        let folder = load(compiled)?;
        let folder = LiveFolder { options, folder, snapshot, counts, is_quiet };
        Ok(Preview::Folder(Box::new(folder)))
    }

    /// The site in the folder, compressed like `pack` does, so that sizes agree; without a folder,
    /// the site of this executable. Prints the errors that prevent this to stderr.
    pub(in crate::cli) fn compile_as_packed(&self) -> Result<Site<'static>, Failure> {
        let Some(source) = self.source()? else { return packed_site() };
        let display = ProgressDisplay::new();
        let compiled = compile(&Options {
            root: source.folder.clone(),
            name: source.name.clone(),
            name_fallback: source_name(Path::new(&source.shown())),
            routes: self.routes.options(),
            progress: display.progress(),
            lint_levels: LintLevels::lenient(),
            is_unbounded: self.force,
            ..Options::default()
        })?;
        drop(display);
        // Its memory is never freed, because the site is needed until the process ends.
        let folder: &FolderSite = Box::leak(Box::new(load(compiled)?.site));
        let site = folder.open().map_err(cannot_serve)?;
        Ok(Site::packed(Box::leak(Box::new(site))))
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
        None => Ok(load_site()?),
    }
}

/// The site of a compiled folder, or prints the errors that prevent serving it to stderr.
fn load(compiled: Compiled) -> Result<CompiledFolder, Failure> {
    let Compiled { site, report, .. } = compiled;
    let Some(site) = site else {
        let not_started = match report.tally.errors {
            1 => "not started: fix this error first".to_owned(),
            count => format!("not started: fix these {count} errors first"),
        };
        report::print(&report.only_errors(), io::stderr());
        return Err(Failure::Error(not_started));
    };
    CompiledFolder::new(&site).map_err(cannot_serve)
}

fn cannot_serve(error: impl Display) -> Failure {
    Failure::error(format_args!("cannot serve the folder: {error}"))
}
