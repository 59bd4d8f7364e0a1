//! The work that `check` does for broken links, counted in allocations: every comparison of two
//! names allocates.

use std::{fmt::Write as _, fs, ops::Range, path::Path, thread};

use chapbook_compiler::{Options, check};

use crate::harness::{Program, folder_of, write};

const PAGE: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>x</title>\n";
/// Distinct broken links on a page.
const LINKS: usize = 20;
const PAGES: usize = 100;

/// Limits this thread to one CPU, so that `check` starts no threads, whose allocations would not be
/// counted.
fn use_one_cpu() {
    let thread = fs::read_link("/proc/thread-self").expect("a thread has a link");
    let id = thread.file_name().expect("the link ends with the thread id");
    let status = fs::read_to_string("/proc/thread-self/status").expect("a thread has a status");
    let cpus = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let cpu = cpus.and_then(|cpus| cpus.trim().split([',', '-']).next()).expect("a CPU");
    Program::new("taskset").args(["-c", "-p", cpu]).arg(id).run().succeeded();
}

/// Counts the allocations of checking a site after writing these pages with as many broken links.
fn allocations(site: &Path, pages: Range<usize>, links: usize) -> u64 {
    let mut page = PAGE.to_owned();
    for number in 0..links {
        writeln!(page, "<a href=/missing-{number:04}>x</a>")
            .expect("writing into a String cannot fail");
    }
    let errors = pages.end * links;
    for number in pages {
        write(site, &format!("pages/{number}.html"), &page);
    }
    let options = Options { root: site.to_owned(), ..Options::default() };
    let mut report = None;
    let counted = allocation_counter::measure(|| report = Some(check(&options)));
    let report = report.expect("it was measured").expect("the folder exists");
    let broken = report.diagnostics.iter().filter(|it| it.code.name() == "broken-link").count();
    assert_eq!(broken, errors);
    counted.count_total
}

/// The allocations for each link of a page, without those for the index of all names.
fn per_link(site: &Path) -> u64 {
    let fewer = allocations(site, 0..1, LINKS / 2);
    (allocations(site, 0..1, LINKS) - fewer) / (LINKS as u64 / 2)
}

/// On its own thread, as the limit to one CPU cannot be undone.
#[test]
fn thousands_of_broken_links_are_checked_with_bounded_work() {
    let test = thread::spawn(|| {
        use_one_cpu();
        let site = folder_of(&[("index.html", PAGE)]);
        let with_files = |numbers: Range<usize>| {
            for number in numbers {
                // Of the same length as the names in the links, so that they are compared.
                write(site.path(), &format!("present-{number:04}"), "x");
            }
            per_link(site.path())
        };
        let (few, many, more) = (with_files(0..100), with_files(100..600), with_files(600..1_200));
        println!("allocations per link: {few} with 100 files, {many} with 600, {more} with 1200");
        assert!(many > 3 * few, "comparisons are not counted: {few} {many}");
        assert!(more < many + many / 10, "it grows with the site: {many} {more}");
        // The same link on other pages is compared once.
        let once = allocations(site.path(), 0..1, LINKS);
        let repeated = allocations(site.path(), 1..PAGES, LINKS) - once;
        let repeated = repeated / ((PAGES - 1) * LINKS) as u64;
        println!("allocations per link that is repeated on another page: {repeated}");
        assert!(repeated < many / 10, "repeated links are compared again: {many} {repeated}");
    });
    test.join().expect("the assertions hold");
}
