//! `chapbook pack`: a new executable that carries a folder.

use std::{
    collections::HashSet,
    env, io,
    io::BufWriter,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use chapbook_compiler::{
    CompileError, Compiled, CompiledSite, LintLevels, Options, Payload, Report, SpillFile, compile,
    pack::{Base, BaseError, verify},
    source_date,
};
use chapbook_format::{
    ByCoding,
    digest::{self, Hash},
};
use clap::Args;
use serde::Serialize;

use super::{
    lint_levels::LevelArguments,
    progress::ProgressDisplay,
    report::{self, Format},
    size::size,
    target::Target,
};
use crate::cli::{
    by_coding,
    failure::Failure,
    output::{count, print_line, warn},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Folder that holds the site
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Executable to write
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Executable to use as the base, for example one for another system [default: this one]
    #[arg(long, value_name = "EXE")]
    base: Option<PathBuf>,
    /// Overwrite OUT if it exists
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    levels: LevelArguments,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook pack dist -o demo                    pack `dist` into `demo`
  chapbook pack dist -o demo --force            overwrite `demo`
  chapbook pack dist -o demo.exe --base C.EXE   for the system that C.EXE is for

A site with errors is not packed; `chapbook check dist` lists them.
SOURCE_DATE_EPOCH, if set, is the date of the site (Last-Modified).";

/// Packs the folder and prints a summary. Fails if a diagnostic is an error.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let started = Instant::now();
    let lint_levels = arguments.levels.lint_levels().map_err(Failure::usage)?;
    let mut target = Target::open(&arguments.output, arguments.force, &arguments.folder)?;
    // Checked first, and read again later: it would take memory while contents are compressed.
    base(arguments.base.as_deref())?;
    let display = ProgressDisplay::new();
    let Compiled { site, report } = compiled(arguments, lint_levels, &target, &display)?;
    let Some(site) = site else {
        drop(display);
        report::print(&report.only_errors(), Format::Text, io::stderr());
        return Err(Failure::Reported);
    };
    display.show("writing");
    let payload = Payload::new(&site)?;
    let codings = Coded::by_coding(&site);
    drop(site);
    let root_hash = *payload.root_hash();
    let base = base(arguments.base.as_deref())?;
    let output_bytes = write(&base, &payload, &mut target, &arguments.output)?;
    target.finish()?;
    drop(display);
    if report.tally.warnings > 0 {
        let warnings = count(report.tally.warnings, "warning");
        let folder = arguments.folder.display();
        warn(format_args!("{warnings}; `chapbook check {folder}` lists them"));
    }
    let output = &arguments.output;
    let seconds = started.elapsed();
    let summary = Summary { output, report: &report, codings, output_bytes, root_hash, seconds };
    if arguments.json {
        summary.print_json();
    } else {
        summary.print_text();
    }
    Ok(())
}

fn base(named: Option<&Path>) -> Result<Base, Failure> {
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

fn compiled(
    arguments: &Arguments,
    lint_levels: LintLevels,
    target: &Target,
    display: &ProgressDisplay,
) -> Result<Compiled, Failure> {
    let last_modified = env::var("SOURCE_DATE_EPOCH").ok().map(|text| source_date(&text));
    let options = Options {
        root: arguments.folder.clone(),
        last_modified: last_modified.transpose().map_err(Failure::Error)?,
        // The compressed contents of a site may exceed memory.
        spill_file: Some(SpillFile::new(target.scratch()?)),
        progress: display.progress(),
        lint_levels,
        ..Options::default()
    };
    compile(&options).map_err(|error| match error {
        CompileError::SpillFile(error) => target.unwritable(error).into(),
        other => other.into(),
    })
}

/// Writes the executable and reads it back. Returns its length.
fn write(
    base: &Base,
    payload: &Payload,
    target: &mut Target,
    output: &Path,
) -> Result<u64, Failure> {
    let mut writer = BufWriter::new(target.file());
    let packed = base.pack(payload, &mut writer);
    let flushed = writer.into_inner().map(|_| ()).map_err(io::IntoInnerError::into_error);
    let packed = packed.map_err(|error| match error {
        BaseError::Unwritten(error) => target.unwritable(error).into(),
        other => Failure::from(other),
    })?;
    flushed.map_err(|error| target.unwritable(error))?;
    verify(target.file(), packed, payload.root_hash()).map_err(|error| {
        let output = output.display();
        Failure::error(format_args!(
            "cannot verify the output for `{output}`: {error}; nothing was written"
        ))
    })?;
    let metadata = target.file().metadata().map_err(|error| target.unwritable(error))?;
    Ok(metadata.len())
}

/// Contents that are stored in one content coding.
#[derive(Debug, Clone, Copy, Default)]
struct Coded {
    files: usize,
    bytes_in: u64,
    bytes_out: u64,
}

impl Coded {
    /// The totals of each coding over a site.
    fn by_coding(site: &CompiledSite) -> ByCoding<Self> {
        let mut all = ByCoding::<Self>::default();
        let mut seen = HashSet::new();
        for resource in site.resources.iter().filter(|it| seen.insert(&it.path)) {
            let length = resource.representations.first().map_or(0, |it| it.content.length());
            for it in &resource.representations {
                let coded = &mut all[it.coding];
                coded.files += 1;
                coded.bytes_in += length;
                coded.bytes_out += it.content.length();
            }
        }
        all
    }
}

/// The result, as it is printed.
struct Summary<'a> {
    output: &'a Path,
    report: &'a Report,
    codings: ByCoding<Coded>,
    output_bytes: u64,
    root_hash: Hash,
    seconds: Duration,
}

impl Summary<'_> {
    fn print_text(&self) {
        let tally = self.report.tally;
        let coded = |name: &str, coded: Coded| {
            let files = count(coded.files, "file");
            let (before, after) = (size(coded.bytes_in), size(coded.bytes_out));
            format!("{name:<10}{files}, {before} in, {after} out")
        };
        print_line(format_args!(
            "{:<10}{}, {}, {}",
            "site",
            count(tally.files, "file"),
            count(tally.routes, "route"),
            size(tally.bytes)
        ));
        for (coding, it) in self.codings.iter() {
            print_line(coded(coding.token(), *it));
        }
        print_line(format_args!(
            "{:<10}{}, {}, in {:.1} s",
            "written",
            self.output.display(),
            size(self.output_bytes),
            self.seconds.as_secs_f64()
        ));
        print_line(format_args!("{:<10}{}", "root hash", digest::hexadecimal(&self.root_hash)));
    }

    fn print_json(&self) {
        #[derive(Serialize)]
        struct Record<'a> {
            output: &'a str,
            files: usize,
            routes: usize,
            bytes: u64,
            #[serde(serialize_with = "by_coding::serialize")]
            sizes: ByCoding<u64>,
            output_bytes: u64,
            root_hash: String,
            seconds: f64,
        }
        let mut sizes = ByCoding::default();
        self.codings.iter().for_each(|(coding, it)| sizes[coding] = it.bytes_out);
        let record = Record {
            output: &self.output.to_string_lossy(),
            files: self.report.tally.files,
            routes: self.report.tally.routes,
            bytes: self.report.tally.bytes,
            sizes,
            output_bytes: self.output_bytes,
            root_hash: digest::hexadecimal(&self.root_hash),
            seconds: self.seconds.as_secs_f64(),
        };
        // Strings and numbers always serialize.
        print_line(serde_json::to_string(&record).unwrap_or_default());
    }
}
