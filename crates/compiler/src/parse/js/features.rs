//! Features that browsers offer in secure contexts only: over HTTPS, and on the machine itself. The
//! list is that of MDN ("Features restricted to secure contexts"); each row names the standard.

use std::fmt;

use memchr::memmem;

use self::Kind::{
    Constructor, Denied, DeniedConstructor, Event, Function, Global, Member, Property,
    SharedBuffer, SharedMemory,
};

/// A feature, by the expression that scripts use it with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Feature {
    /// The expression: a global, or a global and its property.
    pub(crate) name: &'static str,
    /// What users call it.
    pub(crate) label: &'static str,
    kind: Kind,
}

/// What is missing in other contexts, and how it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The property; every context has the global.
    Property,
    /// Nothing, but requests are denied, so that a test for it does not help.
    Denied,
    /// The permission for what a constructor creates; every context has the constructor.
    DeniedConstructor,
    /// The global, which this property is used of.
    Global,
    /// A property of any object, which this property is used of.
    Member,
    /// The interface of an event, which is never fired.
    Event,
    /// The global, which is a function.
    Function,
    /// The global, which is a constructor.
    Constructor,
    /// The same, and it is missing in pages that are not cross-origin isolated, too.
    SharedBuffer,
    /// WebAssembly memory with `shared: true`, which such pages cannot send to workers.
    SharedMemory,
}

const fn row(name: &'static str, kind: Kind, label: &'static str) -> Feature {
    Feature { name, label, kind }
}

/// All features; those of one global follow each other.
pub(crate) static FEATURES: [Feature; 67] = [
    // Service Workers
    row("navigator.serviceWorker", Property, "service workers"),
    // Media Capture and Streams, Screen Capture
    row("navigator.mediaDevices", Property, "camera and microphone"),
    // Clipboard API and events
    row("navigator.clipboard", Property, "clipboard"),
    // Geolocation
    row("navigator.geolocation", Denied, "geolocation"),
    // Storage; the File System standard adds `getDirectory`
    row("navigator.storage", Property, "storage manager"),
    // Web Locks
    row("navigator.locks", Property, "locks"),
    // Screen Wake Lock
    row("navigator.wakeLock", Property, "wake lock"),
    // Web Share
    row("navigator.share", Property, "sharing"),
    row("navigator.canShare", Property, "sharing"),
    // Credential Management; Web Authentication uses it
    row("navigator.credentials", Property, "credentials"),
    // Badging
    row("navigator.setAppBadge", Property, "badges"),
    // Contact Picker
    row("navigator.contacts", Property, "contacts"),
    // Battery Status
    row("navigator.getBattery", Property, "battery status"),
    // Keyboard Map and Keyboard Lock
    row("navigator.keyboard", Property, "keyboard layout"),
    // Web Bluetooth
    row("navigator.bluetooth", Property, "Bluetooth"),
    // WebUSB
    row("navigator.usb", Property, "USB"),
    // Web Serial
    row("navigator.serial", Property, "serial ports"),
    // WebHID
    row("navigator.hid", Property, "HID"),
    // Web MIDI
    row("navigator.requestMIDIAccess", Property, "MIDI"),
    // WebGPU
    row("navigator.gpu", Property, "WebGPU"),
    // Presentation API
    row("navigator.presentation", Property, "presentation"),
    // VirtualKeyboard API
    row("navigator.virtualKeyboard", Property, "virtual keyboard"),
    // WebXR Device API
    row("navigator.xr", Property, "WebXR"),
    // Encrypted Media Extensions
    row("navigator.requestMediaKeySystemAccess", Property, "encrypted media"),
    // Web Cryptography
    row("crypto.subtle", Property, "crypto.subtle"),
    row("crypto.randomUUID", Property, "crypto.randomUUID"),
    // Service Workers
    row("caches.open", Global, "cache storage"),
    row("caches.match", Global, "cache storage"),
    row("caches.has", Global, "cache storage"),
    row("caches.keys", Global, "cache storage"),
    row("caches.delete", Global, "cache storage"),
    // Notifications
    row("Notification.requestPermission", Denied, "notifications"),
    // The constructor fires an `error` event without the permission, and the state of a permission
    // is "denied" in other contexts (Permissions, "permission state").
    row("Notification", DeniedConstructor, "notifications"),
    // ECMAScript; HTML hides it unless the page is cross-origin isolated
    row("SharedArrayBuffer", SharedBuffer, "shared memory"),
    // WebAssembly JavaScript Interface
    row("WebAssembly.Memory", SharedMemory, "shared memory"),
    // File System Access
    row("showOpenFilePicker", Function, "file pickers"),
    row("showSaveFilePicker", Function, "file pickers"),
    row("showDirectoryPicker", Function, "file pickers"),
    // Cookie Store
    row("cookieStore.get", Global, "cookie store"),
    row("cookieStore.set", Global, "cookie store"),
    row("cookieStore.getAll", Global, "cookie store"),
    row("cookieStore.delete", Global, "cookie store"),
    row("cookieStore.addEventListener", Global, "cookie store"),
    // Payment Request
    row("PaymentRequest", Constructor, "payments"),
    // Web NFC
    row("NDEFReader", Constructor, "NFC"),
    // WebCodecs
    row("VideoDecoder", Constructor, "WebCodecs"),
    row("VideoEncoder", Constructor, "WebCodecs"),
    row("AudioDecoder", Constructor, "WebCodecs"),
    row("AudioEncoder", Constructor, "WebCodecs"),
    row("ImageDecoder", Constructor, "WebCodecs"),
    // WebTransport
    row("WebTransport", Constructor, "WebTransport"),
    // Generic Sensor API, and the standard of each sensor
    row("Accelerometer", Constructor, "motion sensors"),
    row("Gyroscope", Constructor, "motion sensors"),
    row("Magnetometer", Constructor, "motion sensors"),
    row("AbsoluteOrientationSensor", Constructor, "motion sensors"),
    // Device Orientation and Motion
    row("DeviceMotionEvent.requestPermission", Global, "motion sensors"),
    row("DeviceMotionEvent.devicemotion", Event, "motion sensors"),
    row("DeviceOrientationEvent.requestPermission", Global, "motion sensors"),
    row("DeviceOrientationEvent.deviceorientation", Event, "motion sensors"),
    // Compute Pressure
    row("PressureObserver", Constructor, "compute pressure"),
    // Web Audio
    row("audioWorklet.addModule", Member, "audio worklets"),
    // CSS Painting API
    row("paintWorklet.addModule", Member, "paint worklets"),
    // Local Font Access
    row("queryLocalFonts", Function, "local fonts"),
    // Document Picture-in-Picture
    row("documentPictureInPicture.requestWindow", Global, "picture-in-picture windows"),
    // Window Management
    row("getScreenDetails", Function, "window management"),
    // EyeDropper API
    row("EyeDropper", Constructor, "eye dropper"),
    // Idle Detection
    row("IdleDetector", Constructor, "idle detection"),
];

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, self.property()) {
            (SharedMemory, _) => write!(f, "`{}` with `shared: true`", self.name),
            (Event, Some(event)) => write!(f, "the event `{event}`"),
            _ => write!(f, "`{}`", self.name),
        }
    }
}

