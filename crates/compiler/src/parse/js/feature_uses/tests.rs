//! Tables of scripts and the features that they depend on.

use crate::parse::js::parse;

/// The texts of the uses.
fn uses(text: &str) -> Vec<&str> {
    parse(text).features.uses.iter().map(|it| &text[it.span.clone()]).collect()
}

#[test]
fn a_use_without_a_test_is_found() {
    let rows: &[(&str, &[&str])] = &[
        ("navigator.clipboard.writeText('a')", &["navigator.clipboard"]),
        ("window . navigator?.clipboard\n.writeText('a')", &["navigator?.clipboard"]),
        ("const id = crypto.randomUUID()", &["crypto.randomUUID"]),
        ("await self.crypto.subtle.digest(a, b)", &["crypto.subtle"]),
        ("navigator.mediaDevices.getUserMedia({video: true})", &["navigator.mediaDevices"]),
        ("const all = await caches.open('v1')", &["caches.open"]),
        ("Notification.requestPermission().then(f)", &["Notification.requestPermission"]),
        ("new window.PaymentRequest(a, b)", &["PaymentRequest"]),
        ("showOpenFilePicker()", &["showOpenFilePicker"]),
        ("navigator.share({url})", &["navigator.share"]),
        ("new SharedArrayBuffer(8)", &["SharedArrayBuffer"]),
        ("new WebAssembly.Memory({initial: 1, shared: true})", &["WebAssembly.Memory"]),
        ("new WebAssembly.Memory({initial:1,maximum:2,\"shared\":!0})", &["WebAssembly.Memory"]),
        ("navigator.usb.f(); navigator.hid.f()", &["navigator.usb", "navigator.hid"]),
        ("navigator.usb.f(); navigator.usb.g()", &["navigator.usb"]),
        ("try { f() } catch { navigator.usb.f() }", &["navigator.usb"]),
        ("if (typeof navigator !== 'undefined') navigator.usb.f()", &["navigator.usb"]),
        ("x = {isSecureContext: function () {}}; navigator.usb.f()", &["navigator.usb"]),
        ("const { subtle } = globalThis.crypto; subtle.digest(a, b)", &["subtle"]),
        ("const {x, clipboard: board} = navigator; board.writeText(a)", &["board"]),
        ("const devices = navigator.mediaDevices\ndevices.getUserMedia(a)", &["devices"]),
        ("await context.audioWorklet.addModule('a.js')", &["audioWorklet.addModule"]),
        ("addEventListener('deviceorientation', f)", &["'deviceorientation'"]),
        ("new WebAssembly.Memory({initial: f(1), shared: true})", &["WebAssembly.Memory"]),
        ("export {}; `${navigator.usb.f()}`", &["navigator.usb"]),
    ];
    for (text, expected) in rows {
        assert_eq!(uses(text), *expected, "{text}");
    }
}

#[test]
fn a_script_that_tests_for_a_feature_works_without_it() {
    let rows = [
        "if ('clipboard' in navigator) navigator.clipboard.writeText(a)",
        "`clipboard`in navigator&&navigator.clipboard.writeText(a)",
        "if (navigator.clipboard) navigator.clipboard.writeText(a)",
        "navigator.clipboard && navigator.clipboard.writeText(a)",
        "navigator.clipboard?.writeText(a)",
        "navigator?.clipboard?.writeText(a)",
        "navigator.clipboard ? navigator.clipboard.writeText(a) : f()",
        "if (!navigator.clipboard) return; navigator.clipboard.writeText(a)",
        "const has = !!navigator.clipboard; if (has) navigator.clipboard.writeText(a)",
        "typeof navigator.clipboard < 'u' && navigator.clipboard.writeText(a)",
        "navigator.clipboard === undefined || navigator.clipboard.writeText(a)",
        "if (window.isSecureContext) navigator.clipboard.writeText(a)",
        "try { navigator.clipboard.writeText(a) } catch { f() }",
        "try { if (a) { f() } navigator.clipboard.writeText(a) } catch {}",
        "crypto.randomUUID ??= f; crypto.randomUUID()",
        "const id = crypto.randomUUID?.() ?? f()",
        "'caches' in window && caches.open('a')",
        "if (window.caches) caches.open('a')",
        "isSecureContext && navigator.geolocation.watchPosition(f)",
        "const { clipboard } = navigator; if (clipboard) clipboard.writeText(a)",
        "const { subtle } = crypto; g(subtle); subtle.digest(a, b)",
        "const board = navigator.clipboard; board?.writeText(a)",
        "const board = navigator.clipboard; { let board = b; board.writeText(a) }",
        "if (context.audioWorklet) context.audioWorklet.addModule('a.js')",
        "if (window.DeviceOrientationEvent) addEventListener('deviceorientation', f)",
        "if ('showOpenFilePicker' in self) showOpenFilePicker()",
        "typeof SharedArrayBuffer !== 'undefined' && new SharedArrayBuffer(8)",
        "window.SharedArrayBuffer ? new SharedArrayBuffer(8) : new ArrayBuffer(8)",
        "crossOriginIsolated ? new SharedArrayBuffer(8) : new ArrayBuffer(8)",
        "typeof SharedArrayBuffer; new WebAssembly.Memory({initial: 1, shared: true})",
    ];
    for text in rows {
        assert_eq!(uses(text), [""; 0], "{text}");
    }
}

