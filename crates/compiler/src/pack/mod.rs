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
mod packed;
mod pe;
mod pe_headers;
mod system;
mod verify;

pub(crate) use self::own_stamp::OwnStamp;
pub use self::{
    base::{Base, BaseError},
    executable_format::ExecutableFormat,
    packed::Packed,
    system::{Libraries, System},
    verify::{VerifyError, verify, verify_book},
};
