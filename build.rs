//! Binds the site into the executable: compiles the folder, tells cargo what is wrong with it, and
//! leaves the contents and the routes in `OUT_DIR` for `src/site.rs`.

use std::{env, path::PathBuf, process::ExitCode};

use chapbook_bundle::{Code, Compiled, Diagnostic, Options, Severity, compile, emit};

fn main() -> ExitCode {
    for variable in ["CHAPBOOK_SITE", "CHAPBOOK_ALLOW", "SOURCE_DATE_EPOCH"] {
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
    let options = Options {
        root: env::var_os("CHAPBOOK_SITE").map_or_else(|| PathBuf::from("site"), PathBuf::from),
        cache: Some(cache),
        last_modified: source_date_epoch()?,
        allow: allowed()?,
    };
    // Also when the folder is not there: it may be there next time.
    println!("cargo::rerun-if-changed={}", options.root.display());
    let Compiled { bundle, diagnostics, watched } =
        compile(&options).map_err(|error| format!("{error}; see CHAPBOOK_SITE"))?;
    for place in &watched {
        println!("cargo::rerun-if-changed={}", place.display());
    }
    diagnostics.iter().for_each(report);
    let bundle = bundle.ok_or_else(|| {
        let count = diagnostics.iter().filter(|it| it.severity == Severity::Error).count();
        format!("the site `{}` has {count} error(s) and was not bound", options.root.display())
    })?;
    emit::emit(&bundle, &out).map_err(|error| error.to_string())
}

/// Cargo takes one line at a time, so that each line of a diagnostic is a message of its own.
fn report(diagnostic: &Diagnostic) {
    for line in diagnostic.to_string().lines() {
        println!("cargo::{}={line}", diagnostic.severity);
    }
}

fn source_date_epoch() -> Result<Option<u64>, String> {
    let Ok(text) = env::var("SOURCE_DATE_EPOCH") else { return Ok(None) };
    let seconds = text.parse().map_err(|_| {
        format!("SOURCE_DATE_EPOCH is `{text}`; it takes a number of seconds since 1970")
    })?;
    Ok(Some(seconds))
}

fn allowed() -> Result<Vec<Code>, String> {
    let text = env::var("CHAPBOOK_ALLOW").unwrap_or_default();
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .map(|name| {
            let code = Code::ALL.iter().copied().find(|code| code.name() == name);
            code.ok_or_else(|| format!("CHAPBOOK_ALLOW names `{name}`, which is no code"))
        })
        .collect()
}
