//! Compiling a folder again with the results from before: the result is the same as without them.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use chapbook_compiler::{CompileCache, Compiled, Effort, LintLevels, Options, Payload, compile};

use crate::harness::{Rng, folder_of, write};

/// The number of changes.
const CHANGES: usize = 120;

/// Everything that a compilation gives.
fn outcome(folder: &Path, cache: Option<CompileCache>) -> (String, Option<Vec<u8>>) {
    let options = Options {
        root: folder.to_owned(),
        effort: Effort::Preview,
        lint_levels: LintLevels::lenient(),
        compile_cache: cache,
        ..Options::default()
    };
    let Compiled { site, report, .. } = compile(&options).expect("the folder can be walked");
    let payload = site.map(|site| {
        let payload = Payload::new(&site).expect("it is a small site");
        payload.to_bytes().expect("the contents can be read")
    });
    (format!("{:?} {:?} {:?}", report.diagnostics, report.counts, report.tally), payload)
}

/// A text of another length in each state, so that each state of a file has another version.
fn page(state: usize, rng: &mut Rng) -> String {
    let link = ["/a", "/b#here", "sub/c.html", "/missing", "/x/y/z", "https://example.com/"];
    let link = link[rng.below(link.len())];
    let head = "<!doctype html><html lang=en><meta charset=utf-8><title>t</title>";
    let style = ["", "<link rel=stylesheet href=/s.css>", "<script src=/s.js></script>"];
    let style = style[rng.below(style.len())];
    format!("{head}{style}<p id=here><a href={link}>l</a><p>{}", "x".repeat(100 + state))
}

fn change(folder: &Path, state: usize, rng: &mut Rng) {
    let paths = ["index.html", "a.html", "b.html", "sub/c.html", "x/y/index.html"];
    let path = paths[rng.below(paths.len())];
    let padding = "\n".repeat(state);
    match rng.below(12) {
        0 => _ = fs::remove_file(folder.join(path)),
        1 => _ = fs::rename(folder.join(path), folder.join(format!("moved{state}.html"))),
        2 => write(folder, "_headers", format!("/a\n  X-A: {state}{padding}")),
        3 => write(folder, "_redirects", format!("/old /a 301{padding}")),
        4 => write(folder, "s.css", format!("a {{ color: red }}{padding}")),
        5 => write(folder, "s.js", format!("import './t.js'{padding}")),
        6 => write(folder, "d.json", format!("{{\"a\": {state} {padding}}}")),
        7 => write(folder, "d.schema.json", format!("{{\"required\": [\"b\"]{padding}}}")),
        8 => write(folder, "long.txt", "long ".repeat(70_000 + state)),
        _ => write(folder, path, page(state, rng)),
    }
}

#[test]
fn a_changed_folder_compiles_to_the_same_with_and_without_a_cache() {
    let site = folder_of(&[]);
    let folder = site.path();
    let mut rng = Rng::new(22);
    for path in ["index.html", "a.html", "b.html", "sub/c.html"] {
        write(folder, path, page(0, &mut rng));
    }
    // Later than any change, so that all results are kept.
    let cache = CompileCache::new().at(SystemTime::now() + Duration::from_secs(1000));
    for state in 1..CHANGES {
        let expected = outcome(folder, None);
        let found = outcome(folder, Some(cache.clone()));
        assert_eq!(found.0, expected.0, "state {state}");
        assert!(found.1 == expected.1, "state {state}: another payload");
        change(folder, state, &mut rng);
    }
}
