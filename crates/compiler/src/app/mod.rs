//! What a site says about itself as an app of the desktop: its names, its description, its icons.

mod facts;
mod site_files;
mod web_manifest;

pub use self::{
    facts::{AppFacts, DeclaredIcon},
    web_manifest::IconPurpose,
};
