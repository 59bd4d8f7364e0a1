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
//!
//! One request, without a socket:
//!
//! ```
//! use chapbook::{
//!     http::{CloseReason, Connection, Context, DateField, NextAction, Transmit},
//!     limits::REQUEST_MS_MAX,
//!     site::Site,
//! };
//!
//! let (site, date) = (Site::embedded(), DateField::new(784_111_777));
//! let mut cx = Context::new(&site, &date, 0);
//! let mut connection = Connection::new(&cx);
//! let mut out = Transmit::default();
//!
//! // The head arrives in two pieces. There is no output before it is complete.
//! assert_eq!(connection.next_action(), NextAction::Read);
//! connection.read(b"GET / HTTP/1.1\r\nHost: a\r\n", &mut cx, &mut out);
//! assert!(out.is_empty());
//! assert_eq!(connection.deadline_ms(), REQUEST_MS_MAX);
//! cx.now_ms = 300;
//! connection.read(b"Connection: close\r\n\r\n", &mut cx, &mut out);
//! assert!(out.slices()[0].starts_with(b"HTTP/1.1 200 OK\r\n"));
//!
//! // The system accepts 100 bytes. The connection keeps the rest until the socket is writable.
//! out.advance(100);
//! connection.keep_pending_output(out.rest(), &cx);
//! assert_eq!(connection.next_action(), NextAction::Write);
//! while let Some(pending) = connection.pending_output() {
//!     pending.advance(pending.len().min(4096));
//!     connection.pending_output_written(&cx);
//! }
//!
//! // This is the last response: the write side is shut down, and then the socket is closed.
//! assert_eq!(connection.next_action(), NextAction::ShutdownWrite);
//! connection.write_shut_down(&cx);
//! assert_eq!(connection.next_action(), NextAction::Close(CloseReason::ClientAsked));
//! ```

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
