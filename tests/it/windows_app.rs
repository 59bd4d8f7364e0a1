//! What `pack` adds to a Windows executable: icon, version, manifest, and no console of its own.

use std::{fs, path::Path};

use chapbook_oracle::{
    base::pe,
    windows_resources::{Resource, resources, subsystem, version_texts},
};
use flate2::{Compression, Crc, write::ZlibEncoder};
use serde_json::Value;

use crate::harness::{Outcome, chapbook, site_folder, write};

/// Runs `pack` in this folder.
fn pack(folder: &Path, arguments: &[&str]) -> Outcome {
    chapbook().args(["pack", "site", "--base", "base.exe"]).args(arguments).cwd(folder).run()
}

/// A gray PNG file.
fn png(size: u8) -> Vec<u8> {
    use std::io::Write;

    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let row = [vec![0], vec![128; size.into()]].concat();
    encoder.write_all(&row.repeat(size.into())).expect("it is in memory");
    let data = encoder.finish().expect("it is in memory");
    let header = [0, 0, 0, size, 0, 0, 0, size, 8, 0, 0, 0, 0];
    let mut file = b"\x89PNG\r\n\x1A\n".to_vec();
    for (kind, data) in [(b"IHDR", &header[..]), (b"IDAT", &data), (b"IEND", &[])] {
        let checked = [&kind[..], data].concat();
        let mut crc = Crc::new();
        crc.update(&checked);
        file.extend(u32::try_from(data.len()).expect("it is short").to_be_bytes());
        file.extend([&checked[..], &crc.sum().to_be_bytes()].concat());
    }
    file
}

fn folder(head: &str) -> tempfile::TempDir {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8>{head}<h1>Hello</h1><p>A page.</html>"
    );
    let folder = site_folder(&[("index.html", &page)]);
    // Without resources of its own.
    write(folder.path(), "base.exe", pe(false));
    folder
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).expect("the file exists")
}

/// The data of the only resource of a type.
fn data_of(all: &[Resource], kind: &str) -> Vec<u8> {
    let mut found = all.iter().filter(|it| it.path[0] == kind);
    let resource = found.next().expect("there is a resource of this type");
    assert!(found.next().is_none(), "there is one of {kind}");
    resource.data.clone().expect("it is in the file")
}

/// The widths of the icons in a group.
fn widths(group: &[u8]) -> Vec<u8> {
    group[6..].chunks_exact(14).map(|entry| entry[0]).collect()
}

#[test]
fn the_manifest_of_a_site_becomes_resources() {
    let folder = folder("<title>Title</title><link rel=manifest href=m.json>");
    let manifest = r#"{"name": "Nötes \"1\"", "short_name": "notes", "description": "All my notes",
        "version": "1.2.3", "icons": [{"src": "icon.png"}]}"#;
    write(folder.path(), "site/m.json", manifest);
    write(folder.path(), "site/icon.png", png(48));
    let summary = pack(folder.path(), &["-o", "demo.exe", "--json"]).succeeded();
    let summary: Value = serde_json::from_str(&summary).expect("it is JSON");
    assert_eq!(summary["name"], "Nötes \"1\"");
    let icon = summary["icon"].as_str().expect("the icon is named");
    assert!(Path::new(icon).ends_with("site/icon.png"), "{icon}");
    let image = read(folder.path(), "demo.exe");
    let all = resources(&image);
    let texts = version_texts(&data_of(&all, "16"));
    let text = |key: &str| texts.iter().find(|(it, _)| it == key).map(|(_, text)| text.as_str());
    let rows = [
        ("ProductName", Some("Nötes \"1\"")),
        ("FileDescription", Some("Nötes \"1\"")),
        ("Comments", Some("All my notes")),
        ("FileVersion", Some("1.2.3")),
        ("ProductVersion", Some("1.2.3")),
        ("OriginalFilename", Some("demo.exe")),
        ("CompanyName", None),
    ];
    for (key, expected) in rows {
        assert_eq!(text(key), expected, "{key}");
    }
    assert_eq!(widths(&data_of(&all, "14")), [48, 32, 16]);
    let manifest = String::from_utf8(data_of(&all, "24")).expect("it is UTF-8");
    for part in ["asInvoker", ">UTF-8<", "longPathAware", "PerMonitorV2", ">detached<"] {
        assert!(manifest.contains(part), "{part}");
    }
    pack(folder.path(), &["-o", "again.exe"]).succeeded();
    let arguments = ["pack", "site", "-o", "again.exe", "--base", "demo.exe", "--force"];
    chapbook().args(arguments).cwd(folder.path()).run().succeeded();
    let again = read(folder.path(), "again.exe");
    assert_eq!(again.len(), image.len(), "the resources are replaced, not added");
    pack(folder.path(), &["-o", "demo.exe", "--force"]).succeeded();
    assert!(read(folder.path(), "demo.exe") == image, "the same input gives the same bytes");
}

