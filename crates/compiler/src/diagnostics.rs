//! Collections of diagnostics whose memory is bounded whatever a site contains: above a limit,
//! diagnostics are counted and not listed.

use std::{
    collections::{BTreeMap, HashSet},
    mem,
    sync::Arc,
};

use crate::{
    diagnostic::Diagnostic,
    lints::{Lint, LintLevels, Severity},
};

/// Maximum number of listed diagnostics of one kind in one file. A file with more is usually not
/// what its extension says, or all of them have one cause.
pub(crate) const LISTED_IN_FILE_MAX: usize = 1000;

/// Maximum number of listed diagnostics of one kind in a site. At about half a kilobyte each, they
/// take 5 MB.
pub(crate) const LISTED_MAX: usize = 10_000;

/// What the limits apply to: errors are listed however many warnings of the same lint there are.
type Kind = (Lint, Severity);

/// The number of diagnostics of each kind.
pub(crate) type Counts = BTreeMap<Kind, usize>;

/// The diagnostics of one file.
#[derive(Debug, Default, Clone)]
pub(crate) struct FileDiagnostics {
    listed: Vec<Diagnostic>,
    listed_counts: Counts,
    unlisted: Counts,
}

impl FileDiagnostics {
    /// Adds a diagnostic.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.push_with(diagnostic.code, diagnostic.severity, || diagnostic);
    }

    /// Adds a diagnostic of this lint and severity, which is built only if it is listed.
    pub(crate) fn push_with(
        &mut self,
        code: Lint,
        severity: Severity,
        build: impl FnOnce() -> Diagnostic,
    ) {
        let count = self.listed_counts.entry((code, severity)).or_default();
        if *count < LISTED_IN_FILE_MAX {
            *count += 1;
            self.listed.push(build());
        } else {
            self.add_unlisted(code, severity, 1);
        }
    }

    /// Counts diagnostics that were not built.
    pub(crate) fn add_unlisted(&mut self, code: Lint, severity: Severity, count: usize) {
        if count > 0 {
            *self.unlisted.entry((code, severity)).or_default() += count;
        }
    }

    /// Moves all diagnostics of another collection, about the same file, into this one.
    pub(crate) fn append(&mut self, other: &mut Self) {
        let Self { listed, unlisted, .. } = mem::take(other);
        self.extend(listed);
        for ((code, severity), count) in unlisted {
            self.add_unlisted(code, severity, count);
        }
    }

    /// Removes the diagnostics of these lints.
    pub(crate) fn remove(&mut self, codes: &[Lint]) {
        self.listed.retain(|it| !codes.contains(&it.code));
        self.listed_counts.retain(|(code, _), _| !codes.contains(code));
        self.unlisted.retain(|(code, _), _| !codes.contains(code));
    }

    /// Turns errors into warnings, except those of lints that cannot be allowed.
    pub(crate) fn relax(&mut self) {
        let Self { mut listed, unlisted, .. } = mem::take(self);
        let relaxed = |code: Lint, severity: Severity| {
            if code.is_deny_only() { severity } else { severity.max(Severity::Warning) }
        };
        for diagnostic in &mut listed {
            diagnostic.severity = relaxed(diagnostic.code, diagnostic.severity);
        }
        self.extend(listed);
        for ((code, severity), count) in unlisted {
            self.add_unlisted(code, relaxed(code, severity), count);
        }
    }

    /// Drops the listed diagnostics of these kinds and counts them.
    fn unlist(&mut self, kinds: &[Kind]) {
        for diagnostic in mem::take(&mut self.listed) {
            let kind = (diagnostic.code, diagnostic.severity);
            if kinds.contains(&kind) {
                *self.unlisted.entry(kind).or_default() += 1;
            } else {
                self.listed.push(diagnostic);
            }
        }
        self.listed_counts.retain(|kind, _| !kinds.contains(kind));
    }

    /// The listed diagnostics.
    #[cfg(test)]
    pub(crate) fn listed(&self) -> &[Diagnostic] {
        &self.listed
    }

    /// The number of diagnostics that are not listed.
    #[cfg(test)]
    pub(crate) fn unlisted_count(&self) -> usize {
        self.unlisted.values().sum()
    }
}

impl Extend<Diagnostic> for FileDiagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: T) {
        diagnostics.into_iter().for_each(|it| self.push(it));
    }
}

/// The diagnostics of a site. Of each kind, those of the first files are listed, in the order of
/// their paths, so that the result does not depend on the order in which files are checked.
#[derive(Debug)]
pub(crate) struct SiteDiagnostics<'a> {
    levels: &'a LintLevels,
    files: BTreeMap<Arc<str>, BTreeMap<Kind, Group>>,
}

/// Lints that are reported once for each target, which the message names: a link without a slash
/// works, and a menu repeats it on every page.
const ONCE_PER_TARGET: [Lint; 1] = [Lint::MissingSlash];

/// The diagnostics of one kind in one file.
#[derive(Debug, Default)]
struct Group {
    listed: Vec<Diagnostic>,
    unlisted: usize,
}

impl<'a> SiteDiagnostics<'a> {
    /// An empty collection. The diagnostics that are added get their severity from these levels.
    pub(crate) fn new(levels: &'a LintLevels) -> Self {
        Self { levels, files: BTreeMap::new() }
    }

