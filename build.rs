//! Build script: compiles the embedded site, reports its diagnostics to cargo, and writes contents
//! and routes to `OUT_DIR` for `src/embedded.rs`. Compresses the licence texts, too.

#[path = "build/progress.rs"]
mod progress;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use chapbook_compiler::{
    Compiled, Diagnostic, LintLevels, Mount, Options, Progress, RouteOptions, Severity, Unpack,
    compile, emit, is_archive, source_date,
};

const VARIABLES: [&str; 8] = [
    "CHAPBOOK_SITE",
    "CHAPBOOK_NAME",
    "CHAPBOOK_MOUNT",
    "CHAPBOOK_SPA",
    "CHAPBOOK_ALLOW",
    "CHAPBOOK_DENY",
    "CHAPBOOK_FORCE",
    "SOURCE_DATE_EPOCH",
];

fn main() -> ExitCode {
    for variable in VARIABLES {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    if env::var("CARGO_CFG_TARGET_VENDOR").as_deref() == Ok("apple") {
        // Space for the load command of the segment that a site is packed into.
        println!("cargo::rustc-link-arg-bins=-Wl,-headerpad,0x200");
    }
    if let Some(version) = locked_version("rustls") {
        println!("cargo::rustc-env=CHAPBOOK_RUSTLS_VERSION={version}");
    }
    match embed_notices().and_then(|()| embed_site()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={message}");
            ExitCode::FAILURE
        }
    }
}

/// The version of a dependency in the lock file, which has no other source at build time.
fn locked_version(name: &str) -> Option<String> {
    const LOCK_FILE: &str = "Cargo.lock";
    let text = fs::read_to_string(LOCK_FILE).ok()?;
    println!("cargo::rerun-if-changed={LOCK_FILE}");
    let (_, package) = text.split_once(&format!("\nname = \"{name}\"\nversion = \""))?;
    Some(package.split('"').next()?.to_owned())
}

/// Compresses the licence texts that `chapbook licences` prints.
fn embed_notices() -> Result<(), String> {
    const NOTICES: &str = "THIRD-PARTY.md";
    const BEST: u8 = 10;
    println!("cargo::rerun-if-changed={NOTICES}");
    let text = fs::read(NOTICES).map_err(|error| format!("cannot read `{NOTICES}`: {error}"))?;
    let path = out_folder()?.join("notices.deflate");
    fs::write(&path, miniz_oxide::deflate::compress_to_vec(&text, BEST))
        .map_err(|error| format!("cannot write `{}`: {error}", path.display()))
}

fn out_folder() -> Result<PathBuf, String> {
    let folder = env::var_os("OUT_DIR").ok_or("cannot find OUT_DIR: cargo did not set it")?;
    Ok(PathBuf::from(folder))
}

fn embed_site() -> Result<(), String> {
    let out = out_folder()?;
    let cache = out.join("compressed");
    fs::create_dir_all(&cache)
        .map_err(|error| format!("cannot create `{}`: {error}", cache.display()))?;
    let date = env::var("SOURCE_DATE_EPOCH").ok();
    let (site, advice) = site_path()?;
    // Even if it is missing, since it may be created.
    println!("cargo::rerun-if-changed={}", site.display());
    let (root, name) = if is_archive(&site) {
        let (root, name) = unpack(&site, &out.join("unpacked"), progress::progress(&site))?;
        (root, Some(name))
    } else {
        (site.clone(), None)
    };
    let options = Options {
        root,
        name,
        site_name: env::var("CHAPBOOK_NAME").ok(),
        name_fallback: env::var("CARGO_PKG_NAME").unwrap_or_default(),
        cache: Some(cache),
        last_modified: date.as_deref().map(source_date).transpose()?,
        lint_levels: lint_levels()?,
        routes: RouteOptions { mount: mount()?, is_single_page: switch("CHAPBOOK_SPA")? },
        is_unbounded: switch("CHAPBOOK_FORCE")?,
        progress: progress::progress(&site),
        ..Options::default()
    };
    let Compiled { site: compiled, report, .. } =
        compile(&options).map_err(|error| format!("{error}; {advice}"))?;
    // The files of an archive are newer than it.
    for path in report.watched.iter().filter(|_| options.name.is_none()) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    report.diagnostics.iter().for_each(print);
    let compiled = compiled.ok_or_else(|| {
        let (site, count) = (site.display(), report.tally.errors);
        format!("cannot embed the site `{site}`: it has {count} error(s); fix them first")
    })?;
    emit::emit(&compiled, &out).map_err(|error| error.to_string())
}

