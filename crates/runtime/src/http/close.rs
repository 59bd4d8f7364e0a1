//! Reasons for closing a connection.

/// Why a connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The client sent `Connection: close`.
    ClientAsked,
    /// The client speaks HTTP/1.0 and did not send `Connection: keep-alive`.
    OneRequestByVersion,
    /// The client shut down its write side, and every request is answered.
    ClientDone,
    /// The client shut down its write side within a head or a body.
    ClientLeftMidway,
    /// The request got an error response after which the start of the next request is unknown.
    RequestRefused,
    /// The body announced by `Expect` was declined; whether the client sends it anyway is unknown.
    ContentDeclined,
    /// The head or body of a request did not arrive in time.
    RequestTimeout,
    /// No further request arrived in time.
    IdleTimeout,
    /// The client accepted no byte of a response in time.
    WriteTimeout,
    /// The slot was needed for another connection.
    Evicted,
    /// The server is stopping.
    Stopping,
    /// The rest of the content is damaged.
    ContentDamaged,
    /// The client broke the rules of TLS, or gave up its session.
    TlsFailed,
    /// The system reported an error on the connection.
    ConnectionFailed,
}

impl CloseReason {
    /// All reasons.
    pub const ALL: [Self; 14] = [
        Self::ClientAsked,
        Self::OneRequestByVersion,
        Self::ClientDone,
        Self::ClientLeftMidway,
        Self::RequestRefused,
        Self::ContentDeclined,
        Self::RequestTimeout,
        Self::IdleTimeout,
        Self::WriteTimeout,
        Self::Evicted,
        Self::Stopping,
        Self::ContentDamaged,
        Self::TlsFailed,
        Self::ConnectionFailed,
    ];

    /// The value in the access log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientAsked => "client-asked",
            Self::OneRequestByVersion => "one-request",
            Self::ClientDone => "client-done",
            Self::ClientLeftMidway => "client-left",
            Self::RequestRefused => "refused",
            Self::ContentDeclined => "content-declined",
            Self::RequestTimeout => "request-slow",
            Self::IdleTimeout => "idle",
            Self::WriteTimeout => "send-slow",
            Self::Evicted => "evicted",
            Self::Stopping => "stopping",
            Self::ContentDamaged => "damaged",
            Self::TlsFailed => "tls-failed",
            Self::ConnectionFailed => "failed",
        }
    }

    /// Whether output is lost. A client with TLS must not take it for complete, so that it gets no
    /// `close_notify` (RFC 8446 section 6.1). Any other close is announced.
    #[must_use]
    pub fn cuts_output(self) -> bool {
        matches!(self, Self::WriteTimeout | Self::ContentDamaged | Self::ConnectionFailed)
    }

    /// Whether the client may still be sending. Then an immediate close could reset the connection
    /// before the client has read the response (RFC 9112 section 9.6).
    pub(super) fn lingers(self) -> bool {
        matches!(self, Self::RequestRefused | Self::ContentDeclined | Self::RequestTimeout)
    }
}
