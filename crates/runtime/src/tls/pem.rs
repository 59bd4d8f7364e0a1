//! PEM, the text form of certificates and keys (RFC 7468).

use base64::{Engine, engine::general_purpose::STANDARD};

/// Characters of a line.
const LINE: usize = 64;

/// An object in DER as PEM.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let lines: String = base64_lines(der, LINE).map(|line| line + "\n").collect();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}

/// Base64 in lines of this length, which is a multiple of four.
pub(super) fn base64_lines(bytes: &[u8], length: usize) -> impl Iterator<Item = String> {
    bytes.chunks(length / 4 * 3).map(|it| STANDARD.encode(it))
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::{CertificateDer, pem::PemObject};

    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for length in [0, 1, 47, 48, 49, 500] {
            let der = vec![7; length];
            let text = pem("CERTIFICATE", &der);
            assert!(text.lines().all(|it| it.len() <= LINE), "{text}");
            let read = CertificateDer::from_pem_slice(text.as_bytes()).unwrap();
            assert_eq!(read.as_ref(), der);
        }
    }
}
