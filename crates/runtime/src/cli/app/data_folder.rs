//! Folder of a site on this machine: the profile of its window, and where it was served last.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::cli::home::{create_private, data_folder, home};

/// Where a site was served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordedPlace {
    /// The port that the server listened on.
    pub(super) port: u16,
    /// The URL that was opened.
    pub(super) url: String,
    /// Whether it was opened in the default browser, and not in a window.
    pub(super) is_tab: bool,
}

/// The word after the URL of a tab.
const TAB: &str = "tab";

/// The folder of a site.
#[derive(Debug, Clone)]
pub(super) struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    /// The folder of the site with this name, which is created.
    pub(super) fn create(name: &str) -> io::Result<Self> {
        let path = Self::path(name).ok_or_else(|| io::Error::other("there is no home folder"))?;
        create_private(&path)?;
        Ok(Self { path })
    }

    /// Without a prefix, the name could be one of a device of Windows.
    fn path(name: &str) -> Option<PathBuf> {
        Some(data_folder()?.join(format!("site-{name}")))
    }

    /// The folder for the profile of this browser. A snap may not use hidden folders.
    pub(super) fn profile(&self, browser: &Path) -> PathBuf {
        let snap = browser.strip_prefix("/snap/bin").ok().and_then(Path::file_name);
        match (snap, home(), self.path.file_name()) {
            (Some(snap), Some(home), Some(site)) => {
                home.join("snap").join(snap).join("common/chapbook").join(site)
            }
            _ => self.path.join("profile"),
        }
    }

    /// Where the site was served last.
    pub(super) fn last_place(&self) -> Option<RecordedPlace> {
        let text = fs::read_to_string(self.place_file()).ok()?;
        let mut words = text.split_whitespace();
        let (port, url) = (words.next()?.parse().ok()?, words.next()?.to_owned());
        Some(RecordedPlace { port, url, is_tab: words.next() == Some(TAB) })
    }

    /// Records where the site is served. If that fails, another port may be used the next time.
    pub(super) fn record(&self, place: &RecordedPlace) {
        if self.last_place().as_ref() != Some(place) {
            let RecordedPlace { port, url, is_tab } = place;
            let tab = if *is_tab { format!(" {TAB}") } else { String::new() };
            let _ = fs::write(self.place_file(), format!("{port} {url}{tab}\n"));
        }
    }

    fn place_file(&self) -> PathBuf {
        self.path.join("place")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_recorded() {
        let path = tempfile::tempdir().unwrap();
        let folder = DataFolder { path: path.path().to_owned() };
        assert_eq!(folder.last_place(), None);
        let rows = [
            (20000, "http://a.localhost:20000/", false),
            (20000, "http://a.localhost:20000/", true),
            (20001, "http://localhost:1/b/", false),
        ];
        for (port, url, is_tab) in rows {
            let place = RecordedPlace { port, url: url.to_owned(), is_tab };
            folder.record(&place);
            assert_eq!(folder.last_place(), Some(place));
        }
        for text in ["", "x http://a/", "20000", "70000 http://a/"] {
            fs::write(folder.place_file(), text).unwrap();
            assert_eq!(folder.last_place(), None, "{text}");
        }
    }
}
