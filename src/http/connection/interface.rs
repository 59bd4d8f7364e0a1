//! This file owns what a loop asks a connection: where it stands, and what it wants. Nothing is
//! changed here.

use super::{
    super::{close::CloseReason, next_action::NextAction},
    Connection, State,
};
use crate::{
    limits::LINGER_MAX,
    site::{Readiness, Representation},
};

/// How much a client loses that is let go, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EvictionClass {
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
        self.unsent.is_some() || self.has_pipelined || is_ending
    }

    /// Whether the sending side is ended as soon as all that was answered is sent.
    pub(crate) fn shuts_down_next(&self) -> bool {
        matches!(self.state, State::Closing { .. })
    }

    /// Whether the last answer is gone, so that only the client's end is waited for.
    #[must_use]
    pub fn has_sent_its_last(&self) -> bool {
        self.unsent.is_none() && matches!(self.state, State::Lingering { .. } | State::Done(_))
    }

    /// Who is let go first where places are short, the least: the one that loses the least, and of
    /// these the one that has been quiet the longest. `None` for one that is being answered.
    pub(crate) fn eviction_rank(&self) -> Option<(EvictionClass, u64)> {
        let class = match self.state {
            _ if self.has_sent_its_last() => EvictionClass::Over,
            _ if self.unsent.is_some() || self.has_pipelined => return None,
            _ if self.is_between_requests() && self.answers > 0 => EvictionClass::Idle,
            State::Head | State::Content(_) => EvictionClass::Asking,
            _ => return None,
        };
        Some((class, self.last_activity_ms))
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
    pub fn next_action(&self) -> NextAction {
        if self.unsent.is_some() {
            return NextAction::Write;
        }
        match &self.state {
            State::Checking(content) => match content.readiness() {
                Readiness::Unchecked => NextAction::Verify,
                Readiness::Sound | Readiness::Damaged => NextAction::Continue,
            },
            State::Head | State::Content(_) if self.has_pipelined => NextAction::Continue,
            State::Head | State::Content(_) if self.input_ended => {
                NextAction::Close(CloseReason::ClientDone)
            }
            // What more comes is left where it is: to close now would reset the connection, and the
            // client may still be reading.
            State::Lingering { dropped, .. } if *dropped > LINGER_MAX => NextAction::Wait,
            State::Head | State::Content(_) | State::Lingering { .. } => NextAction::Read,
            // Before the close, too: where the client sent more meanwhile, that resets the
            // connection, and what has not left by then is lost.
            State::Closing { .. } => NextAction::ShutdownWrite,
            State::Done(reason) => NextAction::Close(*reason),
        }
    }
}
