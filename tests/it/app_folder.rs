//! `chapbook pack -o Demo.app` and `-o demo.AppDir`: folders that a desktop shows as an app.

use std::{fs, path::Path};

use chapbook_format::digest;
use chapbook_oracle::{
    base::{elf, macho},
    code_signature::signature,
};

use crate::harness::{Outcome, Program, chapbook, listing, site_folder, write};

/// Runs `pack` in this folder.
fn pack(folder: &Path, arguments: &[&str]) -> Outcome {
    chapbook().args(["pack", "site"]).args(arguments).cwd(folder).run()
}

/// A site with this title, and bases for each system.
fn folder(title: &str, head: &str) -> tempfile::TempDir {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>{head}\
         <h1>Hello</h1></html>"
    );
    let folder = site_folder(&[("index.html", &page)]);
    write(folder.path(), "mac", macho(true));
    write(folder.path(), "linux", elf());
    folder
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).expect("the file exists")
}

fn text(folder: &Path, name: &str) -> String {
    String::from_utf8(read(folder, name)).expect("it is UTF-8")
}

/// The paths of the files and folders in a folder.
fn names(folder: &Path) -> Vec<String> {
    let name = |path: &Path| path.strip_prefix(folder).expect("it is below").display().to_string();
    listing(folder).iter().map(|path| name(path).replace('\\', "/")).collect()
}

#[test]
fn an_app_for_macos_is_sealed_by_its_signature() {
    let folder = folder("&lt;Nötes&gt; &amp; more", "<meta name=description content='All notes'>");
    pack(folder.path(), &["-o", "My notes.app", "--base", "mac"]).succeeded();
    let app = folder.path().join("My notes.app");
    let expected = [
        "Contents",
        "Contents/Info.plist",
        "Contents/MacOS",
        "Contents/MacOS/My notes",
        "Contents/PkgInfo",
        "Contents/Resources",
        "Contents/Resources/icon.icns",
        "Contents/_CodeSignature",
        "Contents/_CodeSignature/CodeResources",
    ];
    assert_eq!(names(&app), expected);
    let info = text(&app, "Contents/Info.plist");
    for (key, value) in [
        ("CFBundleDisplayName", "&lt;Nötes&gt; &amp; more"),
        ("CFBundleExecutable", "My notes"),
        ("CFBundleIdentifier", "localhost.notes-more"),
        ("CFBundleIconFile", "icon"),
        ("CFBundleShortVersionString", "1.0.0"),
    ] {
        assert!(info.contains(&format!("<key>{key}</key><string>{value}</string>")), "{info}");
    }
    let signature = signature(&read(&app, "Contents/MacOS/My notes"));
    assert_eq!((signature.identifier.as_str(), signature.flags), ("localhost.notes-more", 2));
    let resources = read(&app, "Contents/_CodeSignature/CodeResources");
    let requirements = &signature.blobs[&2];
    for (slot, sealed) in [(1, info.as_bytes()), (2, requirements), (3, &resources)] {
        assert_eq!(signature.special.get(&slot), Some(&digest::of(sealed)), "{slot}");
    }
    assert_eq!(signature.blobs[&0x1_0000], [0xFA, 0xDE, 0x0B, 0x01, 0, 0, 0, 8]);
    assert_eq!(**requirements, [0xFA, 0xDE, 0x0C, 0x01, 0, 0, 0, 12, 0, 0, 0, 0]);
    let resources = String::from_utf8(resources).expect("it is UTF-8");
    let sealed = resources.split("<data>").nth(1).and_then(|it| it.split('<').next());
    let hash = base64(sealed.expect("a file is sealed"));
    assert_eq!(hash, digest::of(&read(&app, "Contents/Resources/icon.icns")));
    // Python has a parser of property lists.
    for (file, key) in
        [("Info.plist", "CFBundleDisplayName\n"), ("_CodeSignature/CodeResources", "files\n")]
    {
        let script = "import plistlib, sys; print(min(plistlib.load(open(sys.argv[1], 'rb'))))";
        let path = app.join("Contents").join(file);
        let python = Program::new("python3").args(["-c", script]).arg(path);
        if let Some(first) = python.run_if_installed() {
            assert_eq!(first, key);
        }
    }
}

/// Decodes base64.
fn base64(text: &str) -> Vec<u8> {
    let digit = |it: u8| match it {
        b'A'..=b'Z' => it - b'A',
        b'a'..=b'z' => it - b'a' + 26,
        b'0'..=b'9' => it - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits = text.bytes().filter(|it| *it != b'=').map(digit);
    let bits: Vec<u8> = digits.flat_map(|it| (0..6).rev().map(move |bit| it >> bit & 1)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit)).collect()
}

