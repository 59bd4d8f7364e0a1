//! Why a certificate or its key cannot be used, and what to do.

use std::{error::Error, fmt, io};

/// One of the two files that a server with a certificate of its own needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateFile {
    /// The certificate and the intermediate ones.
    Certificate,
    /// The private key.
    Key,
}

/// Why a certificate or its key cannot be used.
#[derive(Debug)]
pub struct CertificateError {
    /// The file with the problem.
    pub file: CertificateFile,
    pub(super) problem: Problem,
}

/// What is wrong with a file.
#[derive(Debug)]
pub(super) enum Problem {
    Unreadable(io::Error),
    TooLarge,
    NotPem,
    Der,
    Pkcs12,
    /// PEM that cannot be decoded.
    Damaged(String),
    /// PEM without a certificate, and whether it has a private key.
    NoCertificate {
        has_key: bool,
    },
    /// PEM without a private key, and whether it has a certificate.
    NoKey {
        has_certificate: bool,
    },
    EncryptedKey,
    UnsupportedKey,
    OtherKey,
    /// The certificate of the key is in the file, but not the first one.
    NotFirst,
    Invalid(String),
    /// The extended key usage does not have that of servers.
    NotForServers,
    Expired {
        on: String,
        today: String,
    },
    NotValidYet {
        from: String,
        today: String,
    },
}

impl Problem {
    pub(super) fn of_certificate(self) -> CertificateError {
        CertificateError { file: CertificateFile::Certificate, problem: self }
    }

    pub(super) fn of_key(self) -> CertificateError {
        CertificateError { file: CertificateFile::Key, problem: self }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, command) = match self.file {
            CertificateFile::Certificate => ("certificate", "x509"),
            CertificateFile::Key => ("private key", "pkey"),
        };
        match &self.problem {
            Problem::Unreadable(error) => write!(f, "{error}; check its path and its permissions"),
            Problem::TooLarge => write!(f, "it is too large for a {noun}; name the right file"),
            Problem::NotPem => {
                write!(f, "it is not a PEM file; name one that has `-----BEGIN` before its {noun}")
            }
            Problem::Der => write!(
                f,
                "it is in DER and not in PEM; convert it with `openssl {command} -inform der \
                 -in FILE -out FILE.pem`"
            ),
            Problem::Pkcs12 => f.write_str(
                "it is a PKCS#12 archive and not PEM; convert it with `openssl pkcs12 -nodes \
                 -in FILE -out FILE.pem`, and use the result as both files",
            ),
            Problem::Damaged(detail) => {
                write!(f, "its PEM is damaged ({detail}); get the file again")
            }
            Problem::NoCertificate { has_key: true } | Problem::NoKey { has_certificate: true } => {
                let other = if noun == "certificate" { "private key" } else { "certificate" };
                write!(f, "it has a {other} and no {noun}; --tls-cert and --tls-key may be swapped")
            }
            Problem::NoCertificate { .. } => {
                f.write_str("it has no certificate; name the file with `BEGIN CERTIFICATE`")
            }
            Problem::NoKey { .. } => f.write_str(
                "it has no private key; name the file with `BEGIN PRIVATE KEY`, `BEGIN EC PRIVATE \
                 KEY` or `BEGIN RSA PRIVATE KEY`",
            ),
            Problem::EncryptedKey => f.write_str(
                "its private key is encrypted; decrypt it with `openssl pkey -in FILE -out \
                 FILE.pem`, and make the result readable for the server only",
            ),
            Problem::UnsupportedKey => f.write_str(
                "its private key is damaged or of a kind that is not supported; use ECDSA with \
                 P-256 or P-384, or RSA with 2048 bits or more",
            ),
            Problem::OtherKey => f.write_str(
                "the private key belongs to another certificate; name the two files that were \
                 issued together",
            ),
            Problem::NotFirst => f.write_str(
                "the first certificate in it is not that of the private key; move the one of the \
                 server to the top",
            ),
            Problem::Invalid(reason) => {
                write!(f, "the certificate is not valid ({reason}); get a new one")
            }
            Problem::NotForServers => f.write_str(
                "the certificate is not for servers (its extended key usage lacks serverAuth); \
                 name one that is",
            ),
            Problem::Expired { on, today } => write!(
                f,
                "the certificate expired on {on}; renew it (today is {today} by the clock of \
                 this machine)"
            ),
            Problem::NotValidYet { from, today } => write!(
                f,
                "the certificate is valid from {from} on, and today is {today} by the clock of \
                 this machine; set the clock, or use another certificate"
            ),
        }
    }
}

impl Error for CertificateError {}
