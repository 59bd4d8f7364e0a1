//! The site compiler: a folder of files in, a compiled site out.
//!
//! **There is no stable API**: this is a part of Chapbook, and any version may change anything.
//!
//! ```text
//! folder --walk--> files --parse--> references, ids --lint--> diagnostics
//!                    |                                 ^
//!                    '--rules, routing--> plan --------'
//!                                          '--render--> compiled site --emit--> Rust source
//!                                                          '--write--> payload
//! ```
//!
//! This crate has no sockets and no clock, prints nothing and never ends the process: `build.rs`
//! and the command line decide what to do with a [`Diagnostic`].

#![forbid(unsafe_code)]

mod app;
mod archive;
mod compile;
mod compile_cache;
mod content;
mod contents_limit;
mod diagnostic;
mod diagnostics;
pub mod emit;
mod explanation;
mod file_identity;
mod file_reads;
mod folder_file;
mod generated_title;
mod home_page;
mod lint;
mod lints;
mod model;
mod output_folders;
mod packed_contents;
mod parallel;
mod parse;
mod progress;
mod render;
mod routing;
mod rules;
mod shared_texts;
mod sink;
mod site_file;
mod site_folder;
mod site_name;
mod site_root;
mod spill_file;
mod walk;
mod walk_error;
mod write;

pub use crate::{
    app::{AppFacts, DeclaredIcon, IconPurpose},
    archive::{ArchiveError, Unpack, is_archive},
    compile::{
        CompileError, Compiled, LintedSite, Options, Report, Tally, check, compile, source_date,
    },
    compile_cache::CompileCache,
    content::StoredContent,
    contents_limit::ContentsTooLong,
    diagnostic::{Diagnostic, Excerpt, Position},
    explanation::Explanation,
    file_identity::{has_fraction, is_settled},
    folder_file::{FolderFile, UnusableFile},
    generated_title::is_generated_title,
    home_page::HomePage,
    lints::{Lint, LintError, LintLevels, Severity},
    model::{CompiledRepresentation, CompiledResource, CompiledRoute, CompiledSite, RuleFile},
    output_folders::project_folder,
    packed_contents::PackedContents,
    progress::{Progress, Step},
    render::compress::Effort,
    routing::{Mount, MountError, RouteOptions},
    sink::Sink,
    site_name::{host_label, hyphenated},
    spill_file::SpillFile,
    walk::is_omitted,
    walk_error::{TooLarge, WalkError},
    write::Payload,
};
pub use chapbook_format::payload::PayloadTooLarge;
