//! HTTP/1.1 without I/O: bytes and the current time in, bytes and a deadline out.
//!
//! The pipeline of a request, one file per step:
//!
//! ```text
//! bytes --connection--> head (lines, fields, target, framing)
//!       --planned_response--> respond (coding, condition, range)
//!       --response--> transmit --> bytes
//! ```
//!
//! `respond` decides what is sent, `planned_response` whether the connection stays open after it,
//! and `response` has the bytes. A request that arrives in one piece allocates nothing if its
//! response is written in one piece.

mod close;
mod coding;
mod condition;
mod connection;
mod context;
mod date;
mod error_response;
mod fields;
mod framing;
mod gate;
mod gate_response;
mod head;
mod lines;
mod log_queue;
mod method;
mod next_action;
mod planned_response;
mod range;
mod respond;
mod response;
mod secret;
mod target;
mod transmit;

pub use self::{
    close::CloseReason,
    connection::Connection,
    context::Context,
    date::DateField,
    gate::{Gate, WellKnownFile},
    log_queue::{Delivery, LogQueue, ResponseRecord},
    next_action::NextAction,
    secret::Secret,
    transmit::Transmit,
};
