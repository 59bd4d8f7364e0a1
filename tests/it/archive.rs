//! Archives where a folder is expected.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chapbook_compiler::{Progress, Unpack};
use chapbook_oracle::archive::{TarEntry, ZipEntry, gzip, tar, zip};
use tempfile::TempDir;

use crate::harness::{chapbook, copy_default_site, listing, page, random_bytes, site_file, write};

/// A folder with this archive as `site`, and another one for temporary files.
struct Case {
    folder: TempDir,
}

impl Case {
    fn new(archive: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("the disk has room");
        write(folder.path(), "site", archive);
        fs::create_dir(folder.path().join("tmp")).expect("folders can be made");
        Self { folder }
    }

    fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    fn program(&self) -> crate::harness::Program {
        chapbook().cwd(self.folder.path()).env("TMPDIR", self.temporary())
    }

    /// What unpacking it says, or the paths and the name of the site.
    fn unpack(&self) -> Result<(Vec<String>, String), String> {
        self.unpack_to_disk(None)
    }

    /// The same, if the disk has this number of bytes left.
    fn unpack_to_disk(&self, available: Option<u64>) -> Result<(Vec<String>, String), String> {
        let unpack = Unpack {
            archive: &self.folder.path().join("site"),
            below: Path::new(""),
            scratch: &self.temporary(),
            available,
            progress: Progress::default(),
        };
        let (site, name) = unpack.run().map_err(|error| error.to_string())?;
        let paths = listing(&site).into_iter().map(|path| {
            path.strip_prefix(&site).expect("it is below").to_string_lossy().into_owned()
        });
        Ok((paths.collect(), name))
    }
}

const PAGE: &[u8] = b"<!doctype html>";

