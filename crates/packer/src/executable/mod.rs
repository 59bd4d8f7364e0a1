//! An executable with a payload: writing it, verifying it, and recovering the base from it.

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
mod packed_contents;
mod pe;
mod pe_headers;
mod pe_resources;
mod system;
mod verify;
mod windows_app;

pub use self::{
    base::{Base, BaseError},
    executable_format::ExecutableFormat,
    pack_options::PackOptions,
    packed::Packed,
    packed_contents::packed_contents,
    system::{Libraries, System},
    verify::{VerifyError, verify, verify_book},
    windows_app::WindowsApp,
};
