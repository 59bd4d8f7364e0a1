//! This file owns the verdict over one file: which language it is in, and so which questions are
//! asked of it. The answers are other files' to find.

use serde_json::Value;

use super::{
    Site,
    address::Base,
    links::{self, Followed, Wanted},
    schema::{self, Schema},
};
use crate::{
    diagnostic::Diagnostic,
    parse::{
        Text, css,
        html::{self, Dialect, Fragments},
        js, json, manifest, readable,
        reference::Reference,
    },
    rules,
    walk::{File, Stamp},
};

/// What judging one file found. It holds nothing of the file's text but names, so that a large site
/// needs little memory.
#[derive(Debug, Default)]
pub(crate) struct Finding {
    /// The file as it was judged; `None` where it could not be read.
    pub(crate) stamp: Option<Stamp>,
    /// What is wrong with it.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The names that fragments may mean in it; `None` where they mean something else.
    pub(crate) fragments: Option<Fragments>,
    /// The fragments that it wants of files.
    pub(crate) fragments_wanted: Vec<Wanted>,
    /// The scripts that it loads, by their index.
    pub(crate) scripts: Vec<usize>,
    /// The file that its reader is sent on to at once, by its index.
    pub(crate) forward: Option<usize>,
    /// The files that it says are web app manifests, by their index.
    manifests: Vec<usize>,
    /// How many of its references lead to this site.
    pub(crate) links: usize,
    /// Its title, if it is a page that has one.
    pub(crate) title: Option<String>,
}

/// What one file leaves for the next that is judged on the same core.
#[derive(Debug, Default)]
pub(crate) struct Bench {
    bytes: Vec<u8>,
}

/// The languages that are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Page(Dialect),
    StyleSheet,
    Script,
    Json,
    Manifest,
}

impl Language {
    fn of(file: &File) -> Option<Self> {
        Some(match file.extension().as_str() {
            "html" | "htm" => Self::Page(Dialect::Html),
            "svg" | "xhtml" | "xht" => Self::Page(Dialect::Xml),
            "css" => Self::StyleSheet,
            "js" | "mjs" => Self::Script,
            "webmanifest" => Self::Manifest,
            "json" if file.name() == "manifest.json" => Self::Manifest,
            "json" => Self::Json,
            _ => return None,
        })
    }
}

/// Whether a file is a script.
pub(crate) fn is_script(file: &File) -> bool {
    Language::of(file) == Some(Language::Script)
}

/// Judges the file with this index.
pub(crate) fn judge(site: Site<'_>, index: usize, bench: &mut Bench) -> Finding {
    let file = &site.source.files[index];
    let language = Language::of(file).filter(|_| !rules::FILES.contains(&file.path.as_str()));
    let read = match language {
        Some(_) => site.source.read(file, &mut bench.bytes),
        // Nobody looks into it now, but whether it can be read is known before anything is bound.
        None => site.source.stamp(file),
    };
    let mut finding = Finding::default();
    match read {
        Ok(stamp) => finding.stamp = Some(stamp),
        Err(error) => {
            finding.diagnostics.push(site.source.unreadable(&file.path, &error));
            return finding;
        }
    }
    if let Some(language) = language {
        let text = Text::new(site.source.display(&file.path), &bench.bytes);
        Judge { site, file, text: &text, finding: &mut finding }.judge(language);
    }
    finding
}

/// Judges the manifests that have another name than usual, which only the pages tell.
pub(crate) fn judge_linked_manifests(site: Site<'_>, findings: &mut [Finding]) {
    let mut linked: Vec<usize> = findings.iter().flat_map(|it| it.manifests.clone()).collect();
    linked.sort_unstable();
    linked.dedup();
    let mut bytes = Vec::new();
    for index in linked {
        let file = &site.source.files[index];
        let is_judged = Language::of(file) == Some(Language::Manifest);
        // A file that can't be read any more is noticed when it is bound.
        if !is_judged && site.source.read(file, &mut bytes).is_ok() {
            let text = Text::new(site.source.display(&file.path), &bytes);
            Judge { site, file, text: &text, finding: &mut findings[index] }.manifest();
        }
    }
}

