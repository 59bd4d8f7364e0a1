//! Forms in which devices take the certificate of the CA.

use super::{authority::Authority, pem::pem, profile::profile};

/// A form of the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateForm {
    /// Text, for browsers and tools on computers.
    Pem,
    /// Bytes, for Android and Windows.
    Der,
    /// A configuration profile, for iPhones, iPads and Macs.
    Profile,
}

impl CertificateForm {
    /// The form of files with this extension.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "pem" | "crt" => Some(Self::Pem),
            "cer" | "der" => Some(Self::Der),
            "mobileconfig" => Some(Self::Profile),
            _ => None,
        }
    }

    /// The certificate of a CA in this form.
    #[must_use]
    pub fn of(self, authority: &Authority) -> Vec<u8> {
        match self {
            Self::Pem => pem("CERTIFICATE", authority.certificate()).into_bytes(),
            Self::Der => authority.certificate().to_vec(),
            Self::Profile => profile(authority).into_bytes(),
        }
    }
}
