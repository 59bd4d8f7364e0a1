//! Tables of pages and what is parsed from them.

use super::*;
use crate::lints::Lint;
use crate::parse::reference::{LoadedAs, Purpose::*};

const FRAME: Purpose = Load(LoadedAs::Frame);
const MANIFEST: Purpose = Load(LoadedAs::Manifest);
const OTHER: Purpose = Load(LoadedAs::Other);
const SCRIPT: Purpose = Load(LoadedAs::Script);
const STYLE: Purpose = Load(LoadedAs::StyleSheet);

const REFERENCES: &[(&str, &[(&str, Purpose)])] = &[
    ("<a href=/book>", &[("/book", Follow)]),
    ("<a href=' b.html '>", &[("b.html", Follow)]),
    ("<a href=/ok href=/bad>", &[("/ok", Follow)]),
    ("<a href='?a=1&amp;b=2'>", &[("?a=1&b=2", Follow)]),
    (
        "<img src=a.png srcset='b.png 1x, c.png 2x'>",
        &[("a.png", OTHER), ("b.png", OTHER), ("c.png", OTHER)],
    ),
    ("<img srcset='data:x,y 1x,z.png'>", &[("data:x,y", OTHER), ("z.png", OTHER)]),
    ("<link rel=stylesheet href=s.css>", &[("s.css", STYLE)]),
    ("<link href=s.css rel='preload stylesheet'>", &[("s.css", STYLE)]),
    ("<link rel=canonical href=/x>", &[("/x", Describe)]),
    ("<a href=/x><link href=s.css rel=icon>", &[("/x", Follow), ("s.css", OTHER)]),
    ("<form action=/go>", &[("/go", Follow)]),
    ("<video src=v.webm poster=p.png></video>", &[("v.webm", OTHER), ("p.png", OTHER)]),
    ("<svg><use href='i.svg#a'/></svg>", &[("i.svg#a", OTHER)]),
    ("<noscript><a href=/x>x</a></noscript>", &[("/x", Follow)]),
    ("<title>x</title><style>y</style><a href=/x>", &[("/x", Follow)]),
    (
        "<svg><title>x<a xlink:href=/x></a></title><style/></svg><a href=/y>",
        &[("/x", Follow), ("/y", Follow)],
    ),
    ("<script>'<a href=no>'</script>", &[]),
    ("<!-- <a href=no> -->", &[]),
    ("<p style='background: url(b.png)'>", &[("b.png", OTHER)]),
    ("<style>@import 'c.css'; p { color: red }</style>", &[("c.css", STYLE)]),
    ("<meta http-equiv=Refresh content='5; URL=\"/next\"'>", &[("/next", Follow)]),
    ("<meta http-equiv=refresh content='0;URL=/next'>", &[("/next", Forward)]),
    ("<meta http-equiv=refresh content='5 url=/next'>", &[("/next", Follow)]),
    ("<meta http-equiv=refresh content='0'>", &[]),
    ("<meta http-equiv=refresh content='5x; url=/no'>", &[]),
    ("<meta http-equiv=refresh content=5>", &[]),
    ("<meta name=x content='5; url=/no'>", &[]),
    ("<p title=no>", &[]),
    ("<frameset><frame src=f.html>", &[("f.html", FRAME)]),
    ("<body background=b.png>", &[("b.png", OTHER)]),
    ("<link rel=manifest href=m.json>", &[("m.json", MANIFEST)]),
    ("<link rel=preload imagesrcset='a.png 1x, b.png 2x'>", &[("a.png", OTHER), ("b.png", OTHER)]),
    (
        "<iframe srcdoc='<img src=a.png><iframe srcdoc=&quot;<img src=no>&quot;>'></iframe>",
        &[("a.png", OTHER)],
    ),
    (
        "<svg><style>p { fill: url(x.svg#a) }</style><a href=/x></svg>",
        &[("x.svg#a", OTHER), ("/x", Follow)],
    ),
    (
        "<svg><linearGradient href='#a'/><script href=s.js /></svg>",
        &[("#a", OTHER), ("s.js", SCRIPT)],
    ),
    ("<svg><![CDATA[<a href=no>]]></svg>", &[]),
    ("<svg><rect fill='url(x.svg#a)' d='url(no)'/></svg>", &[("x.svg#a", OTHER)]),
    ("<svg><foreignObject><script>'<a href=no>'</script></foreignObject></svg>", &[]),
    ("<svg><p><script>'<a href=no>'</script>", &[]),
    ("<template><img src={{no}}><base href=/no/><style>a{b:url(no)}</style></template>", &[]),
    ("<template shadowrootmode=open><img src=a.png></template>", &[("a.png", OTHER)]),
    ("<iframe srcdoc='<a href=#in><a href=/x>'></iframe>", &[("/x", Follow)]),
    ("<plaintext><a href=no>", &[]),
    ("<script>import('./a.js')</script>", &[("./a.js", SCRIPT)]),
    ("<script type=text/template>import('./no.js')</script>", &[]),
    (
        "<script type=module>import './a.js'; import b from 'b'; import('/c.js')</script>",
        &[("./a.js", SCRIPT), ("/c.js", SCRIPT)],
    ),
    ("<script type=application/json src=d.json></script>", &[("d.json", Hint)]),
    ("<script type=module src=m.js></script>", &[("m.js", SCRIPT)]),
    ("<link rel=prefetch href=/x><link rel='next' href=/y>", &[("/x", Hint), ("/y", Hint)]),
    ("<link rel='prefetch stylesheet' href=s.css>", &[("s.css", STYLE)]),
    (
        "<link rel=stylesheet href=//a.example/s.css disabled>",
        &[("//a.example/s.css", MayLoad(LoadedAs::StyleSheet))],
    ),
    ("<link rel=stylesheet href=s.css disabled>", &[("s.css", STYLE)]),
    ("<link rel=alternate href=/feed.xml>", &[("/feed.xml", Describe)]),
    ("<script type=importmap>{\"imports\": {\"b\": \"/b.js\"}}</script>", &[("/b.js", SCRIPT)]),
];

