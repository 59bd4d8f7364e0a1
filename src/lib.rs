//! Chapbook: a website in one executable.
//!
//! **There is no stable API**: this is what the executable is made of, and any version may change
//! anything.
//!
//! This crate adds a site to [`chapbook_runtime`], which has everything else: a change of the site
//! compiles these tables again, and not the server.
//!
//! One request, without a socket:
//!
//! ```
//! use chapbook::{
//!     embedded_site,
//!     http::{CloseReason, Connection, Context, DateField, NextAction, Transmit},
//!     limits::REQUEST_MS_MAX,
//! };
//!
//! let (site, date) = (embedded_site(), DateField::new(784_111_777));
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

mod embedded;

pub use chapbook_runtime::{cli, http, limits, server, site, tls};

pub use self::embedded::{BUILD, embedded_site};
