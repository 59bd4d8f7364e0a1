//! JavaScript: the modules that a text imports by a literal path, and the URLs that it may load.
//! Nothing is evaluated, and scripts are read like modules.

mod attributes;
mod calls;
mod cdn;
mod context;
mod cursor;
mod feature_alias;
mod feature_declaration;
mod feature_next;
mod feature_search;
mod feature_state;
mod feature_uses;
mod features;
mod joined;
mod literal;
mod precheck;

use std::ops::Range;

use self::{
    cdn::ExternalUrl,
    context::{Following, TokenContext, WordPosition},
    cursor::{Cursor, TemplateStop},
    feature_state::FeatureState,
    features::{adds_isolation, is_service_worker},
};
pub(crate) use self::{
    feature_state::FeatureUse,
    features::{FEATURES, Feature},
};
use super::{
    manifest::is_url_like,
    reference::{LoadedAs, Purpose, Reference},
};

/// What a script refers to.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// The URLs that are absolute or relative to the script.
    pub(crate) references: Vec<Reference>,
    /// The URLs that are relative to the page that loads the script.
    pub(crate) page_references: Vec<Reference>,
    /// The features of browsers that it depends on.
    pub(crate) features: ScriptFeatures,
}

/// The features of browsers that a script depends on.
#[derive(Debug, Default, Clone)]
pub(crate) struct ScriptFeatures {
    /// The first use of each feature that not every context has, in order.
    pub(crate) uses: Vec<FeatureUse>,
    /// Whether it makes pages cross-origin isolated.
    pub(crate) adds_isolation: bool,
    /// Whether service workers run it.
    pub(crate) is_service_worker: bool,
}

impl Script {
    /// The URLs of a script in a page, which are all relative to the page.
    pub(crate) fn inline(mut self) -> Vec<Reference> {
        self.references.append(&mut self.page_references);
        self.references
    }
}

/// A URL in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ScriptUrl {
    /// The URL with escapes resolved.
    url: String,
    /// The start of the literal, including the quote.
    start: usize,
    /// The end of the literal, including the quote.
    end: usize,
    loaded_as: LoadedAs,
    load: Load,
}

/// How a script loads a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Load {
    /// It imports it, with certainty.
    Import,
    /// It may load it, relative to itself.
    FromScript,
    /// It may load it, relative to the page.
    FromPage,
}

/// Parses a text. Bare specifiers are left out: import maps resolve them.
#[inline(never)]
pub(crate) fn parse(text: &str) -> Script {
    let (urls, uses) = scan(text);
    let features = ScriptFeatures {
        uses,
        adds_isolation: adds_isolation(text),
        is_service_worker: is_service_worker(text),
    };
    let mut script = Script { features, ..Script::default() };
    for ScriptUrl { url, start, end, loaded_as, load } in urls {
        let purpose = match load {
            Load::Import if !is_url_like(&url) => continue,
            Load::Import => Purpose::Load(loaded_as),
            Load::FromScript | Load::FromPage => Purpose::MayLoad(loaded_as),
        };
        let is_absolute = url.starts_with('/') || ExternalUrl::parse(&url).is_some();
        let reference = Reference { url, span: start..end, purpose };
        if load == Load::FromPage && !is_absolute {
            script.page_references.push(reference);
        } else {
            script.references.push(reference);
        }
    }
    script
}

/// The URLs of a text and the uses of features, in order.
///
/// If the tokens do not fit together, the result is empty: a misread token is noticed only some
/// distance later, and a false URL is worse than a missed one.
#[inline(never)]
fn scan(text: &str) -> (Vec<ScriptUrl>, Vec<FeatureUse>) {
    let (may_load, features) = (precheck::may_load(text), FeatureState::of(text));
    if !may_load && features.is_empty() {
        return Default::default();
    }
    let Some((urls, mut features)) = UrlScanner::read(text, features) else {
        return Default::default();
    };
    if let Some(second_pass) = features.second_pass() {
        let Some((_, read)) = UrlScanner::read(text, second_pass) else {
            return Default::default();
        };
        features = read;
    }
    (if may_load { urls } else { Vec::new() }, features.uses())
}

