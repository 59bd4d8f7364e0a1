//! This file owns what a worker writes down of its answers, as records in memory that it hands over
//! at the end of a turn. It never waits: what there is no room for is counted and dropped. It
//! formats nothing.

use std::{
    cell::{Cell, RefCell},
    net::{IpAddr, Ipv4Addr},
};

use super::{access_log::AccessLog, net::Net};
use crate::{
    http::{CloseReason, Entry, Journal},
    limits::{LOG_COMPLAINT_MS, LOG_HEAD_MAX, LOG_PENDING_MAX},
};

/// One answer, as it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// When it was given, in milliseconds since 1970.
    pub(super) time_ms: u64,
    /// From the last bytes of the request to when the system had the answer, or what it took of it.
    pub(super) duration_us: u64,
    pub(super) content_length: u64,
    pub(super) status: u16,
    pub(super) close: Option<CloseReason>,
    pub(super) client: IpAddr,
    /// The beginning of the head of the request.
    pub(super) head: &'a [u8],
}

/// Where in a record the duration stands, which is known last.
const DURATION_AT: usize = 12;
const FIXED: usize = 48;

impl<'a> Record<'a> {
    fn write(&self, to: &mut Vec<u8>) {
        let length = FIXED + self.head.len();
        to.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        for number in [self.time_ms, self.duration_us, self.content_length] {
            to.extend(number.to_le_bytes());
        }
        to.extend(self.status.to_le_bytes());
        let close = self.close.and_then(|it| CloseReason::ALL.iter().position(|all| *all == it));
        to.push(close.and_then(|it| u8::try_from(it).ok()).unwrap_or(u8::MAX));
        to.push(u8::from(self.client.is_ipv4()));
        to.extend(match self.client {
            IpAddr::V4(it) => it.to_ipv6_mapped().octets(),
            IpAddr::V6(it) => it.octets(),
        });
        to.extend(self.head);
    }

    /// The first of many records, and the others.
    pub(super) fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let length = u32::from_le_bytes(*bytes.first_chunk()?);
        let (record, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
        let number = |at: usize| Some(u64::from_le_bytes(*record.get(at..)?.first_chunk()?));
        let address = IpAddr::from(*record.get(32..)?.first_chunk::<16>()?);
        let record = Self {
            time_ms: number(4)?,
            duration_us: number(DURATION_AT)?,
            content_length: number(20)?,
            status: u16::from_le_bytes(*record.get(28..)?.first_chunk()?),
            close: CloseReason::ALL.get(usize::from(*record.get(30)?)).copied(),
            client: if *record.get(31)? == 1 { address.to_canonical() } else { address },
            head: record.get(FIXED..)?,
        };
        Some((record, rest))
    }
}

/// Writes down the answers of one worker.
#[derive(Debug)]
pub(super) struct Scribe {
    log: AccessLog,
    client: Cell<IpAddr>,
    wall_ms: Cell<u64>,
    pending: RefCell<Pending>,
}

#[derive(Debug)]
struct Pending {
    records: Vec<u8>,
    /// Where the records begin whose duration is not known yet.
    unsettled_at: usize,
    count: u64,
    dropped: u64,
    warned_ms: Option<u64>,
}

/// Answers that are being given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writing<'a> {
    scribe: &'a Scribe,
    begun_us: u64,
    /// Where their records end.
    end: usize,
}

/// Begins to write down what is answered to a client at this time, if that is done at all.
pub(super) fn begin<'a>(
    scribe: Option<&'a Scribe>,
    client: IpAddr,
    wall_ms: u64,
    net: &impl Net,
) -> Option<Writing<'a>> {
    let scribe = scribe?;
    scribe.client.set(client);
    scribe.wall_ms.set(wall_ms);
    Some(Writing { scribe, begun_us: net.now_us(), end: 0 })
}

impl Writing<'_> {
    /// All of them are given, and nothing has been begun since; what they took is settled in the
    /// same order.
    pub(super) fn written(self) -> Self {
        Self { end: self.scribe.pending.borrow().records.len(), ..self }
    }
}

/// Writes down how long it took.
pub(super) fn settle(writing: Option<Writing<'_>>, net: &impl Net) {
    if let Some(Writing { scribe, begun_us, end }) = writing {
        scribe.settle(end, net.now_us().saturating_sub(begun_us));
    }
}

impl Scribe {
    pub(super) fn new(log: AccessLog) -> Self {
        Self {
            log,
            client: Cell::new(Ipv4Addr::UNSPECIFIED.into()),
            wall_ms: Cell::new(0),
            pending: RefCell::new(Pending {
                records: Vec::with_capacity(LOG_PENDING_MAX),
                unsettled_at: 0,
                count: 0,
                dropped: 0,
                warned_ms: None,
            }),
        }
    }

