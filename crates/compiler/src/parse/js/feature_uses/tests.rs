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
        "const e = crypto.subtle; e.digest(a, b)",
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
    ];
    for (text, expected) in rows {
        assert_eq!(uses(text), *expected, "{text}");
    }
}
