//! Choosing the icon of a site among the files that it declares.

use std::{
    cmp::Reverse,
    fs, io,
    io::Read,
    path::{Path, PathBuf},
};

use chapbook_compiler::{DeclaredIcon, IconPurpose, LintedSite};

use super::icon::{self, Icon};

/// No system shows larger icons, so the first of those that have this size is used.
const SIZE_RANKED_MAX: usize = 512;

/// Desktops show pictures of this size.
const SIZE_MIN: usize = 128;

/// The icon of a site.
#[derive(Debug)]
pub struct SiteIcon {
    /// The icon, or else the default one.
    pub icon: Icon,
    /// The file that it comes from; `None` if it is the default one.
    pub file: Option<PathBuf>,
    /// An SVG file, for systems that draw it themselves.
    pub svg: Option<Drawing>,
    /// Files that cannot be used, with the reasons.
    pub problems: Vec<(PathBuf, String)>,
}

/// An SVG file.
#[derive(Debug)]
pub struct Drawing {
    /// Its path.
    pub file: PathBuf,
    pub(super) bytes: Vec<u8>,
}

/// The format of a file by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// PNG or ICO, and the size of its largest picture.
    Raster(usize),
    Svg,
    /// It is not read, and is most likely a picture.
    TooLong,
    /// A file that is missing is reported by `check`.
    Missing,
    Other,
}

impl SiteIcon {
    /// Reads the icon of a site: the largest one that can be used. Silhouettes and icons with a
    /// wide margin come last.
    #[must_use]
    pub fn of_site(site: &LintedSite<'_>) -> Self {
        let icons = site.app().icons.iter();
        let mut candidates: Vec<(&DeclaredIcon, Format)> =
            icons.map(|icon| (icon, format_of(site, &icon.path))).collect();
        let mut site_icon =
            Self { icon: Icon::fallback(), file: None, svg: None, problems: Vec::new() };
        // There are about a hundred at most, so the next one is searched for.
        while let Some(next) = (0..candidates.len()).min_by_key(|at| rank(candidates[*at])) {
            let (icon, format) = candidates.remove(next);
            let path = site.root().join(&icon.path);
            let read = || read_icon(site, &icon.path);
            match format {
                Format::Missing => {}
                Format::Svg => {
                    if site_icon.svg.is_none() {
                        site_icon.svg = read().ok().map(|bytes| Drawing { file: path, bytes });
                    }
                }
                // One that can be used makes up for it.
                _ if site_icon.file.is_some() => {}
                Format::Raster(_) | Format::TooLong | Format::Other => match decode(read()) {
                    Ok(icon) => (site_icon.icon, site_icon.file) = (icon, Some(path)),
                    Err(reason) => site_icon.problems.push((path, reason)),
                },
            }
        }
        site_icon
    }

    /// The drawing, if the icon has no picture that is large enough for a desktop.
    #[must_use]
    pub fn drawing(&self) -> Option<&Drawing> {
        let is_small = self.file.is_none() || self.icon.size() < SIZE_MIN;
        self.svg.as_ref().filter(|_| is_small)
    }

    /// Reads the icon in a file that the author names. The error is a reason.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is neither PNG, ICO nor SVG.
    pub fn of_file(path: &Path) -> Result<Self, String> {
        let read = read_file(path).map_err(|error| error.to_string())?;
        let (mut icon, mut svg) = (Icon::fallback(), None);
        if is_svg(&read) {
            svg = Some(Drawing { file: path.to_owned(), bytes: read });
        } else {
            icon = decode(Ok(read))?;
        }
        let file = svg.is_none().then(|| path.to_owned());
        Ok(Self { icon, file, svg, problems: Vec::new() })
    }
}

/// The order in which icons are tried; the first one of those that are equal.
fn rank((icon, format): (&DeclaredIcon, Format)) -> (u8, IconPurpose, Reverse<usize>) {
    let (kind, size) = match format {
        Format::Raster(size) => (0, size.min(SIZE_RANKED_MAX)),
        Format::TooLong => (0, SIZE_RANKED_MAX),
        Format::Svg => (1, 0),
        Format::Missing | Format::Other => (2, 0),
    };
    (kind, icon.purpose, Reverse(size))
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    // Opening a pipe would wait for a writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(icon::FILE_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > icon::FILE_MAX {
        return Err(too_long());
    }
    Ok(bytes)
}

fn too_long() -> io::Error {
    io::Error::other(format!("it is longer than {} MiB", icon::FILE_MAX >> 20))
}

/// The bytes of a file of the site.
fn read_icon(site: &LintedSite<'_>, path: &str) -> io::Result<Vec<u8>> {
    if is_too_long(site, path) { Err(too_long()) } else { site.read_file(path) }
}

fn is_too_long(site: &LintedSite<'_>, path: &str) -> bool {
    site.file_length(path).is_some_and(|length| length > icon::FILE_MAX)
}

fn decode(read: io::Result<Vec<u8>>) -> Result<Icon, String> {
    let file = read.map_err(|error| error.to_string())?;
    Icon::read(&file).map_err(str::to_owned)
}

fn format_of(site: &LintedSite<'_>, path: &str) -> Format {
    if is_too_long(site, path) {
        return Format::TooLong;
    }
    let Ok(bytes) = read_icon(site, path) else { return Format::Missing };
    match icon::claimed_size(&bytes) {
        Some(pixels) => Format::Raster(pixels),
        None if is_svg(&bytes) => Format::Svg,
        None => Format::Other,
    }
}

/// Whether the element `svg` begins near the start of a text.
fn is_svg(text: &[u8]) -> bool {
    let start = &text[..text.len().min(1024)];
    let is_text = start.trim_ascii_start().starts_with(b"<") || start.starts_with(b"\xEF\xBB\xBF");
    is_text && memchr::memmem::find(start, b"<svg").is_some()
}
