//! This file owns the places that connections have. A place that was left is given to another one
//! only in the next turn, so that an event that was meant for the old one finds nobody.

/// A fixed number of places.
#[derive(Debug)]
pub(super) struct Slots<T> {
    places: Vec<Option<T>>,
    free: Vec<usize>,
    /// Left in this turn.
    resting: Vec<usize>,
    capacity: usize,
}

impl<T> Slots<T> {
    /// What a place takes, with its entry among the free ones and those that rest.
    pub(super) const BYTES_EACH: usize = size_of::<Option<T>>() + 2 * size_of::<usize>();

    /// Room is reserved for all of them, so that none is asked for later; the system gives the
    /// memory only when it is used.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            places: Vec::with_capacity(capacity),
            free: Vec::with_capacity(capacity),
            resting: Vec::with_capacity(capacity),
            capacity,
        }
    }

    /// How many places are taken.
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len() - self.resting.len()
    }

    /// Whether nobody is there.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many places there are.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether no place can be given in this turn.
    fn is_full(&self) -> bool {
        self.free.is_empty() && self.places.len() == self.capacity
    }

    /// The key that the next one gets; `None` where there is no place.
    pub(super) fn vacant_key(&self) -> Option<usize> {
        if self.is_full() {
            None
        } else {
            Some(self.free.last().copied().unwrap_or(self.places.len()))
        }
    }

    /// Gives the place with the [`Slots::vacant_key`], if there is one.
    pub(super) fn insert(&mut self, value: T) {
        if self.is_full() {
            return;
        }
        match self.free.pop() {
            Some(key) => self.places[key] = Some(value),
            None => self.places.push(Some(value)),
        }
    }

    pub(super) fn get_mut(&mut self, key: usize) -> Option<&mut T> {
        self.places.get_mut(key)?.as_mut()
    }

    /// Takes who is there out of a place.
    pub(super) fn remove(&mut self, key: usize) -> Option<T> {
        let value = self.places.get_mut(key)?.take()?;
        self.resting.push(key);
        Some(value)
    }

    /// Ends a turn: the places that were left may be given again. Says whether there were any.
    pub(super) fn end_turn(&mut self) -> bool {
        let is_any = !self.resting.is_empty();
        self.free.append(&mut self.resting);
        is_any
    }

    /// Every key that may be in use.
    pub(super) fn keys(&self) -> std::ops::Range<usize> {
        0..self.places.len()
    }

    /// All that are there, with their keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.places.iter().enumerate().filter_map(|(key, place)| Some((key, place.as_ref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_rests_for_a_turn_before_it_is_given_again() {
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
