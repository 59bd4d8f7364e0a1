//! Rendering: reads each file again, compresses it, and precomputes its heads.

mod coding_policy;
pub(crate) mod compress;
mod context;
mod encoding;
mod fingerprint;
pub(crate) mod head;
pub(crate) mod media_type;
pub(crate) mod precompressed;
pub(crate) mod represent;

use std::io;

use chapbook_format::payload::{ListedRoute, MatchKind, sort};

pub(crate) use self::context::RenderContext;
use self::{
    fingerprint::Fingerprints,
    represent::{Represented, SiteFields, Source, represent},
};
use crate::{
    content::{SpillFile, StoredContent},
    diagnostic::Diagnostic,
    lint::FileUse,
    model::{CompiledResource, CompiledRoute, CompiledSite, RuleFile},
    parallel,
    progress::Step,
    routing::plan::{Plan, PlannedFile, PlannedRedirect, PlannedRoute},
    rules,
    site_folder::{FileVersion, SiteFolder, SourceFile},
};

/// Why a plan could not be rendered.
#[derive(Debug)]
pub(crate) enum RenderError {
    /// Files changed after they were checked.
    Changed(Vec<Diagnostic>),
    /// A content could not be written to the spill file.
    SpillFile(io::Error),
}

/// Renders a plan. The uses of files are by index, as their versions are.
pub(crate) fn render(
    folder: &SiteFolder,
    plan: Plan,
    versions: &[Option<FileVersion>],
    uses: &[Option<FileUse>],
    context: &RenderContext,
) -> Result<CompiledSite, RenderError> {
    let site_fields = SiteFields::new(&context.info);
    let reader = FileReader { folder, versions };
    let length = |it: &PlannedFile| reader.length(it.file);
    let bytes: u64 = plan.files.iter().map(length).sum();
    let longest = plan.files.iter().map(length).max().unwrap_or(0);
    context.progress.report(Step::Linted { bytes });
    // Compressing is nearly all of the work of a build, so each file is compressed once, for all of
    // its variants.
    let in_progress_max = in_progress_max(bytes, longest);
    let fingerprints = Fingerprints::of(folder);
    let work = |(): &mut (), _, planned: &PlannedFile| {
        let file = &folder.files[planned.file];
        let bytes = reader.read(planned.file).map_err(|it| RenderError::Changed(vec![*it]))?;
        let file_use = uses.get(planned.file).copied().flatten();
        let cache_control = fingerprints.cache_control(&file.path);
        let source = Source { file, file_use, bytes, cache_control };
        let represented = represent(source, &planned.variants, &site_fields, context);
        context.progress.report(Step::Compressed { bytes: reader.length(planned.file) });
        represented.map_err(RenderError::SpillFile)
    };
    let results = parallel::map_within(in_progress_max, &plan.files, length, work);
    let mut resources: Vec<CompiledResource> = Vec::new();
    let mut unserved = rule_files(&reader, context.spill_file.as_ref())?;
    let mut changed = Vec::new();
    for (planned, result) in plan.files.iter().zip(results) {
        match result {
            Ok(Represented { resources: of_file, original }) => {
                resources.extend(of_file);
                let path = || folder.files[planned.file].path.clone();
                unserved.extend(original.map(|content| RuleFile { path: path(), content }));
            }
            Err(RenderError::Changed(diagnostics)) => changed.extend(diagnostics),
            Err(error @ RenderError::SpillFile(_)) => return Err(error),
        }
    }
    if !changed.is_empty() {
        return Err(RenderError::Changed(changed));
    }
    Ok(CompiledSite {
        resources,
        path_fields: plan
            .path_fields
            .iter()
            .map(|(path, it)| head::path_fields(path, it))
            .collect(),
        routes: routes(plan),
        rule_files: unserved,
        info: site_fields.info,
    })
}

/// The routes of a plan, with the heads of redirects.
fn routes(plan: Plan) -> Vec<ListedRoute<String, CompiledRoute>> {
    let listed = |match_kind, key, route| ListedRoute { match_kind, key, route };
    let exact = plan.exact.into_iter().map(|(key, it)| listed(MatchKind::Exact, key, route(it)));
    let below = plan.patterns.into_iter();
    let below = below.map(|(prefix, it)| listed(MatchKind::Below, prefix, route(it)));
    let not_found = plan.not_found.into_iter().map(|(folder, resource)| {
        listed(MatchKind::NotFound, folder, CompiledRoute::Resource(resource))
    });
    let mut routes: Vec<_> = exact.chain(below).chain(not_found).collect();
    sort(&mut routes);
    routes
}

fn route(planned: PlannedRoute) -> CompiledRoute {
    match planned {
        PlannedRoute::Resource(index) => CompiledRoute::Resource(index),
        PlannedRoute::Redirect(PlannedRedirect { status, location }) => {
            CompiledRoute::Redirect(head::redirect(status, &location))
        }
    }
}

/// Maximum number of bytes to compress at a time. It bounds the memory, for any number of cores, to
/// the size of the site plus three times its longest file: brotli allocates about 22 bytes for each
/// byte (measured with files of 0.1 to 4 MB), and the rest is for the file, its compressed forms
/// and the plan.
fn in_progress_max(bytes: u64, longest: u64) -> u64 {
    const MEMORY_PER_BYTE: u64 = 30;
    bytes.saturating_add(longest.saturating_mul(3)) / MEMORY_PER_BYTE
}

fn rule_files(
    reader: &FileReader<'_>,
    spill_file: Option<&SpillFile>,
) -> Result<Vec<RuleFile>, RenderError> {
    let is_rule_file =
        |(_, file): &(usize, &SourceFile)| rules::FILES.contains(&file.path.as_str());
    let files = reader.folder.files.iter().enumerate().filter(is_rule_file);
    let rule_file = |(index, file): (usize, &SourceFile)| {
        let bytes = reader.read(index).map_err(|it| RenderError::Changed(vec![*it]))?;
        let content = StoredContent::new(bytes, spill_file).map_err(RenderError::SpillFile)?;
        Ok(RuleFile { path: file.path.clone(), content })
    };
    files.map(rule_file).collect()
}

/// Reads the versions of files that were linted.
#[derive(Clone, Copy)]
struct FileReader<'a> {
    folder: &'a SiteFolder,
    versions: &'a [Option<FileVersion>],
}

impl FileReader<'_> {
    fn length(&self, file: usize) -> u64 {
        self.versions.get(file).copied().flatten().map_or(0, |version| version.length)
    }

    /// The bytes of a file, or a diagnostic if it has changed.
    fn read(&self, index: usize) -> Result<Vec<u8>, Box<Diagnostic>> {
        let file = &self.folder.files[index];
        let Some(version) = self.versions.get(index).copied().flatten() else {
            return Err(Box::new(self.folder.cannot_include(&file.path, "it could not be read")));
        };
        let bytes = self.folder.read_again(file, version);
        bytes.map_err(|error| Box::new(self.folder.cannot_read(&file.path, &error)))
    }
}
