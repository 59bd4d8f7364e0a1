//! Rendering: reads each file again, compresses it, and precomputes its heads.

mod chunks;
mod coding_policy;
pub(crate) mod compress;
mod context;
pub(crate) mod decoded;
mod encoding;
mod file_renderer;
mod fingerprint;
pub(crate) mod head;
mod long_file;
pub(crate) mod media_type;
pub(crate) mod precompressed;
pub(crate) mod reload;
mod rendered_files;
pub(crate) mod represent;
pub(crate) mod sample;

use std::{io, sync::atomic::AtomicU64};

use chapbook_format::payload::{ListedRoute, MatchKind, sort};

pub(crate) use self::context::RenderContext;
use self::{
    file_renderer::{FileRenderer, LOADED_MAX},
    fingerprint::Fingerprints,
    represent::{Represented, SiteFields},
};
use crate::{
    content::StoredContent,
    diagnostic::Diagnostic,
    folder_file::UnusableFile,
    lint::{FileUse, FirstRead},
    model::{CompiledResource, CompiledRoute, CompiledSite, RuleFile},
    routing::plan::{Plan, PlannedRedirect, PlannedRoute},
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

impl From<io::Error> for RenderError {
    fn from(error: io::Error) -> Self {
        match error.downcast::<UnusableFile>() {
            Ok(UnusableFile(diagnostic)) => Self::Changed(vec![*diagnostic]),
            Err(error) => Self::SpillFile(error),
        }
    }
}

/// Renders a plan. What is known of files is by index.
pub(crate) fn render(
    folder: &SiteFolder,
    plan: Plan,
    versions: &[Option<FileVersion>],
    uses: &[Option<FileUse>],
    first_reads: &[FirstRead],
    context: &RenderContext,
) -> Result<CompiledSite, RenderError> {
    let site_fields = &SiteFields::new(&context.info);
    let fingerprints = Fingerprints::of(folder);
    let loadable = AtomicU64::new(LOADED_MAX);
    let renderer = FileRenderer {
        folder,
        versions,
        uses,
        first_reads,
        fingerprints,
        site_fields,
        context,
        loadable,
    };
    let results = renderer.files(&plan.files);
    let mut resources: Vec<CompiledResource> = Vec::new();
    let mut unserved = rule_files(&renderer)?;
    let (mut changed, mut incompressible) = (Vec::new(), Vec::new());
    for (planned, result) in plan.files.iter().zip(results) {
        match result.map_err(RenderError::from) {
            Ok(Represented { resources: of_file, original, incompressible: of_content }) => {
                resources.extend(of_file);
                incompressible.extend(of_content);
                let path = || folder.files[planned.file].path.clone();
                unserved.extend(original.map(|content| RuleFile { path: path(), content }));
            }
            Err(RenderError::Changed(diagnostics)) => changed.extend(diagnostics),
            Err(error @ RenderError::SpillFile(_)) => return Err(error),
        }
    }
    // Files with the same content were all found to be incompressible.
    incompressible.sort_unstable();
    incompressible.dedup();
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
        incompressible,
        compression: context.compressor.compression(),
        info: site_fields.info.clone(),
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

fn rule_files(renderer: &FileRenderer<'_>) -> Result<Vec<RuleFile>, RenderError> {
    let is_rule_file =
        |(_, file): &(usize, &SourceFile)| rules::FILES.contains(&file.path.as_str());
    let files = renderer.folder.files.iter().enumerate().filter(is_rule_file);
    let rule_file = |(index, file): (usize, &SourceFile)| {
        let bytes = renderer.read(index)?;
        let content = StoredContent::new(&bytes, renderer.context.spill_file.as_ref())?;
        Ok(RuleFile { path: file.path.clone(), content })
    };
    files.map(rule_file).collect()
}