    /// Adds the diagnostics of a file.
    pub(crate) fn add(&mut self, file: &Arc<str>, diagnostics: FileDiagnostics) {
        let FileDiagnostics { listed, unlisted, .. } = diagnostics;
        if listed.is_empty() && unlisted.is_empty() {
            return;
        }
        let levels = self.levels;
        let groups = self.files.entry(Arc::clone(file)).or_default();
        for diagnostic in listed {
            push(groups, levels, diagnostic);
        }
        for ((code, severity), count) in unlisted {
            let kind = (code, levels.severity(code, severity));
            groups.entry(kind).or_default().unlisted += count;
        }
    }

    /// The listed diagnostics, sorted, and the number of all of each kind.
    pub(crate) fn finish(self) -> (Vec<Diagnostic>, Counts) {
        let mut diagnostics = Vec::new();
        let mut counts = Counts::new();
        let mut listed_counts = Counts::new();
        let mut beyond: BTreeMap<Kind, Beyond> = BTreeMap::new();
        let mut targets = HashSet::new();
        let files = self.files.into_iter();
        let groups = files.flat_map(|(file, groups)| {
            groups.into_iter().map(move |(kind, group)| (kind, Arc::clone(&file), group))
        });
        for (kind, file, mut group) in groups {
            group.listed.sort();
            group.listed.dedup();
            if ONCE_PER_TARGET.contains(&kind.0) {
                group.listed.retain(|it| targets.insert((kind.0, it.message.clone())));
            }
            let count = group.listed.len() + group.unlisted;
            *counts.entry(kind).or_default() += count;
            let listed = listed_counts.entry(kind).or_default();
            if *listed >= LISTED_MAX {
                let first = || Beyond { first: Arc::clone(&file), files: 0, count: 0 };
                let beyond = beyond.entry(kind).or_insert_with(first);
                beyond.files += 1;
                beyond.count += count;
                continue;
            }
            group.listed.truncate(LISTED_IN_FILE_MAX);
            *listed += group.listed.len();
            let unlisted = count - group.listed.len();
            if unlisted > 0 {
                diagnostics.push(summary(kind, &file, unlisted, "in this file"));
            }
            diagnostics.append(&mut group.listed);
        }
        for (kind, Beyond { first, files, count }) in beyond {
            let files = match files {
                1 => "in this file".to_owned(),
                _ => format!("in {files} files from this one on"),
            };
            diagnostics.push(summary(kind, &first, count, &files));
        }
        diagnostics.sort();
        (diagnostics, counts)
    }
}

impl Extend<Diagnostic> for SiteDiagnostics<'_> {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: T) {
        for diagnostic in diagnostics {
            let groups = self.files.entry(Arc::clone(&diagnostic.file)).or_default();
            push(groups, self.levels, diagnostic);
        }
    }
}

/// Adds a diagnostic with its severity by the levels.
fn push(groups: &mut BTreeMap<Kind, Group>, levels: &LintLevels, mut diagnostic: Diagnostic) {
    diagnostic.severity = levels.severity(diagnostic.code, diagnostic.severity);
    let kind = (diagnostic.code, diagnostic.severity);
    groups.entry(kind).or_default().listed.push(diagnostic);
}

/// The diagnostics of a kind above the limit of a site.
struct Beyond {
    first: Arc<str>,
    files: usize,
    count: usize,
}

/// The diagnostic in place of those that are not listed.
fn summary((code, severity): Kind, file: &Arc<str>, count: usize, files: &str) -> Diagnostic {
    let (noun, verb) = if count == 1 { ("problem", "is") } else { ("problems", "are") };
    let message = format!("{count} more {noun} of this kind {files} {verb} not listed");
    let help = "fix the listed ones first: most often all have one cause";
    Diagnostic { severity, ..Diagnostic::of_file(code, Arc::clone(file), message, help) }
}

/// Drops diagnostics above the limit of a site while its files are checked: in order, or nearly.
#[derive(Debug, Default)]
pub(crate) struct SiteLimit {
    kinds: BTreeMap<(Kind, FileGroup), ListedFiles>,
}

/// Files whose diagnostics become warnings or stay errors together when all files are known. Those
/// of scripts must not use up the limit of pages.
pub(crate) type FileGroup = bool;

/// The first files with diagnostics of a kind; without the last of them, the sum is below
/// [`LISTED_MAX`].
#[derive(Debug, Default)]
struct ListedFiles {
    /// The number of listed diagnostics by the index of the file.
    counts: BTreeMap<usize, usize>,
    sum: usize,
}

impl SiteLimit {
    /// Drops the listed diagnostics of the file with this index if the known files before it have
    /// enough of the same kind. After a call for every file, a second one drops the rest.
    pub(crate) fn apply(
        &mut self,
        index: usize,
        file_group: FileGroup,
        diagnostics: &mut FileDiagnostics,
    ) {
        let counts = diagnostics.listed_counts.iter();
        let above = counts.filter(|(kind, count)| {
            let files = self.kinds.entry((**kind, file_group)).or_default();
            !files.insert(index, **count)
        });
        let above: Vec<Kind> = above.map(|(kind, _)| *kind).collect();
        if !above.is_empty() {
            diagnostics.unlist(&above);
        }
    }
}

impl ListedFiles {
    /// Whether the diagnostics of this file are listed.
    fn insert(&mut self, index: usize, count: usize) -> bool {
        let is_last = self.counts.last_key_value().is_none_or(|(last, _)| *last < index);
        if is_last && self.sum >= LISTED_MAX {
            return false;
        }
        self.sum += count;
        self.sum -= self.counts.insert(index, count).unwrap_or_default();
        while let Some(last) = self.counts.last_entry()
            && self.sum - *last.get() >= LISTED_MAX
        {
            self.sum -= last.remove();
        }
        true
    }
}

#[cfg(test)]
mod tests;
