//! The use of a file, which determines the media types that browsers accept for it.

use crate::parse::reference::LoadedAs;

/// The use of a file that determines which media types browsers accept for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileUse {
    /// A classic script or a module.
    Script,
    /// A style sheet.
    StyleSheet,
}

impl FileUse {
    /// The use of what is loaded as this; `None` if browsers accept any media type for it.
    pub(crate) fn of(loaded_as: LoadedAs) -> Option<Self> {
        match loaded_as {
            LoadedAs::Script => Some(Self::Script),
            LoadedAs::StyleSheet => Some(Self::StyleSheet),
            LoadedAs::Manifest | LoadedAs::Frame | LoadedAs::Other => None,
        }
    }
}
