//! Damaged payloads: whatever the bytes, nothing panics, and each response is the original one or
//! an error.

use chapbook_format::payload::{Header, PayloadError};
use chapbook_oracle::{
    forgery::{self, update_hashes},
    long_payload::{check_long, long_payload, positions_to_change},
    payload::{check, is_intact, open, padding, payload, payload_of, responses},
};

use crate::harness::{site_folder, talk_to_site};

#[test]
fn a_payload_answers_each_kind_of_request() {
    let site = open(payload().to_vec()).expect("the payload is intact");
    let statuses = responses(site).into_iter().map(|response| {
        let line = String::from_utf8_lossy(&response).into_owned();
        line[9..12].to_owned()
    });
    let statuses: Vec<String> = statuses.collect();
    let expected =
        "200 200 200 304 206 200 404 404 200 301 302 200 204 405 301 302 204 204 416 412";
    assert_eq!(statuses.join(" "), expected);
    assert!(is_intact(site));
}

#[test]
fn any_flipped_bit_is_an_error_or_a_500_and_never_another_response() {
    let (mut refused, mut damaged) = (0, 0);
    let padding = padding(payload());
    for at in (0..payload().len()).filter(|at| !padding.contains(at) || at % 101 == 0) {
        let mut bytes = payload().to_vec();
        bytes[at] ^= 1 << (at % 8);
        match check(bytes) {
            Some(refusals) => damaged += refusals,
            None => refused += 1,
        }
    }
    assert!(refused > 300 && damaged > 5000, "{refused} refused, {damaged} damaged");
}

/// With `CHAPBOOK_FLIPS=all`, every byte is flipped, which takes minutes.
#[test]
fn any_flipped_byte_of_a_site_with_a_long_content_is_never_sent() {
    let takes_all = std::env::var("CHAPBOOK_FLIPS").is_ok_and(|it| it == "all");
    let [mut refused, mut damaged, mut cut] = [0; 3];
    for at in positions_to_change(takes_all) {
        let mut bytes = long_payload().to_vec();
        bytes[at] ^= 1 << (at % 8);
        let Some(outcome) = check_long(bytes) else {
            refused += 1;
            continue;
        };
        damaged += outcome.errors;
        cut += outcome.cut;
    }
    assert!(
        refused > 200 && damaged > 500 && cut > 50,
        "{refused} refused, {damaged} damaged, {cut} cut"
    );
}

#[test]
fn a_flipped_bit_with_a_valid_checksum_is_served_without_a_panic() {
    let mut same = payload().to_vec();
    update_hashes(&mut same);
    assert_eq!(same, payload(), "an intact payload has another checksum");
    let mut opened = 0;
    for at in (0..payload().len()).step_by(3) {
        let mut bytes = payload().to_vec();
        bytes[at] ^= 1 << (at % 8);
        update_hashes(&mut bytes);
        opened += usize::from(forgery::check(bytes));
    }
    assert!(opened > payload().len() / 6, "only {opened} opened");
}

#[test]
fn a_payload_that_is_cut_short_or_longer_is_refused() {
    let intact = payload();
    let longer = [intact, b"x"].concat();
    for length in (0..intact.len()).chain([longer.len()]) {
        let refused = open(longer[..length].to_vec()).expect_err("the length is wrong");
        let expected = if length < 8 { PayloadError::Unknown } else { PayloadError::CutShort };
        assert_eq!(refused, expected, "{length}");
    }
}

#[test]
fn the_error_for_another_format_names_what_to_do() {
    let rows: &[(usize, u8, &str)] = &[
        (0, b'C', "it does not start with the magic bytes of a site"),
        (8, 1, "it has format 1 and was made by an older version; pack the site again"),
        (8, 3, "it has format 3, and this version reads format 2; use a newer chapbook"),
        (11, 1, "it has format 16777218, and this version reads format 2; use a newer chapbook"),
        (8, 0, "its index is damaged; copy the file again"),
        (22, 0xFF, "the end is missing; copy the file again"),
    ];
    for (at, value, expected) in rows {
        let mut bytes = payload().to_vec();
        bytes[*at] = *value;
        let refused = open(bytes).expect_err("the format is unknown");
        assert_eq!(refused.to_string(), *expected, "{at}");
    }
}

#[test]
fn bytes_of_another_kind_are_refused() {
    for length in [0, 1, 104, 500] {
        for fill in [0x00, 0xFF] {
            let mut bytes = vec![fill; length];
            assert!(open(bytes.clone()).is_err());
            if let Some(start) = bytes.get_mut(..12) {
                start.copy_from_slice(b"chapbook\x02\0\0\0");
                assert!(open(bytes).is_err());
            }
        }
    }
}

#[test]
fn a_record_across_two_blocks_is_served_only_if_both_are_intact() {
    let long = "x".repeat(1500);
    let paths: Vec<String> = (0..20).map(|number| format!("page-{number}")).collect();
    let rule = |path: &String| format!("/{path} https://a.example/{long} 301\n");
    let redirects: String = paths.iter().map(rule).collect();
    let files = [("_redirects", redirects.as_str()), ("index.html", "<!doctype html>")];
    let bytes = payload_of(&site_folder(&files).path().join("site"));
    let site = open(bytes.clone()).expect("the payload is intact");
    let status = |site, path: &String| {
        let request = format!("GET /{path} HTTP/1.1\r\nHost: a\r\n\r\n");
        talk_to_site(site, &[request.as_bytes()], true, usize::MAX).bytes[9..12].to_vec()
    };
    assert!(paths.iter().all(|path| status(site, path) == b"301"));
    // With one of three blocks damaged, some responses fail and some do not.
    let record = memchr::memmem::find(&bytes, b"/page-4").expect("the records have the key");
    let mut damaged = bytes.clone();
    damaged[record] ^= 1;
    let site = open(damaged).expect("only a record is damaged");
    let statuses: Vec<Vec<u8>> = paths.iter().map(|path| status(site, path)).collect();
    for expected in [b"301", b"500"] {
        assert!(statuses.iter().any(|it| it == expected), "{statuses:?}");
    }
}

#[test]
fn a_file_takes_at_most_600_bytes_besides_its_contents() {
    let page = |number: usize| {
        let text = format!("Page {number} is about the number {number}. ").repeat(20);
        let path = format!("some-folder-000/page-{number:04}.html");
        (path, format!("<!doctype html><html lang=en><title>Page</title><p>{text}"))
    };
    let index = ("index.html".to_owned(), "<!doctype html>".to_owned());
    // A route, three representations, and a redirect from `.html`; then a short file as it is.
    let pages: Vec<_> = (0..200).map(page).chain([index.clone()]).collect();
    let short = |number: usize| (format!("{number:05}.txt"), format!("{number:09}\n"));
    let short: Vec<_> = (0..200).map(short).chain([index]).collect();
    for (files, bytes_max) in [(pages, 600), (short, 250)] {
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), &**text)).collect();
        let bytes = payload_of(&site_folder(&files).path().join("site"));
        let header = Header::parse(&bytes).expect("the payload is intact");
        let count = files.len() as u64;
        let per_file = (bytes.len() as u64 - header.contents_length) / count;
        assert!(per_file <= bytes_max, "{per_file}");
    }
}
