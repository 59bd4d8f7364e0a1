//! Import attributes, which say that an imported module is JSON or a style sheet.

use super::cursor::Cursor;
use crate::parse::reference::LoadedAs;

impl<'a> Cursor<'a> {
    /// What a module is imported as, by the attributes after its path: `with {type: "json"}`, or
    /// `assert` in older texts. Nothing is consumed.
    pub(super) fn attributes(&mut self) -> LoadedAs {
        let start = self.at();
        let loaded_as = self.attribute_clause();
        self.return_to(start);
        loaded_as.unwrap_or(LoadedAs::Script)
    }

    /// The same for `import()`, before the `,` or `)` after its path. Options that are not a
    /// literal can have any type.
    pub(super) fn options(&mut self) -> LoadedAs {
        let start = self.at();
        let loaded_as = match self.peek(0) {
            Some(b',') => self.option_object().unwrap_or(LoadedAs::Other),
            _ => LoadedAs::Script,
        };
        self.return_to(start);
        loaded_as
    }

    fn attribute_clause(&mut self) -> Option<LoadedAs> {
        self.skip_blanks()?;
        let keyword = self.word()?;
        self.skip_blanks()?;
        let is_clause = matches!(keyword, "with" | "assert") && self.peek(0) == Some(b'{');
        if is_clause { self.module_type() } else { None }
    }

    /// The second argument of `import()`; `None` if it is not a literal.
    fn option_object(&mut self) -> Option<LoadedAs> {
        self.advance(1);
        self.skip_blanks()?;
        match self.peek(0)? {
            b')' => return Some(LoadedAs::Script),
            b'{' => self.advance(1),
            _ => return None,
        }
        self.skip_blanks()?;
        if self.peek(0)? == b'}' {
            return Some(LoadedAs::Script);
        }
        let key = self.attribute_name()?;
        self.skip_blanks()?;
        let is_clause = matches!(key, "with" | "assert") && self.peek(0) == Some(b':');
        if !is_clause {
            return None;
        }
        self.advance(1);
        self.skip_blanks()?;
        if self.peek(0)? == b'{' { self.module_type() } else { None }
    }

    /// What the attributes in braces say; `None` if there is something else in the braces.
    fn module_type(&mut self) -> Option<LoadedAs> {
        self.advance(1);
        let mut loaded_as = LoadedAs::Script;
        loop {
            self.skip_blanks()?;
            match self.peek(0)? {
                b'}' => return Some(loaded_as),
                b',' => {
                    self.advance(1);
                    continue;
                }
                _ => {}
            }
            let name = self.attribute_name()?;
            self.skip_blanks()?;
            if self.peek(0)? != b':' {
                return None;
            }
            self.advance(1);
            self.skip_blanks()?;
            let value = self.literal()?;
            if name == "type" {
                loaded_as = match self.text(value.start + 1..value.end - 1) {
                    "css" => LoadedAs::StyleSheet,
                    _ => LoadedAs::Other,
                };
            }
        }
    }

    fn attribute_name(&mut self) -> Option<&'a str> {
        match self.peek(0)? {
            b'"' | b'\'' => {
                let name = self.literal()?;
                Some(self.text(name.start + 1..name.end - 1))
            }
            _ => self.word(),
        }
    }
}
