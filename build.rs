//! Binds the site into the executable: compiles the folder, tells cargo what is wrong with it, and
//! leaves the contents and the routes in `OUT_DIR` for `src/site/embedded.rs`.

use std::{env, path::PathBuf, process::ExitCode};

use chapbook_compiler::{Compiled, Diagnostic, LintLevels, Options, compile, emit, source_date};

fn main() -> ExitCode {
    let variables = ["CHAPBOOK_SITE", "CHAPBOOK_ALLOW", "CHAPBOOK_DENY", "SOURCE_DATE_EPOCH"];
    for variable in variables {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    match bind() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={message}");
            ExitCode::FAILURE
        }
    }
}

fn bind() -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets no OUT_DIR")?);
    let cache = out.join("coded");
    std::fs::create_dir_all(&cache).map_err(|e| format!("cannot make {}: {e}", cache.display()))?;
    let date = env::var("SOURCE_DATE_EPOCH").ok();
    let options = Options {
        root: env::var_os("CHAPBOOK_SITE").map_or_else(|| PathBuf::from("site"), PathBuf::from),
        cache: Some(cache),
        last_modified: date.as_deref().map(source_date).transpose()?,
        lint_levels: lint_levels()?,
        ..Options::default()
    };
    // Also when the folder is not there: it may be there next time.
    println!("cargo::rerun-if-changed={}", options.root.display());
    let Compiled { site, report } =
        compile(&options).map_err(|error| format!("{error}; see CHAPBOOK_SITE"))?;
    for place in &report.watched {
        println!("cargo::rerun-if-changed={}", place.display());
    }
    report.diagnostics.iter().for_each(say);
    let site = site.ok_or_else(|| {
        let (root, count) = (options.root.display(), report.tally.errors);
        format!("the site `{root}` has {count} error(s) and was not embedded")
    })?;
    emit::emit(&site, &out).map_err(|error| error.to_string())
}

/// Cargo takes one line at a time, so that each line of a diagnostic is a message of its own.
fn say(diagnostic: &Diagnostic) {
    for line in diagnostic.to_string().lines() {
        println!("cargo::{}={line}", diagnostic.severity);
    }
}

fn lint_levels() -> Result<LintLevels, String> {
    let words = |variable| {
        let text = env::var(variable).unwrap_or_default();
        let words = text.split(',').map(|word| word.trim().to_owned());
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>()
    };
    let levels = LintLevels::parse(words("CHAPBOOK_ALLOW"), words("CHAPBOOK_DENY"));
    levels.map_err(|error| format!("CHAPBOOK_ALLOW or CHAPBOOK_DENY: {error}"))
}
