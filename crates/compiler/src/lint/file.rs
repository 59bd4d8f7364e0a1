//! Linting a file by its language.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    address::BaseUrl,
    context::LintContext,
    encoding,
    feature_report::FeatureReport,
    first_read::{FirstRead, Precompressed},
    links::{self, FragmentReference, OtherHostReference, Referrer, ResolvedReferences},
    moved::OtherBases,
    prefix_evidence::PrefixEvidence,
    schema::{self, Schema},
    script_urls,
};
use crate::{
    diagnostic::Diagnostic,
    diagnostics::FileDiagnostics,
    lints::{Lint, Severity},
    parse::{
        Text, css,
        encoding::mask_iso_2022_jp,
        feed,
        history::{HistoryUse, history_use},
        html::{self, Dialect, Fragments, PageKind},
        js, json, manifest, readable,
        reference::{LoadedAs, Purpose, Reference},
    },
    rules,
    site_folder::{FileVersion, PARSED_MAX, SourceFile},
};

/// The result of linting one file. It does not contain the text, so that large sites need little
/// memory.
#[derive(Debug, Default, Clone)]
pub(crate) struct FileReport {
    /// The version of the file that was linted; `None` if it could not be read.
    pub(crate) version: Option<FileVersion>,
    /// What was read of it.
    pub(crate) first_read: FirstRead,
    /// The diagnostics about the file.
    pub(crate) diagnostics: FileDiagnostics,
    /// The fragment targets in the file; `None` if fragments are not ids in its format.
    pub(crate) fragments: Option<Fragments>,
    /// How complete a page is; `None` for other files.
    pub(crate) page_kind: Option<PageKind>,
    /// Whether it is a page with a frame whose document a script chooses.
    pub(crate) has_scripted_frame: bool,
    /// The number of bytes of text that a page shows before any script runs.
    pub(crate) text_length: usize,
    /// Whether it is a page with almost no text and a script in it, such as one that forwards to
    /// the home page with the path in a query.
    pub(crate) is_scripted: bool,
    /// How the script, or the scripts in the page, change the address of the page.
    pub(crate) history_use: HistoryUse,
    /// The features of browsers that its scripts depend on.
    pub(crate) features: FeatureReport,
    /// The URLs of pages that it calls the site's own.
    pub(crate) own_urls: Vec<String>,
    /// The references to other hosts.
    pub(crate) other_hosts: Vec<OtherHostReference>,
    /// The fragments that it refers to.
    pub(crate) fragment_references: Vec<FragmentReference>,
    /// The indices of the files that it loads as something other than an image, font or media.
    pub(crate) loads: Vec<(usize, LoadedAs)>,
    /// The URLs that a script may load as scripts or style sheets, relative to its page.
    pub(crate) page_urls: Vec<(Box<str>, LoadedAs)>,
    /// The index of the page that it forwards to.
    pub(crate) forward: Option<usize>,
    /// What its references say about a prefix of the site.
    pub(crate) prefix_evidence: PrefixEvidence,
    /// The number of its references to the site itself.
    pub(crate) links: usize,
    /// The indices of the files that its links lead to, if reports are cached.
    pub(crate) followed: Vec<usize>,
    /// The title of a page.
    pub(crate) title: Option<String>,
    /// Whether it is a page that declares no icon.
    pub(crate) lacks_icon: bool,
}

impl FileReport {
    /// Keeps what was read to decode the file, unless it has changed.
    pub(super) fn set_precompressed(&mut self, read: Precompressed) {
        if self.version == Some(read.version) {
            self.first_read = FirstRead::Precompressed(Box::new(read));
        }
    }
}

/// The maximum length of the text of a page that a script fills, such as "Loading ...".
pub(super) const SCRIPTED_TEXT_MAX: usize = 100;

/// Buffers that are reused for the files of one thread.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    bytes: Vec<u8>,
}

impl Scratch {
    /// Frees the memory of a long file.
    fn shrink(&mut self) {
        const KEPT_MAX: usize = 8 << 20;
        if self.bytes.capacity() > KEPT_MAX {
            self.bytes = Vec::new();
        }
    }
}

/// The languages that are linted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Page(Dialect),
    StyleSheet,
    Script,
    Json,
    Manifest,
    /// A sitemap or a feed.
    Feed,
}

impl Language {
    fn of(file: &SourceFile) -> Option<Self> {
        Some(match file.extension().as_str() {
            "html" | "htm" => Self::Page(Dialect::Html),
            "svg" | "xhtml" | "xht" => Self::Page(Dialect::Xml),
            "css" => Self::StyleSheet,
            "js" | "mjs" => Self::Script,
            "webmanifest" => Self::Manifest,
            "json" if file.name() == "manifest.json" => Self::Manifest,
            "json" => Self::Json,
            "xml" | "rss" | "atom" => Self::Feed,
            _ => return None,
        })
    }

