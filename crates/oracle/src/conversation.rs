//! Talking to the sans-IO core without a socket and without a clock. This file owns the part of the
//! loop; what is said and what should come back, others know.

use chapbook::{
    http::{Connection, Context, DateField, NextAction, Transmit},
    limits::IDLE_MS_MAX,
    site::{Progress, Site},
};

/// The core's part of a conversation: what it said, and whether it wants to go on hearing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// All answers, one behind the other.
    pub bytes: Vec<u8>,
    /// Whether it closed, or would as soon as the client ends its side.
    pub is_closed: bool,
}

/// The world at the time 0, with room for everybody.
pub fn at_the_start<'a>(site: &'a Site, date: &'a DateField) -> Context<'a> {
    let idle_ms = IDLE_MS_MAX;
    Context { site, date, now_ms: 0, idle_ms, is_stopping: false, log: None }
}

/// What is said to these bytes in one piece, after which the client may end its side.
pub fn talk_whole(bytes: &[u8], ends: bool) -> Said {
    talk_with(&[bytes], ends, usize::MAX)
}

/// What is said to these pieces, by a client that takes `take_max` bytes at a time.
pub fn talk_with(pieces: &[&[u8]], ends: bool, take_max: usize) -> Said {
    talk_to(Site::embedded(), pieces, ends, take_max)
}

/// The same, about another site.
pub fn talk_to(site: Site, pieces: &[&[u8]], ends: bool, take_max: usize) -> Said {
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
                None => return Said { bytes, is_closed: connection.has_finished() },
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
            NextAction::Wait => return Said { bytes, is_closed: true },
            NextAction::ShutdownWrite => connection.write_shut_down(&cx),
            NextAction::Close(_) => return Said { bytes, is_closed: true },
        }
        take(&mut out, take_max, &mut bytes);
        if !out.is_empty() {
            connection.keep_pending_output(out.rest(), &cx);
            out.clear();
        }
    }
}

/// Takes up to `take_max` bytes.
fn take(out: &mut Transmit, take_max: usize, bytes: &mut Vec<u8>) {
    let slices = out.slices();
    let taken: Vec<u8> = slices.iter().flat_map(|it| it.iter().copied()).take(take_max).collect();
    out.advance(taken.len());
    bytes.extend(taken);
}
