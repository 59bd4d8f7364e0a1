//! Any bytes on a connection, split anywhere, with a client that reads at any speed: the responses
//! depend on the bytes alone.

use chapbook::embedded_site;

use crate::{
    conversation::{talk, talk_to_site},
    model::{check, expected},
    response,
    rng::Rng,
};

/// Sends bytes at once and in pieces; the first eight bytes determine the pieces.
pub fn run(data: &[u8]) {
    let (seed, bytes) = data.split_at(data.len().min(8));
    let mut rng = Rng::new(seed.iter().fold(0, |sum, it| sum << 8 | u64::from(*it)));
    let at_once = talk(bytes, true);
    let mut pieces = Vec::new();
    let mut rest = bytes;
    let longest = 1 + rng.below(64);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at((1 + rng.below(longest)).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    let take_max = [1, 10, 1000, usize::MAX][rng.below(4)];
    let in_pieces = talk_to_site(embedded_site(), &pieces, true, take_max);
    assert!(
        in_pieces == at_once,
        "in pieces {}, at once {}",
        in_pieces.bytes.escape_ascii(),
        at_once.bytes.escape_ascii()
    );
    assert_responses(&at_once.bytes);
    if let Err(problem) = check(&at_once.bytes, &expected(bytes), true) {
        panic!("{problem}\nto {}", bytes.escape_ascii());
    }
}

/// Asserts that there are only responses: each starts where the previous one ends. Which of them
/// respond to HEAD is not known, so each can be with or without content.
fn assert_responses(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let with_content = response::parse(bytes, false);
        let with_content = with_content.filter(|(_, end)| is_start(&bytes[*end..]));
        let next = with_content.or_else(|| response::parse(bytes, true));
        let (_, end) = next.unwrap_or_else(|| panic!("not a response: {}", bytes.escape_ascii()));
        assert!(is_start(&bytes[end..]), "not a response: {}", bytes[end..].escape_ascii());
        bytes = &bytes[end..];
    }
}

fn is_start(bytes: &[u8]) -> bool {
    bytes.is_empty() || bytes.starts_with(b"HTTP/1.1 ")
}
