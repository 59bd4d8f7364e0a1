//! Variables with the value of a feature, such as `const { subtle } = crypto`.

use super::{
    UrlScanner,
    cursor::is_word_byte,
    feature_next::{BINDING, Next, strip_word},
    feature_state::Candidate,
};

/// Minified scripts give many variables the same short name.
const NAME_MIN: usize = 3;

impl UrlScanner<'_> {
    /// The variable with the value of a feature, whose name is from `start` to here. A script that
    /// passes it on, or has another variable of this name, may test for it anywhere.
    pub(super) fn alias(&mut self, found: &mut Candidate, start: usize) -> Option<()> {
        let before = self.cursor.text(0..start).trim_end();
        let is_declared = BINDING.iter().any(|word| strip_word(before, word).is_some());
        let is_tested = is_declared || before.ends_with('!') || before.ends_with("typeof");
        self.registers(found, start);
        match self.next()? {
            Next::Use if !is_tested => self.used(found, start),
            Next::Other if !is_tested => {}
            _ => found.is_tested = true,
        }
        Some(())
    }
}

/// The variable that a declaration or an assignment, of which this is the left side and `=`, gives
/// the value.
pub(super) fn assigned(before: &str) -> Option<Box<str>> {
    let before = before.strip_suffix('=')?.trim_end();
    let length = before.bytes().rev().take_while(|it| is_word_byte(*it)).count();
    let (rest, name) = before.split_at_checked(before.len() - length)?;
    (length >= NAME_MIN && !rest.ends_with('.')).then(|| name.into())
}

/// The variable that a pattern, of which this is the end and `=`, gives the value of a property.
pub(super) fn destructured(before: &str, property: &str) -> Option<Box<str>> {
    let pattern = before.strip_suffix('=')?.trim_end().strip_suffix('}')?;
    let (_, members) = pattern.rsplit_once('{')?;
    members.split(',').find_map(|member| {
        let (name, variable) = member.split_once(':').unwrap_or((member, member));
        let (name, variable) = (name.trim(), variable.trim());
        let is_name = variable.len() >= NAME_MIN && variable.bytes().all(is_word_byte);
        (name == property && is_name).then(|| variable.into())
    })
}
