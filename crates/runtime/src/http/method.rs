//! Request methods.

/// The method of a request, as far as responses differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Head,
    Options,
    Connect,
    /// POST, PUT, DELETE, PATCH or TRACE: known, but not allowed.
    NotAllowed,
    Unknown,
}

impl Method {
    /// Parses a method, which is case-sensitive (RFC 9110 section 9.1).
    pub(super) fn parse(token: &str) -> Self {
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
