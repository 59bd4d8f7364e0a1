//! Contents that are too long to be copied next to their heads: read from the folder and sent from
//! the file of the executable, they are the same bytes.

use tempfile::TempDir;

use crate::harness::{
    NonblockingClient, Program, Server, chapbook, eventually, page, parse_all, random_bytes,
    site_folder, write,
};

const LENGTH: usize = 3_000_000;

/// A server of a folder with a long content, and one of the same site packed, whose executable is
/// deleted while it runs; and the folder.
fn servers() -> ([Server; 2], TempDir) {
    let folder = site_folder(&[("index.html", &page("Large"))]);
    write(folder.path(), "site/large.mp4", random_bytes(LENGTH));
    chapbook().args(["pack", "site", "-o", "packed"]).cwd(folder.path()).run().succeeded();
    let of_folder = chapbook().arg("site");
    let of_packed = Program::new(folder.path().join("packed"));
    let servers = [of_folder, of_packed]
        .map(|program| program.args(["--port", "0", "--workers", "1"]).cwd(folder.path()).serve());
    // A response shows that the start is complete.
    for server in &servers {
        assert_eq!(server.connect().get("/").status, 200);
    }
    std::fs::remove_file(folder.path().join("packed")).expect("it is there");
    (servers, folder)
}

#[test]
fn every_range_is_the_same_from_the_folder_and_from_the_executable() {
    let content = random_bytes(LENGTH);
    let rows: &[(&str, &[u8])] = &[
        ("", &content),
        ("Range: bytes=0-\r\n", &content),
        ("Range: bytes=1-\r\n", &content[1..]),
        ("Range: bytes=4095-40000\r\n", &content[4095..40_001]),
        ("Range: bytes=100000-132767\r\n", &content[100_000..132_768]),
        ("Range: bytes=100000-132766\r\n", &content[100_000..132_767]),
        ("Range: bytes=-32768\r\n", &content[LENGTH - 32_768..]),
        ("Range: bytes=7-9\r\n", &content[7..10]),
        ("Connection: close\r\n", &content),
    ];
    let (servers, _folder) = servers();
    for server in servers {
        let mut client = server.connect();
        for (field, expected) in rows {
            let request = format!("GET /large.mp4 HTTP/1.1\r\nHost: a\r\n{field}\r\n");
            assert!(client.send(request).receive().content == *expected, "{field}");
        }
        assert!(client.is_closed());
    }
}

#[test]
fn pipelined_long_responses_to_a_slow_reader_are_complete_and_in_order() {
    let (content, page) = (random_bytes(LENGTH), page("Large"));
    let expected = [&content[..], &content, page.as_bytes()];
    let (servers, _folder) = servers();
    for server in servers {
        let mut client = NonblockingClient::connect(server.address);
        let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n");
        let long = get("/large.mp4") + "\r\n";
        client.send(long.repeat(2) + &get("/") + "Connection: close\r\n\r\n");
        let mut received = vec![0];
        assert!(eventually(|| client.receive(&mut received) > 0), "a response begins");
        // The response to a later request shows that the kernel's buffers are full.
        assert_eq!(server.connect().get("/").status, 200);
        received.extend(client.receive_rest());
        let responses = parse_all(&received, &[]).expect("all responses are complete");
        assert!(responses.iter().map(|it| &it.content[..]).eq(expected), "other contents");
    }
}

#[test]
fn a_content_that_is_verified_first_does_not_change_the_order_of_responses() {
    let (servers, _folder) = servers();
    for server in servers {
        let mut client = server.connect();
        assert_eq!(client.get("/").status, 200);
        // More requests than the server processes in one turn, and more bytes than in one read, so
        // that the connection has more input when it reaches the unverified content.
        let get = |path: &str, count: usize| {
            format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").repeat(count)
        };
        client.send(get("/", 16) + &get("/large.mp4", 1) + &get("/", 1_000));
        for number in 0..1_017 {
            let length = if number == 16 { LENGTH } else { page("Large").len() };
            assert_eq!(client.receive().content.len(), length, "{number}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn contents_that_are_sent_from_the_file_begin_at_a_page_of_it() {
    let folder = site_folder(&[("index.html", &page("Pages"))]);
    let all = random_bytes(1_000_000);
    let lengths = [32_768, 1, 40_000, 32_766, 65_536, 100_001, 4096, 32_769];
    for (number, length) in lengths.into_iter().enumerate() {
        let content = &all[number * 100_100..][..length];
        write(folder.path(), &format!("site/{number}.mp4"), content);
    }
    chapbook().args(["pack", "site", "-o", "packed"]).cwd(folder.path()).run().succeeded();
    let packed = std::fs::read(folder.path().join("packed")).expect("the output exists");
    for (number, length) in lengths.into_iter().enumerate().filter(|(_, length)| *length > 1) {
        let content = &all[number * 100_100..][..length];
        let at = memchr::memmem::find(&packed, content).expect("the content is in the file");
        assert_eq!(at.is_multiple_of(4096), length >= 32_768, "{length} bytes at {at}");
    }
}

/// The system counts bytes sent from a file as read, but not bytes received from a socket.
#[cfg(target_os = "linux")]
#[test]
fn a_packed_content_is_sent_from_the_file_and_not_copied_from_memory() {
    let ([_, server], _folder) = servers();
    let process = crate::harness::ProcessStats(server.process.id());
    let before = process.read_bytes();
    assert_eq!(server.connect().get("/large.mp4").status, 200);
    let (read, length) = (process.read_bytes() - before, LENGTH as u64);
    assert!((length..length + 1000).contains(&read), "{read}");
}