    /// The language of a file that is used in this way; `None` if its name determines another one,
    /// or the same.
    fn of_use(file: &SourceFile, loaded_as: LoadedAs) -> Option<Self> {
        let by_name = Self::of(file);
        match loaded_as {
            LoadedAs::Script if by_name.is_none() => Some(Self::Script),
            LoadedAs::StyleSheet if by_name.is_none() => Some(Self::StyleSheet),
            LoadedAs::Manifest if by_name != Some(Self::Manifest) => Some(Self::Manifest),
            _ => None,
        }
    }
}

/// Whether a file is linted only as a part of a page: it is a script or style sheet by its name, or
/// its name says nothing.
pub(crate) fn is_subresource(file: &SourceFile) -> bool {
    matches!(Language::of(file), None | Some(Language::Script | Language::StyleSheet))
}

/// Whether a file is a schema of others.
fn is_schema(file: &SourceFile) -> bool {
    file.path.ends_with(".schema.json")
}

/// Lints the file with this index.
pub(crate) fn lint(cx: LintContext<'_>, index: usize, scratch: &mut Scratch) -> FileReport {
    let file = &cx.folder.files[index];
    let language = Language::of(file).filter(|_| !rules::FILES.contains(&file.path.as_str()));
    let (language, too_long) =
        if file.length > PARSED_MAX { (None, language) } else { (language, None) };
    let read = match language {
        Some(Language::Json) if is_schema(file) => {
            cx.folder.read_shared(file).map(|(bytes, version)| {
                scratch.bytes.clear();
                scratch.bytes.extend_from_slice(&bytes);
                version
            })
        }
        Some(_) => cx.folder.read(file, &mut scratch.bytes),
        // The content is not needed yet, but an unreadable file is to be reported now.
        None => cx.folder.version(file),
    };
    let mut report = FileReport::default();
    report.diagnostics.extend(too_long.map(|_| unchecked(cx, file)));
    match read {
        Ok(version) => report.version = Some(version),
        Err(error) => {
            report.diagnostics.push(cx.folder.cannot_read(&file.path, &error));
            return report;
        }
    }
    if let Some(language) = language {
        report.first_read = FirstRead::of(&scratch.bytes, cx.reads_ahead);
        // JSON is UTF-8 (RFC 8259 section 8.1).
        if !matches!(language, Language::Json | Language::Manifest) {
            mask_iso_2022_jp(&mut scratch.bytes);
        }
        let text = Text::new(cx.folder.display(&file.path), &scratch.bytes);
        FileLinter { cx, index, text: &text, report: &mut report }.lint(language);
    }
    scratch.shrink();
    report
}

/// The diagnostic about a file that is too long to be parsed.
fn unchecked(cx: LintContext<'_>, file: &SourceFile) -> Diagnostic {
    let shown = cx.folder.display(&file.path);
    let message = format!("`{shown}` is not checked: it is longer than {} MiB", PARSED_MAX >> 20);
    let help = "check it with another tool, or split it";
    Diagnostic::of_file(Lint::UncheckedFile, shown, message, help)
}

/// Lints the files whose language is known only from a reference to them, not from their names.
pub(crate) fn lint_by_use(cx: LintContext<'_>, reports: &mut [FileReport]) {
    let mut pending: Vec<_> = reports.iter().flat_map(|it| it.loads.iter().copied()).collect();
    let mut done = HashSet::new();
    let mut bytes = Vec::new();
    while let Some((index, loaded_as)) = pending.pop() {
        let file = &cx.folder.files[index];
        let Some(language) = Language::of_use(file, loaded_as) else { continue };
        if !done.insert(index) {
            continue;
        }
        if file.length > PARSED_MAX {
            reports[index].diagnostics.push(unchecked(cx, file));
            continue;
        }
        // A file that has become unreadable is reported when it is compiled.
        if let Ok(version) = cx.folder.read(file, &mut bytes) {
            let text = Text::new(cx.folder.display(&file.path), &bytes);
            let report = &mut reports[index];
            if report.version == Some(version) {
                report.first_read = FirstRead::of(&bytes, cx.reads_ahead);
            }
            FileLinter { cx, index, text: &text, report }.lint(language);
            pending.extend(reports[index].loads.iter().copied());
        }
    }
}

struct FileLinter<'a, 's> {
    cx: LintContext<'s>,
    /// The index of the file.
    index: usize,
    text: &'a Text<'a>,
    report: &'a mut FileReport,
}