struct UrlScanner<'a> {
    cursor: Cursor<'a>,
    context: TokenContext,
    features: FeatureState<'a>,
    urls: Vec<ScriptUrl>,
    /// The end of the last literal that a statement or a call has interpreted.
    claimed: usize,
}

/// `None` means that the tokens do not fit together.
impl<'a> UrlScanner<'a> {
    /// Reads a text.
    fn read(
        text: &'a str,
        features: FeatureState<'a>,
    ) -> Option<(Vec<ScriptUrl>, FeatureState<'a>)> {
        let (cursor, context) = (Cursor::new(text), TokenContext::new());
        let mut scanner = Self { cursor, context, features, urls: Vec::new(), claimed: 0 };
        scanner.scan()?;
        Some((scanner.urls, scanner.features))
    }

    fn scan(&mut self) -> Option<()> {
        self.cursor.skip_hashbang();
        let mut is_after_newline = true;
        loop {
            is_after_newline |= self.cursor.skip_blanks()?;
            let Some(byte) = self.cursor.peek(0) else { break };
            self.token(byte, is_after_newline)?;
            is_after_newline = false;
        }
        self.context.is_closed().then_some(())
    }

    /// Consumes the token that starts with `byte`.
    fn token(&mut self, byte: u8, is_after_newline: bool) -> Option<()> {
        match byte {
            b'"' | b'\'' => {
                self.context.operand(is_after_newline)?;
                let start = self.cursor.at();
                self.cursor.string(byte)?;
                self.literal(start);
                self.feature_name(start);
                Some(())
            }
            b'0'..=b'9' => self.number(is_after_newline),
            b'`' => {
                let start = self.cursor.at();
                self.cursor.advance(1);
                match self.template()? {
                    TemplateStop::End => {
                        self.literal(start);
                        self.feature_name(start);
                    }
                    TemplateStop::Substitution => self.joined_template(start),
                }
                Some(())
            }
            b'(' | b'[' | b'{' => {
                self.cursor.advance(1);
                self.context.open(byte);
                self.brace(byte);
                Some(())
            }
            b')' | b']' | b'}' => {
                self.cursor.advance(1);
                let following = self.context.close(byte)?;
                self.features.closed(self.context.depth());
                match following {
                    Following::Code => Some(()),
                    Following::Template => self.template().map(|_| ()),
                }
            }
            b'/' if !self.context.divides()? => {
                self.context.operand(is_after_newline)?;
                self.cursor.regular_expression()
            }
            b'.' if matches!(self.cursor.peek(1), Some(b'0'..=b'9')) => {
                self.number(is_after_newline)
            }
            b'.' | b'?' | b':' | b';' | b'=' | b'+' | b'-' | b'<' => {
                let length = self.context.punctuator(self.cursor.rest(), is_after_newline)?;
                self.cursor.advance(length);
                Some(())
            }
            b'/' | b',' | b'!' | b'%' | b'&' | b'*' | b'>' | b'^' | b'|' | b'~' => {
                self.cursor.advance(1);
                self.context.operator();
                Some(())
            }
            _ => self.word(is_after_newline),
        }
    }

    fn number(&mut self, is_after_newline: bool) -> Option<()> {
        self.context.operand(is_after_newline)?;
        self.cursor.number();
        Some(())
    }

    fn template(&mut self) -> Option<TemplateStop> {
        let stop = self.cursor.template()?;
        match stop {
            TemplateStop::End => self.context.value(),
            TemplateStop::Substitution => self.context.substitution(),
        }
        Some(stop)
    }

    fn word(&mut self, is_after_newline: bool) -> Option<()> {
        let position = self.context.word_position(is_after_newline);
        let is_property = self.context.is_after_dot();
        let word = self.cursor.word()?;
        self.context.word(word, is_after_newline)?;
        match (word, position) {
            ("import", WordPosition::Statement | WordPosition::Operand) => self.import(position),
            ("export", WordPosition::Statement) => self.export(),
            _ => {
                self.load(word, is_property);
                self.feature(word, is_property);
                Some(())
            }
        }
    }

