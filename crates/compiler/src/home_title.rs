//! Title of a site before it is compiled.

use std::{io::Read, path::Path};

use crate::{
    parse::html::{Dialect, parse},
    site_folder::{SiteFolder, SourceFile},
};

/// Maximum number of bytes of the page that are read. A title is in its head.
const READ_MAX: u64 = 1 << 20;

/// The title of the page at `/`, if that page is readable and has one.
#[must_use]
pub fn home_title(root: &Path) -> Option<String> {
    let path = "index.html".to_owned();
    let home = SourceFile { path, length: 0, identity: None, target: None };
    let (file, _) = SiteFolder::at(root).open(&home).ok()?;
    let mut text = Vec::new();
    file.take(READ_MAX).read_to_end(&mut text).ok()?;
    parse(&text, Dialect::Html).title
}
