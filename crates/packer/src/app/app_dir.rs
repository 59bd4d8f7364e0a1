//! The files of an `AppDir` for Linux besides its executable (`AppImage` specification, and
//! Desktop Entry Specification).

use super::{icon::Icon, site_icon::SiteIcon};

/// The name of the executable.
pub const APP_RUN: &str = "AppRun";

/// What an `AppDir` says about its app.
#[derive(Debug, Clone, Copy)]
pub struct AppDir<'a> {
    /// The name that the desktop shows.
    pub name: &'a str,
    /// The name of the site, a host label.
    pub label: &'a str,
    /// What it is.
    pub description: Option<&'a str>,
    /// Its icon.
    pub icon: &'a SiteIcon,
}

impl AppDir<'_> {
    /// The names and the bytes of the files. A drawing is used if there is no large picture.
    #[must_use]
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let (extension, icon) = match self.icon.drawing() {
            Some(drawing) => ("svg", drawing.bytes.clone()),
            None => ("png", Icon::for_app_dir(&self.icon.icon)),
        };
        vec![
            // A copy, because Windows has no links.
            (".DirIcon".to_owned(), icon.clone()),
            (format!("{}.{extension}", self.label), icon),
            (format!("{}.desktop", self.label), self.entry().into_bytes()),
        ]
    }

    fn entry(&self) -> String {
        let texts = [
            ("Type", Some("Application")),
            ("Name", Some(self.name)),
            ("Comment", self.description.filter(|it| *it != self.name)),
            ("Exec", Some(APP_RUN)),
            ("Icon", Some(self.label)),
            ("Categories", Some("Utility;")),
            ("Terminal", Some("false")),
            ("StartupWMClass", Some(self.label)),
        ];
        let lines = texts.into_iter().filter_map(|(key, text)| {
            let text = escaped(text?);
            Some(format!("{key}={text}\n"))
        });
        ["[Desktop Entry]\n".to_owned()].into_iter().chain(lines).collect()
    }
}

/// A text as the value of a key. Control characters are left out.
fn escaped(text: &str) -> String {
    let visible = text.chars().filter(|it| !it.is_control());
    visible.collect::<String>().trim().replace('\\', "\\\\")
}
