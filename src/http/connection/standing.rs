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

    /// Whether the last answer is gone, so that only the client's end is waited for.
    #[must_use]
    pub fn has_sent_its_last(&self) -> bool {
        self.unsent.is_none() && matches!(self.state, State::Lingering { .. } | State::Done(_))
    }

    /// Who is let go first, the least: one that only waits to end, then the one idle the longest, a
    /// visitor who has not been answered yet last. `None` for one that would lose something.
    pub(crate) fn rank_to_go(&self) -> Option<(bool, bool, u64)> {
        let is_over = self.has_sent_its_last();
        let may_go = is_over || self.is_between_requests();
        may_go.then_some((!is_over, self.answers == 0, self.quiet_since_ms))
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
            State::Head | State::Content { .. } if self.has_more => Demand::Resume,
            State::Head | State::Content { .. } if self.input_ended => {
                Demand::Close(CloseReason::ClientDone)
            }
            // What more comes is left where it is: to close now would reset the connection, and the
            // client may still be reading.
            State::Lingering { dropped, .. } if *dropped > LINGER_MAX => Demand::Wait,
            State::Head | State::Content { .. } | State::Lingering { .. } => Demand::Receive,
            State::Closing { lingers: true, .. } => Demand::EndSending,
            State::Closing { reason, .. } | State::Done(reason) => Demand::Close(*reason),
        }
    }
}
