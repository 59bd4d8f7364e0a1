//! This file owns when to look at which slot again. It is a wheel of one-second buckets, each a
//! doubly linked list through arrays, and it is lazy: a deadline that moves into the future costs
//! nothing until its old bucket is due. It doesn't know what a deadline means.
//!
//! Every answer asks for the bucket of its slot, and nearly none for the neighbours in it, so that
//! these lie apart: sixteen slots share a line of the processor's cache.

/// Milliseconds of one bucket. Deadlines are kept to the second, never too early.
const TICK_MS: u64 = 1000;
/// More than the longest deadline; one that lies further ahead is looked at early and moved on.
const BUCKETS: u32 = 32;
/// No slot.
const NONE: u32 = u32::MAX;

/// Seconds since the start, counted from 1; they end after a century.
type Tick = u32;

/// Of a slot that is in no bucket.
const UNLINKED: Tick = 0;

/// The slots before and behind one in its bucket.
#[derive(Debug, Clone, Copy)]
struct Neighbours {
    previous: u32,
    next: u32,
}

/// The deadlines of a worker's slots.
#[derive(Debug)]
pub(super) struct Deadlines {
    /// When each slot is looked at.
    ticks: Vec<Tick>,
    neighbours: Vec<Neighbours>,
    first: [u32; BUCKETS as usize],
    /// Everything in buckets before this tick has been looked at.
    tick: Tick,
}

impl Deadlines {
    /// What a slot takes here.
    pub(super) const BYTES_EACH: usize = size_of::<Tick>() + size_of::<Neighbours>();

    /// Room for so many slots.
    pub(super) fn with_capacity(slots: usize) -> Self {
        Self {
            ticks: Vec::with_capacity(slots),
            neighbours: Vec::with_capacity(slots),
            first: [NONE; BUCKETS as usize],
            tick: 1,
        }
    }

    /// Sees to it that the slot is looked at when its deadline is over. Called after anything that
    /// may have moved the deadline; nearly always there is nothing to do.
    pub(super) fn set(&mut self, slot: usize, deadline_ms: u64) {
        if slot >= self.ticks.len() {
            self.ticks.resize(slot + 1, UNLINKED);
            self.neighbours.resize(slot + 1, Neighbours { previous: NONE, next: NONE });
        }
        let wanted = tick(deadline_ms.div_ceil(TICK_MS)).clamp(self.tick, self.tick + BUCKETS - 1);
        let linked = self.ticks[slot];
        if linked == UNLINKED || wanted < linked {
            self.remove(slot);
            self.link(slot, wanted);
        }
    }

    /// Forgets a slot.
    pub(super) fn remove(&mut self, slot: usize) {
        let Some(tick) = self.ticks.get_mut(slot) else { return };
        let tick = std::mem::replace(tick, UNLINKED);
        if tick == UNLINKED {
            return;
        }
        let Neighbours { previous, next } = self.neighbours[slot];
        match previous {
            NONE => self.first[bucket(tick)] = next,
            previous => self.neighbours[previous as usize].next = next,
        }
        if next != NONE {
            self.neighbours[next as usize].previous = previous;
        }
    }

    /// When there may be something to look at; `None` where there are no deadlines.
    pub(super) fn next_ms(&self) -> Option<u64> {
        let mut ticks = self.tick..self.tick + BUCKETS;
        let due = ticks.find(|&tick| self.first[bucket(tick)] != NONE)?;
        Some(u64::from(due) * TICK_MS)
    }

    /// Takes out a slot that is to be looked at by now. Whether its deadline is really over is for
    /// the caller to see, who sets it again if not.
    pub(super) fn take_due(&mut self, now_ms: u64) -> Option<usize> {
        let now = tick(now_ms / TICK_MS);
        while self.tick <= now {
            let first = self.first[bucket(self.tick)];
            if first != NONE {
                let slot = first as usize;
                self.remove(slot);
                return Some(slot);
            }
            // After a long sleep one round of the wheel has seen every bucket.
            let round = self.tick + BUCKETS;
            let is_empty = now > round && self.first.iter().all(|&first| first == NONE);
            self.tick = if is_empty { now } else { self.tick + 1 };
        }
        None
    }

    fn link(&mut self, slot: usize, tick: Tick) {
        let place = &mut self.first[bucket(tick)];
        // The number of slots is far below 2^32: each needs a descriptor.
        let name = u32::try_from(slot).unwrap_or(NONE);
        let next = std::mem::replace(place, name);
        self.ticks[slot] = tick;
        self.neighbours[slot] = Neighbours { previous: NONE, next };
        if next != NONE {
            self.neighbours[next as usize].previous = name;
        }
    }
}

/// So many seconds, as far as they can be counted: a wheel of room is left behind the last.
fn tick(seconds: u64) -> Tick {
    Tick::try_from(seconds).unwrap_or(Tick::MAX).min(Tick::MAX - 2 * BUCKETS)
}

fn bucket(tick: Tick) -> usize {
    (tick % BUCKETS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: [usize; 0] = [];

    fn due(deadlines: &mut Deadlines, now_ms: u64) -> Vec<usize> {
        let mut due: Vec<usize> = std::iter::from_fn(|| deadlines.take_due(now_ms)).collect();
        due.sort_unstable();
        due
    }

    #[test]
    fn a_slot_is_due_at_its_deadline_and_never_before() {
        let mut deadlines = Deadlines::with_capacity(8);
        assert_eq!(deadlines.next_ms(), None);
        for (slot, deadline) in [(0, 10_000), (1, 10_001), (2, 2_500), (3, 15_000)] {
            deadlines.set(slot, deadline);
        }
        assert_eq!(deadlines.next_ms(), Some(3_000));
        assert_eq!(due(&mut deadlines, 2_999), NOBODY);
        assert_eq!(due(&mut deadlines, 3_000), [2]);
        assert_eq!(due(&mut deadlines, 10_999), [0]);
        assert_eq!(due(&mut deadlines, 11_000), [1]);
        deadlines.remove(3);
        assert_eq!(due(&mut deadlines, 60_000), NOBODY);
        assert_eq!(deadlines.next_ms(), None);
    }

    #[test]
    fn a_deadline_that_comes_nearer_is_moved_and_one_that_goes_further_is_not() {
        let mut deadlines = Deadlines::with_capacity(2);
        deadlines.set(0, 15_000);
        deadlines.set(0, 2_000);
        assert_eq!(deadlines.next_ms(), Some(2_000));
        deadlines.set(0, 15_000);
        assert_eq!(due(&mut deadlines, 2_000), [0]);
        deadlines.set(0, 15_000);
        assert_eq!(due(&mut deadlines, 14_999), NOBODY);
        assert_eq!(due(&mut deadlines, 15_000), [0]);
    }

    #[test]
    fn a_long_sleep_loses_nobody() {
        let mut deadlines = Deadlines::with_capacity(100);
        for slot in 0..100 {
            deadlines.set(slot, 1_000 + 300 * slot as u64);
        }
        assert_eq!(due(&mut deadlines, 100_000_000).len(), 100);
        deadlines.set(5, 100_001_000);
        assert_eq!(due(&mut deadlines, 100_000_500), NOBODY);
        assert_eq!(due(&mut deadlines, 100_001_000), [5]);
    }
}
