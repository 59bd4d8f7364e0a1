//! Styles of text output, and the stream that it goes to.

use std::io::{self, BufWriter, Write};

use anstream::{
    AutoStream, ColorChoice,
    stream::{AsLockedWrite, RawStream},
};
use anstyle::{AnsiColor, Style};
use chapbook_compiler::Severity;

/// The styles if colours are wanted, otherwise none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    pub(super) is_coloured: bool,
    /// The width of the terminal; `None` for a pipe or a file.
    pub(super) columns: Option<usize>,
}

impl Palette {
    /// The style of the word `error`, `warning` or `note`.
    pub(super) fn severity(self, severity: Severity) -> Style {
        let colour = match severity {
            Severity::Error => AnsiColor::BrightRed,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Note => AnsiColor::BrightGreen,
        };
        self.styled(colour.on_default().bold())
    }

    /// The style of the words that introduce a line.
    pub(super) fn label(self) -> Style {
        self.styled(AnsiColor::BrightCyan.on_default().bold())
    }

    pub(super) fn bold(self) -> Style {
        self.styled(Style::new().bold())
    }

    fn styled(self, style: Style) -> Style {
        if self.is_coloured { style } else { Style::new() }
    }
}

/// Writes text to a stream, with colours if the terminal and the environment allow them. A closed
/// pipe is not an error.
pub(super) fn write_styled<S: RawStream + AsLockedWrite>(
    stream: S,
    write: impl FnOnce(Palette, &mut BufWriter<AutoStream<S>>) -> io::Result<()>,
) {
    let is_coloured = AutoStream::choice(&stream) != ColorChoice::Never;
    let size = stream.is_terminal().then(terminal_size::terminal_size).flatten();
    let columns = size.map(|(width, _)| usize::from(width.0));
    // Text without colours has no escape sequences to strip.
    let stream =
        if is_coloured { AutoStream::auto(stream) } else { AutoStream::always_ansi(stream) };
    let mut out = BufWriter::new(stream);
    let written = write(Palette { is_coloured, columns }, &mut out);
    let _ = written.and_then(|()| out.flush());
}
