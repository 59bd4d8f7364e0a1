//! Tables of scripts and the imports that are found in them.

use super::*;

fn imports(text: &str) -> Vec<ScriptUrl> {
    scan(text).0.into_iter().filter(|it| it.load == Load::Import).collect()
}

fn specifiers(text: &str) -> Vec<String> {
    imports(text).into_iter().map(|it| it.url).collect()
}

#[test]
fn every_form_of_import_is_found() {
    let rows: &[(&str, &[&str])] = &[
        ("import x from \"a\"", &["a"]),
        ("import \"a\"", &["a"]),
        ("import {a as b, default as c, 'd e' as f,} from 'a'", &["a"]),
        ("import {} from \"a\"", &["a"]),
        ("import * as n from \"a\"", &["a"]),
        ("import d, {e} from \"a\"; import d, * as n from \"b\"", &["a", "b"]),
        ("import defer * as n from 'a'; import source x from 'b'", &["a", "b"]),
        ("import from from 'a'; import {from} from 'b'", &["a", "b"]),
        ("import x from 'a' with {type: 'json'}\nimport 'b'", &["a", "b"]),
        ("import 'a' assert {type: 'css'}; /'/.test(x); import 'b'", &["a", "b"]),
        ("import 'a'\nimport 'b'\n/'/.test(x)", &["a", "b"]),
        ("export * from \"a\"; export * as n from \"b\"", &["a", "b"]),
        ("export {a, 'string name' as b} from \"a\"", &["a"]),
        ("export {a}\nfrom('b')\nexport {a}; export {from}", &[]),
        ("export default {from: 'b'}; export const a = b, from = 'b'", &[]),
        ("import{a}from\"./x.js\";export*from\"./y.js\"", &["./x.js", "./y.js"]),
        ("import\"./x.js\";import*as a from'./y.js'", &["./x.js", "./y.js"]),
        ("import a,{b}from'a';export{c}from\"b\"", &["a", "b"]),
        ("import/**/{/*}*/a//}\n}/**/from/**/'a'//", &["a"]),
        ("\u{feff}import\u{a0}é from 'a'", &["a"]),
        ("#!/usr/bin/env import 'no\nimport 'a'", &["a"]),
        ("import(\"a\"); f(() => import('b', {with: {type: 'json'}}))", &["a", "b"]),
        ("import ( /* c */ `a` /* d */ , )", &["a"]),
        ("x = [...import('a')]; f()\nimport('b')", &["a", "b"]),
        ("if (x) import('a'); else import('b')", &["a", "b"]),
        ("async () => await import('a'); { import('b') }", &["a", "b"]),
        ("function* f() { yield import('a'); return import('b') }", &["a", "b"]),
        ("`${import('a')}`", &["a"]),
        ("`a ${`b ${{a: [`${import('a')}`]}.a} import('no')`} import('no')`", &["a"]),
        ("`${() => { return `}` }}${'}'}${/}/}`; import('a')", &["a"]),
        ("import '.\\u002f\\x61\\u{62}\\''; import('\\ud800')", &["./ab'"]),
    ];
    for (text, expected) in rows {
        assert_eq!(specifiers(text), *expected, "{text}");
    }
}

#[test]
fn lookalikes_of_imports_are_ignored() {
    let rows = [
        "import.meta.resolve('a')",
        "x.import('a'); x?.import('a'); x.\nimport('a'); this.#import('a')",
        "x = { import: 1, export: 2, import(a) {} }; class A { import() {} }",
        "import(a); import('a' + b); import('./' + x, y); import(('a'))",
        "import(`a${b}`); import(`${a}`); import(`a` + b); import(`a`.b)",
        "// import 'a'\n/* import 'a'\n import('a') **/ /**/ x",
        "'import \"a\"'; \"import('a')\"; 'it\\'s import(\"a\")'; \"\\\\\"; 'a\\\nimport()'",
        "`import 'a'\nimport('a') \\` \\${import('a')} $ {import('a')}`",
        "/import('a')/; x = /[/'\"]import('a')/g; /\\/import('a')[\\]/]/.test(x)",
        "function f() { import 'a' }",
        "{ export * from 'a' }",
        "$import('a'); import$('a'); éimport('a'); \\u0069mport('a')",
    ];
    for text in rows {
        assert_eq!(imports(text), [], "{text}");
    }
}

