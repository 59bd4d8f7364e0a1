//! The rule files `_redirects` and `_headers`, in the format of Netlify and Cloudflare Pages.
//!
//! Rules are applied when the site is compiled. A line that is not supported is an error.

pub(crate) mod headers;
mod lines;
mod pattern;
pub(crate) mod redirects;
mod reserved_fields;

pub(crate) use self::pattern::Pattern;

/// The files that contain rules and are not served. Only those at the root of the site count.
pub(crate) const FILES: [&str; 2] = [redirects::FILE, headers::FILE];
