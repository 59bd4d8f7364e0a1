//! `chapbook pack`: a new executable that carries a folder.

use std::{
    collections::HashSet,
    env, fmt, io,
    io::BufWriter,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use chapbook_compiler::{
    CompileError, Compiled, CompiledSite, LintError, LintLevels, Options, Payload, PayloadTooLarge,
    Report, SpillFile, compile,
    pack::{Base, BaseError, VerifyError, verify},
    source_date,
};
use chapbook_format::{
    ContentCoding,
    digest::{self, Hash},
};
use clap::Args;
use serde::Serialize;

use super::{
    lint_levels::LevelArguments,
    progress::Bar,
    report::{self, Form, count, size},
    say,
    target::{Target, TargetError},
    warn,
};

/// The flags of `pack`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder that holds the site
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Executable to write
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Chapbook to pack into, perhaps of another system [default: the one that runs]
    #[arg(long, value_name = "EXE")]
    base: Option<PathBuf>,
    /// Replace OUT if it is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    levels: LevelArguments,
    /// Print one JSON object about what was written
    #[arg(long)]
    json: bool,
}

/// What the help shows.
pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook pack dist -o demo                    an executable that serves `dist`
  chapbook pack dist -o demo --force            in the place of the last one
  chapbook pack dist -o demo.exe --base C.EXE   for the system that C.EXE is for

A site with errors is not packed; `chapbook check dist` tells about them, too.
SOURCE_DATE_EPOCH, if set, is the date of the site (Last-Modified).";

/// Why nothing was packed.
#[derive(Debug)]
pub(super) enum PackError {
    Usage(LintError),
    Target(TargetError),
    NoExecutable(io::Error),
    Base(BaseError),
    Date(String),
    Compile(CompileError),
    TooLarge(PayloadTooLarge),
    ReadBack(PathBuf, VerifyError),
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(error) => error.fmt(f),
            Self::Target(error) => error.fmt(f),
            Self::NoExecutable(error) => {
                write!(f, "cannot find the executable that runs: {error}; name one with --base")
            }
            Self::Base(error) => error.fmt(f),
            Self::Date(problem) => f.write_str(problem),
            Self::Compile(error) => error.fmt(f),
            Self::TooLarge(error) => error.fmt(f),
            Self::ReadBack(place, error) => write!(
                f,
                "what was written for `{}` is not what it should be: {error}; it was removed",
                place.display()
            ),
        }
    }
}

impl From<TargetError> for PackError {
    fn from(error: TargetError) -> Self {
        Self::Target(error)
    }
}

/// Packs the folder and says what was written. Returns false where the site is wrong, which has
/// been said.
pub(super) fn run(arguments: &Arguments) -> Result<bool, PackError> {
    let started = Instant::now();
    let lint_levels = arguments.levels.lint_levels().map_err(PackError::Usage)?;
    let mut target = Target::open(&arguments.output, arguments.force, &arguments.folder)?;
    // Whether it will do is asked first, but it takes no memory while contents are coded.
    base(arguments.base.as_deref())?;
    let bar = Bar::new();
    let Compiled { site, report } = compiled(arguments, lint_levels, &target, &bar)?;
    let Some(site) = site else {
        drop(bar);
        report::print(&report.only_errors(), Form::Text, io::stderr());
        return Ok(false);
    };
    bar.say("writing");
    let payload = Payload::new(&site).map_err(PackError::TooLarge)?;
    let codings = Codings::of(&site);
    drop(site);
    let root_hash = *payload.root_hash();
    let base = base(arguments.base.as_deref())?;
    let output_bytes = write(&base, &payload, &mut target, &arguments.output)?;
    target.finish()?;
    drop(bar);
    if report.tally.warnings > 0 {
        let warnings = count(report.tally.warnings, "warning");
        let folder = arguments.folder.display();
        warn(&format_args!("{warnings}; `chapbook check {folder}` tells about them"));
    }
    let output = &arguments.output;
    let seconds = started.elapsed();
    let summary = Summary { output, report: &report, codings, output_bytes, root_hash, seconds };
    if arguments.json {
        summary.say_json();
    } else {
        summary.say_text();
    }
    Ok(true)
}

fn base(named: Option<&Path>) -> Result<Base, PackError> {
    let place = match named {
        Some(place) => place.to_owned(),
        None => env::current_exe().map_err(PackError::NoExecutable)?,
    };
    Base::read(&place).map_err(PackError::Base)
}

