//! Uses of features that browsers do not offer in each context, and how scripts test for them. Few
//! scripts have any, so functions with several callers are not inlined.

use super::{
    UrlScanner,
    feature_alias::{assigned, destructured},
    feature_next::{BINDING, Next, strip_word},
    feature_state::Candidate,
    features::Kind,
};

impl UrlScanner<'_> {
    /// Looks ahead from a word that may be a feature, or a test for one. Nothing is consumed.
    #[inline(never)]
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
                for it in &mut candidates {
                    if it.global == word {
                        let _ = self.candidate(it, start, is_property);
                    } else if !is_property && it.alias.as_deref() == Some(word) {
                        let _ = self.alias(it, start);
                    }
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
        if kind == Kind::Event {
            found.is_tested = true;
            return None;
        }
        let before = match kind {
            Kind::Member if is_property => "",
            Kind::Member => return None,
            _ => self.before_global(start, is_property)?,
        };
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
        found.is_tested |= is_tested && matches!(kind, Kind::Global | Kind::Member);
        if found.alias.is_none() && kind == Kind::Property {
            found.alias = destructured(before, property);
        }
        self.dot()?;
        self.skip_word(property)?;
        if kind == Kind::SharedMemory {
            return self.shared_memory(found, start);
        }
        self.registers(found, start);
        match self.next()? {
            Next::Use => self.used(found, start),
            Next::Test | Next::Binding => found.is_tested = true,
            Next::Other => {
                found.is_tested |= before.ends_with('!') || before.ends_with("typeof");
                found.alias = found.alias.take().or_else(|| assigned(before));
            }
        }
        Some(())
    }

    /// A use, from `start` to here. In a block of `try`, an error is expected.
    pub(super) fn used(&self, found: &mut Candidate, start: usize) {
        if self.features.tries.is_empty() && found.used.is_none() {
            found.used = Some(start..self.cursor.at());
        }
    }

    /// A use that no test for the feature prevents, from `start` to here: the registration of a
    /// service worker, which nothing replaces, or a request that is denied.
    #[inline(never)]
    pub(super) fn registers(&mut self, found: &mut Candidate, start: usize) {
        let end = self.cursor.at();
        let is_irreplaceable = match found.feature.kind() {
            Kind::Denied => self.next() == Some(Next::Use) || self.dot().is_some(),
            _ if found.feature.missing() == "serviceWorker" => {
                self.dot().and_then(|()| self.skip_word("register")).is_some()
            }
            _ => false,
        };
        self.cursor.return_to(end);
        if is_irreplaceable && !found.is_irreplaceable {
            found.is_irreplaceable = true;
            found.used = Some(start..end);
        }
    }

    /// The arguments of `WebAssembly.Memory`. Some scripts create one only to get at the
    /// constructor of its buffer.
    fn shared_memory(&mut self, found: &mut Candidate, start: usize) -> Option<()> {
        let end = self.cursor.at();
        self.skip(b'(')?;
        let rest = self.cursor.text(self.cursor.at()..self.cursor.length());
        let length = closing_parenthesis(rest)?;
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

    /// Looks ahead from a string that may be the name in a test such as `"share" in navigator`, or
    /// an event that a script listens to.
    #[inline(never)]
    pub(super) fn feature_name(&mut self, start: usize) {
        let end = self.cursor.at();
        let name = self.cursor.text(start + 1..end - 1);
        let is_missing = |it: &Candidate| it.feature.missing() == name;
        let is_event = |it: &Candidate| {
            it.feature.kind() == Kind::Event && it.feature.property() == Some(name)
        };
        if !self.features.candidates.iter().any(|it| is_missing(it) || is_event(it)) {
            return;
        }
        let is_listened_to = self.cursor.text(0..start).trim_end().ends_with("addEventListener(");
        let is_test = self.skip_word("in").is_some();
        self.cursor.return_to(end);
        for it in &mut self.features.candidates {
            it.is_tested |= is_test && is_missing(it);
            if is_listened_to && is_event(it) {
                it.used.get_or_insert(start..end);
            }
        }
    }

    /// A bracket was opened.
    #[inline(never)]
    pub(super) fn brace(&mut self, byte: u8) {
        if byte != b'{' || self.features.is_empty() {
            return;
        }
        let before = self.cursor.text(0..self.cursor.at() - 1).trim_end();
        if strip_word(before, "try").is_some() {
            self.features.tries.push(self.context.depth());
        }
    }
}

/// The position of the parenthesis that closes the arguments which a text begins with.
fn closing_parenthesis(text: &str) -> Option<usize> {
    /// A descriptor has few members.
    const ARGUMENTS_MAX: usize = 500;
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().take(ARGUMENTS_MAX).enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(at),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
