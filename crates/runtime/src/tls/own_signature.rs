//! Check of the signatures of a certificate that this process has just issued.

use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};

/// Accepts ECDSA signatures with P-256 if the issuer has a known public key. They were made with
/// its private key a moment ago, so nothing else can be wrong with them, and computing them again
/// is a third of the work of a start with `--https`.
#[derive(Debug)]
pub(super) struct OwnSignature<'k> {
    /// The public key of the private key that signs, as in a certificate.
    pub(super) public_key: &'k [u8],
}

impl SignatureVerificationAlgorithm for OwnSignature<'_> {
    fn verify_signature(
        &self,
        public_key: &[u8],
        _message: &[u8],
        _signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        if public_key == self.public_key { Ok(()) } else { Err(InvalidSignature) }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P256
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA256
    }
}
