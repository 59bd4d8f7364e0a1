//! Driving the sans-I/O core without a socket and without a clock, as the event loop does.

use chapbook::{
    http::{Connection, Context, DateField, NextAction, Transmit},
    limits::IDLE_MS_MAX,
    site::{Progress, Site},
};

/// The output of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// All responses, concatenated.
    pub bytes: Vec<u8>,
    /// Whether the connection is closed, or will be when the client shuts down its side.
    pub is_closed: bool,
}

/// The context at time 0.
pub fn at_the_start<'a>(site: &'a Site, date: &'a DateField) -> Context<'a> {
    let idle_ms = IDLE_MS_MAX;
    Context { site, date, now_ms: 0, idle_ms, is_stopping: false, log: None }
}

/// The response to these bytes, sent at once, after which the client can shut down its side.
pub fn talk_whole(bytes: &[u8], ends: bool) -> Transcript {
    talk_with(&[bytes], ends, usize::MAX)
}

/// The response to these pieces, for a client that reads `take_max` bytes at a time.
pub fn talk_with(pieces: &[&[u8]], ends: bool, take_max: usize) -> Transcript {
    talk_to(Site::embedded(), pieces, ends, take_max)
}

/// Like [`talk_with`], for another site.
pub fn talk_to(site: Site, pieces: &[&[u8]], ends: bool, take_max: usize) -> Transcript {
    let date = DateField::new(784_111_777);
    let mut cx = at_the_start(&site, &date);
    let mut connection = Connection::new(&cx);
    let mut bytes = Vec::new();
    let mut out = Transmit::default();
    let mut pieces = pieces.iter().filter(|piece| !piece.is_empty());
    let mut has_ended = false;
    loop {
        match connection.next_action() {
            NextAction::Read => match pieces.next() {
                Some(piece) => connection.read(piece, &mut cx, &mut out),
                None if ends && !has_ended => {
                    has_ended = true;
                    connection.end_of_input(&mut cx, &mut out);
                }
                None => return Transcript { bytes, is_closed: connection.has_finished() },
            },
            NextAction::Continue => connection.resume(&mut cx, &mut out),
            NextAction::Write => {
                let pending = connection.pending_output().expect("there is output to write");
                take(pending, take_max, &mut bytes);
                connection.pending_output_taken(&cx);
            }
            NextAction::Verify => {
                let content = connection.content_to_verify().expect("it says which");
                let mut check = content.check().expect("nobody else looks");
                while check.advance() == Progress::More {}
            }
            NextAction::Wait => return Transcript { bytes, is_closed: true },
            NextAction::ShutdownWrite => connection.write_shut_down(&cx),
            NextAction::Close(_) => return Transcript { bytes, is_closed: true },
        }
        take(&mut out, take_max, &mut bytes);
        if !out.is_empty() {
            connection.keep_pending_output(out.rest(), &cx);
            out.clear();
        }
    }
}

/// Reads up to `take_max` bytes.
fn take(out: &mut Transmit, take_max: usize, bytes: &mut Vec<u8>) {
    let slices = out.slices();
    let taken: Vec<u8> = slices.iter().flat_map(|it| it.iter().copied()).take(take_max).collect();
    out.advance(taken.len());
    bytes.extend(taken);
}
