//! Integration tests in one binary, one module for each part of the interface.

mod access_log;
mod allocation;
#[cfg(target_os = "linux")]
mod app;
mod app_folder;
mod archive;
mod beside;
mod certificate_files;
mod check;
#[cfg(target_os = "linux")]
mod check_work;
mod command_line;
mod compile_cache;
#[cfg(target_os = "linux")]
mod completions;
mod conformance;
mod damage;
mod deadlines;
#[cfg(target_os = "linux")]
mod descriptor_limit;
mod documents;
#[cfg(unix)]
mod eviction;
mod explain;
#[cfg(target_os = "linux")]
mod first_run;
mod folder;
mod fuzz_targets;
mod gate;
mod harness;
#[cfg(target_os = "linux")]
mod hostile_base;
#[cfg(target_os = "linux")]
mod https;
mod identity;
mod idle;
mod licences;
#[cfg(target_os = "linux")]
mod live;
#[cfg(target_os = "linux")]
mod local_ca;
#[cfg(unix)]
mod long_content;
mod mount;
mod pack;
mod pack_again;
mod payload;
mod probe;
mod properties;
mod random_sites;
#[cfg(target_os = "linux")]
mod reload;
mod rules;
#[cfg(target_os = "linux")]
mod screens;
mod secret;
mod serving;
#[cfg(feature = "tls")]
mod session;
#[cfg(unix)]
mod shutdown;
mod single_page;
mod site_build;
mod site_cases;
mod site_commands;
mod site_mistakes;
#[cfg(target_os = "linux")]
mod soak;
#[cfg(target_os = "linux")]
mod socket_activation;
#[cfg(unix)]
mod swapped_files;
mod tidy;
#[cfg(all(unix, feature = "tls"))]
mod tls;
mod windows_app;
