//! TLS without I/O: certificates, and the session of a connection between its socket and
//! `crate::http`.

mod authority;
mod authority_error;
mod authority_files;
mod authority_folder;
mod authority_problem;
mod certificate;
mod certificate_error;
mod certificate_form;
mod clock;
mod config;
mod fingerprint;
mod leaf;
mod leaf_key;
mod own_signature;
mod pem;
mod permitted;
mod private_file;
mod profile;
mod session;
mod trust_page;
mod validity;

pub use self::{
    authority::Authority,
    authority_error::AuthorityError,
    authority_folder::AuthorityFolder,
    certificate::CertificateFiles,
    certificate_error::{CertificateError, CertificateFile},
    certificate_form::CertificateForm,
    clock::is_clock_valid,
    config::TlsConfig,
    fingerprint::Fingerprint,
    leaf::{Hosts, Leaf, LeftOut},
    session::{Session, SessionFailed},
    trust_page::{TRUST_PATH, trust_files},
};
