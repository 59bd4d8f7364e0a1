//! This file owns the word that is given to whoever waits for the compiler. It shows nothing.

use std::{fmt, sync::Arc};

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The site is judged, and files of so many bytes will be coded.
    Linted {
        /// The bytes of all files that are bound.
        bytes: u64,
    },
    /// One more file is coded.
    Compressed {
        /// Its bytes.
        bytes: u64,
    },
}

/// Who hears of each step, from any thread; nobody unless said otherwise.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Fn(Step) + Send + Sync>>);

impl Progress {
    /// Lets this hear of each step.
    pub fn new(hear: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hear)))
    }

    pub(crate) fn tell(&self, step: Step) {
        if let Some(hear) = &self.0 {
            hear(step);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Progress(heard)" } else { "Progress(unheard)" })
    }
}