#[test]
fn every_kind_of_reference_is_parsed_with_its_purpose() {
    for (text, expected) in REFERENCES {
        let page = parse(text.as_bytes(), Dialect::Html);
        let found: Vec<(&str, Purpose)> =
            page.references.iter().map(|it| (it.url.as_str(), it.purpose)).collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn the_span_of_a_reference_is_its_url() {
    let text = b"<p>\n<a class=x href=\"/book\">";
    let page = parse(text, Dialect::Html);
    assert_eq!(&text[page.references[0].span.clone()], b"/book");
}

#[test]
fn fragment_targets_are_ids_and_names_of_anchors() {
    let text = b"<h2 id=one></h2><a name=two></a><input name=three><base href=/x/>";
    let page = parse(text, Dialect::Html);
    let mut fragments: Vec<&str> = page.fragments.keys().map(|it| &**it).collect();
    fragments.sort_unstable();
    assert_eq!(fragments, ["one", "two"]);
    assert_eq!(page.base.as_deref(), Some("/x/"));
}

/// A page with all metadata and this body.
fn complete(body: &str) -> String {
    format!("<!doctype html><html lang=en><meta charset=utf-8><title>x</title>{body}")
}

#[test]
fn browsers_recover_unless_content_is_lost() {
    let rows: &[(&str, &[bool])] = &[
        ("<p>fine</p><br/>", &[]),
        ("<p class=a class=b>", &[true]),
        ("<p", &[false]),
        ("<p class=\"a", &[false]),
        ("<!-- never closed", &[false]),
        ("<script>let a = 1;", &[false]),
        ("<textarea>never closed <p>", &[false]),
        ("<svg><title>closed by its svg</svg><p>", &[]),
        ("<svg><style>closed by its svg</svg><p>", &[]),
        ("<script src=x></script><style></style>", &[]),
        ("<p>a & b &amp c</p>", &[true]),
    ];
    for (body, expected) in rows {
        let problems = parse(complete(body).as_bytes(), Dialect::Html).problems;
        let recovered: Vec<bool> = problems.iter().map(|it| it.browsers_recover).collect();
        assert_eq!(recovered, *expected, "{body}: {problems:?}");
    }
}

#[test]
fn missing_metadata_is_reported() {
    use Lint::{MissingCharset, MissingDoctype, MissingLang, MissingTitle};
    let rows: &[(&str, &[Lint])] = &[
        ("", &[]),
        ("no tags at all", &[]),
        ("<meta http-equiv=refresh content='0; /next'><p>", &[]),
        ("<p>", &[MissingDoctype, MissingCharset, MissingLang, MissingTitle]),
        ("<!doctype html><html lang=en><title>x</title>", &[MissingCharset]),
        ("<!doctype html><html><meta charset=utf-8><title>x</title>", &[MissingLang]),
        ("<!doctype html><html lang=en><meta charset=utf-8><title> </title>", &[MissingTitle]),
        ("<!doctype html><html xml:lang=en><meta charset=utf-8><title>x</title>", &[]),
        (
            "<!doctype html><html lang=en><meta http-equiv=Content-Type \
             content='text/html; CHARSET=utf-8'><title>x</title>",
            &[],
        ),
        ("\u{feff}<!doctype html><html lang=en><title>x</title>", &[]),
        ("<html lang=en><meta charset=utf-8><title>x</title>", &[MissingDoctype]),
        (
            "<!doctype html><html lang=en><meta charset=utf-8><svg><title>x</title></svg>",
            &[MissingTitle],
        ),
    ];
    for (text, expected) in rows {
        let problems = parse(text.as_bytes(), Dialect::Html).problems;
        let codes: Vec<Lint> = problems.iter().map(|it| it.code).collect();
        assert_eq!(codes, *expected, "{text}");
    }
    assert_eq!(parse(b"<svg><p", Dialect::Xml).problems, []);
}

#[test]
fn duplicate_ids_are_found() {
    let rows: &[(&str, usize)] = &[
        ("<p id=a><p id=b>", 0),
        ("<p id=a><p id=a>", 1),
        ("<a id=a name=a><a name=a>", 0),
        ("<a name=a><p id=a>", 0),
        ("<p id=a><template><p id=a></template>", 0),
        ("<p id=a><p id=a><p id=a>", 2),
        ("<p id=''><p id=''>", 0),
    ];
    for (body, expected) in rows {
        let problems = parse(complete(body).as_bytes(), Dialect::Html).problems;
        let found = problems.iter().filter(|it| it.code == Lint::DuplicateId).count();
        assert_eq!(found, *expected, "{body}: {problems:?}");
    }
}

#[test]
fn the_number_of_problems_of_a_page_is_limited() {
    let rows = [
        ("&x; ", Lint::InvalidHtml, 1),
        ("<p a a>", Lint::InvalidHtml, 1),
        ("<p id=a>", Lint::DuplicateId, 0),
    ];
    for (text, code, first) in rows {
        const COUNT: usize = 5000;
        let page = parse(text.repeat(COUNT).as_bytes(), Dialect::Html);
        let listed = page.problems.iter().filter(|it| it.code == code).count();
        let unlisted = page.unlisted_problems.iter().filter(|it| it.0 == code).map(|it| it.1);
        let unlisted: usize = unlisted.sum();
        assert_eq!((listed, unlisted), (1000, COUNT - 1001 + first), "{text}");
    }
}

#[test]
fn text_is_counted_if_it_is_shown_without_scripts() {
    let rows = [
        ("<title>title</title><div id=app></div>", 0),
        ("<body> a b <p>c</p>\n", 3),
        ("<noscript>Enable <b>scripts</b></noscript>x", 1),
        ("<script>text</script><style>text</style><template>text</template>", 0),
    ];
    for (text, expected) in rows {
        assert_eq!(parse(text.as_bytes(), Dialect::Html).text_length, expected, "{text}");
    }
}

#[test]
fn pages_without_an_icon_are_found() {
    let rows: &[(&str, bool)] = &[
        ("<!doctype html><title>t</title>", true),
        ("<title>t</title>", true),
        ("<!doctype html><link rel=icon href=a.png>", false),
        ("<!doctype html><link rel='Shortcut ICON' href=a.ico>", false),
        ("<!doctype html><body><link rel=icon href=data:,>", false),
        ("<!doctype html><link rel=apple-touch-icon href=a.png>", true),
        ("<!doctype html><link href=a.png>", true),
        ("<!doctype html><template><link rel=icon href=a.png></template>", true),
        // Browsers leave it at once.
        ("<!doctype html><meta http-equiv=refresh content='0; url=/a'>", false),
        // A part of a page, which a script inserts.
        ("<p>text</p>", false),
        ("", false),
    ];
    for (text, expected) in rows {
        assert_eq!(parse(text.as_bytes(), Dialect::Html).lacks_icon, *expected, "{text}");
    }
    assert!(!parse(b"<svg><title>t</title></svg>", Dialect::Xml).lacks_icon);
}
