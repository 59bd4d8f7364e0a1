//! Use of the History API by scripts, as routers of single-page applications do.

use memchr::memmem;

/// How a script changes the address of its page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct HistoryUse {
    /// Whether it pushes history entries.
    pub(crate) pushes_entries: bool,
    /// Whether it keeps its paths in the fragment, so that only one path is ever requested.
    pub(crate) uses_fragment: bool,
}

impl HistoryUse {
    /// Adds the use in another script of the same page.
    pub(crate) fn add(&mut self, other: Self) {
        self.pushes_entries |= other.pushes_entries;
        self.uses_fragment |= other.uses_fragment;
    }
}

/// Text that only routers with paths in the fragment have. Bundlers keep the names of properties
/// and leave out code that is not used.
const FRAGMENT_ROUTERS: [&[u8]; 12] = [
    // Reading a path from the fragment: the package `history` and React Router, in several
    // versions.
    b".location.hash.substr(1)",
    b".location.hash.substring(1)",
    b".location.hash.slice(1)",
    // Vue Router 4, which appends `#` to its base.
    b"+=\"#\"",
    b"+= \"#\"",
    b"+= '#'",
    // The location strategy of Angular.
    b".hash??\"#\"",
    // Names in sources that are not bundled, or in configuration.
    b"createHashHistory(",
    b"createHashRouter(",
    b"createWebHashHistory(",
    b"mode:\"hash\"",
    b"mode: 'hash'",
];

/// The use in a script.
pub(crate) fn history_use(text: &[u8]) -> HistoryUse {
    let has = |needle: &[u8]| memmem::find(text, needle).is_some();
    if !has(b"pushState") {
        return HistoryUse::default();
    }
    let listens_to_fragment = has(b"hashchange") && !has(b"popstate");
    // Vue Router 3 has every kind of history, and the fragment is its default.
    let default_is_fragment = has(b".mode||\"hash\"") && !has(b"mode:\"history\"");
    let is_router = FRAGMENT_ROUTERS.iter().any(|needle| has(needle));
    let uses_fragment = listens_to_fragment || default_is_fragment || is_router;
    HistoryUse { pushes_entries: true, uses_fragment }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_router_uses_paths_or_the_fragment() {
        let rows = [
            ("addEventListener('hashchange', show)", [false, false]),
            ("history.pushState({}, '', to); addEventListener('popstate', show)", [true, false]),
            ("h[r?\"replaceState\":\"pushState\"](s,\"\",u)", [true, false]),
            // Angular and SvelteKit listen to both events.
            ("pushState popstate hashchange", [true, false]),
            ("pushState hashchange", [true, true]),
            ("e.location.hash.substr(1);t.pushState(n,\"\",r)", [true, true]),
            // Scrolling to a fragment.
            ("document.getElementById(o.hash.slice(1));t.pushState(n,\"\",r)", [true, false]),
            ("e.includes(\"#\")||(e+=\"#\");pushState", [true, true]),
            ("this._platformLocation.hash??\"#\";pushState", [true, true]),
            ("const router = createHashRouter(routes);pushState", [true, true]),
            ("var n=t.mode||\"hash\";pushState", [true, true]),
            ("var n=t.mode||\"hash\";pushState;new V({mode:\"history\"})", [true, false]),
        ];
        for (script, [pushes_entries, uses_fragment]) in rows {
            let expected = HistoryUse { pushes_entries, uses_fragment };
            assert_eq!(history_use(script.as_bytes()), expected, "{script}");
        }
    }
}
