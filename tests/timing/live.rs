//! Time from a change of a folder to the response with it.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::harness::{chapbook, eventually, page, site_folder, write};

/// The number of pages.
const PAGES: usize = 2000;
/// The number of changes. The median counts, since the machine may do something else.
const CHANGES: usize = 7;
/// The release executable takes half of this on two cores; a debug build is ten times as slow.
const TIME_MAX: Duration = Duration::from_millis(if cfg!(debug_assertions) { 3000 } else { 300 });

#[test]
fn a_change_of_one_of_two_thousand_pages_is_served_at_once() {
    let folder = site_folder(&[]);
    let site = folder.path().join("site");
    let text = |number: usize| {
        let links = (0..40).map(|it| {
            let target = (number * 7 + it * 13) % PAGES;
            format!("<li><a href=\"/page{target}.html#part{}\">page</a>", it % 10)
        });
        let parts =
            (0..10).map(|it| format!("<h2 id=part{it}>Part</h2><p>{}", "word ".repeat(200)));
        page(&[links.collect::<String>(), parts.collect()].concat())
    };
    write(&site, "index.html", text(0));
    for number in 0..PAGES {
        write(&site, &format!("page{number}.html"), text(number));
    }
    let server = chapbook().args(["site", "--port", "0"]).cwd(folder.path()).serve();
    let mut client = server.connect();
    let mut times = Vec::new();
    for change in 0..CHANGES {
        let (path, number) = (format!("page{change}.html"), change + PAGES);
        fs::write(site.join(".part"), text(number)).expect("it can be written");
        fs::rename(site.join(".part"), site.join(&path)).expect("it can be renamed");
        let start = Instant::now();
        let expected = text(number).into_bytes();
        let path = format!("/page{change}");
        assert!(eventually(|| client.get(&path).content == expected), "{path} is not served");
        times.push(start.elapsed());
    }
    times.sort();
    assert!(times[CHANGES / 2] < TIME_MAX, "{times:?}");
}
