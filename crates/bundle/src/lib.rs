//! The site compiler: a folder of files in, routes and representations out.
//!
//! The road through this crate, one file per step:
//!
//! ```text
//! folder --source--> files --+--page, json--> what they say --links, schema--> diagnostics
//!                            +--route-------> which path finds which file ----> diagnostics
//!                            +--represent---> media type, codings, entity tag, head
//!                                                 '--> Bundle --emit--> Rust text
//! ```
//!
//! This crate knows no socket and no clock, prints nothing and never ends the process: `build.rs`
//! and the command line decide what becomes of a `Diagnostic`. Without the feature `compile` only
//! [`path`] and [`ContentCoding`] are left: what the server needs to find what was compiled.

#![forbid(unsafe_code)]

mod content_coding;
pub mod path;

#[cfg(feature = "compile")]
mod coding;
#[cfg(feature = "compile")]
mod compile;
#[cfg(feature = "compile")]
mod diagnostic;
#[cfg(feature = "compile")]
mod digest;
#[cfg(feature = "compile")]
pub mod emit;
#[cfg(feature = "compile")]
mod fingerprint;
#[cfg(feature = "compile")]
mod head;
#[cfg(feature = "compile")]
mod json;
#[cfg(feature = "compile")]
mod links;
#[cfg(feature = "compile")]
mod model;
#[cfg(feature = "compile")]
mod page;
#[cfg(feature = "compile")]
mod reference;
#[cfg(feature = "compile")]
mod represent;
#[cfg(feature = "compile")]
mod route;
#[cfg(feature = "compile")]
mod schema;
#[cfg(feature = "compile")]
mod source;
#[cfg(feature = "compile")]
mod stylesheet;

pub use crate::content_coding::ContentCoding;
#[cfg(feature = "compile")]
pub use crate::{
    compile::{Compiled, Options, compile},
    diagnostic::{Code, Diagnostic, Position, Severity},
    head::Head,
    model::{Asset, Bundle, NotFoundPage, Representation, Resource, Route},
    source::SourceError,
};
