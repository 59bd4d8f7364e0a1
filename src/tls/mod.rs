//! TLS without I/O: certificates, and the session of a connection between its socket and
//! `crate::http`.

#[cfg(not(feature = "tls"))]
mod absent;
#[cfg(feature = "tls")]
mod config;
#[cfg(feature = "tls")]
mod session;

#[cfg(not(feature = "tls"))]
pub use self::absent::{Session, SessionFailed, TlsConfig};
#[cfg(feature = "tls")]
pub use self::{
    config::TlsConfig,
    session::{Session, SessionFailed},
};
