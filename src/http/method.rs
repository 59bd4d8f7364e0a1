//! This file owns the methods, as far as they are told apart here.

/// What a request wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Head,
    Options,
    Connect,
    /// POST, PUT, DELETE, PATCH or TRACE: known, and never allowed here.
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
