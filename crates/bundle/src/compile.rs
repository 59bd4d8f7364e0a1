//! This file owns the order of the compiler's work: read, judge, represent. Each step lives in a
//! file of its own.

use std::{collections::BTreeMap, path::PathBuf};

use crate::{
    coding::Coder,
    diagnostic::{Code, Diagnostic, Position, Severity},
    json,
    links::{self, Pages},
    model::{Asset, Bundle, NotFoundPage, Route},
    page::{self, Page},
    represent::{Common, represent_all},
    route,
    schema::{self, Document},
    source::{self, Source, SourceError},
    stylesheet,
};

/// What is compiled, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder.
    pub root: PathBuf,
    /// A folder in which coded contents are remembered from one time to the next.
    pub cache: Option<PathBuf>,
    /// When the site was made, in seconds since 1970, for `Last-Modified`. File times are not
    /// used: they differ between two clones of the same site.
    pub last_modified: Option<u64>,
    /// Errors of judgement that are warnings this time.
    pub allow: Vec<Code>,
}

/// What came of it.
#[derive(Debug)]
pub struct Compiled {
    /// The site; `None` where a diagnostic is an error.
    pub bundle: Option<Bundle>,
    /// Everything that was found, by file and position.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file and folder whose change changes the outcome.
    pub watched: Vec<PathBuf>,
}

/// Compiles a folder, and finds all of its mistakes, not the first only.
///
/// # Errors
///
/// If the folder cannot be walked; whatever is wrong within it is a diagnostic.
pub fn compile(options: &Options) -> Result<Compiled, SourceError> {
    let mut source = source::read(&options.root)?;
    let mut diagnostics = std::mem::take(&mut source.diagnostics);
    judge_names(&source, &mut diagnostics);
    let (routes, shadowed) = route::routes(&source);
    diagnostics.extend(shadowed);
    judge_json(&source, &mut diagnostics);
    let pages = read_pages(&source, &mut diagnostics);
    diagnostics.extend(links::judge(&source, &routes, &pages));
    for diagnostic in &mut diagnostics {
        if !diagnostic.code.is_fixed() && options.allow.contains(&diagnostic.code) {
            diagnostic.severity = Severity::Warning;
        }
    }
    diagnostics.sort();
    diagnostics.dedup();
    let watched = std::mem::take(&mut source.watched);
    let is_sound = diagnostics.iter().all(|it| it.severity != Severity::Error);
    let bundle = is_sound.then(|| bind(source, routes, options));
    Ok(Compiled { bundle, diagnostics, watched })
}

fn judge_names(source: &Source, diagnostics: &mut Vec<Diagnostic>) {
    if !source.files.iter().any(|file| file.path == "index.html") {
        diagnostics.push(Diagnostic::new(
            Code::EmptySite,
            source.display("index.html"),
            Position::START,
            "the site has no `index.html`, so nothing would answer at `/`",
            "name the folder that holds `index.html`, often `dist`, `build` or `public`",
        ));
    }
    for rules in ["_redirects", "_headers"] {
        if source.files.iter().any(|file| file.path == rules) {
            diagnostics.push(Diagnostic::new(
                Code::UnboundFile,
                source.display(rules),
                Position::START,
                format!("`{rules}` holds rules, and this version follows none"),
                "remove the file: served as it is, it would do nothing but show itself",
            ));
        }
    }
}

fn judge_json(source: &Source, diagnostics: &mut Vec<Diagnostic>) {
    let mut documents: BTreeMap<&str, Document<'_>> = BTreeMap::new();
    for file in source.files.iter().filter(|file| file.extension() == "json") {
        let display = source.display(&file.path);
        match json::parse(&display, &file.bytes) {
            Ok(value) => {
                let document = Document { file: display, text: &file.bytes, value };
                documents.insert(&file.path, document);
            }
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    for (path, document) in &documents {
        if path.ends_with(".schema.json") {
            diagnostics.extend(schema::judge_schema(document));
        } else if let Some(stem) = path.strip_suffix(".json")
            && let Some(schema) = documents.get(format!("{stem}.schema.json").as_str())
        {
            diagnostics.extend(schema::judge(document, schema));
        }
    }
}

fn read_pages(source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Pages {
    let mut pages = Pages::new();
    for (index, file) in source.files.iter().enumerate() {
        let page = match file.extension().as_str() {
            "html" | "htm" => page::read(&file.bytes),
            // Its markup is XML, whose faults are others, but its references are written alike.
            "svg" => Page { faults: Vec::new(), ..page::read(&file.bytes) },
            "css" => {
                let references = stylesheet::references(&String::from_utf8_lossy(&file.bytes));
                Page { references, ..Page::default() }
            }
            _ => continue,
        };
        for fault in &page.faults {
            let position = Position::of_offset(&file.bytes, fault.offset);
            let display = source.display(&file.path);
            let help = if fault.swallows {
                "close it: a browser shows nothing of what follows"
            } else {
                "browsers mend this silently, each in the same way; better to write what is meant"
            };
            let code = Code::InvalidHtml;
            let diagnostic = Diagnostic::new(code, display, position, &fault.message, help);
            diagnostics.push(if fault.swallows { diagnostic } else { diagnostic.as_warning() });
        }
        pages.insert(index, page);
    }
    pages
}

fn bind(source: Source, routes: BTreeMap<String, Route>, options: &Options) -> Bundle {
    let date = options.last_modified.map(|seconds| {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds.min(DATE_MAX));
        httpdate::fmt_http_date(time)
    });
    let common = Common { last_modified: date };
    let coder = Coder::with_cache(options.cache.clone());
    let represented = represent_all(&source.files, &common, &coder);
    let mut bundle = Bundle {
        routes,
        last_modified: options.last_modified.map(|seconds| seconds.min(DATE_MAX)),
        omitted: source.omitted,
        ..Bundle::default()
    };
    for (file, represented) in source.files.into_iter().zip(represented) {
        if let Some(resource) = represented.not_found {
            let folder = format!("/{}", file.path.trim_end_matches("404.html"));
            bundle.not_found.push(NotFoundPage { folder, resource });
        }
        bundle.assets.push(Asset { path: file.path, resource: represented.found });
    }
    bundle.not_found.sort_by_key(|page| std::cmp::Reverse(page.folder.len()));
    bundle
}

/// The end of the year 9999, the last that an IMF-fixdate can write (RFC 9110 section 5.6.7).
const DATE_MAX: u64 = 253_402_300_799;
