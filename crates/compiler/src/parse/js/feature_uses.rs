//! Uses of features that browsers do not offer in each context, and how scripts test for them. Few
//! scripts have any, so functions with several callers are not inlined.

use super::{
    UrlScanner,
    cursor::is_word_byte,
    feature_next::{GLOBAL_OBJECTS, Next, is_before_expression, strip_binding, strip_word},
    feature_state::{Candidate, Target},
    features::Kind,
};

/// An expression that ends here.
pub(super) struct Access<'a> {
    pub(super) target: Target,
    /// Where it starts, without the name of the global object.
    start: usize,
    /// The text before it, and before the name of the global object.
    pub(super) before: &'a str,
    /// Whether it is a property of the global object.
    is_of_window: bool,
    /// The variable that it starts with.
    pub(super) alias: Option<usize>,
    /// Whether it has this value, as far as the script was read.
    pub(super) is_certain: bool,
}

impl<'a> Access<'a> {
    fn new(target: Target, start: usize, before: &'a str) -> Self {
        Self { target, start, before, is_of_window: false, alias: None, is_certain: true }
    }

    /// A variable.
    pub(super) fn of_alias(index: usize, target: Target, start: usize, before: &'a str) -> Self {
        Self { alias: Some(index), ..Self::new(target, start, before) }
    }

    /// Whether its value is converted to a boolean, or its type is tested.
    fn is_tested(&self) -> bool {
        self.before.ends_with('!') || self.before.ends_with("typeof")
    }
}

impl<'a> UrlScanner<'a> {
    /// Looks ahead from a word that may be a feature, or a test for one. Nothing is consumed.
    #[inline(never)]
    pub(super) fn feature(&mut self, word: &'a str, is_property: bool) {
        if self.features.is_empty() {
            return;
        }
        let end = self.cursor.at();
        let start = end - word.len();
        match word {
            "isSecureContext" => self.features.tests_security |= !self.is_key(),
            "crossOriginIsolated" => self.features.tests_isolation |= !self.is_key(),
            _ if !is_property => self.variable(word, start),
            _ if self.features.globals.contains(&word) => self.member_feature(word, start),
            _ => {}
        }
        self.cursor.return_to(end);
    }

    /// Whether the word that ends here is the key of a property.
    fn is_key(&mut self) -> bool {
        self.skip(b':').is_some()
    }

    /// A property of any object, which starts here.
    fn member_feature(&mut self, word: &str, start: usize) {
        let end = self.cursor.at();
        let mut candidates = std::mem::take(&mut self.features.candidates);
        for found in candidates.iter_mut().filter(|it| it.global == word) {
            match found.feature.kind() {
                Kind::Event => found.is_tested = true,
                Kind::Member => {
                    let access = Access::new(Target::Global(found.global), start, "");
                    let _ = self.global(found, &Access { is_of_window: true, ..access });
                }
                _ => {}
            }
            self.cursor.return_to(end);
        }
        self.features.candidates = candidates;
    }

    /// A variable or a global, which starts here.
    fn variable(&mut self, word: &'a str, start: usize) {
        if let Some(index) = self.features.alias(word) {
            let _ = self.alias(index, start);
            return;
        }
        let global = self.features.globals.iter().find(|it| **it == word);
        let target = match global {
            Some(global) => Target::Global(global),
            None if GLOBAL_OBJECTS.contains(&word) => Target::Window,
            None => return,
        };
        for found in self.features.candidates.iter_mut().filter(|it| it.global == word) {
            found.is_tested |= found.feature.kind() == Kind::Event;
        }
        let before = self.cursor.text(0..start).trim_end();
        if target == Target::Window {
            // Other variables with such a name are the global object, as in polyfills.
            // A long list may be the arguments of the call that a bundle consists of.
            let is_self = word == "self";
            self.features.has_local_self |= is_self && self.is_bound(before) == Some(true);
        } else if self.is_key_of_alias() {
            return;
        } else if self.is_local(before) {
            self.features.set_local(word);
            return;
        }
        let is_certain = word != "self" || !self.features.has_local_self;
        let access = Access { is_certain, ..Access::new(target, start, before) };
        let mut candidates = std::mem::take(&mut self.features.candidates);
        let _ = self.access(&mut candidates, access);
        self.features.candidates = candidates;
    }

    /// Whether the name of a global that ends here, and follows this text, is that of a variable of
    /// the script, or perhaps one. A key or a label counts, too.
    fn is_local(&mut self, before: &str) -> bool {
        let is_key = |rest: Option<&[u8]>| rest.is_some_and(|it| it.starts_with(b":"));
        self.is_bound(before) != Some(false)
            || !is_before_expression(before) && is_key(self.following())
    }

    /// Whether the name that ends here, and follows this text, is bound to a value. `None` if it is
    /// in a list that is too long to say.
    fn is_bound(&mut self, before: &str) -> Option<bool> {
        let end = self.cursor.at();
        let is_declared = strip_binding(before).is_some();
        let is_bound = if is_declared || self.next() == Some(Next::Assignment) {
            Some(true)
        } else {
            self.is_in_list(before)
        };
        self.cursor.return_to(end);
        is_bound
    }

