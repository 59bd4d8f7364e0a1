//! The site as an app: what its executable tells the desktop about it.

use std::path::{Path, PathBuf};

use chapbook_compiler::{
    AppFacts, Mount, SiteIcon, host_label,
    pack::{Base, ExecutableFormat, WindowsApp},
};
use clap::Args;

use crate::cli::{failure::Failure, output::warn};

#[derive(Debug, Args)]
pub(super) struct AppArguments {
    /// Name of the app, and in the site's own address [default: made of its manifest or title]
    #[arg(long, value_name = "NAME", value_parser = site_name)]
    pub(super) name: Option<String>,
    /// PNG or ICO file with the icon [default: the site's largest one]
    #[arg(long, value_name = "FILE")]
    icon: Option<PathBuf>,
    /// Let shells on Windows wait for the executable; a click shows a console
    #[arg(long)]
    console: bool,
}

fn site_name(text: &str) -> Result<String, &'static str> {
    const NO_LETTER: &str = "a name has at least one letter or digit";
    host_label(text).map(|_| text.to_owned()).ok_or(NO_LETTER)
}

/// A site as an app.
#[derive(Debug)]
pub(super) struct App {
    facts: AppFacts,
    name: Option<String>,
    /// `None` if the output has no icon.
    icon: Option<SiteIcon>,
    has_console: bool,
}

impl App {
    /// Reads the manifest and the icon of the site in a folder, or the icon that the author names.
    pub(super) fn read(
        arguments: &AppArguments,
        folder: &Path,
        mount: &Mount,
        has_icon: bool,
    ) -> Result<Self, Failure> {
        let facts = AppFacts::read(folder, mount);
        let icon = match &arguments.icon {
            Some(path) => Some(named_icon(path)?).filter(|_| has_icon),
            None => has_icon.then(|| SiteIcon::of_site(&facts, folder, mount)),
        };
        if arguments.icon.is_some() && !has_icon {
            warn("--icon is ignored: this output has no icon");
        }
        let name = arguments.name.clone().or_else(|| facts.name.clone());
        Ok(Self { facts, name, icon, has_console: arguments.console })
    }

    /// The name of the app, if it is known before the site is compiled.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The file with the icon; `None` if it is the default one.
    pub(super) fn icon_file(&self) -> Option<&Path> {
        self.icon.as_ref()?.file.as_deref()
    }

    /// The resources of a Windows executable. The file is the output, and its name stands in for
    /// that of the app.
    pub(super) fn windows<'a>(&'a self, file_name: &'a str, stem: &'a str) -> WindowsApp<'a> {
        let icon = self.icon.as_ref().filter(|icon| icon.file.is_some());
        WindowsApp {
            name: self.name().unwrap_or(stem),
            description: self.facts.description.as_deref(),
            version: self.facts.version.as_deref(),
            file_name,
            icon: icon.map(|icon| &icon.icon),
            has_console: self.has_console,
        }
    }

    /// Warns about icons that cannot be used, and about a base whose resources stay.
    pub(super) fn warn(&self, base: &Base) {
        let problems = self.icon.iter().flat_map(|icon| &icon.problems);
        for (path, reason) in problems {
            let instead = match self.icon_file() {
                Some(path) => format!("`{}`", path.display()),
                None => "the default icon".to_owned(),
            };
            warn(format_args!(
                "cannot use the icon `{}`: {reason}; using {instead}",
                path.display()
            ));
        }
        if let Some(reason) = base.resources_problem().filter(|_| self.icon.is_some()) {
            warn(format_args!("cannot add the icon and the name of the app to the base: {reason}"));
        }
    }
}

/// Whether an executable of this format has an icon.
pub(super) fn has_icon(format: ExecutableFormat, is_beside: bool) -> bool {
    format == ExecutableFormat::Pe && !is_beside
}

/// Reads the icon that the author names.
fn named_icon(path: &Path) -> Result<SiteIcon, Failure> {
    let unusable = |reason: &str| {
        Failure::error(format_args!("cannot use the icon `{}`: {reason}", path.display()))
    };
    let icon = SiteIcon::of_file(path).map_err(|reason| unusable(&reason))?;
    if icon.svg.is_some() {
        return Err(unusable("it is SVG; convert it to PNG first"));
    }
    Ok(icon)
}