    fn import(&mut self, position: WordPosition) -> Option<()> {
        self.cursor.skip_blanks()?;
        match self.cursor.peek(0) {
            Some(b'(') => self.call(),
            Some(b'.') => Some(()),
            Some(b'"' | b'\'') if position == WordPosition::Statement => self.specifier(),
            _ if position == WordPosition::Statement => {
                let start = self.cursor.at();
                self.clause()?;
                self.features.imported(self.cursor.text(start..self.cursor.at()));
                Some(())
            }
            _ => Some(()),
        }
    }

    /// Looks ahead into the parentheses of a call. The path is a literal that is the entire first
    /// argument.
    fn call(&mut self) -> Option<()> {
        let start = self.cursor.at();
        self.cursor.advance(1);
        self.cursor.skip_blanks()?;
        if let Some(literal) = self.cursor.literal() {
            self.cursor.skip_blanks()?;
            if matches!(self.cursor.peek(0), Some(b')' | b',')) {
                let loaded_as = self.cursor.options();
                self.push(literal, Load::Import, loaded_as);
            }
        }
        self.cursor.return_to(start);
        Some(())
    }

    fn export(&mut self) -> Option<()> {
        self.context.statement();
        let start = self.cursor.at();
        self.cursor.skip_blanks()?;
        match self.cursor.peek(0) {
            Some(b'*') => self.clause(),
            Some(b'{') => {
                self.cursor.names()?;
                let end = self.cursor.at();
                if self.from() != Some(true) {
                    self.cursor.return_to(end);
                }
                Some(())
            }
            _ => {
                self.cursor.return_to(start);
                Some(())
            }
        }
    }

    /// Consumes the bindings of an `import` or `export` and its path.
    fn clause(&mut self) -> Option<()> {
        loop {
            self.cursor.skip_blanks()?;
            match self.cursor.peek(0)? {
                b'{' => self.cursor.names()?,
                b'*' | b',' => self.cursor.advance(1),
                _ if self.from()? => return Some(()),
                _ => {}
            }
        }
    }

    /// Consumes a word, and the path after it if the word is `from` and has one.
    fn from(&mut self) -> Option<bool> {
        self.cursor.skip_blanks()?;
        let word = self.cursor.word()?;
        self.cursor.skip_blanks()?;
        let is_from = word == "from" && matches!(self.cursor.peek(0), Some(b'"' | b'\''));
        if is_from {
            self.specifier()?;
        }
        Some(is_from)
    }

    fn specifier(&mut self) -> Option<()> {
        let literal = self.cursor.literal()?;
        let loaded_as = self.cursor.attributes();
        self.push(literal, Load::Import, loaded_as);
        self.context.statement();
        Some(())
    }

    /// Adds the URL that a literal is.
    fn push(&mut self, literal: Range<usize>, load: Load, loaded_as: LoadedAs) {
        let Range { start, end } = literal;
        self.claimed = end;
        if let Some(url) = literal::value(self.cursor.text(start + 1..end - 1)) {
            self.urls.push(ScriptUrl { url, start, end, loaded_as, load });
        }
    }

    /// A literal that ends here. If it is the URL of a script on a public content delivery network,
    /// the text may load it in any way.
    fn literal(&mut self, start: usize) {
        let end = self.cursor.at();
        let text = self.cursor.text(start + 1..end - 1);
        // The shortest is `//d3js.org`.
        if start < self.claimed || text.len() < 10 || !precheck::is_external(text) {
            return;
        }
        let Some(url) = literal::value(text) else { return };
        let found = ExternalUrl::parse(&url).and_then(|it| it.on_known_host());
        if found.is_none() {
            return self.joined_sum(start);
        }
        if let Some(loaded_as) = found.filter(|it| !self.is_shown(start, *it)) {
            self.urls.push(ScriptUrl { url, start, end, loaded_as, load: Load::FromPage });
        }
    }
}

#[cfg(test)]
mod tests;
