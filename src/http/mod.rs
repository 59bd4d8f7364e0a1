//! HTTP/1.1 without a socket and without a clock: bytes and `now` in, bytes and a deadline out.
//!
//! The road of a request, one file per step:
//!
//! ```text
//! bytes --connection--> head --target, fields, framing--> respond --coding, condition, range-->
//!   answer --transmit--> bytes
//! ```
//!
//! Nothing here opens, reads or writes anything, and nothing here allocates for a request that
//! arrives whole and an answer that is taken whole.

mod answer;
mod close;
mod coding;
mod condition;
mod connection;
mod date;
mod demand;
mod fields;
mod framing;
mod head;
mod journal;
mod lines;
mod method;
mod range;
mod refusal;
mod reply;
mod respond;
mod surroundings;
mod target;
mod transmit;

pub use self::{
    close::CloseReason,
    connection::Connection,
    date::DateField,
    demand::Demand,
    journal::{Entry, Journal},
    surroundings::Surroundings,
    transmit::Transmit,
};
