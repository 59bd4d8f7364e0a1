//! Uses of features that browsers do not offer in each context, and how scripts test for them.

use super::{UrlScanner, cursor::is_word_byte, feature_state::Candidate, features::Kind};

/// The names of the global object.
const GLOBAL_OBJECTS: [&str; 4] = ["window", "self", "globalThis", "top"];

/// Keywords that bind the name after them.
const BINDING: [&str; 5] = ["const", "let", "var", "function", "class"];

/// What the token after an expression says about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// It must have a value: a property of it is read, or it is called.
    Use,
    /// It may have no value.
    Test,
    /// It is bound to a value.
    Binding,
    Other,
}

impl<'a> UrlScanner<'a> {
    /// Looks ahead from a word that may be a feature, or a test for one. Nothing is consumed.
    pub(super) fn feature(&mut self, word: &str, is_property: bool) {
        if self.features.is_empty() {
            return;
        }
        let end = self.cursor.at();
        let start = end - word.len();
        match word {
            "isSecureContext" => self.features.tests_security |= !self.is_key(),
            "crossOriginIsolated" => self.features.tests_isolation |= !self.is_key(),
            _ => {
                let mut candidates = std::mem::take(&mut self.features.candidates);
                for it in candidates.iter_mut().filter(|it| it.global == word) {
                    let _ = self.candidate(it, start, is_property);
                    self.cursor.return_to(end);
                }
                self.features.candidates = candidates;
            }
        }
        self.cursor.return_to(end);
    }

    /// Whether the word that ends here is the key of a property.
    fn is_key(&mut self) -> bool {
        self.skip(b':').is_some()
    }

    /// The global of a feature, which starts here.
    fn candidate(&mut self, found: &mut Candidate, start: usize, is_property: bool) -> Option<()> {
        let kind = found.feature.kind();
        let before = self.before_global(start, is_property)?;
        if BINDING.iter().any(|word| strip_word(before, word).is_some()) {
            found.is_local = true;
            return None;
        }
        let next = self.next()?;
        let is_tested = next == Next::Test && strip_word(before, "instanceof").is_none();
        let is_tested = is_tested || before.ends_with('!') || before.ends_with("typeof");
        if next == Next::Binding {
            // A property is replaced for all scripts.
            found.is_tested |= is_property;
            found.is_local |= !is_property;
        }
        let Some(property) = found.feature.property() else {
            found.is_tested |= is_tested;
            let is_new = strip_word(before, "new").is_some();
            if next == Next::Use && is_new == (kind != Kind::Function) {
                self.used(found, start);
            }
            return Some(());
        };
        found.is_tested |= is_tested && kind == Kind::Global;
        self.dot()?;
        self.skip_word(property)?;
        if kind == Kind::SharedMemory {
            return self.shared_memory(found, start);
        }
        if property == "serviceWorker" {
            self.registers(found, start);
        }
        match self.next()? {
            Next::Use => self.used(found, start),
            Next::Test | Next::Binding => found.is_tested = true,
            Next::Other => {
                found.is_tested |= before.ends_with('!') || before.ends_with("typeof");
            }
        }
        Some(())
    }

    /// A use, from `start` to here. In a block of `try`, an error is expected.
    fn used(&self, found: &mut Candidate, start: usize) {
        if self.features.tries.is_empty() && found.used.is_none() {
            found.used = Some(start..self.cursor.at());
        }
    }

    /// A registration of a service worker, if the name that ends here begins one.
    fn registers(&mut self, found: &mut Candidate, start: usize) {
        let end = self.cursor.at();
        let is_registration = self.dot().and_then(|()| self.skip_word("register")).is_some();
        self.cursor.return_to(end);
        if is_registration && !found.is_irreplaceable {
            found.is_irreplaceable = true;
            found.used = Some(start..end);
        }
    }

    /// The arguments of `WebAssembly.Memory`. Some scripts create one only to get at the
    /// constructor of its buffer.
    fn shared_memory(&mut self, found: &mut Candidate, start: usize) -> Option<()> {
        /// The members of the descriptor are few.
        const ARGUMENT_MAX: usize = 500;
        let end = self.cursor.at();
        self.skip(b'(')?;
        let rest = self.cursor.text(self.cursor.at()..self.cursor.length());
        let length = rest.bytes().take(ARGUMENT_MAX).position(|it| it == b')')?;
        let (descriptor, after) = (rest.get(..length)?, rest.get(length + 1..)?);
        let (_, value) = descriptor.split_once("shared")?;
        let value = value.trim_start_matches(['"', '\'', ' ']);
        let value = value.strip_prefix(':')?.trim_start();
        let is_shared = value.starts_with("true") || value.starts_with("!0");
        if is_shared && !after.starts_with(".buffer.constructor") {
            self.cursor.return_to(end);
            self.used(found, start);
        }
        Some(())
    }

