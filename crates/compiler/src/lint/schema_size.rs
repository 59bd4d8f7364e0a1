//! Size of a JSON Schema: what compiling it costs in time and memory.

use serde_json::{Map, Value};
use url::Url;

/// Maximum of the product of the schemas and the schemas plus four times the identifiers, since
/// `boon` compares each schema with all others, and each with all identifiers. It takes about a
/// second. The largest schemas in use have 11,000 objects, which are 120 million.
const COMPARISONS_MAX: usize = 150_000_000;

/// Maximum number of states of all regular expressions, estimated. A state takes up to 100 bytes.
const STATES_MAX: usize = 1_000_000;

/// Maximum number of values, of which there are several copies. The largest schemas in use have
/// 32,000.
const VALUES_MAX: usize = 200_000;

/// What compiling a schema costs.
#[derive(Debug, Default)]
pub(super) struct SchemaSize {
    /// The number of objects and booleans, which may all be schemas.
    schemas: usize,
    identifiers: usize,
    /// The number of all values. Four copies of each are in memory.
    values: usize,
    /// The states of regular expressions.
    states: usize,
}

impl SchemaSize {
    /// Whether it is above a limit.
    pub(super) fn is_too_large(&self) -> bool {
        let others = self.schemas.saturating_add(self.identifiers.saturating_mul(4));
        self.schemas.saturating_mul(others) > COMPARISONS_MAX
            || self.states > STATES_MAX
            || self.values > VALUES_MAX
    }

    /// Adds a value, and collects the URLs that it refers to.
    pub(super) fn add(&mut self, value: &Value, base: &Url, references: &mut Vec<Url>) {
        self.values += 1;
        match value {
            Value::Bool(_) => self.schemas += 1,
            Value::Array(elements) => {
                for element in elements {
                    self.add(element, base, references);
                }
            }
            Value::Object(members) => {
                self.schemas += 1;
                let id = identifier(members).and_then(|id| join(base, id));
                self.identifiers += usize::from(id.is_some());
                let base = id.as_ref().unwrap_or(base);
                for name in ["$ref", "$dynamicRef", "$recursiveRef", "$schema"] {
                    let reference = members.get(name).and_then(Value::as_str);
                    references.extend(reference.and_then(|it| join(base, it)));
                }
                if let Some(Value::String(pattern)) = members.get("pattern") {
                    self.states += states(pattern);
                }
                if let Some(Value::Object(patterns)) = members.get("patternProperties") {
                    self.states += patterns.keys().map(|it| states(it)).sum::<usize>();
                }
                for member in members.values() {
                    self.add(member, base, references);
                }
            }
            _ => {}
        }
    }
}

/// The URL of a reference without its fragment.
pub(super) fn join(base: &Url, reference: &str) -> Option<Url> {
    let mut url = base.join(reference).ok()?;
    url.set_fragment(None);
    Some(url)
}

/// The `$id` of a schema, or `id` as in draft 4.
pub(super) fn identifier(schema: &Map<String, Value>) -> Option<&str> {
    let id = |name| schema.get(name).and_then(Value::as_str).filter(|id| !id.starts_with('#'));
    id("$id").or_else(|| id("id")).filter(|id| !id.is_empty())
}

/// An upper bound of the states of a regular expression: each character counts as a class of
/// characters, and a repetition multiplies what it repeats.
fn states(pattern: &str) -> usize {
    const CLASS: usize = 16;
    /// `\p{...}` are classes of many ranges.
    const UNICODE_CLASS: usize = 1000;
    // The states of the open groups, and of the last atom in each.
    let mut groups = vec![(0_usize, 0_usize)];
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        let atom = match character {
            '(' => {
                groups.push((0, 0));
                continue;
            }
            ')' if groups.len() > 1 => groups.pop().map_or(0, |(sum, last)| sum + last),
            '{' => {
                let text = rest.as_str();
                let end = text.find('}').unwrap_or(text.len());
                let counts = text[..end].split(',').filter_map(|it| it.trim().parse().ok());
                if let Some((_, last)) = groups.last_mut() {
                    *last = last.saturating_mul(counts.max().unwrap_or(1).max(1));
                }
                rest = text.get(end + 1..).unwrap_or_default().chars();
                continue;
            }
            '\\' if matches!(rest.next(), Some('p' | 'P')) => UNICODE_CLASS,
            _ => CLASS,
        };
        if let Some((sum, last)) = groups.last_mut() {
            *sum = sum.saturating_add(*last);
            *last = atom;
        }
    }
    groups.into_iter().fold(0, |total, (sum, last)| total.saturating_add(sum).saturating_add(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_multiply_the_states_of_a_regular_expression() {
        let rows = [
            ("", 0),
            ("abc", 48),
            ("a{100}", 1600),
            ("(ab{10}){10}", 16 * 11 * 10),
            ("((a{100}){100}){100}", 16_000_000),
            ("\\d{4}-\\d", 16 * 6),
            ("\\p{L}", 1000),
            ("a{1,", 16),
            (")a", 32),
            ("(a", 16),
        ];
        for (pattern, expected) in rows {
            assert!(states(pattern) >= expected, "{pattern}: {}", states(pattern));
            assert!(states(pattern) <= 3 * expected, "{pattern}: {}", states(pattern));
        }
    }
}
