//! The private key of an issued certificate, as rustls uses it.

use std::sync::Arc;

use rcgen::{KeyPair, PublicKeyData, SigningKey as _};
use rustls::{
    Error, SignatureAlgorithm, SignatureScheme,
    pki_types::SubjectPublicKeyInfoDer,
    sign::{Signer, SigningKey},
};

/// What the P-256 keys of issued certificates can sign with.
const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

/// A P-256 key that this process has just made. From its bytes, rustls would compute the public key
/// once more: an eighth of what `--https` adds to a start.
#[derive(Debug, Clone)]
pub(super) struct LeafKey(Arc<KeyPair>);

impl LeafKey {
    pub(super) fn new(key: KeyPair) -> Self {
        Self(Arc::new(key))
    }
}

impl SigningKey for LeafKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&SCHEME).then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(self.0.subject_public_key_info().into())
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for LeafKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.0.sign(message).map_err(|error| Error::General(error.to_string()))
    }

    fn scheme(&self) -> SignatureScheme {
        SCHEME
    }
}
