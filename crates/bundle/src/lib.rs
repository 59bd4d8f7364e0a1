//! The site compiler: a folder of files in, routes and representations out.
//!
//! The road through this crate, one room per step:
//!
//! ```text
//! folder --source--> files --text--> what they say --judge--> diagnostics
//!                      |                                 ^
//!                      '--rules, bind::route--> routes --+
//!                                                 '--bind--> Bundle --emit--> Rust text
//! ```
//!
//! This crate knows no socket and no clock, prints nothing and never ends the process: `build.rs`
//! and the command line decide what becomes of a `Diagnostic`. Without the feature `compile` only
//! [`path`] and [`ContentCoding`] are left: what the server needs to find what was compiled.

#![forbid(unsafe_code)]

mod content_coding;
pub mod digest;
pub mod executable;
pub mod path;
pub mod payload;

#[cfg(feature = "compile")]
mod bind;
#[cfg(feature = "compile")]
mod code;
#[cfg(feature = "compile")]
mod compile;
#[cfg(feature = "compile")]
mod content;
#[cfg(feature = "compile")]
mod diagnostic;
#[cfg(feature = "compile")]
pub mod emit;
#[cfg(feature = "compile")]
mod judge;
#[cfg(feature = "compile")]
mod model;
#[cfg(feature = "compile")]
mod parallel;
#[cfg(feature = "compile")]
mod progress;
#[cfg(feature = "compile")]
mod rules;
#[cfg(feature = "compile")]
mod source;
#[cfg(feature = "compile")]
mod text;

pub use crate::content_coding::ContentCoding;
#[cfg(feature = "compile")]
pub use crate::{
    bind::coding::Effort,
    code::{Code, CodeError, Severity, Verdicts},
    compile::{CompileError, Compiled, Options, Report, Tally, check, compile, source_date},
    content::{Aside, Content},
    diagnostic::{Diagnostic, Excerpt, Position},
    model::{Bundle, Head, NotFoundPage, PatternRoute, Representation, Resource, Route, RuleFile},
    progress::{Progress, Step},
    source::SourceError,
};
