//! Reasons for closing a connection. Every close has one.

/// Why a connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The client asked for it with `Connection: close`.
    ClientAsked,
    /// HTTP/1.0 without `Connection: keep-alive`.
    OneRequestByVersion,
    /// The client shut down its write side, and every request is answered.
    ClientDone,
    /// The client shut down its write side within a head or a body.
    ClientLeftMidway,
    /// An error response after which the start of the next request is unknown.
    RequestRefused,
    /// The body announced by `Expect` was declined; whether the client sends it anyway is unknown.
    ContentDeclined,
    /// A head or body did not arrive in time.
    RequestTooSlow,
    /// No further request came.
    Idle,
    /// The client took none of its response for too long.
    ClientTakesNothing,
    /// The slot was needed for another connection.
    Evicted,
    /// The server is stopping.
    Stopping,
    /// The system reported an error on the connection.
    ConnectionFailed,
}

impl CloseReason {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::ClientAsked,
        Self::OneRequestByVersion,
        Self::ClientDone,
        Self::ClientLeftMidway,
        Self::RequestRefused,
        Self::ContentDeclined,
        Self::RequestTooSlow,
        Self::Idle,
        Self::ClientTakesNothing,
        Self::Evicted,
        Self::Stopping,
        Self::ConnectionFailed,
    ];

    /// The word in the access log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ClientAsked => "client-asked",
            Self::OneRequestByVersion => "one-request",
            Self::ClientDone => "client-done",
            Self::ClientLeftMidway => "client-left",
            Self::RequestRefused => "refused",
            Self::ContentDeclined => "content-declined",
            Self::RequestTooSlow => "request-slow",
            Self::Idle => "idle",
            Self::ClientTakesNothing => "send-slow",
            Self::Evicted => "evicted",
            Self::Stopping => "stopping",
            Self::ConnectionFailed => "failed",
        }
    }

    /// Whether the client may still be sending, so that closing at once could reset the connection
    /// and destroy the response (RFC 9112 section 9.6).
    pub(super) fn lingers(self) -> bool {
        matches!(self, Self::RequestRefused | Self::ContentDeclined | Self::RequestTooSlow)
    }
}