    /// Looks ahead from a string that may be the name in a test such as `"share" in navigator`.
    pub(super) fn feature_name(&mut self, start: usize) {
        let end = self.cursor.at();
        let name = self.cursor.text(start + 1..end - 1);
        if !self.features.candidates.iter().any(|it| it.feature.missing() == name) {
            return;
        }
        let is_test = self.skip_word("in").is_some();
        self.cursor.return_to(end);
        let candidates = self.features.candidates.iter_mut();
        for it in candidates.filter(|it| it.feature.missing() == name) {
            it.is_tested |= is_test;
        }
    }

    /// A bracket was opened.
    pub(super) fn brace(&mut self, byte: u8) {
        if byte != b'{' || self.features.is_empty() {
            return;
        }
        let before = self.cursor.text(0..self.cursor.at() - 1).trim_end();
        if strip_word(before, "try").is_some() {
            self.features.tries.push(self.context.depth());
        }
    }

    /// The text before a global that starts here, and before the name of the global object; `None`
    /// if it is a property of anything else.
    fn before_global(&self, start: usize, is_property: bool) -> Option<&'a str> {
        let before = self.cursor.text(0..start).trim_end();
        if !is_property {
            return Some(before);
        }
        let object = before.strip_suffix('.')?;
        let object = object.strip_suffix('?').unwrap_or(object).trim_end();
        GLOBAL_OBJECTS.iter().find_map(|name| strip_word(object, name)).map(str::trim_end)
    }

    /// Consumes `.` or `?.`.
    fn dot(&mut self) -> Option<()> {
        self.cursor.skip_blanks()?;
        if self.cursor.peek(0)? == b'?' {
            self.cursor.advance(1);
        }
        self.skip(b'.')
    }

    /// What the next token says about the expression that ends here.
    fn next(&mut self) -> Option<Next> {
        let end = self.cursor.at();
        self.cursor.skip_blanks()?;
        let rest = self.cursor.rest();
        self.cursor.return_to(end);
        Some(match rest {
            [b'=' | b'!', b'=', ..] | [b'&', b'&', ..] | [b'|', b'|', ..] => Next::Test,
            [b'?' | b')', ..] => Next::Test,
            [b'.' | b'[' | b'(', ..] => Next::Use,
            [b'=' | b':' | b'}', ..] => Next::Binding,
            _ => Next::Other,
        })
    }
}

/// The text before a word at the end of a text.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let before = text.strip_suffix(word)?;
    let is_in_word = before.bytes().last().is_some_and(|it| is_word_byte(it) || it == b'.');
    (!is_in_word).then_some(before)
}

#[cfg(test)]
mod tests {
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
            (
                "new WebAssembly.Memory({initial:1,maximum:2,\"shared\":!0})",
                &["WebAssembly.Memory"],
            ),
            ("navigator.usb.f(); navigator.hid.f()", &["navigator.usb", "navigator.hid"]),
            ("navigator.usb.f(); navigator.usb.g()", &["navigator.usb"]),
            ("try { f() } catch { navigator.usb.f() }", &["navigator.usb"]),
            ("if (typeof navigator !== 'undefined') navigator.usb.f()", &["navigator.usb"]),
            ("x = {isSecureContext: function () {}}; navigator.usb.f()", &["navigator.usb"]),
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
            "if (\"Notification\" in window) Notification.requestPermission()",
            "typeof Notification === 'function' && Notification.requestPermission()",
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
    fn a_service_worker_is_missed_although_the_script_tests_for_it() {
        let rows: &[(&str, &[&str])] = &[
            (
                "'serviceWorker' in navigator && navigator.serviceWorker.register('/sw.js')",
                &["navigator.serviceWorker"],
            ),
            ("try { navigator.serviceWorker?.register(a) } catch {}", &["navigator.serviceWorker"]),
            ("'serviceWorker' in navigator && navigator.serviceWorker.ready.then(f)", &[]),
            ("navigator.serviceWorker.getRegistrations().then(f)", &["navigator.serviceWorker"]),
        ];
        for (text, expected) in rows {
            assert_eq!(uses(text), *expected, "{text}");
        }
    }
}