#[test]
fn lookalikes_of_features_are_ignored() {
    let rows = [
        "// navigator.clipboard.writeText(a)\n'navigator.usb.f()'; /crypto.subtle.f/.test(a)",
        "this.navigator.clipboard.writeText(a); a.crypto.randomUUID()",
        "const caches = new Map(); caches.open('a')",
        "import crypto from './crypto.js'; crypto.randomUUID()",
        "import {a as caches} from './caches.js'; caches.open('a')",
        "crypto = require('crypto'); crypto.randomUUID()",
        "const {randomUUID: f, x: crypto} = a; crypto.randomUUID()",
        "function showOpenFilePicker() {} showOpenFilePicker()",
        "class PaymentRequest {} new PaymentRequest(a)",
        "a instanceof SharedArrayBuffer; SharedArrayBuffer.prototype; PaymentRequest(a)",
        "new WebAssembly.Memory({shared: false}); new WebAssembly.Memory({initial: 1})",
        "new WebAssembly.Memory({initial:0,maximum:0,shared:!0}).buffer.constructor",
        "navigator.userAgent; navigator.clipboard; crypto.getRandomValues(a); caches.get(a)",
        "navigator.clipboard.writeText(a); )",
    ];
    for text in rows {
        assert_eq!(uses(text), [""; 0], "{text}");
    }
}

#[test]
fn a_variable_with_the_name_of_a_global_is_ignored() {
    let long = "x, ".repeat(200);
    let rows = [
        "const [caches, setCaches] = useState(new Map()); caches.has(a)",
        "const [a, [caches, b]] = c; caches.has(a)",
        "const { caches, logger } = this.options; caches.delete(a)",
        "const { a: { caches, b }, c } = d; caches.delete(a)",
        "function f({ caches, other }) { caches.delete(1) }",
        "f = ([caches, other] = []) => caches.delete(1)",
        "x = { m(a, { caches, other }) { caches.delete(1) } }",
        "const { crypto, fs } = a; crypto.randomUUID()",
        "({ crypto, fs } = require('x')); crypto.subtle.digest(a)",
        "const { Notification, Button } = antd; new Notification('hello')",
        "const { cookieStore, user } = useStores(); cookieStore.delete('a')",
        "f = ({ navigator, x }) => navigator.clipboard.writeText(x)",
        "for (const { caches, b } of list) caches.delete(b)",
        "for (const [caches, b] of list) caches.delete(b)",
        "try { f() } catch ({ caches, b }) { caches.delete(b) }",
        "let a, caches; caches.delete(1)",
        "let a, caches, b; caches.delete(1)",
        "function f() { var a, caches } caches.delete(1)",
        "var a, caches\ncaches.delete(1)",
        "function* caches() {} caches.delete(1)",
        "class A { m(caches, b = /x/) { caches.delete(b) } }",
        "f = (caches, b = `x`) => caches.delete(b)",
        "function f(self) { self.caches.keys() }",
        "f = (a, { self, b }) => self.crypto.randomUUID()",
        &format!("function f(caches, {long} b) {{ caches.delete(b) }}"),
    ];
    for text in rows {
        assert_eq!(uses(text), [""; 0], "{text}");
    }
}