#[test]
fn a_site_without_facts_has_its_title_or_its_file_name_and_the_default_icon() {
    let rows = [
        ("<title>A title</title>", "A title", "app       A title, default icon\n"),
        ("<title> </title>", "demo", "app       default icon\n"),
        (
            "<title>A title</title><link rel=icon href=icon.svg>",
            "A title",
            "app       A title, default icon (the site has only SVG)\n",
        ),
    ];
    for (head, name, line) in rows {
        let folder = folder(head);
        write(folder.path(), "site/icon.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
        let summary = pack(folder.path(), &["-o", "demo.exe", "--verbose"]).succeeded();
        assert!(summary.contains(line), "{summary}");
        let all = resources(&read(folder.path(), "demo.exe"));
        let texts = version_texts(&data_of(&all, "16"));
        assert!(texts.contains(&("ProductName".to_owned(), name.to_owned())), "{texts:?}");
        assert!(texts.contains(&("FileVersion".to_owned(), "1.0.0.0".to_owned())), "{texts:?}");
        assert_eq!(widths(&data_of(&all, "14")), [0, 48, 32, 16]);
    }
}

#[test]
fn a_double_click_opens_no_console_unless_the_author_wants_one() {
    const CONSOLE: u64 = 3;
    let folder = folder("<title>A title</title>");
    let mut base = pe(false);
    base[88 + 68] = 3;
    write(folder.path(), "base.exe", &base);
    for (arguments, expected) in [(&[][..], 2), (&["--console"], CONSOLE), (&["--beside"], CONSOLE)]
    {
        pack(folder.path(), &[&["-o", "demo.exe", "--force"], arguments].concat()).succeeded();
        let image = read(folder.path(), "demo.exe");
        assert_eq!(subsystem(&image) as u64, expected, "{arguments:?}");
        assert!(arguments != ["--beside"] || image == base, "the base is unchanged");
    }
}

/// An executable with a tree of resources, one of which has a name.
fn base_with_resources() -> Vec<u8> {
    let mut image = pe(true);
    let (tree, address) = (6144, 12288_u32);
    image[tree..tree + 512].fill(0);
    let mut put = |at: u32, number: u32| {
        let at = tree + at as usize;
        image[at..at + 4].copy_from_slice(&number.to_le_bytes());
    };
    let directory = 0x8000_0000;
    // Three types: one with a name, dialogs, and icon groups.
    let types = [(directory + 400, 100), (5, 200), (14, 300)];
    put(12, 1 | 2 << 16);
    for (number, (id, at)) in (0..).zip(types) {
        put(16 + number * 8, id);
        put(20 + number * 8, directory + at);
        for (level, next) in [(at, directory + at + 24), (at + 24, at + 48)] {
            put(level + 12, 1 << 16);
            put(level + 16, 7);
            put(level + 20, next);
        }
        put(at + 48, address + 480);
        put(at + 52, 4);
    }
    put(400, 2 | u32::from(b'A') << 16);
    put(404, u32::from(b'B'));
    put(480, 0x0403_0201);
    image
}

#[test]
fn resources_of_the_base_stay_and_its_icon_is_replaced_by_that_of_the_site() {
    let kept = |kind: &str| Resource {
        path: [kind, "7", "7"].map(str::to_owned),
        data: Some(vec![1, 2, 3, 4]),
    };
    for (head, keeps_icon) in [("", true), ("<link rel=icon href=icon.png>", false)] {
        let folder = folder(&format!("<title>A title</title>{head}"));
        write(folder.path(), "site/icon.png", png(32));
        write(folder.path(), "base.exe", base_with_resources());
        pack(folder.path(), &["-o", "demo.exe"]).succeeded();
        let all = resources(&read(folder.path(), "demo.exe"));
        assert_eq!(all[0], kept("AB"));
        assert!(all.contains(&kept("5")), "{all:?}");
        assert_eq!(all.contains(&kept("14")), keeps_icon, "{all:?}");
        assert_eq!(all.iter().any(|it| it.path[0] == "3"), !keeps_icon, "{all:?}");
        assert!(!data_of(&all, "16").is_empty());
    }
}

#[test]
fn damaged_resources_of_a_base_are_one_line_and_stay() {
    let folder = folder("<title>A title</title>");
    write(folder.path(), "base.exe", pe(true));
    let outcome = pack(folder.path(), &["-o", "demo.exe"]);
    let expected = "chapbook: cannot add the icon and the name of the app to the base: its \
                    resources are damaged\n";
    assert_eq!(outcome.stderr, expected);
    outcome.succeeded();
    let image = read(folder.path(), "demo.exe");
    let directory = 88 + 112 + 16;
    assert_eq!(image[directory..directory + 8], pe(true)[directory..directory + 8]);
}

#[test]
fn an_icon_that_cannot_be_used_is_one_line() {
    /// Arguments; the sizes of the icon or the error; the warning.
    type Row = (&'static [&'static str], Result<&'static [u8], &'static str>, &'static str);

    let folder = folder("<title>A title</title><link rel=icon href=icon.png>");
    write(folder.path(), "site/icon.png", &png(48)[..50]);
    write(folder.path(), "my.png", png(32));
    write(folder.path(), "my.svg", "<svg></svg>");
    let rows: [Row; 4] = [
        (
            &[],
            Ok(&[0, 48, 32, 16]),
            "cannot use the icon `site/icon.png`: it is cut short; using the default icon",
        ),
        (&["--icon", "my.png"], Ok(&[48, 32, 16]), ""),
        (&["--icon", "my.svg"], Err("`my.svg`: it is SVG; convert it to PNG first"), ""),
        (&["--icon", "base.exe"], Err("`base.exe`: it is neither a PNG nor an ICO file"), ""),
    ];
    for (arguments, expected, warning) in rows {
        let outcome = pack(folder.path(), &[&["-o", "demo.exe", "--force"], arguments].concat());
        match expected {
            Ok(sizes) => {
                let line = outcome.stderr.strip_prefix("chapbook: ").unwrap_or_default().trim_end();
                assert_eq!(line, warning);
                outcome.succeeded();
                let all = resources(&read(folder.path(), "demo.exe"));
                assert_eq!(widths(&data_of(&all, "14")), sizes);
            }
            Err(reason) => {
                assert_eq!(outcome.failed(1), format!("chapbook: cannot use the icon {reason}\n"));
            }
        }
    }
}
