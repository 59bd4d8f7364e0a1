//! From a judged folder to its answers, one file per step. This file owns the last one: every
//! content read again, coded and put under its heads.

pub(crate) mod compress;
pub(crate) mod fingerprint;
pub(crate) mod head;
pub(crate) mod media_type;
pub(crate) mod represent;

use std::io;

use self::{
    compress::Coder,
    represent::{Common, represent},
};
use crate::{
    content::{Content, SpillFile},
    diagnostic::Diagnostic,
    model::{CompiledSite, NotFoundPage, Resource, RuleFile},
    parallel,
    progress::{Progress, Step},
    routing::plan::{Answers, Plan},
    rules,
    walk::{File, Source, Stamp},
};

/// What else there is to know for the answers.
#[derive(Debug)]
pub(crate) struct RenderContext {
    /// When the site was made, in seconds since 1970, if its author says so.
    pub(crate) last_modified: Option<u64>,
    /// The title of the site.
    pub(crate) title: Option<String>,
    /// What makes the codings.
    pub(crate) coder: Coder,
    /// Where contents are set aside, if they are.
    pub(crate) aside: Option<SpillFile>,
    /// Who hears how far it is.
    pub(crate) progress: Progress,
}

/// Why there are no answers.
#[derive(Debug)]
pub(crate) enum RenderError {
    /// Files are not what they were when they were judged.
    Changed(Vec<Diagnostic>),
    /// A content could not be set aside.
    SpillFile(io::Error),
}

/// Makes the answers of a plan.
pub(crate) fn render(
    source: &Source,
    plan: Plan,
    stamps: &[Option<Stamp>],
    context: &RenderContext,
) -> Result<CompiledSite, RenderError> {
    let common = Common::new(context.last_modified);
    let reader = Reader { source, stamps };
    let length = |it: &Answers| reader.length(it.file);
    let bytes: u64 = plan.answers.iter().map(length).sum();
    let longest = plan.answers.iter().map(length).max().unwrap_or(0);
    context.progress.tell(Step::Linted { bytes });
    // Coding is nearly all of the work of a build, so that each file is coded once, for all of the
    // answers that it is in.
    let under_way_max = under_way_max(bytes, longest);
    let work = |(): &mut (), _, answers: &Answers| {
        let file = &source.files[answers.file];
        let bytes = reader.read(answers.file).map_err(|it| RenderError::Changed(vec![*it]))?;
        let RenderContext { coder, aside, progress, .. } = context;
        let resources = represent(file, bytes, &answers.variants, &common, coder, aside.as_ref());
        progress.tell(Step::Compressed { bytes: reader.length(answers.file) });
        resources.map_err(RenderError::SpillFile)
    };
    let represented = parallel::map_within(under_way_max, &plan.answers, length, work);
    let mut resources: Vec<Vec<Resource>> = Vec::new();
    let mut changed = Vec::new();
    for answer in represented {
        match answer {
            Ok(variants) => resources.push(variants),
            Err(RenderError::Changed(diagnostics)) => changed.extend(diagnostics),
            Err(error @ RenderError::SpillFile(_)) => return Err(error),
        }
    }
    if !changed.is_empty() {
        return Err(RenderError::Changed(changed));
    }
    Ok(CompiledSite {
        resources: resources.into_iter().flatten().collect(),
        routes: plan.routes,
        patterns: plan.patterns,
        not_found: plan
            .not_found
            .into_iter()
            .map(|(folder, resource)| NotFoundPage { folder, resource })
            .collect(),
        rules: rule_files(&reader, context.aside.as_ref())?,
        title: context.title.clone(),
        last_modified: common.last_modified_seconds,
        omitted: source.omitted,
    })
}

/// How many bytes may be coded at a time, so that on any number of cores it takes no more memory
/// than the site and three of its longest file: brotli takes about 22 bytes for each (measured with
/// files of 0.1 to 4 MB), the file and what becomes of it take some more, and so does all that is
/// known of the site.
fn under_way_max(bytes: u64, longest: u64) -> u64 {
    const MEMORY_PER_BYTE: u64 = 30;
    bytes.saturating_add(longest.saturating_mul(3)) / MEMORY_PER_BYTE
}

/// The files of rules, which nothing answers with.
fn rule_files(
    reader: &Reader<'_>,
    aside: Option<&SpillFile>,
) -> Result<Vec<RuleFile>, RenderError> {
    let is_of_rules = |(_, file): &(usize, &File)| rules::FILES.contains(&file.path.as_str());
    let files = reader.source.files.iter().enumerate().filter(is_of_rules);
    let rule_file = |(index, file): (usize, &File)| {
        let bytes = reader.read(index).map_err(|it| RenderError::Changed(vec![*it]))?;
        let content = Content::new(bytes, aside).map_err(RenderError::SpillFile)?;
        Ok(RuleFile { path: file.path.clone(), content })
    };
    files.map(rule_file).collect()
}

/// Reads files that were read before.
#[derive(Clone, Copy)]
struct Reader<'a> {
    source: &'a Source,
    stamps: &'a [Option<Stamp>],
}

impl Reader<'_> {
    fn length(&self, file: usize) -> u64 {
        self.stamps.get(file).copied().flatten().map_or(0, |stamp| stamp.length)
    }

    /// The bytes of a file, or that it is not what it was.
    fn read(&self, index: usize) -> Result<Vec<u8>, Box<Diagnostic>> {
        let file = &self.source.files[index];
        let Some(stamp) = self.stamps.get(index).copied().flatten() else {
            return Err(Box::new(self.source.unbound(&file.path, "could not be read")));
        };
        let bytes = self.source.read_again(file, stamp);
        bytes.map_err(|error| Box::new(self.source.unreadable(&file.path, &error)))
    }
}
