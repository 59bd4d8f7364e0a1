//! The one integration binary: each module holds the promises of one part of the outside.

mod access_log;
mod allocation;
mod check;
mod command_line;
mod conformance;
mod damage;
mod deadlines;
mod documents;
mod folder;
mod harness;
mod inside;
mod mangled;
mod pack;
mod payload;
mod properties;
mod seeded;
mod serving;
mod site_build;
mod site_mistakes;
mod tidy;
