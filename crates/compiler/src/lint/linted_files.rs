//! Reports about files that were linted before, and have not changed.

use std::sync::Arc;

use chapbook_format::digest::{self, Hash};

use super::{
    context::LintContext,
    file::{self, FileReport, Scratch},
};
use crate::{
    compile_cache::{CompileCache, FILES_MAX, Reports},
    file_identity::FileIdentity,
    rules,
    site_folder::SourceFile,
};

/// The cached reports of a site, if there is a cache.
#[derive(Debug)]
pub(super) struct LintedFiles<'a>(Option<Reused<'a>>);

#[derive(Debug)]
struct Reused<'a> {
    cache: &'a CompileCache,
    key: Hash,
    reports: Reports,
}

/// The report to keep for the next time, with the identity of its file.
pub(super) type Kept = Option<(FileIdentity, Arc<FileReport>)>;

impl<'a> LintedFiles<'a> {
    pub(super) fn new(cx: LintContext<'_>, cache: Option<&'a CompileCache>) -> Self {
        Self(cache.map(|cache| {
            let key = key(cx);
            Reused { cache, key, reports: cache.reports(&key) }
        }))
    }

    /// Lints a file, unless there is a report.
    pub(super) fn lint(
        &self,
        cx: LintContext<'_>,
        index: usize,
        scratch: &mut Scratch,
    ) -> (FileReport, Kept) {
        let Some(reused) = &self.0 else { return (file::lint(cx, index, scratch), None) };
        let file = &cx.folder.files[index];
        // From before the file is read, so that a change since then is noticed the next time.
        let identity = file.identity;
        let cached = reused.reports.get(&*file.path);
        if let Some((of, report)) = cached.filter(|(of, _)| Some(*of) == identity) {
            report.followed.iter().for_each(|target| cx.followed.record(*target));
            return ((**report).clone(), Some((*of, Arc::clone(report))));
        }
        let report = file::lint(cx, index, scratch);
        let may_keep = |identity: &FileIdentity| {
            index < FILES_MAX
                && !depends_on_others(file)
                && report.version == Some(identity.version)
                && reused.cache.may_keep(identity)
        };
        let kept = identity.filter(may_keep);
        let kept = kept.map(|identity| (identity, Arc::new(report.clone())));
        (report, kept)
    }

    /// Keeps the reports of the files, in their order.
    pub(super) fn keep(self, cx: LintContext<'_>, reports: Vec<Kept>) {
        let Some(Reused { cache, key, .. }) = self.0 else { return };
        let files = cx.folder.files.iter().zip(reports);
        let kept = files.filter_map(|(file, kept)| Some((file.path.as_str().into(), kept?)));
        cache.set_reports(key, Arc::new(kept.collect()));
    }
}

/// Whether the report depends on the bytes of other files: JSON may have a schema.
fn depends_on_others(file: &SourceFile) -> bool {
    matches!(file.extension().as_str(), "json" | "webmanifest")
}

/// A hash of what the reports depend on besides the files and the options: the names of all files,
/// the rules, and the prefix that the site was built for.
fn key(cx: LintContext<'_>) -> Hash {
    let mut text = format!("{:?}\0", cx.routes.assumed_prefix).into_bytes();
    let mut bytes = Vec::new();
    for file in &cx.folder.files {
        text.extend(file.path.as_bytes());
        text.push(0);
        if rules::FILES.contains(&&*file.path) && cx.folder.read(file, &mut bytes).is_ok() {
            text.extend(digest::of(&bytes));
        }
    }
    for folder in &cx.folder.folders {
        text.extend(folder.as_bytes());
        text.push(0);
    }
    digest::of(&text)
}
