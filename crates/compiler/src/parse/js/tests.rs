//! Tables of scripts and the imports that are found in them.

use super::*;

fn specifiers(text: &str) -> Vec<String> {
    imports(text).into_iter().map(|it| it.specifier).collect()
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
