//! A site as an app of the desktop: its icon, and the files around its executable.

mod app_dir;
mod icns;
mod ico;
mod icon;
mod image;
mod mac_app;
mod png;
mod png_encoder;
mod site_icon;
#[cfg(test)]
mod tests;
mod version;

pub(crate) use self::version::numbers as version_numbers;
pub use self::{
    app_dir::{APP_RUN, AppDir},
    icon::Icon,
    mac_app::{MacApp, MacAppFiles, Seal},
    site_icon::{Drawing, SiteIcon},
};
