//! `--lan --secret`: the printed link, and the access log, which does not have it.

use crate::harness::{Client, chapbook, listening_on, site_folder};

#[test]
fn the_printed_link_opens_the_site_and_is_not_logged() {
    let folder = site_folder(&[("index.html", "<!doctype html><title>x</title><p>hello")]);
    let arguments = ["site", "--lan", "--secret", "--port", "0", "--log", "combined"];
    let mut process = chapbook().args(arguments).cwd(folder.path()).spawn();
    let line = process.stdout_line();
    let address = listening_on(&line).expect("it listens");
    let query = line.trim_end().split_once('?').expect("the link has a query").1.to_owned();
    let token = query.strip_prefix("secret=").expect("it is the secret");
    assert_eq!(token.len(), 32, "128 bits");
    assert_eq!(Client::connect(address).get("/").status, 403);
    let response = Client::connect(address).get(&format!("/?{query}"));
    assert_eq!((response.status, response.field("location")), (303, Some("/")));
    let cookie = response.field("set-cookie").expect("it sets the cookie");
    let cookie = cookie.split(';').next().unwrap_or_default();
    let get = |fields: &str| format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let opened = Client::connect(address).send(get(&format!("Cookie: {cookie}\r\n"))).receive();
    assert_eq!(opened.status, 200);
    let referrer =
        Client::connect(address).send(get(&format!("Referer: http://a/?{query}\r\n"))).receive();
    assert_eq!(referrer.status, 403);
    let malformed =
        Client::connect(address).send(format!("GET /?{query} HTTP/1.1\r\n\r\n")).receive();
    assert_eq!(malformed.status, 400);
    let stdout = process.terminate().stdout;
    let log = stdout.lines().filter(|line| !line.starts_with("Listening on "));
    let log = log.collect::<Vec<_>>().join("\n");
    assert_eq!(log.lines().filter(|line| line.contains("secret=***")).count(), 3, "{log}");
    assert!(!log.contains(token), "{log}");
}

#[test]
fn a_secret_is_for_other_machines() {
    let rows = [
        ("--secret", "add --lan"),
        ("--secret --lan --app", "remove one"),
        ("--secret --lan --quiet", "--quiet (or CHAPBOOK_QUIET) hides the link"),
        ("--secret --lan --open", "open the link by hand"),
    ];
    for (arguments, expected) in rows {
        let arguments = arguments.split(' ').chain(["--port", "0"]);
        let message = chapbook().args(arguments).run().failed(2);
        assert!(message.contains(expected), "{message}");
    }
}