#[test]
fn the_name_of_a_global_in_a_list_of_values_is_the_global() {
    let body = "f(); ".repeat(100);
    let rows = [
        "f([navigator, b]); navigator.usb.f()",
        "x = [navigator, b]; navigator.usb.f()",
        "x = f(a, navigator); navigator.usb.f()",
        "f(a, { b: [navigator, c], d }); navigator.usb.f()",
        "if (f(navigator, b)) { navigator.usb.f() }",
        "while (f({ a, b: navigator })) { navigator.usb.f() }",
        "x = { a, navigator }; navigator.usb.f()",
        "function f() { return a ? b : navigator } navigator.usb.f()",
        "const a = b, c = navigator; navigator.usb.f()",
        "for (const a of [navigator, b]) navigator.usb.f()",
        &format!("(function (a) {{ a.navigator.usb.f(); {body} }})(self, b); navigator.usb.f()"),
        &format!("(self, (a) => {{ {body} }}); self.navigator.usb.f()"),
    ];
    for text in rows {
        assert_eq!(uses(text), ["navigator.usb"], "{text}");
    }
}

#[test]
fn what_precedes_a_declaration_does_not_change_its_meaning() {
    for blanks in 0..4 {
        let prefix = format!("// {}{}\n", "日本語".repeat(40), " ".repeat(blanks));
        let value = "const n = typeof navigator !== 'undefined' ? navigator : null;";
        let text = format!("{prefix}{value} n.clipboard.writeText(a)");
        assert_eq!(uses(&text), ["n.clipboard"], "{text}");
        let text = format!("{prefix}{value} if (n.clipboard) navigator.clipboard.writeText(a)");
        assert_eq!(uses(&text), [""; 0], "{text}");
    }
}

#[test]
fn a_test_does_not_replace_service_workers_and_what_is_denied() {
    let rows: &[(&str, &[&str])] = &[
        (
            "'serviceWorker' in navigator && navigator.serviceWorker.register('/sw.js')",
            &["navigator.serviceWorker"],
        ),
        ("try { navigator.serviceWorker?.register(a) } catch {}", &["navigator.serviceWorker"]),
        ("'serviceWorker' in navigator && navigator.serviceWorker.ready.then(f)", &[]),
        ("const worker = navigator.serviceWorker; worker && worker.register(a)", &["worker"]),
        (
            "if (navigator.geolocation) navigator.geolocation.watchPosition(f)",
            &["navigator.geolocation"],
        ),
        (
            "'Notification' in window && Notification.requestPermission(f)",
            &["Notification.requestPermission"],
        ),
        ("if (Notification.requestPermission) f()", &[]),
        ("navigator.serviceWorker.getRegistrations().then(f)", &["navigator.serviceWorker"]),
        (
            "'Notification' in window && Notification['requestPermission']()",
            &["Notification['requestPermission']"],
        ),
        (
            "const n = navigator; if (n.geolocation) n.geolocation.watchPosition(f)",
            &["n.geolocation"],
        ),
        ("const { geolocation: g } = navigator; g && g.watchPosition(f)", &["g"]),
        ("const w = navigator['serviceWorker']; try { w?.['register'](a) } catch {}", &["w"]),
    ];
    for (text, expected) in rows {
        assert_eq!(uses(text), *expected, "{text}");
    }
}

#[test]
fn a_use_in_brackets_is_found() {
    let rows: &[(&str, &[&str])] = &[
        ("window.navigator['clipboard'].writeText(a)", &["navigator['clipboard']"]),
        ("navigator[\"serviceWorker\"].register(a)", &["navigator[\"serviceWorker\"]"]),
        ("self['crypto']['subtle'].digest(a)", &["self['crypto']['subtle']"]),
        ("window?.[`crypto`]?.randomUUID()", &["window?.[`crypto`]?.randomUUID"]),
        ("new globalThis[\"SharedArrayBuffer\"](8)", &["globalThis[\"SharedArrayBuffer\"]"]),
        ("new self.SharedArrayBuffer(8)", &["SharedArrayBuffer"]),
        ("window.self.navigator.clipboard.writeText(a)", &["navigator.clipboard"]),
        ("caches['open'](a)", &["caches['open']"]),
        ("if (navigator['clipboard']) navigator['clipboard'].writeText(a)", &[]),
        ("window['navigator']['clipboard']?.writeText(a)", &[]),
        ("'caches' in self && self['caches']['open'](a)", &[]),
        ("typeof self['SharedArrayBuffer'] < 'u' && new self['SharedArrayBuffer'](8)", &[]),
        ("a['navigator']['clipboard'].writeText(b); navigator[clipboard].writeText(b)", &[]),
    ];
    for (text, expected) in rows {
        assert_eq!(uses(text), *expected, "{text}");
    }
}