fn compiled(
    arguments: &Arguments,
    lint_levels: LintLevels,
    target: &Target,
    bar: &Bar,
) -> Result<Compiled, PackError> {
    let last_modified = env::var("SOURCE_DATE_EPOCH").ok().map(|text| source_date(&text));
    let options = Options {
        root: arguments.folder.clone(),
        last_modified: last_modified.transpose().map_err(PackError::Date)?,
        // All contents of a site, coded, are more than some machines have memory.
        aside: Some(SpillFile::new(target.scratch()?)),
        progress: bar.progress(),
        lint_levels,
        ..Options::default()
    };
    compile(&options).map_err(|error| match error {
        CompileError::SpillFile(error) => PackError::Target(target.unwritable(error)),
        other => PackError::Compile(other),
    })
}

/// Writes the executable and reads it back. Returns its length.
fn write(
    base: &Base,
    payload: &Payload,
    target: &mut Target,
    output: &Path,
) -> Result<u64, PackError> {
    let mut writer = BufWriter::new(target.file());
    let packed = base.pack(payload, &mut writer);
    let flushed = writer.into_inner().map(|_| ()).map_err(io::IntoInnerError::into_error);
    let packed = packed.map_err(|error| match error {
        BaseError::Unwritten(error) => PackError::Target(target.unwritable(error)),
        other => PackError::Base(other),
    })?;
    flushed.map_err(|error| target.unwritable(error))?;
    verify(target.file(), packed, payload.root_hash())
        .map_err(|error| PackError::ReadBack(output.to_owned(), error))?;
    let metadata = target.file().metadata().map_err(|error| target.unwritable(error))?;
    Ok(metadata.len())
}

/// What a coding makes of the contents that it is kept for.
#[derive(Debug, Clone, Copy, Default)]
struct Coded {
    files: usize,
    bytes_in: u64,
    bytes_out: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Codings {
    identity: Coded,
    gzip: Coded,
    brotli: Coded,
}

impl Codings {
    fn of(site: &CompiledSite) -> Self {
        let mut all = Self::default();
        let mut seen = HashSet::new();
        for resource in site.resources.iter().filter(|it| seen.insert(&it.path)) {
            let length = resource.representations.first().map_or(0, |it| it.content.length());
            for it in &resource.representations {
                let coded = match it.coding {
                    ContentCoding::Identity => &mut all.identity,
                    ContentCoding::Gzip => &mut all.gzip,
                    ContentCoding::Brotli => &mut all.brotli,
                };
                coded.files += 1;
                coded.bytes_in += length;
                coded.bytes_out += it.content.length();
            }
        }
        all
    }
}

/// What is said in the end.
struct Summary<'a> {
    output: &'a Path,
    report: &'a Report,
    codings: Codings,
    output_bytes: u64,
    root_hash: Hash,
    seconds: Duration,
}

impl Summary<'_> {
    fn say_text(&self) {
        let tally = self.report.tally;
        let coded = |name: &str, it: Coded| {
            let files = count(it.files, "file");
            let (before, after) = (size(it.bytes_in), size(it.bytes_out));
            format!("{name:<10}{files}, {before} in, {after} out")
        };
        say(format_args!(
            "{:<10}{}, {}, {}",
            "site",
            count(tally.files, "file"),
            count(tally.routes, "route"),
            size(tally.bytes)
        ));
        say(coded("identity", self.codings.identity));
        say(coded("gzip", self.codings.gzip));
        say(coded("br", self.codings.brotli));
        say(format_args!(
            "{:<10}{}, {}, in {:.1} s",
            "written",
            self.output.display(),
            size(self.output_bytes),
            self.seconds.as_secs_f64()
        ));
        say(format_args!("{:<10}{}", "root hash", digest::hexadecimal(&self.root_hash)));
    }

    fn say_json(&self) {
        #[derive(Serialize)]
        struct Sizes {
            identity: u64,
            gzip: u64,
            br: u64,
        }
        #[derive(Serialize)]
        struct Record<'a> {
            output: &'a str,
            files: usize,
            routes: usize,
            bytes: u64,
            sizes: Sizes,
            output_bytes: u64,
            root_hash: String,
            seconds: f64,
        }
        let Codings { identity, gzip, brotli } = self.codings;
        let record = Record {
            output: &self.output.to_string_lossy(),
            files: self.report.tally.files,
            routes: self.report.tally.routes,
            bytes: self.report.tally.bytes,
            sizes: Sizes {
                identity: identity.bytes_out,
                gzip: gzip.bytes_out,
                br: brotli.bytes_out,
            },
            output_bytes: self.output_bytes,
            root_hash: digest::hexadecimal(&self.root_hash),
            seconds: self.seconds.as_secs_f64(),
        };
        // Strings and numbers always have a form in JSON.
        say(serde_json::to_string(&record).unwrap_or_default());
    }
}
