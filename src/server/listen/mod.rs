//! Listening: which addresses and port, sockets of our own or inherited ones.

mod addresses;
mod holder;
mod inherited;
mod listener;

pub use self::{
    addresses::{Addresses, ListenError, Port},
    inherited::InheritError,
};
pub(super) use self::{inherited::take_inherited, listener::Listeners};
