//! The one integration binary: each module holds the promises of one part of the outside.

mod access_log;
mod allocation;
mod check;
#[cfg(target_os = "linux")]
mod check_work;
mod command_line;
mod conformance;
#[cfg(unix)]
mod crowds;
mod damage;
mod deadlines;
mod documents;
#[cfg(target_os = "linux")]
mod first_run;
mod folder;
mod harness;
#[cfg(target_os = "linux")]
mod idle;
#[cfg(target_os = "linux")]
mod inherited;
mod inside;
#[cfg(unix)]
mod long_content;
mod mangled;
mod pack;
mod payload;
mod properties;
mod seeded;
mod serving;
mod site_build;
mod site_mistakes;
#[cfg(target_os = "linux")]
mod soak;
#[cfg(target_os = "linux")]
mod starving;
#[cfg(unix)]
mod stopping;
mod tidy;
