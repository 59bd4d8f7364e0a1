//! The text of raw text elements, and the scripts in attributes.

use super::{PageParser, PagePart, RawText, RawTextElement, tokens::Attribute};
use crate::parse::{
    Span,
    history::history_use,
    js::{self, ScriptFeatures},
    json, readable,
    reference::Reference,
};

impl PageParser<'_> {
    /// The text of a raw text element.
    pub(super) fn content(&mut self, raw: &RawTextElement, span: Span) {
        let text = &self.text[span.clone()];
        if raw.content == RawText::ImportMap && !json::is_within_limit(text) {
            return self.problems.unchecked(raw.tag.clone());
        }
        if raw.content == RawText::Title {
            let title = raw.title();
            if !title.is_empty() {
                self.metadata.record(PagePart::Title);
                self.page.title.get_or_insert(title);
            }
        }
        let references = if raw.content == RawText::Script {
            self.page.history_use.add(history_use(text));
            let mut script = js::parse(&readable(text));
            let features = std::mem::take(&mut script.features);
            self.features(features, |it| span.start + it.start..span.start + it.end);
            script.inline()
        } else {
            raw.references(text)
        };
        for reference in references {
            let Span { start, end } = reference.span;
            let span = span.start + start..span.start + end;
            self.push(Reference { span, ..reference });
        }
    }

    /// The script in an attribute such as `onclick`.
    pub(super) fn event_handler(&mut self, attribute: &Attribute<'_>) {
        let features = js::parse(&readable(attribute.value)).features;
        self.features(features, |_| attribute.span.clone());
    }

    /// Adds the features of a script, whose positions in the page are those that `in_page` returns.
    fn features(&mut self, found: ScriptFeatures, in_page: impl Fn(Span) -> Span) {
        if self.template_depth == 0 {
            let ScriptFeatures { mut uses, adds_isolation, .. } = found;
            for found in &mut uses {
                found.span = in_page(found.span.clone());
            }
            self.page.features.uses.append(&mut uses);
            self.page.features.adds_isolation |= adds_isolation;
        }
    }
}
