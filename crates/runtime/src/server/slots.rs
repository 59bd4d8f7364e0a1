//! Slots for connections, each with a key. A slot that is freed in this turn is not reused before
//! the next one, so a stale event never reaches a new connection.

use std::ops::Range;

use crate::limits::CROWDED_PERCENT;

/// A fixed number of slots.
#[derive(Debug)]
pub(super) struct Slots<T> {
    all: Vec<Option<T>>,
    free: Vec<usize>,
    /// Freed in this turn.
    freed: Vec<usize>,
    /// The number of slots in use.
    used: usize,
    capacity: usize,
    /// See [`Slots::is_crowded`].
    uncrowded_max: usize,
}

impl<T> Slots<T> {
    /// Memory per slot in bytes, including its entries in `free` and `freed`.
    pub(super) const BYTES_EACH: usize = size_of::<Option<T>>() + 2 * size_of::<usize>();

    /// Reserves address space for all slots, so that nothing is allocated later. The system
    /// provides the memory when it is first used.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            all: Vec::with_capacity(capacity),
            free: Vec::with_capacity(capacity),
            freed: Vec::with_capacity(capacity),
            used: 0,
            capacity,
            uncrowded_max: capacity * CROWDED_PERCENT / 100,
        }
    }

    /// The number of slots in use.
    pub(super) fn len(&self) -> usize {
        self.used
    }

    /// Whether no slot is in use.
    pub(super) fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Whether more than [`CROWDED_PERCENT`] of the slots are in use.
    pub(super) fn is_crowded(&self) -> bool {
        self.used > self.uncrowded_max
    }

    /// Whether no slot is free in this turn.
    fn is_full(&self) -> bool {
        self.free.is_empty() && self.all.len() == self.capacity
    }

    /// The key of the next connection; `None` if no slot is free.
    pub(super) fn vacant_key(&self) -> Option<usize> {
        if self.is_full() {
            None
        } else {
            Some(self.free.last().copied().unwrap_or(self.all.len()))
        }
    }

    /// Puts a value into the slot with the key [`Slots::vacant_key`], if there is one.
    pub(super) fn insert(&mut self, value: T) {
        if self.is_full() {
            return;
        }
        self.used += 1;
        match self.free.pop() {
            Some(key) => self.all[key] = Some(value),
            None => self.all.push(Some(value)),
        }
    }

    /// The value in a slot, if it is in use.
    pub(super) fn get_mut(&mut self, key: usize) -> Option<&mut T> {
        self.all.get_mut(key)?.as_mut()
    }

    /// Frees a slot. Returns its value.
    pub(super) fn remove(&mut self, key: usize) -> Option<T> {
        let value = self.all.get_mut(key)?.take()?;
        self.used -= 1;
        self.freed.push(key);
        Some(value)
    }

    /// Ends a turn: the slots freed in it may be reused. Returns whether there are any.
    pub(super) fn end_turn(&mut self) -> bool {
        let is_any = !self.freed.is_empty();
        self.free.append(&mut self.freed);
        is_any
    }

    /// The keys of all slots that have ever been used.
    pub(super) fn keys(&self) -> Range<usize> {
        0..self.all.len()
    }

    /// All slots in use, with their keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.all.iter().enumerate().filter_map(|(key, slot)| Some((key, slot.as_ref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_reused_in_the_turn_after_it_was_freed() {
        let mut slots = Slots::with_capacity(2);
        assert_eq!(slots.vacant_key(), Some(0));
        slots.insert('a');
        assert_eq!(slots.vacant_key(), Some(1));
        slots.insert('b');
        assert_eq!(slots.vacant_key(), None);
        slots.insert('x');
        assert_eq!(slots.remove(0), Some('a'));
        assert_eq!(slots.remove(0), None);
        assert_eq!((slots.len(), slots.vacant_key()), (1, None));
        assert!(slots.end_turn());
        assert!(!slots.end_turn());
        assert_eq!(slots.vacant_key(), Some(0));
        slots.insert('c');
        assert_eq!(slots.get_mut(0), Some(&mut 'c'));
        assert_eq!(slots.get_mut(7), None);
        assert_eq!(slots.iter().collect::<Vec<_>>(), [(0, &'c'), (1, &'b')]);
    }
}
