//! `chapbook pack`: a new executable with the site in a folder.

use std::{
    env,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use chapbook_compiler::{
    CompileError, Compiled, Effort, HomePage, Lint, LintedSite, Options, PackedContents, Payload,
    Report, Severity, SpillFile, UnusableFile, WalkError, source_date,
};
use chapbook_packer::{
    Base, BaseError, ExecutableFormat, PackOptions, SiteIcon, packed_contents, verify, verify_book,
};
use clap::Args;

use super::{
    app::{App, AppArguments, AppFiles, FileNames, IconUse, stem},
    app_folder::AppFolderKind,
    capacity::Capacity,
    counts::code_counts,
    json,
    lint_levels::LevelArguments,
    output_name::default_output,
    progress::ProgressDisplay,
    report,
    route_options::RouteArguments,
    source::Source,
    summary::{CodingTotals, Summary},
    target::{Output, Target},
};
use crate::{
    cli::{
        failure::Failure,
        output::{count, warn},
    },
    site::{UNNAMED, book_path},
};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "the options are independent of each other")]
pub(in crate::cli) struct Arguments {
    /// Folder that holds the site, or a .zip or .tar.gz archive of it
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Executable to write [default: named like the title of the site]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Executable to use as the base [default: this one]
    #[arg(long, value_name = "EXE")]
    base: Option<PathBuf>,
    #[command(flatten)]
    app: AppArguments,
    /// Write the site to OUT.book, and OUT as a copy of the base
    #[arg(long)]
    beside: bool,
    /// Overwrite OUT; allow more than 100,000 files or 20 GiB
    #[arg(long)]
    force: bool,
    /// Compress less, in a fraction of the time, to try a site
    #[arg(long)]
    fast: bool,
    #[command(flatten)]
    routes: RouteArguments,
    #[command(flatten)]
    levels: LevelArguments,
    /// Print sizes, the time and the root hash, too
    #[arg(short, long)]
    verbose: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook pack dist                    pack into a file named like the site
  chapbook pack dist -o demo --force    pack into `demo`, which may exist
  chapbook pack dist --spa              pack a single-page application
  chapbook pack dist --base C.EXE       for the system that C.EXE is for
  chapbook pack dist --beside           write the site to a second file";
pub(super) const NOTES: &str = "\
A site with errors is not packed; `chapbook check dist` lists them.
SOURCE_DATE_EPOCH, if set, is the date of the site (Last-Modified).";

/// Packs the folder and prints a summary. Fails if a diagnostic is an error.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    json::print_failure(pack(arguments), arguments.json)
}

fn pack(arguments: &Arguments) -> Result<(), Failure> {
    let started = Instant::now();
    let lint_levels = arguments.levels.lint_levels().map_err(Failure::usage)?;
    let Arguments { beside, force, folder, .. } = arguments;
    // Fails early if the base is unusable. It is read again later, because it would take up memory
    // while contents are compressed.
    let base = read_base(arguments.base.as_deref())?;
    let system = base.system();
    let (output, home_page) = output(arguments, system.format);
    let kind = app_folder_kind(&output, *beside, system.format)?;
    let mut target = Target::open(&output, *beside, *force, folder)?;
    let capacity = Capacity::new(&base, &target);
    drop(base);
    let source = Source::open_with(folder, target.temporary_paths())?;
    let icon_use = IconUse::of(system.format, *beside, kind);
    let named_icon = App::named_icon(&arguments.app, icon_use)?;
    let display = ProgressDisplay::new();
    let denied = lint_levels.deny.clone();
    let reads_icon = icon_use != IconUse::None && named_icon.is_none();
    let options = Options { lint_levels, home_page, ..Options::default() };
    let (Compiled { site, app, report }, icon) =
        compile_site(arguments, options, reads_icon, &source, &capacity, &target, &display)?;
    let Some(site) = site else {
        drop(display);
        return Err(refused(report, &denied));
    };
    let app = App::new(&arguments.app, app, named_icon.or(icon), icon_use);
    display.show("writing");
    let payload = Payload::new(&site)?;
    capacity.check(payload.length(), &site)?;
    let totals = CodingTotals::of_site(&site);
    let label = site.info.name.clone().unwrap_or_else(|| UNNAMED.to_owned());
    drop(site);
    let root_hash = *payload.root_hash();
    let base = read_base(arguments.base.as_deref())?;
    let output_bytes = if target.book.is_some() {
        write_beside(&base, &payload, &mut target)?
    } else {
        let files = kind.map(|kind| app.files(&base, kind, target.path(), &label));
        write_app(&base, &payload, &app, files.unwrap_or_default(), &mut target)?
    };
    let book = target.book.as_ref().map(|it| (it.path().to_owned(), payload.length()));
    // It may have the old output open, which Windows would not replace.
    drop(payload);
    target.finish()?;
    drop(display);
    app.warn(&base);
    warn_of_warnings(&report, folder);
    let duration = started.elapsed();
    let summary = Summary {
        output: &output,
        kind,
        system,
        app: &app,
        report: &report,
        totals,
        output_bytes,
        book,
        root_hash,
        duration,
    };
    if arguments.json {
        summary.print_json();
    } else {
        summary.print_text(arguments.verbose);
    }
    Ok(())
}

