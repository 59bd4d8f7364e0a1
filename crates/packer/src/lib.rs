//! Packing a compiled site into an executable or an app, and verifying the result.
//!
//! **There is no stable API**: this is a part of Chapbook, and any version may change anything.

#![forbid(unsafe_code)]

mod app;
mod executable;

pub use crate::{
    app::{APP_RUN, AppDir, Drawing, Icon, MacApp, MacAppFiles, Seal, SiteIcon},
    executable::{
        Base, BaseError, ExecutableFormat, Libraries, PackOptions, Packed, System, VerifyError,
        WindowsApp, packed_contents, verify, verify_book,
    },
};
