//! Files that are replaced by links out of the folder while it is compiled: no payload has what
//! they lead to.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use chapbook_compiler::{Effort, Options, Payload, compile};

use crate::harness::{Rng, folder_of};

/// The number of payloads to make.
const PAYLOADS: usize = 100;
const SECRET: &str = "secret outside of the folder";

/// Replaces the file and a folder by links and back until the flag is set.
fn swap(site: &Path, secret: &Path, is_done: &AtomicBool) {
    let (new, mut rng) = (site.with_extension("new"), Rng::new(5));
    while !is_done.load(Ordering::Relaxed) {
        // They are files for as long as it takes to compile the folder, or less.
        for _ in 0..rng.below(4000) {
            fs::metadata(site).expect("the folder exists");
        }
        // Renaming replaces the name at once, so the file always exists.
        let swapped = symlink(secret.join("film.mp4"), &new)
            .and_then(|()| fs::rename(&new, site.join("film.mp4")))
            .and_then(|()| fs::rename(site.join("media"), site.with_extension("media")))
            .and_then(|()| symlink(secret, site.join("media")))
            .and_then(|()| fs::remove_file(site.join("media")))
            .and_then(|()| fs::rename(site.with_extension("media"), site.join("media")))
            .and_then(|()| fs::write(&new, "public film"))
            .and_then(|()| fs::rename(&new, site.join("film.mp4")));
        swapped.expect("the folder is writable");
    }
}

/// Compiles the folder, and returns the payload if no file was found to be swapped.
fn payload(site: &Path) -> Option<Vec<u8>> {
    let options = Options { root: site.to_owned(), effort: Effort::Preview, ..Options::default() };
    let site = compile(&options).ok()?.site?;
    Payload::new(&site).expect("it is a small site").to_bytes().ok()
}

#[test]
fn a_link_that_takes_the_place_of_a_file_is_never_followed() {
    let page = "<!doctype html><html lang=en><meta charset=utf-8><title>a</title><p>a";
    let files = [("index.html", page), ("film.mp4", "public film"), ("media/film.mp4", "public")];
    let (site, outside) = (folder_of(&files), folder_of(&[("film.mp4", SECRET)]));
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| swap(site.path(), outside.path(), &is_done));
        let mut made = 0;
        while made < PAYLOADS {
            let Some(payload) = payload(site.path()) else { continue };
            made += 1;
            let leaked = memchr::memmem::find(&payload, SECRET.as_bytes());
            if leaked.is_some() {
                is_done.store(true, Ordering::Relaxed);
            }
            assert_eq!(leaked, None, "payload {made}");
        }
        is_done.store(true, Ordering::Relaxed);
    });
}
