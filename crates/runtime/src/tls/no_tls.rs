//! Replacement for `tls` in a build without the feature `tls`: types of the same names, which have
//! no values.

/// Settings of TLS.
#[derive(Debug, Clone)]
pub enum TlsConfig {}

/// A session of TLS.
#[derive(Debug)]
pub enum Session {}

/// The reason why a session cannot go on.
#[derive(Debug)]
pub struct SessionFailed;

#[allow(missing_docs, clippy::missing_errors_doc, reason = "there is no value to call them on")]
impl Session {
    #[must_use]
    pub fn is_begun_by(_: &[u8]) -> bool {
        false
    }

    pub fn new(config: &TlsConfig) -> Result<Self, SessionFailed> {
        match *config {}
    }

    pub fn decrypt(&mut self, _: &[u8], _: &mut Vec<u8>) -> Result<(), SessionFailed> {
        match *self {}
    }

    pub fn encrypt(&mut self, _: &[u8], _: &[u8]) {
        match *self {}
    }

    pub fn close(&mut self) {
        match *self {}
    }

    pub fn abandon(&mut self) {
        match *self {}
    }

    pub fn take_output(&mut self, _: &mut Vec<u8>) {
        match *self {}
    }

    #[must_use]
    pub fn is_handshaking(&self) -> bool {
        match *self {}
    }

    #[must_use]
    pub fn has_answered(&self) -> bool {
        match *self {}
    }

    #[must_use]
    pub fn is_closed(&self) -> bool {
        match *self {}
    }

    #[must_use]
    pub fn has_input_ended(&self) -> bool {
        match *self {}
    }
}