impl<'s> FileLinter<'_, 's> {
    fn file(&self) -> &'s SourceFile {
        &self.cx.folder.files[self.index]
    }

    fn lint(mut self, language: Language) {
        // JSON has a lint of its own, and feeds are only read for the host that they name.
        let is_data = matches!(language, Language::Json | Language::Manifest | Language::Feed);
        if !is_data && let Some(diagnostic) = encoding::lint(self.text) {
            return self.report.diagnostics.push(diagnostic);
        }
        match language {
            Language::Page(dialect) => self.page(dialect),
            Language::StyleSheet => {
                let references = css::references(&readable(self.text.bytes));
                self.references(None, &references);
            }
            Language::Script => {
                self.report.history_use = history_use(self.text.bytes);
                let script = js::parse(&readable(self.text.bytes));
                self.references(None, &script.references);
                let page_urls = script.page_references.into_iter().filter_map(|it| {
                    let Purpose::MayLoad(loaded_as) = it.purpose else { return None };
                    Some((it.url.into_boxed_str(), loaded_as))
                });
                self.report.page_urls.extend(page_urls);
                self.report.features = FeatureReport::new(self.text, script.features);
            }
            Language::Json => self.json(),
            Language::Manifest => self.manifest(),
            Language::Feed => self.report.own_urls = feed::own_urls(self.text.bytes),
        }
    }

    fn references(&mut self, base: Option<&str>, references: &[Reference]) {
        if references.is_empty() {
            return;
        }
        let mut resolved = ResolvedReferences::default();
        let referrer = Referrer {
            file: self.index,
            text: self.text,
            base: BaseUrl::new(self.cx.routes.key_of(self.file()), base),
            other_bases: OtherBases::new(self.cx.other_paths.of(self.index), base),
        };
        links::lint(self.cx, &referrer, references, &mut resolved);
        script_urls::lint(self.cx, &referrer, references, &mut resolved);
        self.report.other_hosts.append(&mut resolved.other_hosts);
        self.report.diagnostics.append(&mut resolved.diagnostics);
        self.report.fragment_references.append(&mut resolved.fragments);
        resolved.loads.sort_unstable();
        resolved.loads.dedup();
        self.report.loads.append(&mut resolved.loads);
        self.report.forward = self.report.forward.or(resolved.forward);
        self.report.prefix_evidence.merge(&resolved.prefix_evidence);
        self.report.followed.append(&mut resolved.followed);
        self.report.links += resolved.count;
    }

    fn page(&mut self, dialect: Dialect) {
        let page = html::parse(self.text.bytes, dialect);
        for problem in page.problems {
            let (code, help) = (problem.code, problem.help);
            let message = problem.message;
            // In the help, since messages are the same at all places with one cause.
            let help = match problem.related {
                Some(offset) => format!("{help}; the first is on line {}", self.text.line(offset)),
                None => help.to_owned(),
            };
            let diagnostic = match problem.span {
                Some(span) => self.text.diagnostic(code, span, message, help),
                None => Diagnostic::of_file(code, self.text.file().clone(), message, help),
            };
            let is_warning = problem.browsers_recover;
            self.report.diagnostics.push(if is_warning {
                diagnostic.as_warning()
            } else {
                diagnostic
            });
        }
        self.references(page.base.as_deref(), &page.references);
        self.report.page_kind = Some(page.kind);
        self.report.has_scripted_frame = page.has_scripted_frame;
        self.report.text_length = page.text_length;
        self.report.is_scripted = page.text_length <= SCRIPTED_TEXT_MAX
            && memchr::memmem::find(self.text.bytes, b"<script").is_some();
        self.report.history_use = page.history_use;
        self.report.features = FeatureReport::new(self.text, page.features);
        self.report.own_urls = page.own_urls;
        self.report.fragments = Some(page.fragments);
        self.report.title = page.title;
        self.report.lacks_icon = page.lacks_icon;
        for (code, count) in page.unlisted_problems {
            self.report.diagnostics.add_unlisted(code, Severity::Warning, count);
        }
    }

    fn manifest(&mut self) {
        if let Some(value) = self.value() {
            self.validate(&value);
            let references = manifest::references(self.text.bytes, &value);
            self.references(None, &references);
        }
    }

    /// The value of a JSON text. Reports a syntax error.
    fn value(&mut self) -> Option<Value> {
        schema::value(self.text)
            .map_err(|diagnostic| self.report.diagnostics.push(*diagnostic))
            .ok()
    }

    fn json(&mut self) {
        let is_schema = is_schema(self.file());
        if !is_schema && self.schema().is_none() {
            if let Err(diagnostic) = json::check(self.text) {
                self.report.diagnostics.push(*diagnostic);
            }
            return;
        }
        let Some(value) = self.value() else { return };
        if is_schema {
            let (text, path) = (self.text, self.file().path.as_str());
            let schema = Schema { text, path, folder: self.cx.folder };
            schema::lint_schema(schema, value, &mut self.report.diagnostics);
        } else {
            self.validate(&value);
        }
    }

    /// The file with the schema of this file.
    fn schema(&self) -> Option<&'s SourceFile> {
        let stem = self.file().path.strip_suffix(".json")?;
        let path = format!("{stem}.schema.json");
        let files = &self.cx.folder.files;
        files.get(files.binary_search_by(|file| file.path.cmp(&path)).ok()?)
    }

    /// Validates a value with the schema of this file.
    fn validate(&mut self, value: &Value) {
        let Some(file) = self.schema() else { return };
        // An unreadable or invalid schema is reported when its own file is linted.
        let Ok((bytes, _)) = self.cx.folder.read_shared(file) else { return };
        let text = Text::new(self.cx.folder.display(&file.path), &bytes);
        let schema = Schema { text: &text, path: &file.path, folder: self.cx.folder };
        schema::validate(self.text, value, schema, &mut self.report.diagnostics);
    }
}