#[test]
fn an_executable_without_a_signature_has_no_sealed_files() {
    let folder = folder("Notes", "");
    let mut unsigned = macho(false);
    // Without the last one of four load commands, which has 16 bytes.
    unsigned[16] = 3;
    (unsigned[20], unsigned[21]) = (0xF8, 0);
    write(folder.path(), "unsigned", unsigned);
    pack(folder.path(), &["-o", "Notes.APP", "--base", "unsigned"]).succeeded();
    let names = names(&folder.path().join("Notes.APP"));
    assert!(!names.iter().any(|name| name.contains("_CodeSignature")), "{names:?}");
}

#[test]
fn an_app_dir_has_a_valid_desktop_entry_whatever_the_title_is() {
    let long = "long ".repeat(300);
    let rows = [
        ("Notes", "Notes", "notes"),
        ("a;b %f $x `y` \\n \"q\"", "a;b %f $x `y` \\\\n \"q\"", "a-b-f-x-y-n-q"),
        ("=[Desktop Entry]", "=[Desktop Entry]", "desktop-entry"),
        ("&#10;Exec=evil&#9;", "Exec=evil", "exec-evil"),
        (long.as_str(), &long.trim()[..999], ""),
        ("日本語", "日本語", "xn--wgv71a119e"),
    ];
    for (title, name, label) in rows {
        let folder = folder(title, "<meta name=description content='All my; notes'>");
        pack(folder.path(), &["-o", "demo.AppDir", "--base", "linux"]).succeeded();
        let app_dir = folder.path().join("demo.AppDir");
        let names = names(&app_dir);
        let entry = names.iter().find_map(|it| it.strip_suffix(".desktop")).expect("an entry");
        assert!(label.is_empty() || entry == label, "{names:?}");
        assert_eq!(names.len(), 4);
        let text = text(&app_dir, &format!("{entry}.desktop"));
        let expected = format!(
            "[Desktop Entry]\nType=Application\nName={name}\nComment=All my; notes\nExec=AppRun\n\
             Icon={entry}\nCategories=Utility;\nTerminal=false\nStartupWMClass={entry}\n"
        );
        assert_eq!(text, expected);
        let icon = read(&app_dir, &format!("{entry}.png"));
        assert!(icon.starts_with(b"\x89PNG"));
        assert_eq!(read(&app_dir, ".DirIcon"), icon);
        let path = app_dir.join(format!("{entry}.desktop"));
        let validator = Program::new("desktop-file-validate")
            .arg(path)
            .in_shell("command -v \"$0\" >/dev/null || exit 0; exec \"$0\" \"$@\"");
        assert_eq!(validator.run().succeeded(), "", "{text}");
    }
}

#[test]
fn an_app_dir_has_a_drawing_if_the_site_has_no_large_picture() {
    const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg'/>";
    let linked = folder("Notes", "<link rel=icon href=icon.svg>");
    write(linked.path(), "site/icon.svg", SVG);
    let named = folder("Notes", "");
    write(named.path(), "my.svg", SVG);
    for (folder, arguments) in [(linked, &[][..]), (named, &["--icon", "my.svg"])] {
        let arguments = [&["-o", "demo.AppDir", "--base", "linux"][..], arguments].concat();
        let summary = pack(folder.path(), &[&arguments[..], &["--verbose"]].concat()).succeeded();
        assert!(
            summary.contains("app       Notes, icon ") && summary.contains(".svg\n"),
            "{summary}"
        );
        for name in ["notes.svg", ".DirIcon"] {
            assert_eq!(text(&folder.path().join("demo.AppDir"), name), SVG);
        }
    }
}

#[test]
fn the_executable_of_an_app_dir_serves_its_site_and_packs_again() {
    let folder = folder("Notes", "");
    let stdout = pack(folder.path(), &["-o", "demo.AppDir"]).succeeded();
    assert!(stdout.contains("Run demo.AppDir/AppRun; "), "{stdout}");
    let run = |arguments: &[&str]| {
        let program = Program::new(folder.path().join("demo.AppDir/AppRun"));
        program.args(arguments).cwd(folder.path()).run()
    };
    run(&["verify"]).succeeded();
    run(&["pack", "site", "-o", "again.AppDir"]).succeeded();
    assert!(run(&["pack", "site", "-o", "demo.AppDir", "--force"]).failed(1).contains("running"));
    let app_run = read(folder.path(), "demo.AppDir/AppRun");
    assert!(read(folder.path(), "again.AppDir/AppRun") == app_run);
    #[cfg(unix)]
    for (name, bits) in [("AppRun", 0o111), ("notes.desktop", 0)] {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(folder.path().join("demo.AppDir").join(name));
        let mode = metadata.expect("the file exists").permissions().mode();
        assert_eq!(mode & 0o100, bits & 0o100, "{name}");
    }
}