/// The path of the site, and the advice if there is an error with it.
fn site_path() -> Result<(PathBuf, String), String> {
    let advice = "see CHAPBOOK_SITE and CHAPBOOK_FORCE";
    let Some(value) = env::var_os("CHAPBOOK_SITE") else {
        return Ok((PathBuf::from("site"), advice.to_owned()));
    };
    let path = PathBuf::from(value);
    if path.as_os_str().is_empty() {
        return Err("CHAPBOOK_SITE is empty: set it to a folder or an archive".to_owned());
    }
    if path.is_absolute() {
        return Ok((path, advice.to_owned()));
    }
    // In another folder, the same value is another site.
    println!("cargo::rerun-if-env-changed=PWD");
    let (folder, which) = match calling_folder() {
        Some(folder) => (folder, "the folder that cargo was called in"),
        None => (env::current_dir().unwrap_or_default(), "the folder of the package"),
    };
    let shown = folder.display();
    Ok((folder.join(path), format!("{advice}; CHAPBOOK_SITE is relative to `{shown}`, {which}")))
}

/// The folder that cargo was called in, if it can be known: cargo runs build scripts in the folder
/// of the package, which for `cargo install` is in the registry.
fn calling_folder() -> Option<PathBuf> {
    #[cfg(unix)]
    {
        // The parent is cargo. Only Linux has such a link.
        let link = format!("/proc/{}/cwd", std::os::unix::process::parent_id());
        if let Ok(folder) = fs::read_link(link) {
            return Some(folder);
        }
    }
    // Shells set it; other programs that start cargo in another folder may not.
    env::var_os("PWD").map(PathBuf::from).filter(|it| it.is_absolute() && it.is_dir())
}

/// Unpacks an archive to a folder. Returns the folder with the site, and its name in messages.
fn unpack(archive: &Path, scratch: &Path, progress: Progress) -> Result<(PathBuf, String), String> {
    // What the last build has unpacked.
    let _ = fs::remove_dir_all(scratch);
    fs::create_dir_all(scratch)
        .map_err(|error| format!("cannot create `{}`: {error}", scratch.display()))?;
    let below = Path::new("");
    let unpack = Unpack { archive, below, scratch, available: None, progress };
    unpack.run().map_err(|error| error.to_string())
}

/// Prints a diagnostic as one message for each line, since cargo takes single lines only.
fn print(diagnostic: &Diagnostic) {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        // Cargo shows no messages of a lower level than a warning.
        Severity::Note => return,
    };
    for line in diagnostic.to_string().lines() {
        println!("cargo::{level}={line}");
    }
}

fn lint_levels() -> Result<LintLevels, String> {
    let codes = |variable| {
        let text = env::var(variable).unwrap_or_default();
        let codes = text.split(',').map(|code| code.trim().to_owned());
        codes.filter(|code| !code.is_empty()).collect::<Vec<_>>()
    };
    let levels = LintLevels::parse(codes("CHAPBOOK_ALLOW"), codes("CHAPBOOK_DENY"));
    levels.map_err(|error| format!("cannot use CHAPBOOK_ALLOW or CHAPBOOK_DENY: {error}"))
}

/// The path that the site is served under.
fn mount() -> Result<Mount, String> {
    let text = env::var("CHAPBOOK_MOUNT").unwrap_or_default();
    text.parse().map_err(|error| format!("cannot use CHAPBOOK_MOUNT `{text}`: {error}"))
}

/// Whether a variable is set to a true value, as for the same option of the command line.
fn switch(variable: &str) -> Result<bool, String> {
    match env::var(variable).unwrap_or_default().to_lowercase().as_str() {
        "" | "0" | "false" | "no" | "off" | "n" | "f" => Ok(false),
        "1" | "true" | "yes" | "on" | "y" | "t" => Ok(true),
        other => Err(format!("cannot use {variable}: `{other}` is neither `true` nor `false`")),
    }
}
