//! Why the local CA cannot be used, without its place.

/// Why a CA cannot be used.
#[derive(Debug)]
pub(super) enum AuthorityProblem {
    /// The certificate, the key and the facts do not belong together.
    Inconsistent,
    /// It may certify any name.
    Unconstrained,
    /// The date when its validity ended.
    Expired(String),
    /// The date when its validity begins, which is in the future, and today by the clock.
    NotValidYet { from: String, today: String },
    /// Nothing can be signed: there are no random numbers.
    Failed(rcgen::Error),
}
