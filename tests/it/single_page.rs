//! `no-fallback`: single-page applications that need a fallback, and sites that need none.

use crate::harness::{chapbook, page, site_folder};

const ROUTER: &str = "history.pushState({}, '', to); addEventListener('popstate', show);";
const SHELL: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>t</title>\
                     <link rel=icon href=data:,><div id=app></div><script src=/a.js></script>";

/// Files, arguments, and whether there is a warning.
type Row<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], bool);

#[test]
fn only_applications_that_need_a_fallback_get_the_warning() {
    let inline = SHELL.replace("src=/a.js>", &format!(">{ROUTER}"));
    let text = page("History").replace("<p>", "<p>history.pushState() ");
    let long = SHELL.replace("</div>", &format!("{}</div>", "A sentence of the page. ".repeat(9)));
    let redirect = SHELL.replace(" src=/a.js>", ">location.replace('/?' + location.pathname)");
    let rows: &[Row<'_>] = &[
        (&[("index.html", SHELL), ("a.js", ROUTER)], &[], true),
        (&[("index.html", &inline)], &[], true),
        (&[("index.html", SHELL), ("a.js", "import './b.js'"), ("b.js", ROUTER)], &[], true),
        (&[("index.html", SHELL), ("a.js", ROUTER), ("404.html", &page("Gone"))], &[], true),
        (&[("index.html", SHELL), ("a.js", ROUTER)], &["--spa"], false),
        (&[("index.html", SHELL), ("a.js", ROUTER), ("200.html", SHELL)], &[], false),
        (&[("index.html", SHELL), ("a.js", ROUTER), ("404.html", SHELL)], &[], false),
        (&[("index.html", SHELL), ("a.js", ROUTER), ("404.html", &redirect)], &[], false),
        (&[("index.html", SHELL), ("a.js", ROUTER), ("_redirects", "/* / 302")], &[], false),
        (&[("index.html", SHELL), ("a.js", ROUTER), ("b.html", &page("B"))], &[], false),
        (&[("index.html", SHELL), ("a.js", ""), ("unused.js", ROUTER)], &[], false),
        (&[("index.html", SHELL), ("a.js", "addEventListener('hashchange', show)")], &[], false),
        (&[("index.html", &long), ("a.js", ROUTER)], &[], false),
        (&[("index.html", &text)], &[], false),
    ];
    for (files, arguments, expected) in rows {
        let folder = site_folder(files);
        let output = chapbook().args(["check", "site"]).args(*arguments).cwd(folder.path()).run();
        let is_told = output.stdout.contains("warning[no-fallback]");
        assert_eq!(is_told, *expected, "{files:?}: {}", output.stdout);
    }
}

/// The content at these paths is known only to the script.
#[test]
fn fragments_of_paths_that_a_fallback_answers_are_not_checked() {
    let home = page("Home") + "<a href=/posts/1#comments>a</a><a href=/#none>b</a>";
    let folder = site_folder(&[("index.html", &home), ("200.html", SHELL), ("a.js", "")]);
    let stdout = chapbook().args(["check", "site"]).cwd(folder.path()).run().stdout;
    assert!(stdout.contains("`none`") && !stdout.contains("`comments`"), "{stdout}");
}

#[test]
fn the_advice_names_the_mount() {
    let shell = SHELL.replace("/a.js", "/repo/a.js");
    let folder = site_folder(&[("index.html", &shell), ("a.js", ROUTER)]);
    let check = chapbook().args(["check", "site", "--mount", "/repo/"]).cwd(folder.path());
    let output = check.run().succeeded();
    let rule = "add the rule `/repo/* /repo/index.html 200` to `site/_redirects`";
    assert!(output.contains(rule), "{output}");
}