impl Feature {
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// The name of the global.
    pub(super) fn global(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(global, _)| global)
    }

    /// Whether it is used by its global, which has this name.
    pub(super) fn is_of(&self, global: &str) -> bool {
        self.global() == global && !matches!(self.kind, Event | Member)
    }

    /// The name of its property.
    pub(super) fn property(&self) -> Option<&'static str> {
        self.name.split_once('.').map(|(_, property)| property)
    }

    /// The name of what is missing in other contexts.
    pub(super) fn missing(&self) -> &'static str {
        match self.kind {
            Property | Denied => self.property().unwrap_or(self.name),
            _ => self.global(),
        }
    }

    /// Whether it works in cross-origin isolated pages only.
    pub(crate) fn needs_isolation(&self) -> bool {
        matches!(self.kind, SharedBuffer | SharedMemory)
    }
}

/// Whether a script makes pages cross-origin isolated, as a service worker that adds the fields to
/// each response does.
pub(crate) fn adds_isolation(text: &str) -> bool {
    let has = |names: [&str; 2]| names.into_iter().any(|name| has_literal(text, name));
    has(["Cross-Origin-Embedder-Policy", "cross-origin-embedder-policy"])
        && has(["Cross-Origin-Opener-Policy", "cross-origin-opener-policy"])
}

/// Whether a script is one that service workers run, which are in secure contexts always.
pub(crate) fn is_service_worker(text: &str) -> bool {
    let calls = ["skipWaiting()", "clients.claim()", "respondWith("];
    calls.into_iter().any(|call| occurs(text, call))
        || occurs(text, "addEventListener(")
            && ["fetch", "install"].into_iter().all(|event| has_literal(text, event))
}

#[inline(never)]
fn occurs(text: &str, part: &str) -> bool {
    memmem::find(text.as_bytes(), part.as_bytes()).is_some()
}

/// Whether a text has a literal with exactly this value.
fn has_literal(text: &str, value: &str) -> bool {
    let bytes = text.as_bytes();
    memmem::find_iter(bytes, value.as_bytes()).any(|start| {
        let before = start.checked_sub(1).and_then(|at| bytes.get(at));
        let is_quote = |it: &u8| matches!(it, b'"' | b'\'' | b'`');
        before.is_some_and(is_quote) && bytes.get(start + value.len()) == before
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_a_name_of_its_kind_and_a_label() {
        for feature in &FEATURES {
            let rows = FEATURES.iter().filter(|it| it.name == feature.name);
            assert_eq!(rows.count(), 1, "{}", feature.name);
            assert!(!feature.label.is_empty() && !feature.label.contains(','), "{}", feature.name);
            let has_property =
                !matches!(feature.kind, Function | Constructor | DeniedConstructor | SharedBuffer);
            assert_eq!(feature.property().is_some(), has_property, "{}", feature.name);
        }
    }

    #[test]
    fn a_script_that_adds_both_fields_makes_pages_isolated() {
        let rows = [
            ("a(\"Cross-Origin-Embedder-Policy\"); a('Cross-Origin-Opener-Policy')", true),
            ("a(`cross-origin-embedder-policy`); a('cross-origin-opener-policy')", true),
            ("a('Cross-Origin-Embedder-Policy')", false),
            ("throw 'set Cross-Origin-Embedder-Policy and Cross-Origin-Opener-Policy'", false),
        ];
        for (text, expected) in rows {
            assert_eq!(adds_isolation(text), expected, "{text}");
        }
    }

    #[test]
    fn a_service_worker_is_known_by_what_only_it_does() {
        let rows = [
            ("self.addEventListener('install', () => self.skipWaiting())", true),
            ("addEventListener(\"activate\", e => e.waitUntil(clients.claim()))", true),
            ("self.onfetch = (e) => e.respondWith(f(e.request))", true),
            ("self.addEventListener('install', f); self.addEventListener('fetch', g)", true),
            ("addEventListener('fetch', f)", false),
            ("navigator.serviceWorker.register('/sw.js')", false),
        ];
        for (text, expected) in rows {
            assert_eq!(is_service_worker(text), expected, "{text}");
        }
    }
}
