//! Fields that `_headers` cannot set.

/// Fields that an author cannot set, with the reasons: those that only the server sets, and names
/// that are not response fields.
const RESERVED: [(&[&str], &str); 10] = [
    (
        &["Content-Length", "Transfer-Encoding", "Trailer", "TE"],
        "it delimits the response, and a wrong value would break the connection",
    ),
    (
        &["Connection", "Keep-Alive", "Proxy-Connection", "Upgrade", "HTTP2-Settings"],
        "it describes the connection, so the server sets it for each response",
    ),
    (
        &["Content-Range", "Accept-Ranges", "Vary"],
        "it follows from the content codings and ranges that the server offers",
    ),
    (
        &["ETag", "Last-Modified"],
        "it is derived from the content, so that clients never show stale content",
    ),
    (
        &["Content-MD5", "Digest", "Content-Digest", "Repr-Digest"],
        "a fixed value cannot be right for every content coding and range",
    ),
    (&["Age", "Warning"], "caches set it, and a fixed value would mark every response as stale"),
    (
        &["Date", "Location", "Allow", "Status", "Retry-After"],
        "the server sets it when it responds to a request",
    ),
    (
        &["Basic-Auth"],
        "Netlify reads it to protect pages and never sends it; here every client would get the \
         password, and the pages would be public",
    ),
    (
        &["Authorization", "Proxy-Authorization", "Cookie"],
        "it is a request field, and as a response field it would publish a secret",
    ),
    // `Accept` and `Accept-Encoding` are also response fields (RFC 9110 section 12.5).
    (
        &[
            "Accept-Charset",
            "Accept-Language",
            "Access-Control-Request-Headers",
            "Access-Control-Request-Method",
            "Expect",
            "From",
            "Host",
            "If-Match",
            "If-Modified-Since",
            "If-None-Match",
            "If-Range",
            "If-Unmodified-Since",
            "Max-Forwards",
            "Origin",
            "Range",
            "Referer",
            "User-Agent",
        ],
        "it is a request field, which clients ignore in a response",
    ),
];

/// The reason for which a field cannot be set, if it cannot. Names are case-insensitive.
pub(super) fn reason(name: &str) -> Option<&'static str> {
    let has_name = |names: &[&str]| names.iter().any(|it| it.eq_ignore_ascii_case(name));
    RESERVED.iter().find(|(names, _)| has_name(names)).map(|(_, reason)| *reason)
}