struct Judge<'a, 's> {
    site: Site<'s>,
    file: &'a File,
    text: &'a Text<'a>,
    finding: &'a mut Finding,
}

impl Judge<'_, '_> {
    fn judge(mut self, language: Language) {
        match language {
            Language::Page(dialect) => self.page(dialect),
            Language::StyleSheet => {
                let references = css::references(&readable(self.text.bytes));
                self.follow(None, &references);
            }
            Language::Script => {
                let references = js::references(&readable(self.text.bytes));
                self.follow(None, &references);
            }
            Language::Json => self.json(),
            Language::Manifest => self.manifest(),
        }
    }

    fn follow(&mut self, base: Option<&str>, references: &[Reference]) {
        if references.is_empty() {
            return;
        }
        let base = Base::new(&self.file.path, base);
        let mut followed = Followed::default();
        links::follow(self.site, self.text, &base, references, &mut followed);
        self.finding.diagnostics.append(&mut followed.diagnostics);
        self.finding.fragments_wanted.append(&mut followed.fragments);
        self.finding.manifests.append(&mut followed.manifests);
        let is_script = |index: &usize| is_script(&self.site.source.files[*index]);
        self.finding.scripts.extend(followed.loads.into_iter().filter(is_script));
        self.finding.forward = self.finding.forward.or(followed.forward);
        self.finding.links += followed.count;
    }

    fn page(&mut self, dialect: Dialect) {
        let page = html::read(self.text.bytes, dialect);
        for fault in page.faults {
            let message = match fault.other {
                Some(offset) => format!("{}, on line {}", fault.message, self.text.line(offset)),
                None => fault.message,
            };
            let diagnostic = match fault.span {
                Some(span) => self.text.diagnostic(fault.code, span, message, fault.help),
                None => Diagnostic::of_file(fault.code, self.text.file(), message, fault.help),
            };
            let diagnostic = if fault.is_mended { diagnostic.as_warning() } else { diagnostic };
            self.finding.diagnostics.push(diagnostic);
        }
        self.follow(page.base.as_deref(), &page.references);
        self.finding.fragments = Some(page.fragments);
        self.finding.title = page.title;
    }

    fn manifest(&mut self) {
        if let Some(value) = self.value() {
            self.judge_by_schema(&value);
            let references = manifest::references(self.text.bytes, &value);
            self.follow(None, &references);
        }
    }

    /// The value of a JSON text; that it is none is said.
    fn value(&mut self) -> Option<Value> {
        let parsed = json::parse(self.text);
        parsed.map_err(|diagnostic| self.finding.diagnostics.push(*diagnostic)).ok()
    }

    fn json(&mut self) {
        let is_schema = self.file.path.ends_with(".schema.json");
        if !is_schema && self.schema().is_none() {
            if let Err(diagnostic) = json::judge(self.text) {
                self.finding.diagnostics.push(*diagnostic);
            }
            return;
        }
        let Some(value) = self.value() else { return };
        if is_schema {
            let (text, path) = (self.text, self.file.path.as_str());
            let schema = Schema { text, path, source: self.site.source };
            self.finding.diagnostics.extend(schema::judge_schema(schema, &value));
        } else {
            self.judge_by_schema(&value);
        }
    }

    /// The schema for this file.
    fn schema(&self) -> Option<&File> {
        let stem = self.file.path.strip_suffix(".json")?;
        let path = format!("{stem}.schema.json");
        let files = &self.site.source.files;
        files.get(files.binary_search_by(|file| file.path.cmp(&path)).ok()?)
    }

    fn judge_by_schema(&mut self, value: &Value) {
        let Some(file) = self.schema() else { return };
        let mut bytes = Vec::new();
        // A schema that can't be read or is none is named for itself.
        if self.site.source.read(file, &mut bytes).is_err() {
            return;
        }
        let text = Text::new(self.site.source.display(&file.path), &bytes);
        let schema = Schema { text: &text, path: &file.path, source: self.site.source };
        let violations = schema::judge(self.text, value, schema);
        self.finding.diagnostics.extend(violations);
    }
}
