//! Home page of a site, read before the site is compiled.

use std::path::Path;

use crate::{
    parse::html::{Dialect, parse},
    shared_texts::SharedText,
    site_folder::{PARSED_MAX, SiteFolder, SourceFile},
};

const PATH: &str = "index.html";

/// Maximum length of a page that is kept in memory.
const KEPT_MAX: u64 = 4 << 20;

/// The number of bytes that are read of a longer page. A title is in its head.
const START: u64 = 1 << 20;

/// The home page of a site: the file `index.html` at its root.
#[derive(Debug, Clone)]
pub struct HomePage {
    title: Option<String>,
    /// All of it; `None` if it is long.
    text: Option<SharedText>,
}

impl HomePage {
    /// Reads the home page of the site in a folder, if there is one that can be read.
    #[must_use]
    pub fn read(root: &Path) -> Option<Self> {
        let folder = SiteFolder::at(root);
        let path = PATH.to_owned();
        let file = SourceFile { path, length: 0, identity: None, target: None };
        let length = folder.version(&file).ok()?.length;
        // Longer ones are not parsed at all.
        if length > PARSED_MAX {
            return None;
        }
        let title = |text: &[u8]| parse(text, Dialect::Html).title;
        if length > KEPT_MAX {
            let start = folder.start(&file, START).ok()?;
            return Some(Self { title: title(&start), text: None });
        }
        let text = folder.read_shared(&file).ok()?;
        Some(Self { title: title(&text.0), text: Some(text) })
    }

    /// The title, if the page has one.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Hands over to a walked folder what was read.
    pub(crate) fn add_to(&self, folder: &SiteFolder) {
        let Some(file) = folder.find(PATH) else { return };
        folder.add_first_read(file);
        if let Some(text) = &self.text {
            folder.share(file, text.clone());
        }
    }
}
