//! A site as an app of the desktop: its names, its description and its icons.

mod facts;
mod site_files;
mod web_manifest;

pub use self::{
    facts::{AppFacts, DeclaredIcon},
    web_manifest::IconPurpose,
};
