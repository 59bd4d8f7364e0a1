//! Folder that is served while it changes.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::Path,
    time::{Duration, SystemTime},
};

use chapbook_compiler::{
    CompileError, Compiled, Lint, Options, Report, Severity, WalkError, compile,
};

use chapbook_format::digest::Hash;

use super::{
    folder_site::CompiledFolder, folder_snapshot::FolderSnapshot, folder_watch::FolderWatch, report,
};
use crate::{
    cli::output::warn,
    server::{LiveServer, Server, ServerOptions, Stop},
    site::Identity,
};

/// The time after a change after which the folder is checked once more: a file in a folder that was
/// just created may not have been reported.
const RECHECK: Duration = Duration::from_secs(1);

/// Numbers of diagnostics.
type Counts = BTreeMap<(Lint, Severity), usize>;

/// A folder that was compiled and is going to be served.
#[derive(Debug)]
pub(in crate::cli) struct LiveFolder {
    pub(super) options: Options,
    pub(super) folder: CompiledFolder,
    /// Taken before the folder was compiled.
    pub(super) snapshot: FolderSnapshot,
    pub(super) counts: Counts,
    pub(super) is_quiet: bool,
}

/// Why the last good state is served.
#[derive(Debug, PartialEq, Eq)]
enum Unusable {
    Gone,
    Errors(usize),
    EmptyHome,
    Other(String),
}

impl LiveFolder {
    /// The title of the site.
    pub(in crate::cli) fn title(&self) -> Option<&str> {
        self.folder.title.as_deref()
    }

    /// What tells the site from others.
    pub(in crate::cli) fn identity(&self) -> Identity {
        self.folder.site_identity.clone()
    }

    /// The path of the home page.
    pub(in crate::cli) fn home(&self) -> &str {
        self.folder.mount.as_deref().unwrap_or("/")
    }

    /// The features of browsers that other devices have over HTTPS only.
    pub(in crate::cli) fn secure_features(&self) -> Option<&str> {
        self.folder.secure_features.as_deref()
    }

    /// Serves the folder as it is at any time, until `stop` is requested.
    pub(in crate::cli) fn run(
        self,
        server: Server,
        options: ServerOptions,
        stop: &Stop,
    ) -> io::Result<()> {
        let watch = FolderWatch::start(&self.options.root, stop)?;
        let Self { options: compiler_options, folder, snapshot, counts, is_quiet } = self;
        let mut follower = Follower {
            options: compiler_options,
            watch,
            served: folder.identity,
            counts,
            unusable: None,
            is_quiet,
        };
        server.run_live(folder.site, options, stop, |live| follower.follow(snapshot, live))
    }
}

/// Compiles the folder whenever it changes.
#[derive(Debug)]
struct Follower {
    options: Options,
    watch: FolderWatch,
    /// The identity of the state that is served.
    served: Hash,
    counts: Counts,
    unusable: Option<Unusable>,
    is_quiet: bool,
}

impl Follower {
    fn follow(&mut self, mut last: FolderSnapshot, live: &mut LiveServer<'_, '_>) {
        // Since the folder was compiled, it may have changed before it was watched.
        let mut recheck = Some(Duration::ZERO);
        while self.watch.wait(recheck) {
            self.watch.renew();
            let snapshot = self.watch.snapshot();
            if last.is_same_as(snapshot) {
                recheck = None;
                continue;
            }
            last = snapshot;
            recheck = Some(RECHECK);
            match self.update(live) {
                Ok(report) => self.report(report),
                // What was read while files changed may be no state that the folder ever had. The
                // next turn compiles it again.
                Err(_) if !last.has_files_of(self.watch.snapshot()) => {}
                Err(unusable) => self.keep(unusable),
            }
        }
    }

    /// Compiles the folder, and serves it if it can be.
    fn update(&mut self, live: &mut LiveServer<'_, '_>) -> Result<Report, Unusable> {
        let (folder, report) = self.compile()?;
        if folder.identity != self.served {
            let identity = folder.identity;
            live.replace(folder.site).map_err(|error| Unusable::Other(error.to_string()))?;
            self.served = identity;
        }
        Ok(report)
    }

    fn compile(&self) -> Result<(CompiledFolder, Report), Unusable> {
        let cache = self.options.compile_cache.as_ref().map(|it| it.at(SystemTime::now()));
        let options = Options { compile_cache: cache, ..self.options.clone() };
        let Compiled { site, report, .. } = compile(&options).map_err(|error| match error {
            CompileError::Walk(WalkError::Missing(..)) => Unusable::Gone,
            error => Unusable::Other(error.to_string()),
        })?;
        let site = site.ok_or(Unusable::Errors(report.tally.errors))?;
        if is_empty(&self.options.root.join("index.html")) {
            return Err(Unusable::EmptyHome);
        }
        let folder = CompiledFolder::new(&site);
        Ok((folder.map_err(|error| Unusable::Other(error.to_string()))?, report))
    }

    /// Reports once why the last good state is served.
    fn keep(&mut self, unusable: Unusable) {
        if self.unusable.as_ref() != Some(&unusable) {
            let folder = self.options.root.display();
            warn(format_args!("still serving the last good state of `{folder}`: {unusable}"));
            self.unusable = Some(unusable);
        }
    }

    fn report(&mut self, report: Report) {
        let folder = self.options.root.display();
        if self.unusable.take().is_some() {
            warn(format_args!("serving the current state of `{folder}` again"));
        }
        if report.counts != self.counts && !self.is_quiet {
            report::print_counts(&report, folder, io::stderr());
        }
        self.counts = report.counts;
    }
}

/// Whether a file has the length 0, as while it is being written.
fn is_empty(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.len() == 0)
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("there is no such folder now"),
            Self::Errors(1) => f.write_str("it has an error; `chapbook check` explains it"),
            Self::Errors(count) => {
                write!(f, "it has {count} errors; `chapbook check` explains them")
            }
            Self::EmptyHome => f.write_str("its `index.html` is empty"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}
