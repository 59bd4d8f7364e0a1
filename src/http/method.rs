//! Request methods, as far as their responses differ.

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Head,
    Options,
    Connect,
    /// POST, PUT, DELETE, PATCH or TRACE: known, but never allowed.
    NotAllowed,
    Unknown,
}

impl Method {
    /// Methods are case-sensitive (RFC 9110 section 9.1).
    pub(super) fn of(token: &str) -> Self {
        match token {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "OPTIONS" => Self::Options,
            "CONNECT" => Self::Connect,
            "POST" | "PUT" | "DELETE" | "PATCH" | "TRACE" => Self::NotAllowed,
            _ => Self::Unknown,
        }
    }
}
