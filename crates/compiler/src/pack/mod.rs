//! Packing a payload into an executable, and verifying the result.

mod base;
mod elf;
mod find_stamps;
mod packed;
mod pe_macho;
mod verify;

pub use self::{
    base::{Base, BaseError},
    packed::Packed,
    verify::{VerifyError, verify},
};
