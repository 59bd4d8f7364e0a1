//! What is written besides the site when it is packed.

use super::windows_app::WindowsApp;
use crate::app::Seal;

/// What an executable says about itself to its desktop; by default nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct PackOptions<'a> {
    /// The resources of a Windows executable. Other executables have none.
    pub windows: Option<WindowsApp<'a>>,
    /// What the signature of a macOS executable says about the app around it.
    pub seal: Option<&'a Seal>,
}