/// The URLs that a text may load wherever it is, and what as.
fn may_load(text: &str) -> Vec<(String, LoadedAs)> {
    let found = parse(text).references.into_iter();
    found
        .filter_map(|it| match it.purpose {
            Purpose::MayLoad(loaded_as) => Some((it.url, loaded_as)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_module_is_what_its_attributes_say() {
    use LoadedAs::{Other, Script, StyleSheet};
    let rows: &[(&str, &[LoadedAs])] = &[
        ("import x from 'a'", &[Script]),
        ("import x from 'a' with {type: 'json'}", &[Other]),
        ("import x from 'a' with {\"type\": \"json\",}; import 'b'", &[Other, Script]),
        ("import x from 'a'\n/**/with/**/{/**/type/**/:/**/'css'/**/}", &[StyleSheet]),
        ("import 'a' assert {type: 'json'}", &[Other]),
        ("import 'a' assert{type:`css`}", &[StyleSheet]),
        ("import 'a' with {}", &[Script]),
        ("import 'a' with {other: 'json'}", &[Script]),
        ("import 'a' with {other: 'x', type: 'text'}", &[Other]),
        ("export * from 'a' with {type: 'json'}", &[Other]),
        ("export {default} from 'a' with {type: 'css'}; import 'b'", &[StyleSheet, Script]),
        ("import 'a'; with (b) {type: 'json'}", &[Script]),
        ("import 'a'\nassert({type: 'json'})", &[Script]),
        ("import('a')", &[Script]),
        ("import('a',)", &[Script]),
        ("import('a', {})", &[Script]),
        ("import('a', {with: {type: 'json'}})", &[Other]),
        ("import('a', { 'assert' : { 'type' : 'css' } })", &[StyleSheet]),
        ("import('a', {with: {}})", &[Script]),
        ("import('a', options)", &[Other]),
        ("import('a', {with: attributes})", &[Other]),
    ];
    for (text, expected) in rows {
        let found: Vec<LoadedAs> = imports(text).into_iter().map(|it| it.loaded_as).collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn literals_that_name_a_file_of_a_known_host_are_found() {
    let rows = [
        "x = 'https://unpkg.com/lib@1/lib.js'",
        "x = \"//cdn.jsdelivr.net/npm/lib@1/lib.min.css\"",
        "x = `https://cdnjs.cloudflare.com/ajax/libs/lib/1/lib.mjs?v=1#x`",
        "f('HTTPS://UNPKG.com/lib@1/LIB.WASM')",
        "const urls = {a: 1, b: ['https://code.jquery.com:443/jquery-3.7.1.min.js']}",
        "fetch('https://fonts.gstatic.com/s/roboto/v30/x.woff2')",
        "fetch('http://unpkg.com/lib@1/x.ttf')",
        "x = a ? 'https://d3js.org/d3.v7.min.js' : b",
        "l.href = 'https://fonts.googleapis.com/css2?family=Roboto:wght@400;700&display=swap'",
        "x = 'https://fonts.googleapis.com/css?family=Roboto'",
        "x = 'https://fonts.googleapis.com/icon?family=Material+Icons'",
        "x = 'https://esm.sh/lib@1'",
        "x = 'https://cdn.skypack.dev/lib'",
        "x = 'https://ga.jspm.io/npm:lib@1.0.0/index.js'",
        "x = 'https://unpkg.com/lib@1'",
        "x = 'https://unpkg.com/@scope/lib@^1.2.0'",
        "x = 'https://unpkg.com/lib'",
        "x = 'https://cdn.jsdelivr.net/npm/lib@1/+esm'",
        "x = 'https://cdn.tailwindcss.com'",
        "x = 'https://cdn.tailwindcss.com/3.4.1'",
        "x = 'https://polyfill.io/v3/polyfill.min.js?features=fetch'",
        "x = 'https://www.googletagmanager.com/gtag/js?id=G-1'",
        "x = 'https://storage.googleapis.com/workbox-cdn/releases/7.3.0/workbox-sw.js'",
        "x = 'https:\\/\\/unpkg.com\\/lib@1\\/lib.js'",
        "x = '\\/\\/unpkg.com\\/lib@1\\/lib.js'",
        "x = 'https://unpkg.com/lib@1/lib.js' + query",
        "x = `https://unpkg.com/lib@${version}/lib.js`",
        "x = `//unpkg.com/lib@${o.version}/${name}.js?x`;",
        "x = 'https://unpkg.com/lib@'+o.version+'/lib.js'",
        "s.src = \"https://cdn.jsdelivr.net/npm/lib@\" + version + \"/dist/lib.css\"; f()",
        "import('https://unpkg.com/lib@1/lib.js' + query)",
        "new Worker('https://unpkg.com/lib@1/worker.js')",
        "h('link', {rel: 'stylesheet', href: 'https://unpkg.com/lib@1/lib.css'})",
        "s.src = 'https://unpkg.com/lib@1/lib.js'",
        "importScripts('https://unpkg.com/lib@1/lib.js')",
        "(function(i,s,o,g,r){})(window, document, 'script', \
         'https://www.google-analytics.com/analytics.js', 'ga')",
    ];
    for text in rows {
        assert_eq!(may_load(text).len(), 1, "{text}");
    }
}

#[test]
fn urls_that_are_not_loaded_are_ignored() {
    let rows = [
        "// https://unpkg.com/lib@1/lib.js",
        "/*! lib | 'https://unpkg.com/lib@1/lib.js' */",
        "x = 'Put https://unpkg.com/lib@1/lib.js into your page'",
        "x = 'https://unpkg.com/lib@1/lib.js is the file'",
        "x = '<script src=\"https://unpkg.com/lib@1/lib.js\"></script>'",
        "x = '{\"url\": \"https://unpkg.com/lib@1/lib.js\"}'",
        "x = `https://unpkg.com/${name}`",
        "x = `https://unpkg.com/lib@${f({})}/lib.js`",
        "x = `https://${host}/lib.js`",
        "x = `https://a.example/${name}.js`",
        "x = 'https://unpkg.com/' + name",
        "x = 'https://unpkg.com/lib@' + f() + '/lib.js'",
        "x = 'https://a.example/' + name + '.js'",
        "x = 'https://unpkg.com/lib@' + version + '/lib.js' }",
        "x = `${host}//unpkg.com/lib@1/lib.js`",
        "x = /'https:\\/\\/unpkg.com\\/lib.js'/",
        "x = 'https://unpkg.com/'",
        "x = 'https://unpkg.com'",
        "x = 'https://unpkg.com/lib@1/'",
        "x = 'https://unpkg.com/lib@'",
        "x = 'https://unpkg.com/lib@1/dist/'",
        "x = 'https://unpkg.com/lib@1/LICENSE'",
        "x = 'https://unpkg.com/lib@1/data.json'",
        "x = 'https://esm.sh/'",
        "x = 'https://cdn.jsdelivr.net/npm/'",
        "x = 'https://www.googletagmanager.com/ns.html?id=G-1'",
        "x = 'https://fonts.googleapis.com'",
        "x = 'https://fonts.google.com/specimen/Roboto'",
        "x = 'https://example.com/lib.js'",
        "x = 'https://github.com/a/b/blob/main/lib.js'",
        "x = 'https://unpkg.com.example.com/lib.js'",
        "x = 'https://user@unpkg.com/lib.js'",
        "x = 'ftp://unpkg.com/lib.js'",
        "x = 'unpkg.com/lib.js'",
        "x = '/unpkg.com/lib.js'",
        "h('a', {href: 'https://unpkg.com/lib@1/lib.js', children: 'lib'})",
        "h(n.code, {children: 'https://unpkg.com/lib@1/lib.js'})",
        "h(n.code, {children: ['https://unpkg.com/lib@1/lib.js', x]})",
        "h('code', null, 'https://unpkg.com/lib@1/lib.js')",
        "h('code', {class: 'x'}, 'https://unpkg.com/lib@1/lib.js')",
        "x = {'title': 'https://unpkg.com/lib@1/lib.js'}",
        "x = 'https://unpkg.com/lib@1/lib.js'; )",
    ];
    for text in rows {
        // The second form is scanned whatever it contains.
        for text in [text.to_owned(), format!("import.meta;{text}")] {
            assert_eq!(may_load(&text), [], "{text}");
        }
    }
}

#[test]
fn scripts_and_style_sheets_that_a_script_loads_are_found() {
    use LoadedAs::{Script, StyleSheet};
    let rows: &[(&str, &[(&str, LoadedAs)])] = &[
        ("importScripts('https://a.example/x')", &[("https://a.example/x", Script)]),
        ("self.importScripts ( 'a.js', \"/b.js\" )", &[("a.js", Script), ("/b.js", Script)]),
        ("importScripts('/a.js', b, '/c.js')", &[("/a.js", Script)]),
        ("navigator.serviceWorker.register('/sw.js')", &[("/sw.js", Script)]),
        ("navigator.serviceWorker?.register('/sw.js', {scope: '/'})", &[("/sw.js", Script)]),
        ("new Worker(\"/w.js\", {type: 'module'})", &[("/w.js", Script)]),
        ("new window.SharedWorker(`/w.js`)", &[("/w.js", Script)]),
        ("new Worker(new URL('./w.js', import.meta.url))", &[("./w.js", Script)]),
        ("new Worker(new URL('w.js',import.meta.url),{type:'module'})", &[("w.js", Script)]),
        ("context.audioWorklet.addModule('/w.js')", &[("/w.js", Script)]),
        ("$.getScript('https://a.example/x')", &[("https://a.example/x", Script)]),
        ("s.src = 'https://a.example/x.js?v=1'", &[("https://a.example/x.js?v=1", Script)]),
        ("s.src='//a.example/x.mjs'", &[("//a.example/x.mjs", Script)]),
        ("s.src = '/x.js'; t(s)", &[("/x.js", Script)]),
        ("l.href = 'https://a.example/x.css'", &[("https://a.example/x.css", StyleSheet)]),
        ("l.href=\"/x.css\"", &[("/x.css", StyleSheet)]),
        ("s.setAttribute('src', '//a.example/x.js')", &[("//a.example/x.js", Script)]),
        ("l.setAttribute(\"href\",\"/x.css\")", &[("/x.css", StyleSheet)]),
        // Relative to the page.
        ("new Worker('w.js'); navigator.serviceWorker.register('./sw.js'); s.src = 'x.js'", &[]),
        ("new Worker(url); new Worker('/a' + b); importScripts(a); s.src = '/a.js' + b", &[]),
        ("new Worker(new URL('./w.js', base)); new URL('./w.js', import.meta.url)", &[]),
        ("i.src = 'https://a.example/x.png'; a.href = 'https://a.example/x.js'", &[]),
        ("s.src == '/x.js'; s.src => '/x.js'; src = '/x.js'; s.src += '/x.js'", &[]),
        ("s.setAttribute('data-x', '/x.js'); s.setAttribute(n, '/x.js'); f.register('/x.js')", &[]),
        ("// importScripts('/x.js')\n'new Worker(\"/x.js\")'; x = 's.src = \"/x.js\"'", &[]),
    ];
    for (text, expected) in rows {
        let found = may_load(text);
        let found: Vec<(&str, LoadedAs)> =
            found.iter().map(|(url, loaded_as)| (url.as_str(), *loaded_as)).collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn relative_urls_of_workers_and_elements_are_relative_to_the_page() {
    let text = "new Worker('w.js'); navigator.serviceWorker.register('./sw.js'); s.src = 'x.js'; \
                importScripts('a.js')";
    let urls = |found: &[Reference]| found.iter().map(|it| it.url.clone()).collect::<Vec<_>>();
    let script = parse(text);
    assert_eq!(urls(&script.page_references), ["w.js", "./sw.js", "x.js"]);
    assert_eq!(urls(&script.references), ["a.js"]);
}

#[test]
fn an_import_of_another_host_is_found_once() {
    for text in [
        "import('https://esm.sh/lib@1')",
        "import 'https://esm.sh/lib@1'",
        "export * from 'https://esm.sh/lib@1'",
    ] {
        let found = parse(text).references;
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].purpose, Purpose::Load(LoadedAs::Script), "{text}");
    }
}

#[test]
fn the_span_of_an_import_is_its_literal() {
    let text = "'é'; import 'a'; export * from \"b\\u0062\"; import( `c` )";
    let found: Vec<&str> = imports(text).iter().map(|it| &text[it.start..it.end]).collect();
    assert_eq!(found, ["'a'", "\"b\\u0062\"", "`c`"]);
}

#[test]
fn a_truncated_text_imports_nothing_more() {
    let text = "#!é\nimport é, {a as b} from 'a' with {type: 'json'};/* é **/export*from\"b\"\n\
        x = a ? /[/'\"`]\\/é/gu : `é ${{b: `\\`${await import('c', {})}`}} import('no')` / 2\n\
        if (a) /'/.test(b); for (const a of /\"/) { import(`d`) } // import('no')\n\
        x.import('no'); a++ / import('e' + b) / '\\'\\\n'; import( /* ) */ \"\\u{e9}\\x61\" )";
    // The attributes of an import can be cut off.
    let imports = |text: &str| {
        let found = imports(text).into_iter();
        found.map(|it| (it.url, it.start, it.end)).collect::<Vec<_>>()
    };
    let full = imports(text);
    assert_eq!(full.len(), 5);
    for (cut, _) in text.char_indices() {
        assert!(imports(&text[..cut]).iter().all(|it| full.contains(it)), "{}", &text[..cut]);
        imports(&text[cut..]);
    }
}

#[test]
fn nesting_uses_no_stack() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("`${", "}`")] {
        let text = open.repeat(100_000) + "import('a')" + &close.repeat(100_000);
        assert_eq!(specifiers(&text), ["a"]);
    }
}

#[test]
fn a_slash_after_an_operand_divides() {
    let rows = [
        "a ¦ é ¦ of ¦ get ¦ this ¦ a.return ¦ a?.typeof ¦ a.#in ¦ \\u0061b ¦ a\n",
        "1 ¦ 1. ¦ .5 ¦ 1e3 ¦ 0xf ¦ 'a' ¦ `a` ¦ `${a}` ¦ f`a` ¦ /a/g ¦ a / b",
        "a() ¦ (a) ¦ a.if(b) ¦ a.while (b) ¦ for (;;) {} (a) ¦ f(a, {}) ¦ ({a: b}\n)",
        "a[0] ¦ [{}] ¦ a++ ¦ a-- ¦ a?.b ?? c ¦ x = a ? .5 : b ¦ x = a ? b : c",
        "x = {} ¦ x = {a: {}} ¦ x = {get a() {}, b} ¦ x = {if: a}.if ¦ () => ({})",
        "x = a ? b : {} ¦ x = a ? {b: c} : {d: e} ¦ f(a ? {} : {}, {}) ¦ const {a} = {}",
    ];
    for row in rows.iter().flat_map(|row| row.split(" ¦ ")) {
        let text = format!("{row} / '/ import(\"no\") /*'; import('a')");
        assert_eq!(specifiers(&text), ["a"], "{text}");
    }
}

#[test]
fn a_slash_in_place_of_an_operand_starts_a_regular_expression() {
    let rows = [
        "@ ¦ ; @ ¦ { @ } ¦ {} @ ¦ a: @ ¦ a: {} @ ¦ export default @ ¦ export {}; @",
        "x = @ ¦ x = a + @ ¦ !@ ¦ (@) ¦ [@] ¦ f(a, @) ¦ [...@] ¦ a < @ ¦ x >>>= @ ¦ a\n++\n@",
        "x = a ? @ : @ ¦ x = a ? b => {} : c ? d : @ ¦ x = a && @ || @ ?? @ ¦ x = a / @",
        "x = {a: @, [b]: @} ¦ x = {if(a) {}, b: @} ¦ x => @ ¦ x => {}\n@ ¦ `${@}`",
        "() => { return @ } ¦ typeof @ ¦ void @ ¦ delete @ ¦ throw @ ¦ new @ ¦ a in @",
        "a instanceof @ ¦ do @\nwhile (@) @ ¦ do {} while (a) @ ¦ while ((a)) @ ¦ with (a) @",
        "if (a) @; else @ ¦ if (a) {} else {} @ ¦ try {} catch {} @ ¦ try {} finally {} @",
        "for (a of @) @ ¦ for (const [a] of @) @ ¦ for (;; @) @ ¦ for await (a of b) @",
        "switch (a) { case @: @; default: @ } @ ¦ switch (a) { case b ? c : d: {} @ }",
        "function f() {} @ ¦ class A extends B {} @ ¦ class A { static a = @; if(a) {} b = @ }",
    ];
    for row in rows.iter().flat_map(|row| row.split(" ¦ ")) {
        let text = row.replace('@', "/[/]'\\/`\"{(/g") + "; import('a')";
        assert_eq!(specifiers(&text), ["a"], "{text}");
    }
}

#[test]
fn a_text_with_misfit_tokens_imports_nothing() {
    let rows = [
        "'a\n' ¦ \"a\r\" ¦ 'a ¦ `a ¦ `${`a` ¦ `${a ¦ /* a ¦ /a\n/ ¦ /a\\\n/ ¦ /[/\n]",
        "/a/x ¦ /a/\\u0067 ¦ \\u{61} ¦ “a” ¦ @a ¦ \0 ¦ yield / a ¦ await / a ¦ let / a",
        "( ¦ ) ¦ [) ¦ {] ¦ (} ¦ } ¦ { ¦ a ? b ¦ (a ? b) ¦ (a; b) ¦ [a: b] ¦ a ? b;",
        "a 'b' ¦ a 1 ¦ (a) b ¦ 'a' 'b' ¦ /a/ 'b' ¦ 'a' b ¦ a./b/ ¦ if /a/",
        "import a = b ¦ import {a ¦ import {1} ¦ import a ¦ import - ¦ export * as a",
        "<!-- a ¦ a <!-- b ¦ a\n--> b ¦ --> b ¦ /**/ --> b ¦ <p>don't</p>",
    ];
    for row in rows.iter().flat_map(|row| row.split(" ¦ ")) {
        for text in [format!("import 'a'\n{row}"), format!("{row}\n;import('a')")] {
            assert_eq!(imports(&text), [], "{text}");
        }
    }
}
