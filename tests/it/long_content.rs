//! Content that is too long to be copied beside its head: the same bytes whether it leaves from
//! memory or from the file of the executable, and however it is taken.

use std::{path::Path, process::Command};

use crate::harness::{
    Member, Server, chapbook, eventually, noise, page, parse_all, site_folder, write,
};

const LENGTH: usize = 3_000_000;

fn spawn(mut command: Command, folder: &Path) -> Server {
    command.args(["--port", "0", "--workers", "1"]).current_dir(folder);
    Server::spawn(command)
}

/// A server of one long content that is in memory, and one of the same that is packed, whose file
/// is gone once it runs.
fn servers() -> [Server; 2] {
    let folder = site_folder(&[("index.html", &page("Noise"))]);
    write(folder.path(), "site/noise.mp4", noise(LENGTH));
    let mut pack = chapbook();
    pack.args(["pack", "site", "-o", "packed"]).current_dir(folder.path());
    assert!(pack.output().expect("it starts").status.success());
    let mut of_folder = chapbook();
    of_folder.arg("site");
    let packed = Command::new(folder.path().join("packed"));
    let servers = [of_folder, packed].map(|command| spawn(command, folder.path()));
    // Who answers has done all that is done at the start.
    for server in &servers {
        assert_eq!(server.connect().get("/").status, 200);
    }
    servers
}

#[test]
fn every_part_of_a_long_content_is_the_same_from_memory_and_from_the_executable() {
    let whole = noise(LENGTH);
    let rows: &[(&str, &[u8])] = &[
        ("", &whole),
        ("Range: bytes=0-\r\n", &whole),
        ("Range: bytes=1-\r\n", &whole[1..]),
        ("Range: bytes=4095-40000\r\n", &whole[4095..40_001]),
        ("Range: bytes=100000-132767\r\n", &whole[100_000..132_768]),
        ("Range: bytes=100000-132766\r\n", &whole[100_000..132_767]),
        ("Range: bytes=-32768\r\n", &whole[LENGTH - 32_768..]),
        ("Range: bytes=7-9\r\n", &whole[7..10]),
        ("Connection: close\r\n", &whole),
    ];
    for server in servers() {
        let mut client = server.connect();
        for (field, expected) in rows {
            let request = format!("GET /noise.mp4 HTTP/1.1\r\nHost: a\r\n{field}\r\n");
            assert!(client.send(request).receive().content == *expected, "{field}");
        }
        assert!(client.is_closed());
    }
}

#[test]
fn long_answers_to_who_takes_nothing_for_a_while_come_one_behind_the_other() {
    let (noise, page) = (noise(LENGTH), page("Noise"));
    let expected = [&noise[..], &noise, page.as_bytes()];
    for server in servers() {
        let mut member = Member::connect(server.address());
        let order = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n");
        let long = order("/noise.mp4") + "\r\n";
        member.send(long.repeat(2) + &order("/") + "Connection: close\r\n\r\n");
        let mut whole = vec![0];
        assert!(eventually(|| member.take(&mut whole) > 0), "an answer begins");
        // What is heard after it is answered, so that the system has taken all that it takes.
        assert_eq!(server.connect().get("/").status, 200);
        whole.extend(member.take_rest());
        let answers = parse_all(&whole, &[]).expect("all are whole");
        assert!(answers.iter().map(|it| &it.content[..]).eq(expected), "they are others");
    }
}

#[test]
fn a_content_that_is_looked_at_first_keeps_the_place_of_its_request() {
    for server in servers() {
        let mut client = server.connect();
        assert_eq!(client.get("/").status, 200);
        // More requests than one turn answers, and more bytes than one receive takes, so that the
        // connection is ready for more when its turn comes to a content that nobody looked at yet.
        let order = |path: &str, count: usize| {
            format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").repeat(count)
        };
        client.send(order("/", 16) + &order("/noise.mp4", 1) + &order("/", 1_000));
        for number in 0..1_017 {
            let length = if number == 16 { LENGTH } else { page("Noise").len() };
            assert_eq!(client.receive().content.len(), length, "{number}");
        }
    }
}

/// What the system counts as read is not what is received, but what is sent from a file.
#[cfg(target_os = "linux")]
#[test]
fn a_packed_content_is_not_copied_from_memory() {
    let [of_folder, packed] = servers().map(|server| {
        let process = crate::harness::Process(server.process_id());
        let before = process.read_bytes();
        assert_eq!(server.connect().get("/noise.mp4").status, 200);
        process.read_bytes() - before
    });
    assert!(of_folder < 1000, "{of_folder}");
    let length = LENGTH as u64;
    assert!((length..length + 1000).contains(&packed), "{packed}");
}