/// The path of the output, and the home page, if it was read for that.
fn output(arguments: &Arguments, format: ExecutableFormat) -> (PathBuf, Option<HomePage>) {
    if let Some(output) = &arguments.output {
        return (output.clone(), None);
    }
    let home_page = HomePage::read(&arguments.folder);
    let title = home_page.as_ref().and_then(HomePage::title);
    (default_output(&arguments.folder, title, format), home_page)
}

/// Prints the errors of a site that is not packed.
fn refused(report: Report, denied: &[Lint]) -> Failure {
    let report = report.only_errors();
    report::print(&report, io::stderr());
    Failure::Error(refusal(&report, denied))
}

fn warn_of_warnings(report: &Report, folder: &Path) {
    if report.tally.warnings > 0 {
        let warnings = count(report.tally.warnings, "warning");
        warn(format_args!("{warnings}; `chapbook check {}` lists them", folder.display()));
    }
}

/// Why a site with errors is not packed, and how to pack it nevertheless.
fn refusal(report: &Report, denied: &[Lint]) -> String {
    let errors = report.tally.errors;
    let (counted, them) = (count(errors, "error"), if errors == 1 { "it" } else { "them" });
    let counts = code_counts(report);
    let is_allowable = |code: Lint| !code.is_deny_only() && !denied.contains(&code);
    match counts.iter().find(|it| it.severity == Severity::Error && is_allowable(it.code)) {
        None => format!("not packed: {counted}; fix {them} first"),
        Some(most) if most.count == errors => {
            format!("not packed: {counted}; fix {them}, or use --allow {}", most.code)
        }
        Some(most) => format!(
            "not packed: {counted}; fix {them}, or allow a code: --allow {} covers {}",
            most.code, most.count
        ),
    }
}

/// Reads the base executable; by default, this one.
fn read_base(named: Option<&Path>) -> Result<Base, Failure> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => env::current_exe().map_err(|error| {
            Failure::error(format_args!(
                "cannot find this executable: {error}; choose a base with --base"
            ))
        })?,
    };
    Ok(Base::read(&path)?)
}

/// Compiles the folder as it is packed, with these options besides those of the arguments. Also
/// returns its icon if `reads_icon` is set and the site has no errors.
fn compile_site(
    arguments: &Arguments,
    options: Options,
    reads_icon: bool,
    source: &Source,
    capacity: &Capacity,
    target: &Target,
    display: &ProgressDisplay,
) -> Result<(Compiled, Option<SiteIcon>), Failure> {
    let last_modified = env::var("SOURCE_DATE_EPOCH").ok().map(|text| source_date(&text));
    let options = Options {
        root: source.folder.clone(),
        name: source.name.clone(),
        site_name: arguments.app.name.clone(),
        name_fallback: stem(target.executable.path()),
        routes: arguments.routes.options(),
        last_modified: last_modified.transpose().map_err(Failure::Error)?,
        // The compressed contents of a site may exceed memory.
        spill_file: Some(SpillFile::new(target.spill_file()?)),
        // What is to be overwritten. If it has no site, or is damaged, all is compressed.
        packed: packed_contents(target.executable.path())
            .or_else(|| PackedContents::of_book(&book_path(target.executable.path()))),
        progress: display.progress(),
        effort: if arguments.fast { Effort::Fast } else { Effort::Best },
        is_unbounded: arguments.force,
        contents_max: Some(capacity.contents_max()),
        ..options
    };
    let failure = |error| match error {
        CompileError::Walk(WalkError::ContentsTooLong(error)) => capacity.exceeded(error).into(),
        CompileError::SpillFile(error) => target.unwritable(error).into(),
        other => Failure::from(other),
    };
    let site = LintedSite::new(&options).map_err(failure)?;
    let icon = (reads_icon && !site.has_errors()).then(|| SiteIcon::of_site(&site));
    Ok((site.render().map_err(failure)?, icon))
}

