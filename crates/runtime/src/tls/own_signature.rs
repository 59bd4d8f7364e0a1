//! Check of the signatures of a certificate that this process has just issued.

use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};

/// Accepts an ECDSA signature with P-256 if the certificate of the issuer has this public key. The
/// signature was made a moment ago with the private key, so nothing else can be wrong with it, and
/// verifying it would be a third of what `--https` adds to a start.
#[derive(Debug)]
pub(super) struct OwnSignature<'k> {
    /// The public key of the private key that signs, as certificates contain it.
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