#[test]
fn a_folder_is_replaced_only_if_everything_in_it_was_packed() {
    let folder = folder("Notes", "");
    let rows = [
        ("demo.AppDir", "linux", "notes.desktop", ["mine.txt", "screen.png", "other.desktop"]),
        ("Demo.app", "mac", "Contents/Info.plist", ["mine.txt", "notes.png", "Contents/PkgInf"]),
    ];
    for (output, base, inner, foreign) in rows {
        let arguments = ["-o", output, "--base", base];
        let forced = [&arguments[..], &["--force"]].concat();
        pack(folder.path(), &arguments).succeeded();
        let before = names(folder.path());
        let first = read(folder.path(), &format!("{output}/{inner}"));
        let stderr = pack(folder.path(), &arguments).failed(1);
        assert_eq!(
            stderr,
            format!("chapbook: `{output}` already exists; use --force to overwrite it\n")
        );
        // A shell completes the name with a slash.
        pack(folder.path(), &["-o", &format!("{output}/"), "--base", base, "--force"]).succeeded();
        assert_eq!(names(folder.path()), before);
        assert_eq!(read(folder.path(), &format!("{output}/{inner}")), first);
        for name in foreign {
            write(folder.path(), &format!("{output}/{name}"), "mine");
            let stderr = pack(folder.path(), &forced).failed(1);
            let start = format!("chapbook: cannot replace `{output}`: `");
            let end = format!("{name}` is not from chapbook; move the folder away\n");
            assert!(stderr.starts_with(&start) && stderr.ends_with(&end), "{stderr}");
            fs::remove_file(folder.path().join(output).join(name)).expect("it exists");
        }
        write(folder.path(), "site/bad.html", "<a href=gone>");
        pack(folder.path(), &forced).failed(1);
        fs::remove_file(folder.path().join("site/bad.html")).expect("it exists");
        assert_eq!(names(folder.path()), before, "nothing is lost, and nothing stays");
    }
}

#[test]
fn an_output_that_cannot_be_a_folder_is_one_line() {
    let folder = folder("Notes", "");
    write(folder.path(), "file.app", "mine");
    write(folder.path(), "other.app/mine.txt", "mine");
    write(folder.path(), "my.svg", "<svg></svg>");
    let rows: &[(&[&str], i32, &str)] = &[
        (
            &["-o", "a.app", "--base", "linux"],
            1,
            "its executable would be for Linux; choose one for macOS with --base",
        ),
        (
            &["-o", "a.AppDir", "--base", "mac"],
            1,
            "its executable would be for macOS; choose one for Linux with --base",
        ),
        (&["-o", "a.app", "--base", "mac", "--beside"], 2, "--beside cannot be combined"),
        (
            &["-o", "file.app", "--base", "mac", "--force"],
            1,
            "it is a file; name a folder to write",
        ),
        (&["-o", "other.app", "--base", "mac"], 1, "already exists"),
        (&["-o", "other.app", "--base", "mac", "--force"], 1, "is not from chapbook"),
        (&["-o", "no/a.app", "--base", "mac"], 1, "there is no folder `no`"),
        (&["-o", "site/a.app", "--base", "mac"], 1, "it is inside `site`"),
        (&["-o", "a.app", "--base", "mac", "--icon", "my.svg"], 1, "it is SVG; convert it to PNG"),
        (&["-o", "a.app", "--base", "mac", "--icon", "gone"], 1, "cannot use the icon `gone`"),
    ];
    let before = names(folder.path());
    for (arguments, status, expected) in rows {
        let stderr = pack(folder.path(), arguments).failed(*status);
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
        assert_eq!(names(folder.path()), before, "{arguments:?}");
    }
}

/// A link is not followed, and not replaced.
#[cfg(unix)]
#[test]
fn a_link_to_a_folder_is_not_replaced() {
    let folder = folder("Notes", "");
    pack(folder.path(), &["-o", "demo.AppDir", "--base", "linux"]).succeeded();
    std::os::unix::fs::symlink("demo.AppDir", folder.path().join("link.AppDir"))
        .expect("it is free");
    let stderr = pack(folder.path(), &["-o", "link.AppDir", "--base", "linux", "--force"]);
    assert!(stderr.failed(1).contains("`link.AppDir`: it is a file; name a folder to write"));
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_the_folder_from_before() {
    let folder = folder("Notes", "");
    let arguments = ["pack", "site", "-o", "demo.AppDir", "--base", "linux", "--force"];
    chapbook().args(arguments).cwd(folder.path()).run().succeeded();
    // Takes far longer to compress than a signal takes to arrive.
    let slow: Vec<u8> = (0..6_000_000_u32).flat_map(u32::to_le_bytes).collect();
    write(folder.path(), "site/slow.bin", slow);
    let before = names(folder.path());
    let running = chapbook().args(arguments).cwd(folder.path()).spawn();
    while !names(folder.path()).iter().any(|name| name.starts_with(".chapbook-")) {
        std::thread::yield_now();
    }
    running.signal("TERM");
    assert_eq!(running.wait().status, Some(143));
    assert_eq!(names(folder.path()), before);
}
