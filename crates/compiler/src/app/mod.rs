//! A site as an app of the desktop: its names, its description and its icons.

mod app_dir;
mod facts;
mod icns;
mod ico;
mod icon;
mod image;
mod mac_app;
mod png;
mod png_encoder;
mod site_files;
mod site_icon;
#[cfg(test)]
mod tests;
mod version;
mod web_manifest;

pub(crate) use self::version::numbers as version_numbers;
pub use self::{
    app_dir::{APP_RUN, AppDir},
    facts::{AppFacts, DeclaredIcon},
    icon::Icon,
    mac_app::{MacApp, MacAppFiles, Seal},
    site_icon::{Drawing, SiteIcon},
    web_manifest::IconPurpose,
};
