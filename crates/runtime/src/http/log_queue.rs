//! Access-log records of responses: plain data in two buffers of fixed capacity.

use std::{
    net::{IpAddr, Ipv4Addr},
    ops::Range,
};

use super::close::CloseReason;
use crate::limits::LOG_HEAD_MAX;

/// One response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseRecord {
    /// The status code.
    pub status: u16,
    /// The length of the content in bytes; 0 if none is sent, as for HEAD.
    pub content_length: u64,
    /// Why the connection closes after the response; `None` if it stays open.
    pub close: Option<CloseReason>,
    /// What the connection cannot know; set after the write.
    pub delivery: Delivery,
    /// The range of the request's head in the heads of the queue.
    pub head: Range<usize>,
}

/// Client, time and duration of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// The client's address.
    pub client: IpAddr,
    /// When the response was sent, in milliseconds since 1970.
    pub time_ms: u64,
    /// Microseconds from the last bytes of the request until the system accepted the response, or a
    /// part of it.
    pub duration_us: u64,
}

impl Delivery {
    const UNKNOWN: Self =
        Self { client: IpAddr::V4(Ipv4Addr::UNSPECIFIED), time_ms: 0, duration_us: 0 };
}

/// Records in the order of the responses. The queue never grows: a record that does not fit is
/// dropped and counted.
#[derive(Debug, Default)]
pub struct LogQueue {
    records: Vec<ResponseRecord>,
    heads: Vec<u8>,
    dropped: u64,
}

impl LogQueue {
    /// An empty queue for this many records and this many bytes of heads.
    #[must_use]
    pub fn with_capacity(records: usize, heads: usize) -> Self {
        let (records, heads) = (Vec::with_capacity(records), Vec::with_capacity(heads));
        Self { records, heads, dropped: 0 }
    }

    /// The number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Adds the record of a response. Only the beginning of a long head is kept.
    pub(super) fn push(
        &mut self,
        status: u16,
        content_length: u64,
        close: Option<CloseReason>,
        head: &[u8],
    ) {
        let head = &head[..head.len().min(LOG_HEAD_MAX)];
        if !self.has_room(1, head.len()) {
            self.dropped += 1;
            return;
        }
        let start = self.heads.len();
        self.heads.extend_from_slice(head);
        let head = start..self.heads.len();
        let delivery = Delivery::UNKNOWN;
        self.records.push(ResponseRecord { status, content_length, close, delivery, head });
    }

    /// Sets the delivery of all records but the first `count`.
    pub fn set_delivery_since(&mut self, count: usize, delivery: Delivery) {
        for record in self.records.iter_mut().skip(count) {
            record.delivery = delivery;
        }
    }

    /// Moves all records of another queue to the end of this one, or drops all if they do not fit.
    pub fn append(&mut self, other: &mut Self) {
        self.dropped += std::mem::take(&mut other.dropped);
        if self.has_room(other.records.len(), other.heads.len()) {
            let start = self.heads.len();
            self.heads.extend_from_slice(&other.heads);
            self.records.extend(other.records.drain(..).map(|record| ResponseRecord {
                head: start + record.head.start..start + record.head.end,
                ..record
            }));
        } else {
            self.dropped += other.records.len() as u64;
        }
        other.clear();
    }

    /// Each record with the head of its request.
    pub fn iter(&self) -> impl Iterator<Item = (&ResponseRecord, &[u8])> {
        self.records.iter().map(|record| (record, &self.heads[record.head.clone()]))
    }

    /// Removes all records.
    pub fn clear(&mut self) {
        self.records.clear();
        self.heads.clear();
    }

    /// The number of records that were dropped since the last call.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    fn has_room(&self, records: usize, heads: usize) -> bool {
        let has_room = |used: usize, more: usize, capacity: usize| more <= capacity - used;
        has_room(self.records.len(), records, self.records.capacity())
            && has_room(self.heads.len(), heads, self.heads.capacity())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(heads: &[&[u8]], capacity: usize) -> LogQueue {
        let mut queue = LogQueue::with_capacity(capacity, 100);
        for head in heads {
            queue.push(200, 7, None, head);
        }
        queue
    }

    fn heads(queue: &LogQueue) -> Vec<&[u8]> {
        queue.iter().map(|(_, head)| head).collect()
    }

    #[test]
    fn each_record_gets_the_delivery_of_its_own_client() {
        let mut queue = queue(&[b"a"], 10);
        let delivery = |duration_us| Delivery { duration_us, ..Delivery::UNKNOWN };
        queue.set_delivery_since(0, delivery(5));
        queue.set_delivery_since(1, delivery(7));
        queue.push(404, 1, Some(CloseReason::ClientAsked), b"b");
        queue.push(404, 1, None, b"c");
        queue.set_delivery_since(1, delivery(9));
        let durations = queue.iter().map(|(record, _)| record.delivery.duration_us);
        assert_eq!(durations.collect::<Vec<_>>(), [5, 9, 9]);
    }

    #[test]
    fn a_queue_is_appended_completely_or_dropped_and_counted() {
        let mut queue = queue(&[b"a", b"", b"ccc"], 5);
        queue.append(&mut self::queue(&[b"dd", b"e"], 2));
        let mut late = self::queue(&[b"f", b"g", b"h"], 2);
        assert_eq!((late.len(), late.dropped), (2, 1));
        queue.append(&mut late);
        assert!(late.is_empty());
        assert_eq!((late.take_dropped(), queue.take_dropped(), queue.take_dropped()), (0, 3, 0));
        assert_eq!(heads(&queue), [&b"a"[..], b"", b"ccc", b"dd", b"e"]);
        assert_eq!(queue.records.capacity(), 5);
        queue.clear();
        assert!(queue.is_empty());
    }

    #[test]
    fn the_beginning_of_a_long_head_is_kept() {
        let mut queue = LogQueue::with_capacity(2, LOG_HEAD_MAX + 10);
        queue.push(200, 0, None, &[b'x'; 2 * LOG_HEAD_MAX]);
        queue.push(200, 0, None, &[b'y'; 11]);
        assert_eq!(heads(&queue), [&[b'x'; LOG_HEAD_MAX][..]]);
        assert_eq!(queue.take_dropped(), 1);
    }
}