#[test]
fn each_function_of_a_feature_is_found() {
    let rows: &[(&str, &[&str])] = &[
        (
            "cookieStore.getAll().then(f); cookieStore.delete(a)",
            &["cookieStore.getAll", "cookieStore.delete"],
        ),
        ("cookieStore.addEventListener('change', f)", &["cookieStore.addEventListener"]),
        (
            "caches.keys(); caches.has(a); caches.delete(a)",
            &["caches.keys", "caches.has", "caches.delete"],
        ),
        ("if (window.caches) caches.keys().then(f)", &[]),
        ("const caches = new Map(); caches.has(a) || caches.delete(b)", &[]),
        ("new Notification('a')", &["Notification"]),
        ("const N = window.Notification\nnew N('a').onclick = f", &["N"]),
        ("if (Notification.permission == 'granted') new Notification('a')", &[]),
        ("'Notification' in window && new Notification('a')", &[]),
        ("class Notification {}; new Notification('a')", &[]),
        ("import { Notification } from 'ui'; new Notification('a')", &[]),
        ("new ui.Notification('a'); Notification('a')", &[]),
        ("new Notification({ title: 'a' }); new Notification()", &[]),
    ];
    for (text, expected) in rows {
        assert_eq!(uses(text), *expected, "{text}");
    }
}

#[test]
fn a_use_of_a_variable_is_found() {
    let rows: &[(&str, &str)] = &[
        ("const n = navigator; n.geolocation.getCurrentPosition(f)", "n.geolocation"),
        ("f(); function f() { n.usb.f() } const n = navigator;", "n.usb"),
        ("let nav = window.navigator\nnav.clipboard.writeText(a)", "nav.clipboard"),
        ("var e=1,n=self.navigator,t=2;n['usb'].f(e,t)", "n['usb']"),
        ("export const n = window['navigator']; n.usb.f()", "n.usb"),
        ("const n = navigator; const u = n.usb; u.f()", "u"),
        ("const n = navigator, { usb: u } = n; u.f()", "u"),
        ("const w = window; w.navigator.usb.f()", "navigator.usb"),
        ("var globalThis = require(1); var n = globalThis.navigator; n.usb.f()", "n.usb"),
        ("const { navigator: n } = window; n.usb.f()", "n.usb"),
        ("const { crypto } = globalThis; crypto.subtle.digest(a)", "crypto.subtle"),
        ("const crypto = self.crypto; crypto.randomUUID()", "crypto.randomUUID"),
        ("const { geolocation } = navigator; geolocation.watchPosition(f)", "geolocation"),
        ("const { clipboard: c } = window.navigator; c.writeText(a)", "c"),
        ("let{serviceWorker:s}=navigator;'serviceWorker'in navigator&&s.register(a)", "s"),
        ("const {subtle} = crypto; subtle.digest(a)", "subtle"),
        ("const e = crypto.subtle; e.digest(a, b)", "e"),
        ("const SAB = window.SharedArrayBuffer; new SAB(8)", "SAB"),
        ("const { caches: all } = self; all.open('a')", "all.open"),
        ("const n = typeof navigator !== 'undefined' ? navigator : null; n.usb.f()", "n.usb"),
        ("const n=\"undefined\"==typeof window?{}:window.navigator;n.usb.f()", "n.usb"),
        ("const n = typeof window < 'u' && window.navigator; n && n.usb.f()", "n.usb"),
        ("const n = navigator; if (n) g(n, {a: n.b}); n.usb.f(); const m = n;", "n.usb"),
        ("const n = navigator; x = {n: 1}; x.n = 2; y = /n/; z = 'n'; n.usb.f()", "n.usb"),
        ("const n = navigator; { try { f() } catch { n.usb.f() } }", "n.usb"),
        ("n = typeof navigator < 'u' ? navigator : null; navigator.usb.f()", "navigator.usb"),
    ];
    for (text, expected) in rows {
        assert_eq!(uses(text), [*expected], "{text}");
    }
}