fn zipped(paths: &[&'static str]) -> Vec<u8> {
    let entry =
        |path: &&'static str| ZipEntry::new(path, if path.ends_with('/') { b"" } else { PAGE });
    zip(&paths.iter().map(entry).collect::<Vec<_>>())
}

fn tarred(paths: &[&'static str]) -> Vec<u8> {
    let entry =
        |path: &&'static str| TarEntry::new(path, if path.ends_with('/') { b"" } else { PAGE });
    tar(&paths.iter().map(entry).collect::<Vec<_>>())
}

fn zip_of(path: &str, content: &[u8]) -> Vec<u8> {
    zip(&[ZipEntry::new(path, content)])
}

#[test]
fn downloads_open_as_they_come() {
    let site = ["index.html", "a/", "a/b.css"];
    let in_folder = ["report/index.html", "report/a/b.css"];
    let mac = ["report/index.html", "report/a/b.css", "__MACOSX/._report", ".DS_Store"];
    // As of the program `jar`.
    let folder_without_mode = [("index.html", PAGE), ("a/", b""), ("a/b.css", PAGE)]
        .map(|(path, content)| ZipEntry { mode: 0, ..ZipEntry::new(path, content) });
    let rows: &[(Vec<u8>, &str)] = &[
        (zipped(&site), ""),
        (zip(&folder_without_mode), ""),
        (zipped(&in_folder), "/report"),
        (zipped(&mac), "/report"),
        (zipped(&["build/site/index.html", "build/site/a/b.css"]), "/build/site"),
        (tarred(&site), ""),
        (tarred(&["./", "./index.html", "./a/", "./a/b.css"]), ""),
        (tarred(&in_folder), "/report"),
        (gzip(&tarred(&site)), ""),
        ([gzip(&tarred(&site)[..600]), gzip(&tarred(&site)[600..])].concat(), ""),
        (zip_of("artifact.tar", &tarred(&["./index.html", "./a/b.css"])), "/artifact.tar"),
        (zip_of("out/report.zip", &zipped(&in_folder)), "/out/report.zip/report"),
    ];
    for (number, (archive, below)) in rows.iter().enumerate() {
        let (paths, name) =
            Case::new(archive).unpack().unwrap_or_else(|it| panic!("{number}: {it}"));
        assert_eq!(paths, ["a", "a/b.css", "index.html"], "{number}");
        assert!(name.ends_with(&format!("site{below}")), "{number}: {name}");
    }
}

type Row = (Vec<u8>, &'static str);

fn rejected_zips() -> Vec<Row> {
    let file = ZipEntry::new("index.html", PAGE);
    let long: &'static str = "n".repeat(256).leak();
    let named = |path: &'static str| zip(&[file, ZipEntry { path: path.as_bytes(), ..file }]);
    let kind = |mode| zip(&[ZipEntry { mode, ..file }]);
    let method = |method| zip(&[ZipEntry { method, ..file }]);
    let claiming = |claimed| zip(&[file, ZipEntry { path: b"x", claimed: Some(claimed), ..file }]);
    let mut damaged = zip(&[ZipEntry { method: 0, ..file }]);
    damaged[45] ^= 1;
    let mut miscounted = zip(&[file]);
    let count_at = miscounted.len() - 12;
    miscounted[count_at] = 2;
    vec![
        (named("../x"), "the entry `../x` has a path with `..`"),
        (named("a/../../x"), "the entry `a/../../x` has a path with `..`"),
        (named("/etc/x"), "the entry `/etc/x` has an absolute path"),
        (named("C:/x"), "the entry `C:/x` has an absolute path"),
        (named("a\\..\\x"), "the entry `a\\..\\x` has a name with a backslash"),
        (named("a\0.html"), "the entry `a\u{fffd}.html` has a name with a control character"),
        (zip(&[ZipEntry { path: b"a\xff", ..file }]), "has a name that is not UTF-8"),
        (named("."), "the entry `` is a file without a name"),
        (named(long), "has a name of more than 255 bytes"),
        (named("index.html"), "the entry `index.html` is in the archive twice"),
        (named("./index.html"), "the entry `index.html` is in the archive twice"),
        (named("index.html/x"), "the entry `index.html/x` is a file and a folder"),
        (zipped(&["a/x", "a"]), "the entry `a` is a file and a folder"),
        (zip(&[ZipEntry { flags: 1, ..file }]), "the entry `index.html` is encrypted"),
        (method(99), "the entry `index.html` is encrypted"),
        (method(93), "is compressed with method zstd"),
        (method(250), "is compressed with method 250"),
        (kind(0o020_644), "is a device, a pipe or another special file"),
        (claiming(4), "damaged or incomplete (invalid size"),
        (claiming(40), "damaged or incomplete (invalid size"),
        (claiming(u32::MAX), "it unpacks to more than 4 GiB"),
        (damaged, "damaged or incomplete (invalid checksum"),
        (miscounted, "damaged or incomplete (its directory has another number of entries)"),
        (zipped(&["a"])[..60].to_vec(), "damaged or incomplete (missing end of central"),
    ]
}

fn rejected_tars() -> Vec<Row> {
    let page = TarEntry::new("index.html", PAGE);
    let named = |path: &'static [u8]| tar(&[page, TarEntry { path, ..page }]);
    let kind = |kind| tar(&[page, TarEntry { kind, target: b"x", ..TarEntry::new("a", b"") }]);
    let claiming = |length| tar(&[TarEntry { claimed: Some(length), ..page }]);
    let mut damaged = gzip(&tar(&[page]));
    let checksum_at = damaged.len() - 8;
    damaged[checksum_at] ^= 1;
    let long_name = vec![b'a'; 2 << 20];
    let long_name = TarEntry { kind: b'L', ..TarEntry::new("l", &long_name) };
    vec![
        (named(b"../x"), "the entry `../x` has a path with `..`"),
        (named(b"/etc/x"), "the entry `/etc/x` has an absolute path"),
        (named(b"a\\x"), "has a name with a backslash"),
        (named(b"\xff"), "has a name that is not UTF-8"),
        (named(b"index.html"), "the entry `index.html` is in the archive twice"),
        (named(b"index.html/x"), "the entry `index.html/x` is a file and a folder"),
        (kind(b'1'), "the entry `a` is a hard link, but not to a file before it"),
        (kind(b'3'), "the entry `a` is a device, a pipe or another special file"),
        (kind(b'6'), "the entry `a` is a device, a pipe or another special file"),
        (kind(b'M'), "the entry `a` has the type `M`, which is not supported"),
        (claiming(5000), "damaged or incomplete"),
        (claiming(5 << 30), "it unpacks to more than 4 GiB"),
        (tar(&[page])[..700].to_vec(), "damaged or incomplete"),
        (gzip(&tar(&[page]))[..60].to_vec(), "damaged or incomplete"),
        (damaged, "damaged or incomplete (corrupt gzip stream"),
        (gzip(&tar(&[long_name])), "incomplete (the description of an entry is too long)"),
        (gzip(b"text"), "it is a gzip file, but not of a tar archive"),
        (zip_of("a.tgz", &gzip(b"text")), "site/a.tgz`: it is a gzip file, but not of a tar"),
    ]
}

/// Links that would lead out of the folder, on systems that have links.
fn rejected_links() -> Vec<Row> {
    let (folder, page) = (TarEntry::new("a/b/", b""), TarEntry::new("index.html", PAGE));
    let link = |path, target| tar(&[page, TarEntry::link(path, target)]);
    let zip_link = ZipEntry { mode: 0o120_777, ..ZipEntry::new("l", b"../x") };
    let by_another = [folder, TarEntry::link("a/b/l", ".."), TarEntry::link("x", "a/b/l/../../..")];
    let through = [folder, TarEntry::link("l", "a"), TarEntry::new("l/x", PAGE)];
    vec![
        (link("l", "/etc/passwd"), "the entry `l` is a symbolic link out of the archive"),
        (link("l", "a/../../x"), "the entry `l` is a symbolic link out of the archive"),
        (zip(&[zip_link]), "the entry `l` is a symbolic link out of the archive"),
        (tar(&by_another), "the entry `x` is a symbolic link out of the archive"),
        (tar(&through), "the entry `l` is a file and a folder"),
        (link("index.html", "x"), "the entry `index.html` is in the archive twice"),
    ]
}

#[test]
fn an_archive_that_cannot_be_unpacked_is_one_line() {
    let links = if cfg!(unix) { rejected_links() } else { Vec::new() };
    for (archive, expected) in [rejected_zips(), rejected_tars(), links].concat() {
        let case = Case::new(&archive);
        let message = case.unpack().expect_err(expected);
        assert!(message.contains(expected), "{message}\nexpected: {expected}");
        assert!(message.starts_with("cannot open the site `"), "{message}");
        assert!(!message.contains(char::is_control), "{message}");
        let beside = fs::read_dir(case.folder.path()).expect("it can be listed").count();
        assert_eq!(beside, 2, "{message}");
    }
}

#[test]
fn files_that_do_not_fit_on_the_disk_are_not_written() {
    let paths = ["a", "b/c"];
    let inner = tarred(&paths);
    let rows = [
        // The directory of a zip archive has the length of all files.
        (zipped(&paths), 30, "its files need 30 bytes or more, and the disk of the temporary"),
        (tarred(&paths), 30, "its files need 15 bytes or more, and the disk of the temporary"),
        (gzip(&inner), 30, "folder has 14 left; set T"),
        // The archive inside of an archive is unpacked beside it.
        (zip_of("artifact.tar", &inner), inner.len() as u64 + 30, "folder has 14 left; set T"),
    ];
    for (number, (archive, needed, expected)) in rows.into_iter().enumerate() {
        let unpacked = Case::new(&archive).unpack_to_disk(Some(needed));
        assert!(unpacked.is_ok(), "{number}: {unpacked:?}");
        let message = Case::new(&archive).unpack_to_disk(Some(needed - 1)).expect_err(expected);
        assert!(message.contains(expected), "{number}: {message}");
    }
}

#[test]
fn an_archive_has_the_root_hash_of_its_folder() {
    let folder = tempfile::tempdir().expect("the disk has room");
    copy_default_site(&folder.path().join("dist"));
    let files = listing(&folder.path().join("dist"));
    let paths: Vec<String> = files
        .iter()
        .map(|it| it.file_name().expect("a file").to_string_lossy().into_owned())
        .collect();
    let contents: Vec<Vec<u8>> = paths.iter().map(|it| site_file(it)).collect();
    let named = || paths.iter().zip(&contents);
    let zip_archive = zip(&named().map(|(name, it)| ZipEntry::new(name, it)).collect::<Vec<_>>());
    let tar_archive = tar(&named().map(|(name, it)| TarEntry::new(name, it)).collect::<Vec<_>>());
    write(folder.path(), "dist.zip", zip_archive);
    write(folder.path(), "dist.tar.gz", gzip(&tar_archive));
    write(folder.path(), "artifact.zip", zip(&[ZipEntry::new("artifact.tar", &tar_archive)]));
    let root_hash = |site: &str| {
        let output = format!("{site}.out");
        let arguments = ["pack", site, "-o", &output, "--fast", "--verbose"];
        let stdout = chapbook().cwd(folder.path()).args(arguments).run().succeeded();
        let line = stdout.lines().find(|line| line.starts_with("root hash "));
        line.expect("the root hash is shown").to_owned()
    };
    let expected = root_hash("dist");
    for archive in ["dist.zip", "dist.tar.gz", "artifact.zip"] {
        assert_eq!(root_hash(archive), expected, "{archive}");
    }
}

#[test]
fn messages_name_files_as_they_are_in_the_archive() {
    let broken = page("<a href=/nothing>x</a>");
    let case = Case::new(&zip_of("report/index.html", broken.as_bytes()));
    let outcome = case.program().args(["check", "site"]).run();
    assert_eq!(outcome.status, Some(1), "{outcome:?}");
    assert!(outcome.stdout.starts_with("site/report/index.html:1:"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("chapbook-"), "{}", outcome.stdout);
    let two = Case::new(&zipped(&["a/index.html", "b/index.html"]));
    let outcome = two.program().args(["check", "site"]).run();
    assert!(outcome.stdout.contains("name `site/a` or `site/b`"), "{}", outcome.stdout);
    let good = Case::new(&zip(&[
        ZipEntry::new("a/index.html", page("a").as_bytes()),
        ZipEntry::new("b/index.html", broken.as_bytes()),
    ]));
    good.program().args(["check", "site/a"]).run().succeeded();
    good.program().args(["check", "site/a/"]).run().succeeded();
    case.program().args(["check", "site/", "--allow", "broken-link"]).run().succeeded();
    let message = good.program().args(["check", "site/c"]).run().failed(1);
    let expected = "cannot open the site `site`: the archive has no folder `c`";
    assert!(message.contains(expected), "{message}");
    for case in [&case, &two, &good] {
        assert_eq!(listing(&case.temporary()), [] as [PathBuf; 0]);
    }
}

#[test]
fn every_command_takes_an_archive() {
    let case = Case::new(&zip_of("report/index.html", page("Hello").as_bytes()));
    case.program().args(["check", "site"]).run().succeeded();
    let routes = case.program().args(["routes", "site"]).run().succeeded();
    assert!(routes.contains("/index.html"), "{routes}");
    case.program().args(["pack", "site", "-o", "demo"]).run().succeeded();
    let message = case.program().args(["pack", "site", "-o", "site", "--force"]).run().failed(1);
    assert!(message.contains("it is the site to pack"), "{message}");
    assert_eq!(listing(&case.temporary()), [] as [PathBuf; 0]);
}

#[test]
fn a_served_archive_is_unpacked_until_the_server_stops() {
    let long = random_bytes(1_000_000);
    let home = page("Hello");
    let entries = [ZipEntry::new("index.html", home.as_bytes()), ZipEntry::new("long.bin", &long)];
    let case = Case::new(&zip(&entries));
    let server = case.program().args(["site", "--port", "0"]).serve();
    assert_eq!(server.connect().get("/").content, home.into_bytes());
    assert!(server.connect().get("/long.bin").content == long, "another content");
    assert!(!listing(&case.temporary()).is_empty() || cfg!(windows));
    let stopped = server.process.terminate();
    assert_eq!(stopped.status, Some(0), "{stopped:?}");
    assert_eq!(listing(&case.temporary()), [] as [PathBuf; 0]);
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_no_temporary_files() {
    use std::os::unix::fs::PermissionsExt;

    // Takes far longer to compress than a signal takes to arrive.
    let slow: Vec<u8> = (0..6_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let home = page("Hello");
    let entries = [ZipEntry::new("index.html", home.as_bytes()), ZipEntry::new("slow.bin", &slow)];
    let case = Case::new(&zip(&entries));
    for arguments in [&["pack", "site", "-o", "demo"][..], &["routes", "site"]] {
        let running = case.program().args(arguments).spawn();
        let unpacked = loop {
            if let Some(path) = listing(&case.temporary()).first() {
                break path.clone();
            }
            std::thread::yield_now();
        };
        let mode = fs::metadata(unpacked).map(|it| it.permissions().mode() & 0o777);
        assert_eq!(mode.ok(), Some(0o700), "{arguments:?}");
        running.signal("INT");
        let ran = running.wait();
        let stopped = "chapbook: interrupted; nothing was written\n";
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(130), stopped), "{arguments:?}");
        assert_eq!(listing(&case.temporary()), [] as [PathBuf; 0], "{arguments:?}");
        assert_eq!(listing(case.folder.path()).len(), 2, "{arguments:?}");
    }
}