    /// Whether the name that ends here, and follows this text, is that of a parameter, an element
    /// of a pattern, or a further variable of a declaration. `None` if the list is too long to say.
    fn is_in_list(&mut self, before: &str) -> Option<bool> {
        let is_after_newline = self.cursor.skip_blanks()?;
        let next = self.cursor.peek(0);
        let is_followed = matches!(next, Some(b',' | b'}'));
        if self.context.is_in_block() {
            let is_last = next == Some(b';') || is_after_newline && next.is_some_and(is_word_byte);
            return Some(before.ends_with(',') && (is_last || is_followed));
        }
        let is_element = before.ends_with(['(', '[', '{', ',', ':', '.'])
            && (is_followed || matches!(next, Some(b')' | b']')));
        if is_element { self.is_in_pattern() } else { Some(false) }
    }

    /// Follows an expression to the feature that it is.
    pub(super) fn access(
        &mut self,
        candidates: &mut [Candidate],
        mut access: Access<'a>,
    ) -> Option<()> {
        while access.target == Target::Window {
            // Most variables with the name `top` are coordinates.
            if strip_word(self.cursor.text(0..self.cursor.at()), "top").is_none() {
                self.learn(&access);
            }
            let member = self.member()?;
            access.is_of_window = true;
            access.start = member.start.unwrap_or(access.start);
            if !GLOBAL_OBJECTS.contains(&member.name) {
                let found = candidates.iter().find(|it| it.feature.is_of(member.name))?;
                access.target = Target::Global(found.global);
            }
        }
        if matches!(access.target, Target::Global(_)) {
            self.learn(&access);
        }
        let end = self.cursor.at();
        for found in candidates.iter_mut().filter(|it| access.target.has(it.feature)) {
            let _ = match access.target {
                Target::Property(_) => self.value(found, &access),
                _ => self.global(found, &access),
            };
            self.cursor.return_to(end);
        }
        Some(())
    }

    /// The global of a feature, or the object that a feature is a property of.
    fn global(&mut self, found: &mut Candidate, access: &Access<'a>) -> Option<()> {
        let (kind, next) = (found.feature.kind(), self.next()?);
        let has_value = matches!(kind, Kind::Property | Kind::Denied);
        let is_tested = match next {
            Next::Test => strip_word(access.before, "instanceof").is_none(),
            Next::Entry => !has_value,
            _ => access.is_tested(),
        };
        // A property is replaced for all scripts.
        found.is_tested |= next == Next::Assignment && access.is_of_window;
        let Some(property) = found.feature.property() else {
            found.is_tested |= is_tested;
            if next == Next::Use {
                self.called(found, access);
            }
            return Some(());
        };
        found.is_tested |= is_tested && matches!(kind, Kind::Global | Kind::Member);
        if self.member()?.name != property {
            return None;
        }
        if kind == Kind::SharedMemory {
            return self.shared_memory(found, access);
        }
        if has_value {
            self.learn(&Access { target: Target::Property(found.feature), ..*access });
        }
        self.registers(found, access);
        match self.next()? {
            Next::Use => self.used(found, access),
            Next::Test | Next::Assignment | Next::Entry => found.is_tested = true,
            Next::Other => found.is_tested |= access.is_tested(),
        }
        Some(())
    }

    /// A feature that is a function or a constructor, and is called, or a property of it is read.
    fn called(&mut self, found: &mut Candidate, access: &Access<'a>) {
        let is_new = strip_word(access.before, "new").is_some();
        let is_called = match found.feature.kind() {
            Kind::Function => !is_new && !self.is_defined(),
            Kind::DeniedConstructor => {
                let end = self.cursor.at();
                // It is the state of the permission, or requests it.
                found.is_tested |= self.member().is_some();
                self.cursor.return_to(end);
                is_new && self.has_title()
            }
            _ => is_new,
        };
        if is_called {
            self.used(found, access);
        }
    }

    /// Whether the first argument after here may be a text. Classes of libraries with the name
    /// `Notification` have options.
    fn has_title(&mut self) -> bool {
        let end = self.cursor.at();
        let rest = self.skip(b'(').and_then(|()| self.following());
        self.cursor.return_to(end);
        rest.is_some_and(|it| !it.starts_with(b"{") && !it.starts_with(b")"))
    }

    /// A variable with the value of a feature. A script that passes it on may test for it anywhere.
    fn value(&mut self, found: &mut Candidate, access: &Access<'a>) -> Option<()> {
        self.learn(access);
        self.registers(found, access);
        match self.next()? {
            Next::Use if !access.is_tested() => self.used(found, access),
            Next::Other if !access.is_tested() => {}
            _ => found.is_tested = true,
        }
        Some(())
    }

    /// A use. In a block of `try`, an error is expected.
    fn used(&self, found: &mut Candidate, access: &Access<'a>) {
        if self.features.tries.is_empty() && found.used.is_none() && access.is_certain {
            found.used = Some(access.start..self.cursor.at());
        }
    }

    /// A use that no test for the feature prevents: the registration of a service worker, which
    /// nothing replaces, or a request that is denied.
    #[inline(never)]
    fn registers(&mut self, found: &mut Candidate, access: &Access<'a>) {
        let end = self.cursor.at();
        let is_irreplaceable = match found.feature.kind() {
            Kind::Denied => self.next() == Some(Next::Use) || self.dot().is_some(),
            _ if found.feature.missing() == "serviceWorker" => {
                self.member().is_some_and(|it| it.name == "register")
            }
            _ => false,
        };
        self.cursor.return_to(end);
        if is_irreplaceable && !found.is_irreplaceable && access.is_certain {
            found.is_irreplaceable = true;
            found.used = Some(access.start..end);
        }
    }

    /// The arguments of `WebAssembly.Memory`. Some scripts create one only to get at the
    /// constructor of its buffer.
    fn shared_memory(&mut self, found: &mut Candidate, access: &Access<'a>) -> Option<()> {
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
            self.used(found, access);
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
