//! The site as an app: what its executable tells the desktop about it.

use std::path::{Path, PathBuf};

use chapbook_compiler::{AppFacts, host_label};
use chapbook_packer::{
    AppDir, Base, ExecutableFormat, MacApp, MacAppFiles, PackOptions, Seal, SiteIcon, WindowsApp,
};
use clap::Args;

use super::app_folder::AppFolderKind;
use crate::cli::{failure::Failure, output::warn};

#[derive(Debug, Args)]
pub(super) struct AppArguments {
    /// Name of the app, and in the site's own address [default: made of its manifest or title]
    #[arg(long, value_name = "NAME", value_parser = site_name)]
    pub(super) name: Option<String>,
    /// PNG or ICO file with the icon [default: the site's largest one]
    #[arg(long, value_name = "FILE")]
    icon: Option<PathBuf>,
    /// Let shells on Windows wait for OUT; before Windows 11 24H2, a click shows a console
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
    icon_use: IconUse,
    has_console: bool,
}

impl App {
    /// Reads the icon that the author names.
    pub(super) fn named_icon(
        arguments: &AppArguments,
        icon_use: IconUse,
    ) -> Result<Option<SiteIcon>, Failure> {
        let Some(path) = &arguments.icon else { return Ok(None) };
        if icon_use == IconUse::None {
            warn("--icon is ignored: this output has no icon");
            return Ok(None);
        }
        named_icon(path, icon_use).map(Some)
    }

    /// A site that has said these facts about itself, with this icon.
    pub(super) fn new(
        arguments: &AppArguments,
        facts: AppFacts,
        icon: Option<SiteIcon>,
        icon_use: IconUse,
    ) -> Self {
        let name = arguments.name.clone().or_else(|| facts.name.clone());
        Self { facts, name, icon, icon_use, has_console: arguments.console }
    }

    /// The name of the app, if it is known before the site is compiled.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The file with the icon; `None` if it is the default one.
    pub(super) fn icon_file(&self) -> Option<&Path> {
        let icon = self.icon.as_ref()?;
        let drawing = icon.drawing().filter(|_| self.icon_use == IconUse::All);
        drawing.map(|it| it.file.as_path()).or(icon.file.as_deref())
    }

    /// What the desktop shows, if the output has an icon.
    pub(super) fn summary(&self) -> Option<String> {
        let has_drawing = self.icon.as_ref()?.svg.is_some();
        let icon = match self.icon_file() {
            Some(path) => format!("icon {}", path.display()),
            None if has_drawing => "default icon (the site has only SVG)".to_owned(),
            None => "default icon".to_owned(),
        };
        Some(self.name().map(|name| format!("{name}, {icon}")).unwrap_or(icon))
    }

    /// The files of an output folder besides its executable, and their seal. `label` is the name of
    /// the site.
    pub(super) fn files(
        &self,
        base: &Base,
        kind: AppFolderKind,
        output: &Path,
        label: &str,
    ) -> AppFiles {
        let Some(icon) = &self.icon else { return AppFiles::default() };
        let name = self.name().unwrap_or(label);
        if kind == AppFolderKind::AppDir {
            let description = self.facts.description.as_deref();
            let files = AppDir { name, label, description, icon }.files();
            return AppFiles { files, seal: None };
        }
        let (executable, system_min) = (stem(output), base.macos_min());
        let mac_app = MacApp {
            name,
            label,
            version: self.facts.version.as_deref(),
            executable: &executable,
            system_min: system_min.as_deref(),
            icon: &icon.icon,
            is_signed: base.is_signed(),
        };
        let MacAppFiles { files, seal } = mac_app.files();
        AppFiles { files, seal: Some(seal) }
    }

    /// What an executable says about itself.
    pub(super) fn options<'a>(
        &'a self,
        format: ExecutableFormat,
        names: &'a FileNames,
    ) -> PackOptions<'a> {
        let icon = self.icon.as_ref().filter(|icon| icon.file.is_some());
        let windows = (format == ExecutableFormat::Pe).then(|| WindowsApp {
            name: self.name().unwrap_or(&names.stem),
            description: self.facts.description.as_deref(),
            version: self.facts.version.as_deref(),
            file_name: &names.name,
            icon: icon.map(|icon| &icon.icon),
            has_console: self.has_console,
        });
        PackOptions { windows, seal: None }
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

/// The files of an output folder besides its executable.
#[derive(Debug, Default)]
pub(super) struct AppFiles {
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// What the signature of the executable says about them.
    pub(super) seal: Option<Seal>,
}

/// The name of a file, and that without its extension.
#[derive(Debug)]
pub(super) struct FileNames {
    name: String,
    stem: String,
}

impl FileNames {
    pub(super) fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { name, stem: stem(path) }
    }
}

/// The name of a file without its extension.
pub(super) fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Which icons an output has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IconUse {
    None,
    Pictures,
    /// Drawings as well.
    All,
}

impl IconUse {
    /// The icons of an executable, or of the folder around it.
    pub(super) fn of(
        format: ExecutableFormat,
        is_beside: bool,
        kind: Option<AppFolderKind>,
    ) -> Self {
        match kind {
            Some(AppFolderKind::AppDir) => Self::All,
            Some(AppFolderKind::Mac) => Self::Pictures,
            None if format == ExecutableFormat::Pe && !is_beside => Self::Pictures,
            None => Self::None,
        }
    }
}

/// Reads the icon that the author names.
fn named_icon(path: &Path, icon_use: IconUse) -> Result<SiteIcon, Failure> {
    let unusable = |reason: &str| {
        Failure::error(format_args!("cannot use the icon `{}`: {reason}", path.display()))
    };
    let icon = SiteIcon::of_file(path).map_err(|reason| unusable(&reason))?;
    if icon.svg.is_some() && icon_use != IconUse::All {
        return Err(unusable("it is SVG; convert it to PNG first"));
    }
    Ok(icon)
}
