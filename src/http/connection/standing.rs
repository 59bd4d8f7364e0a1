//! This file owns what a loop asks a connection: where it stands, and what it wants. Nothing is
//! changed here.

use super::{
    super::{close::CloseReason, demand::Demand},
    Connection, State,
};
use crate::{
    limits::LINGER_MAX,
    site::{Readiness, Representation},
};

/// How much a client loses that is let go, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// The last answer is gone, and only the client's end is waited for.
    Over,
    /// Everything that was asked is answered.
    Idle,
    /// A request may be on its way. Clients send one at once, so that of many here it is the oldest
    /// that only hold their places.
    Asking,
}

impl Connection {
    /// When [`Connection::expire`] is to be called unless something happens before.
    #[must_use]
    pub fn deadline_ms(&self) -> u64 {
        self.deadline_ms
    }

    /// Whether an answer is under way, which a stop waits for.
    #[must_use]
    pub fn is_being_answered(&self) -> bool {
        let is_ending = matches!(self.state, State::Closing { .. } | State::Lingering { .. });
        self.unsent.is_some() || self.has_more || is_ending
    }

    /// Whether the sending side is ended as soon as all that was answered is sent.
    pub(crate) fn ends_sending_next(&self) -> bool {
        matches!(self.state, State::Closing { .. })
    }

    /// Whether the last answer is gone, so that only the client's end is waited for.
    #[must_use]
    pub fn has_sent_its_last(&self) -> bool {
        self.unsent.is_none() && matches!(self.state, State::Lingering { .. } | State::Done(_))
    }

    /// Who is let go first where places are short, the least: the one that loses the least, and of
    /// these the one that has been quiet the longest. `None` for one that is being answered.
    pub(crate) fn rank_to_go(&self) -> Option<(Standing, u64)> {
        let standing = match self.state {
            _ if self.has_sent_its_last() => Standing::Over,
            _ if self.unsent.is_some() || self.has_more => return None,
            _ if self.is_between_requests() && self.answers > 0 => Standing::Idle,
            State::Head | State::Content(_) => Standing::Asking,
            _ => return None,
        };
        Some((standing, self.quiet_since_ms))
    }

    /// The content that the next answer waits for.
    #[must_use]
    pub fn awaited(&self) -> Option<Representation> {
        match self.state {
            State::Checking(content) => Some(content),
            _ => None,
        }
    }

    /// What it wants done next.
    #[must_use]
    pub fn demand(&self) -> Demand {
        if self.unsent.is_some() {
            return Demand::Send;
        }
        match &self.state {
            State::Checking(content) => match content.readiness() {
                Readiness::Unchecked => Demand::Check,
                Readiness::Sound | Readiness::Damaged => Demand::Resume,
            },
            State::Head | State::Content(_) if self.has_more => Demand::Resume,
            State::Head | State::Content(_) if self.input_ended => {
                Demand::Close(CloseReason::ClientDone)
            }
            // What more comes is left where it is: to close now would reset the connection, and the
            // client may still be reading.
            State::Lingering { dropped, .. } if *dropped > LINGER_MAX => Demand::Wait,
            State::Head | State::Content(_) | State::Lingering { .. } => Demand::Receive,
            // Before the close, too: where the client sent more meanwhile, that resets the
            // connection, and what has not left by then is lost.
            State::Closing { .. } => Demand::EndSending,
            State::Done(reason) => Demand::Close(*reason),
        }
    }
}
