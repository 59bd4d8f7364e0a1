//! Browsers that can show a site in a window without an address bar: those of the Chromium family.

#[cfg(not(target_os = "macos"))]
use std::env;
use std::path::{Path, PathBuf};

#[cfg(target_os = "macos")]
use crate::cli::home::home;

/// Executables in the order in which they are tried. Windows installs programs for the system or
/// for a user.
#[cfg(windows)]
const BROWSERS: [&str; 5] = [
    r"Microsoft\Edge\Application\msedge.exe",
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"BraveSoftware\Brave-Browser\Application\brave.exe",
    r"Vivaldi\Application\vivaldi.exe",
];

#[cfg(target_os = "macos")]
const BROWSERS: [&str; 5] = [
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Brave Browser.app/Contents/MacOS/Brave Browser",
    "Vivaldi.app/Contents/MacOS/Vivaldi",
];

#[cfg(not(any(windows, target_os = "macos")))]
const BROWSERS: [&str; 10] = [
    "microsoft-edge",
    "microsoft-edge-stable",
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "brave-browser",
    "brave",
    "vivaldi",
    "vivaldi-stable",
];

/// The first browser that is installed.
pub(super) fn find() -> Option<PathBuf> {
    let folders = folders();
    find_in(&folders)
}

fn find_in(folders: &[PathBuf]) -> Option<PathBuf> {
    let paths = BROWSERS.iter().flat_map(|name| folders.iter().map(move |it| it.join(name)));
    paths.into_iter().find(|path| is_executable(path))
}

/// The folders with the programs of the system and of the user.
#[cfg(windows)]
fn folders() -> Vec<PathBuf> {
    let variables = ["ProgramFiles(x86)", "ProgramFiles", "LOCALAPPDATA"];
    variables.into_iter().filter_map(env::var_os).map(PathBuf::from).collect()
}

#[cfg(target_os = "macos")]
fn folders() -> Vec<PathBuf> {
    let home = home().map(|home| home.join("Applications"));
    std::iter::once(PathBuf::from("/Applications")).chain(home).collect()
}

/// The desktop may have a shorter `PATH` than a shell.
#[cfg(not(any(windows, target_os = "macos")))]
fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    folders.extend(["/usr/bin", "/usr/local/bin", "/snap/bin"].map(PathBuf::from));
    folders
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn the_first_executable_of_the_list_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().join("none"), folder.path().to_owned()];
        assert_eq!(find_in(&folders), None);
        let rows = [
            ("vivaldi", 0o755, Some("vivaldi")),
            ("google-chrome", 0o644, Some("vivaldi")),
            ("chromium", 0o755, Some("chromium")),
            ("brave", 0o755, Some("chromium")),
            ("microsoft-edge", 0o755, Some("microsoft-edge")),
        ];
        for (name, mode, expected) in rows {
            let path = folder.path().join(name);
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let found = find_in(&folders);
            assert_eq!(found, expected.map(|it| folder.path().join(it)), "{name}");
        }
    }
}