    /// The answers since the last ones, as far as `end`, took so long.
    fn settle(&self, end: usize, duration_us: u64) {
        let Pending { records, unsettled_at, .. } = &mut *self.pending.borrow_mut();
        let mut rest = records.get_mut(*unsettled_at..end).unwrap_or_default();
        while let Some(length) = rest.first_chunk().map(|it| u32::from_le_bytes(*it)) {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let Some((record, behind)) = rest.split_at_mut_checked(length) else { break };
            if let Some(place) = record.get_mut(DURATION_AT..DURATION_AT + 8) {
                place.copy_from_slice(&duration_us.to_le_bytes());
            }
            rest = behind;
        }
        *unsettled_at = end;
    }

    /// Hands over what is written down, unless somebody else is at it in this very moment. Returns
    /// how many were dropped so far, if that is to be said now.
    pub(super) fn hand_over(&self, now_ms: u64) -> Option<u64> {
        let pending = &mut *self.pending.borrow_mut();
        if pending.count > 0 && self.log.try_take(&pending.records, pending.count) {
            pending.records.clear();
            pending.unsettled_at = 0;
            pending.count = 0;
        }
        let dropped = pending.dropped + self.log.take_dropped();
        pending.dropped = dropped;
        let is_due = |last: u64| now_ms >= last + LOG_COMPLAINT_MS;
        if dropped == 0 || !pending.warned_ms.is_none_or(is_due) {
            return None;
        }
        pending.warned_ms = Some(now_ms);
        Some(std::mem::take(&mut pending.dropped))
    }

    /// Hands over the last of it.
    pub(super) fn end(&self) {
        let pending = &mut *self.pending.borrow_mut();
        self.log.take(&pending.records, pending.count);
        pending.records.clear();
        pending.count = 0;
    }

    /// Whether something is left that should be handed over soon.
    pub(super) fn has_pending(&self) -> bool {
        self.pending.borrow().count > 0
    }
}

impl Journal for Scribe {
    fn note(&self, entry: Entry<'_>) {
        let pending = &mut *self.pending.borrow_mut();
        let head = &entry.head[..entry.head.len().min(LOG_HEAD_MAX)];
        if pending.records.len() + FIXED + head.len() > LOG_PENDING_MAX {
            pending.dropped += 1;
            return;
        }
        pending.count += 1;
        let record = Record {
            time_ms: self.wall_ms.get(),
            duration_us: 0,
            content_length: entry.content_length,
            status: entry.status,
            close: entry.close,
            client: self.client.get(),
            head,
        };
        record.write(&mut pending.records);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::log_line::LogFormat, *};

    #[test]
    fn each_answer_took_as_long_as_those_of_its_own_client() {
        let scribe = Scribe::new(AccessLog::start(LogFormat::Common).unwrap());
        let end_behind = |answers: usize| {
            let entry =
                Entry { head: b"GET / HTTP/1.1", status: 200, content_length: 0, close: None };
            (0..answers).for_each(|_| scribe.note(entry));
            Writing { scribe: &scribe, begun_us: 0, end: 0 }.written().end
        };
        let ends = [end_behind(1), end_behind(0), end_behind(2)];
        for (end, duration_us) in ends.into_iter().zip([5, 7, 9]) {
            scribe.settle(end, duration_us);
        }
        let pending = scribe.pending.borrow();
        let mut rest = &pending.records[..];
        let read = || {
            let (record, behind) = Record::read(rest)?;
            rest = behind;
            Some(record.duration_us)
        };
        assert_eq!(std::iter::from_fn(read).collect::<Vec<_>>(), [5, 9, 9]);
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let mut bytes = Vec::new();
        let clients: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), "2001:db8::1".parse().unwrap()];
        let record = |client| Record {
            time_ms: 1_700_000_000_123,
            duration_us: 7,
            content_length: u64::MAX,
            status: 404,
            close: Some(CloseReason::ClientAsked),
            client,
            head: b"GET / HTTP/1.1\r\n\r\n",
        };
        for client in clients {
            record(client).write(&mut bytes);
        }
        Record { close: None, head: b"", ..record(clients[0]) }.write(&mut bytes);
        let mut rest = &bytes[..];
        for client in clients {
            let (read, behind) = Record::read(rest).unwrap();
            assert_eq!(read, record(client));
            rest = behind;
        }
        let (last, rest) = Record::read(rest).unwrap();
        assert_eq!((last.close, last.head, rest), (None, &b""[..], &b""[..]));
        assert_eq!(Record::read(&bytes[..40]), None);
    }
}
