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
mod context;
mod date;
mod error_response;
mod fields;
mod framing;
mod head;
mod lines;
mod log_queue;
mod method;
mod next_action;
mod planned_response;
mod range;
mod respond;
mod target;
mod transmit;

pub use self::{
    close::CloseReason,
    connection::Connection,
    context::Context,
    date::DateField,
    log_queue::{Delivery, LogQueue, ResponseRecord},
    next_action::NextAction,
    transmit::Transmit,
};
