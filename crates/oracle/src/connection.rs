//! Any bytes on a connection, cut anywhere, with a client that takes the answers as slowly as it
//! likes: what is said depends on the bytes alone.

use chapbook::site::Site;

use crate::{
    conversation::{talk_to, talk_whole},
    model::{check, expected},
    numbers::Numbers,
    response,
};

/// Says bytes in one piece and in pieces, which the first of them decide.
pub fn run(data: &[u8]) {
    let (choices, bytes) = data.split_at(data.len().min(8));
    let mut numbers = Numbers::new(choices.iter().fold(0, |sum, it| sum << 8 | u64::from(*it)));
    let whole = talk_whole(bytes, true);
    let mut pieces = Vec::new();
    let mut rest = bytes;
    let longest = 1 + numbers.below(64);
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at((1 + numbers.below(longest)).min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    let take_max = [1, 10, 1000, usize::MAX][numbers.below(4)];
    let cut = talk_to(Site::embedded(), &pieces, true, take_max);
    assert!(
        cut == whole,
        "in pieces {}, in one {}",
        cut.bytes.escape_ascii(),
        whole.bytes.escape_ascii()
    );
    is_all_answers(&whole.bytes);
    if let Err(problem) = check(&whole.bytes, &expected(bytes), true) {
        panic!("{problem}\nto {}", bytes.escape_ascii());
    }
}

/// Whether there is nothing but answers, as far as one can tell without knowing which of them are
/// to a HEAD: every one begins where the one before ended, with its content or without.
fn is_all_answers(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let with = response::parse(bytes, false);
        let with = with.filter(|(_, end)| is_start(&bytes[*end..]));
        let next = with.or_else(|| response::parse(bytes, true));
        let (_, end) = next.unwrap_or_else(|| panic!("no answer: {}", bytes.escape_ascii()));
        assert!(is_start(&bytes[end..]), "no answer: {}", bytes[end..].escape_ascii());
        bytes = &bytes[end..];
    }
}

fn is_start(bytes: &[u8]) -> bool {
    bytes.is_empty() || bytes.starts_with(b"HTTP/1.1 ")
}
