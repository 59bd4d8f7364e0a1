//! This file owns the reasons for which a connection ends. Every close has one.

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The client asked for it with `Connection: close`.
    ClientAsked,
    /// HTTP/1.0 without `Connection: keep-alive`.
    OneRequestByVersion,
    /// The client ended its side with nothing asked for that is not answered.
    ClientDone,
    /// The client ended its side within a head or a content.
    ClientLeftMidway,
    /// The request was refused in a way that leaves it unclear where the next one would begin.
    RequestRefused,
    /// The content announced by `Expect` was declined; whether it comes all the same is unknown.
    ContentDeclined,
    /// A head or content did not arrive in time.
    RequestTooSlow,
    /// No further request came.
    Idle,
    /// The client took nothing of its answer for too long.
    ClientTakesNothing,
    /// The slot was needed for someone else.
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

    /// One word for a log.
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
    /// and destroy the answer (RFC 9112 section 9.6).
    pub(super) fn lingers(self) -> bool {
        matches!(self, Self::RequestRefused | Self::ContentDeclined | Self::RequestTooSlow)
    }
}