#[test]
fn a_test_of_a_variable_is_one_of_the_feature() {
    let rows = [
        "if ('clipboard' in n) n.clipboard.writeText(a)",
        "if (n.clipboard) n.clipboard.writeText(a)",
        "n && n.clipboard && n.clipboard.writeText(a)",
        "n.clipboard?.writeText(a)",
        "!n.clipboard || n.clipboard.writeText(a)",
        "if (navigator.clipboard) n.clipboard.writeText(a)",
        "if (n.clipboard) navigator.clipboard.writeText(a)",
        "const c = n.clipboard; if (c) c.writeText(a)",
        "const { clipboard } = n; if (!clipboard) f(); clipboard.writeText(a)",
        "const { clipboard = b } = n; clipboard.writeText(a)",
        "try { n.clipboard.writeText(a) } catch {}",
        "isSecureContext && n.clipboard.writeText(a)",
    ];
    for row in rows {
        let text = format!("const n = navigator; {row}");
        assert_eq!(uses(&text), [""; 0], "{text}");
    }
    let rows = [
        "const all = window.caches; if (all) all.open('a')",
        "const all = self.caches; f(all); all.open('a')",
        "const SAB = window.SharedArrayBuffer; typeof SAB !== 'undefined' && new SAB(8)",
        "const SAB = window.SharedArrayBuffer; SAB ? new SAB(8) : new ArrayBuffer(8)",
        "const all = typeof caches !== 'undefined' ? caches : null; all.open('a')",
    ];
    for text in rows {
        assert_eq!(uses(text), [""; 0], "{text}");
    }
}

#[test]
fn a_variable_with_another_value_is_ignored() {
    let rows = [
        "function f(n) { n.usb.g() }",
        "f = n => n.usb.g()",
        "f = (a, n) => n.usb.g()",
        "f = ({ n }) => n.usb.g()",
        "f = ({ a: n }) => n.usb.g()",
        "f = ([n]) => n.usb.g()",
        "f = (...n) => n.usb.g()",
        "f = (a = {}, n = b) => n.usb.g()",
        "f = async n => n.usb.g()",
        "class A { m(n) { n.usb.g() } }",
        "x = { set m(n) { n.usb.g() } }",
        "try { f() } catch (n) { n.usb.g() }",
        "for (const n of a) n.usb.g()",
        "for (n in a) n.usb.g()",
        "{ let a, n; n.usb.g() }",
        "{ let [a, n] = b; n.usb.g() }",
        "{ const { a: n, ...b } = c; n.usb.g() }",
        "function g() { var n = navigator; n.usb.g() }",
        "{ function n() {} n.usb.g() }",
        "{ function* n() {} n.usb.g() }",
        "{ class n {} n.usb.g() }",
        "n = b; n.usb.g()",
        "n ||= b; n.usb.g()",
        "[n] = a; n.usb.g()",
        "import n from 'a'; n.usb.g()",
        "import { a as n } from 'a'; n.usb.g()",
        "const { usb } = n; n = b; usb.g()",
    ];
    for row in rows {
        for text in [format!("var n = navigator; {row}"), format!("{row}\nvar n = navigator")] {
            assert_eq!(uses(&text), [""; 0], "{text}");
        }
    }
    let rows = [
        "var c = self.crypto || self.msCrypto; c.subtle.digest(a)",
        "const c = window.crypto ?? b; c.subtle.digest(a)",
        "const c = a ? crypto : b; c.subtle.digest(a)",
        "const c = typeof process === 'object' ? b : crypto; c.subtle.digest(a)",
        "const n = navigator.userAgent; n.usb.g()",
        "const n = f(navigator); n.usb.g()",
        "const n = navigator in a; n.usb.g()",
        "const n = navigator\n.userAgent; n.usb.g()",
        "a.n = navigator; n.usb.g()",
        "function f(a, n = navigator) { n.usb.g() }",
        "function f(a, { usb } = navigator) { usb.g() }",
        "f = ([a, n = navigator]) => n.usb.g()",
        "class A { n = navigator; m() { n.usb.g() } }",
        "const { a: { usb }, b } = navigator; usb.g()",
        "let n; n = navigator; n.usb.g()",
        "const { share } = navigator; class A { share(a) { return b } }",
        "function f(crypto) { crypto.subtle.digest(a) }",
        "f = (a, caches) => caches.open(a)",
        "try { f() } catch (navigator) { navigator.usb.g() }",
        "const self = this; self.crypto.subtle.digest(a)",
        "const self = this, { crypto } = self; crypto.subtle.digest(a)",
        "class A { showOpenFilePicker(a) { f(a) } }",
    ];
    for text in rows {
        assert_eq!(uses(text), [""; 0], "{text}");
    }
}
