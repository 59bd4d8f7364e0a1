//! Size of the terminal, and how many of its lines a text takes.

use std::io;

/// Columns and rows of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Size {
    /// The size of the terminal that is stdout; the usual one if it is not known.
    pub(super) fn of_stdout() -> Self {
        let size = terminal_size::terminal_size_of(io::stdout());
        size.map_or(Self { columns: 80, rows: 24 }, |(width, height)| Self {
            columns: width.0.into(),
            rows: height.0.into(),
        })
    }

    /// The number of lines that a text takes.
    pub(super) fn lines_of(self, text: &str) -> usize {
        let plain = anstream::adapter::strip_str(text).to_string();
        let columns = self.columns.max(1);
        plain.lines().map(|line| line.chars().count().div_ceil(columns).max(1)).sum()
    }
}
