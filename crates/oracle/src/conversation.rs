//! Conversations with the sans-I/O core, driven as by the event loop, without a socket or a clock.

use chapbook::{
    embedded_site,
    http::{CloseReason, Connection, Context, DateField, NextAction, Transmit},
    site::{DamagedContent, Site},
};

/// The output of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// All responses, concatenated.
    pub bytes: Vec<u8>,
    /// Whether the connection is closed, or will be when the client shuts down its side.
    pub is_closed: bool,
}

/// The output of a connection to the embedded site that receives these bytes at once. With
/// `shuts_down`, the client shuts down its side afterwards.
pub fn talk(bytes: &[u8], shuts_down: bool) -> Transcript {
    talk_in_pieces(&[bytes], shuts_down, usize::MAX)
}

/// Like [`talk`], in these pieces, for a client that reads `take_max` bytes at a time.
pub fn talk_in_pieces(pieces: &[&[u8]], shuts_down: bool, take_max: usize) -> Transcript {
    talk_to_site(embedded_site(), pieces, shuts_down, take_max)
}

/// Like [`talk_in_pieces`], for another site.
pub fn talk_to_site(
    site: Site<'_>,
    pieces: &[&[u8]],
    shuts_down: bool,
    take_max: usize,
) -> Transcript {
    let date = DateField::new(784_111_777);
    let mut cx = Context::new(&site, &date, 0);
    let mut connection = Connection::new(&cx);
    let mut bytes = Vec::new();
    let mut out = Transmit::default();
    let mut pieces = pieces.iter().filter(|piece| !piece.is_empty());
    let mut has_shut_down = false;
    loop {
        match connection.next_action() {
            NextAction::Read => match pieces.next() {
                Some(piece) => connection.read(piece, &mut cx, &mut out),
                None if shuts_down && !has_shut_down => {
                    has_shut_down = true;
                    connection.end_of_input(&mut cx, &mut out);
                }
                None => return Transcript { bytes, is_closed: connection.has_finished() },
            },
            NextAction::Continue => connection.resume(&mut cx, &mut out),
            NextAction::Write => {
                let pending = connection.pending_output().expect("there is output to write");
                if take(pending, take_max, &mut bytes).is_err() {
                    connection.abort(CloseReason::ContentDamaged);
                    continue;
                }
                connection.pending_output_written(&cx);
            }
            NextAction::Wait => return Transcript { bytes, is_closed: true },
            NextAction::ShutdownWrite => connection.write_shut_down(&cx),
            NextAction::Close(_) => return Transcript { bytes, is_closed: true },
        }
        if take(&mut out, take_max, &mut bytes).is_err() {
            connection.abort(CloseReason::ContentDamaged);
            out.clear();
        }
        if !out.is_empty() {
            connection.keep_pending_output(out.rest(), &cx);
            out.clear();
        }
    }
}

/// Reads up to `take_max` bytes, as soon as they are verified.
fn take(
    out: &mut Transmit<'_>,
    take_max: usize,
    bytes: &mut Vec<u8>,
) -> Result<(), DamagedContent> {
    out.verify(take_max, &mut { usize::MAX })?;
    let mut left = take_max;
    for slice in out.slices() {
        let taken = &slice[..slice.len().min(left)];
        bytes.extend_from_slice(taken);
        left -= taken.len();
    }
    out.advance(take_max - left);
    Ok(())
}
