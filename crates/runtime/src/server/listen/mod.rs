//! Listening sockets: opened for addresses and a port, or inherited.

mod addresses;
mod holder;
mod inherited;
mod listener;

pub use self::{
    addresses::{Addresses, ListenError, Port},
    inherited::InheritError,
};
pub(super) use self::{
    holder::find as find_holder, inherited::take_inherited, listener::Listeners,
};
