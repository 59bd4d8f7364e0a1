//! Summary of a packed site: what was written, and how to run it.

use std::{
    borrow::Cow,
    collections::HashSet,
    path::{Path, PathBuf},
    time::Duration,
};

use chapbook_compiler::{CompiledSite, Report};
use chapbook_format::{
    ByCoding,
    digest::{self, Hash},
};
use chapbook_packer::{APP_RUN, System};
use serde::Serialize;

use super::{app::App, app_folder::AppFolderKind, json, size::size};
use crate::cli::{
    by_coding,
    output::{count, print_line},
};

/// Totals of the representations in one content coding.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CodingTotals {
    files: usize,
    /// Bytes before compression.
    bytes_in: u64,
    /// Bytes after compression.
    bytes_out: u64,
}

impl CodingTotals {
    /// The totals of a site by coding.
    pub(super) fn of_site(site: &CompiledSite) -> ByCoding<Self> {
        let mut totals = ByCoding::<Self>::default();
        let mut seen = HashSet::new();
        for resource in site.resources.iter().filter(|it| seen.insert(&it.path)) {
            let length = resource.representations.first().map_or(0, |it| it.content.length());
            for representation in &resource.representations {
                let total = &mut totals[representation.coding];
                total.files += 1;
                total.bytes_in += length;
                total.bytes_out += representation.content.length();
            }
        }
        totals
    }
}

/// Summary of a packed site.
pub(super) struct Summary<'a> {
    pub(super) output: &'a Path,
    /// The kind of the output, if it is a folder.
    pub(super) kind: Option<AppFolderKind>,
    /// The systems that run it.
    pub(super) system: System,
    pub(super) app: &'a App,
    pub(super) report: &'a Report,
    pub(super) totals: ByCoding<CodingTotals>,
    pub(super) output_bytes: u64,
    /// The path and the length of the book.
    pub(super) book: Option<(PathBuf, u64)>,
    pub(super) root_hash: Hash,
    pub(super) duration: Duration,
}

impl Summary<'_> {
    /// Prints what was written and how to run it, and before that the figures if they are wanted.
    pub(super) fn print_text(&self, is_verbose: bool) {
        if is_verbose {
            self.print_figures();
        } else {
            let tally = self.report.tally;
            let book = self
                .book
                .as_ref()
                .map(|(path, length)| format!(" and {} ({})", path.display(), size(*length)));
            print_line(format_args!(
                "Packed {} into {} ({}){}",
                count(tally.files, "file"),
                self.output.display(),
                size(self.output_bytes),
                book.unwrap_or_default(),
            ));
        }
        let book = self.book.as_ref().map(|(path, _)| path);
        print_line(next_step(self.output, self.kind, self.system, book));
    }

    fn print_figures(&self) {
        let tally = self.report.tally;
        print_line(format_args!(
            "{:<10}{}, {}, {}",
            "site",
            count(tally.files, "file"),
            count(tally.routes, "route"),
            size(tally.bytes)
        ));
        for (coding, total) in self.totals.iter() {
            let files = count(total.files, "file");
            let (before, after) = (size(total.bytes_in), size(total.bytes_out));
            print_line(format_args!("{:<10}{files}, {before} in, {after} out", coding.token()));
        }
        if let Some(app) = self.app.summary() {
            print_line(format_args!("{:<10}{app}", "app"));
        }
        if let Some((path, length)) = &self.book {
            print_line(format_args!("{:<10}{}, {}", "book", path.display(), size(*length)));
        }
        print_line(format_args!(
            "{:<10}{}, {}, in {:.1} s",
            "written",
            self.output.display(),
            size(self.output_bytes),
            self.duration.as_secs_f64()
        ));
        print_line(format_args!("{:<10}{}", "root hash", digest::hexadecimal(&self.root_hash)));
    }

    pub(super) fn print_json(&self) {
        #[derive(Serialize)]
        struct SummaryRecord<'a> {
            output: &'a str,
            system: &'a str,
            architecture: Option<&'a str>,
            name: Option<&'a str>,
            icon: Option<Cow<'a, str>>,
            files: usize,
            routes: usize,
            bytes: u64,
            #[serde(serialize_with = "by_coding::serialize")]
            sizes: ByCoding<u64>,
            output_bytes: u64,
            book: Option<Cow<'a, str>>,
            book_bytes: Option<u64>,
            root_hash: String,
            seconds: f64,
        }
        let mut sizes = ByCoding::default();
        self.totals.iter().for_each(|(coding, it)| sizes[coding] = it.bytes_out);
        let record = SummaryRecord {
            output: &self.output.to_string_lossy(),
            system: self.system.format.system(),
            architecture: self.system.architecture,
            name: self.app.name(),
            icon: self.app.icon_file().map(Path::to_string_lossy),
            files: self.report.tally.files,
            routes: self.report.tally.routes,
            bytes: self.report.tally.bytes,
            sizes,
            output_bytes: self.output_bytes,
            book: self.book.as_ref().map(|(path, _)| path.to_string_lossy()),
            book_bytes: self.book.as_ref().map(|(_, length)| *length),
            root_hash: digest::hexadecimal(&self.root_hash),
            seconds: self.duration.as_secs_f64(),
        };
        json::print_object(&record);
    }
}

/// What to do with the executable.
fn next_step(
    output: &Path,
    kind: Option<AppFolderKind>,
    system: System,
    book: Option<&PathBuf>,
) -> String {
    // The desktop opens an app for macOS, and runs the executable in it.
    let (verb, output) = match kind {
        Some(AppFolderKind::Mac) => ("Open", output.to_owned()),
        Some(AppFolderKind::AppDir) => ("Run", output.join(APP_RUN)),
        None => ("Run", output.to_owned()),
    };
    let with_book = book.map(|it| format!(" with `{}` beside it", it.display()));
    let with_book = with_book.unwrap_or_default();
    if system.format.system() == running_system() {
        format!("{verb} {}{with_book}; it runs on {system}", command(&output))
    } else {
        format!("{verb} `{}`{with_book} on {system}", output.display())
    }
}

/// The system that this process runs on, as executable formats name it.
fn running_system() -> &'static str {
    match std::env::consts::OS {
        "windows" => "Windows",
        "macos" => "macOS",
        _ => "Linux",
    }
}

/// The executable as it is typed in a shell.
fn command(output: &Path) -> String {
    let has_folder = output.components().count() > 1;
    let prefix = match (has_folder, cfg!(windows)) {
        (true, _) => "",
        (false, true) => ".\\",
        (false, false) => "./",
    };
    let command = format!("{prefix}{}", output.display());
    let is_plain = |it: char| it.is_alphanumeric() || "./\\:-_+,@%".contains(it);
    match command.chars().all(is_plain) {
        true => command,
        false if cfg!(windows) => format!("& \"{command}\""),
        false => format!("'{}'", command.replace('\'', "'\\''")),
    }
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    #[test]
    fn an_executable_is_named_as_it_is_typed() {
        let rows = [
            ("demo", "./demo"),
            ("./demo", "./demo"),
            ("out/demo", "out/demo"),
            ("/tmp/demo", "/tmp/demo"),
            ("my site", "'./my site'"),
            ("kürbis", "./kürbis"),
            ("it's", "'./it'\\''s'"),
            ("$HOME", "'./$HOME'"),
        ];
        for (output, expected) in rows {
            assert_eq!(command(Path::new(output)), expected);
        }
    }
}
