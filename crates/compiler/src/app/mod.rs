//! A site as an app of the desktop: its names, its description and its icons.

mod facts;
mod ico;
mod icon;
mod image;
mod png;
mod png_encoder;
mod site_files;
mod site_icon;
#[cfg(test)]
mod tests;
mod web_manifest;

pub use self::{
    facts::{AppFacts, DeclaredIcon},
    icon::Icon,
    site_icon::SiteIcon,
    web_manifest::IconPurpose,
};