/// The kind of an output folder; `None` if the output is a file.
fn app_folder_kind(
    output: &Path,
    is_beside: bool,
    format: ExecutableFormat,
) -> Result<Option<AppFolderKind>, Failure> {
    let Some(kind) = AppFolderKind::of(output) else { return Ok(None) };
    if is_beside {
        return Err(Failure::usage("--beside cannot be combined with a folder as the output"));
    }
    if kind.format() != format {
        return Err(Failure::error(format_args!(
            "cannot write `{}`: its executable would be for {}; choose one for {} with --base",
            output.display(),
            format.system(),
            kind.format().system()
        )));
    }
    Ok(Some(kind))
}

/// Writes the files around the executable, if there are any, and then the executable. Returns its
/// length in bytes.
fn write_app(
    base: &Base,
    payload: &Payload,
    app: &App,
    files: AppFiles,
    target: &mut Target,
) -> Result<u64, Failure> {
    let AppFiles { files, seal } = files;
    target.write_beside_executable(files)?;
    let names = FileNames::of(target.path());
    let options = PackOptions { seal: seal.as_ref(), ..app.options(base.format(), &names) };
    write_executable(base, payload, &options, target)
}

/// Writes the executable and verifies it. Returns its length in bytes.
fn write_executable(
    base: &Base,
    payload: &Payload,
    options: &PackOptions<'_>,
    target: &mut Target,
) -> Result<u64, Failure> {
    let output = &mut target.executable;
    let mut writer = BufWriter::new(output.file());
    let packed = base.pack(payload, options, &mut writer);
    let flushed = writer.into_inner().map(|_| ()).map_err(io::IntoInnerError::into_error);
    let packed = packed.map_err(|error| match error {
        BaseError::Unwritten(error) => unwritten(output, error),
        other => Failure::from(other),
    })?;
    flushed.map_err(|error| output.unwritable(error))?;
    verify(output.file(), packed, payload.root_hash()).map_err(|error| output.damaged(error))?;
    Ok(output.file().metadata().map_err(|error| output.unwritable(error))?.len())
}

/// Writes the book, verifies it, and writes the base as the executable. Returns the length of the
/// latter in bytes.
fn write_beside(base: &Base, payload: &Payload, target: &mut Target) -> Result<u64, Failure> {
    if let Some(book) = &mut target.book {
        let mut writer = BufWriter::new(book.file());
        let written = payload.write(&mut writer);
        let flushed = writer.into_inner().map(|_| ()).map_err(io::IntoInnerError::into_error);
        written.map_err(|error| unwritten(book, error))?;
        flushed.map_err(|error| book.unwritable(error))?;
        let verified = verify_book(book.file(), payload.length(), payload.root_hash());
        verified.map_err(|error| book.damaged(error))?;
    }
    let output = &mut target.executable;
    let written = output.file().write_all(base.image());
    written.map_err(|error| output.unwritable(error))?;
    Ok(base.image().len() as u64)
}

/// The failure of a write, whose cause may be a file of the site.
fn unwritten(output: &Output, error: io::Error) -> Failure {
    match error.downcast::<UnusableFile>() {
        Ok(file) => changed(file),
        Err(error) => output.unwritable(error).into(),
    }
}

/// The failure because a file changed after it was compiled.
fn changed(file: UnusableFile) -> Failure {
    let diagnostic = *file.0;
    let mut report = Report::default();
    report.counts.insert((diagnostic.code, diagnostic.severity), 1);
    report.tally.errors = 1;
    report.diagnostics.push(diagnostic);
    report::print(&report, io::stderr());
    Failure::Error(refusal(&report, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_most_frequent_code_that_can_be_allowed() {
        use Lint::{BrokenLink, EmptySite, InvalidHtml, MissingSlash};
        let rows: &[(&[Lint], &[Lint], &str)] = &[
            (&[EmptySite], &[], "1 error; fix it first"),
            (&[EmptySite, EmptySite], &[], "2 errors; fix them first"),
            (&[BrokenLink], &[], "1 error; fix it, or use --allow broken-link"),
            (
                &[EmptySite, EmptySite, EmptySite, InvalidHtml, BrokenLink, BrokenLink],
                &[],
                "6 errors; fix them, or allow a code: --allow broken-link covers 2",
            ),
            (&[MissingSlash], &[MissingSlash], "1 error; fix it first"),
        ];
        for (codes, denied, expected) in rows {
            let mut report = Report::default();
            for code in *codes {
                *report.counts.entry((*code, Severity::Error)).or_default() += 1;
            }
            report.tally.errors = codes.len();
            assert_eq!(refusal(&report, denied), format!("not packed: {expected}"), "{codes:?}");
        }
    }
}
