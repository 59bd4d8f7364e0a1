//! Packing a payload into an executable, and verifying the result.

mod base;
mod code_signature;
mod elf;
mod executable_format;
mod fields;
mod find_stamps;
mod macho;
mod macho_headers;
mod own_stamp;
mod pack_options;
mod packed;
mod pe;
mod pe_headers;
mod pe_resources;
mod system;
mod verify;
mod windows_app;

pub(crate) use self::own_stamp::OwnStamp;
pub use self::{
    base::{Base, BaseError},
    executable_format::ExecutableFormat,
    pack_options::PackOptions,
    packed::Packed,
    system::{Libraries, System},
    verify::{VerifyError, verify, verify_book},
    windows_app::WindowsApp,
};
