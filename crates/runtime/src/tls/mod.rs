//! TLS without I/O: certificates, and the session of a connection between its socket and
//! `crate::http`.

#[cfg(not(feature = "tls"))]
mod absent;
#[cfg(feature = "tls")]
mod authority;
#[cfg(feature = "tls")]
mod authority_error;
#[cfg(feature = "tls")]
mod authority_files;
#[cfg(feature = "tls")]
mod authority_folder;
#[cfg(feature = "tls")]
mod authority_problem;
#[cfg(feature = "tls")]
mod certificate;
#[cfg(feature = "tls")]
mod certificate_error;
#[cfg(feature = "tls")]
mod certificate_form;
#[cfg(feature = "tls")]
mod clock;
#[cfg(feature = "tls")]
mod config;
#[cfg(feature = "tls")]
mod fingerprint;
#[cfg(feature = "tls")]
mod leaf_key;
#[cfg(feature = "tls")]
mod own_signature;
#[cfg(feature = "tls")]
mod pem;
#[cfg(feature = "tls")]
mod permitted;
#[cfg(feature = "tls")]
mod private_file;
#[cfg(feature = "tls")]
mod profile;
#[cfg(feature = "tls")]
mod session;
#[cfg(feature = "tls")]
mod trust_page;
#[cfg(feature = "tls")]
mod validity;

#[cfg(not(feature = "tls"))]
pub use self::absent::{Session, SessionFailed, TlsConfig};
#[cfg(feature = "tls")]
pub use self::{
    authority::{Authority, Hosts, Leaf, LeftOut},
    authority_error::AuthorityError,
    authority_folder::AuthorityFolder,
    certificate::CertificateFiles,
    certificate_error::{CertificateError, CertificateFile},
    certificate_form::CertificateForm,
    clock::is_clock_valid,
    config::TlsConfig,
    fingerprint::Fingerprint,
    session::{Session, SessionFailed},
    trust_page::{TRUST_PATH, trust_files},
};
