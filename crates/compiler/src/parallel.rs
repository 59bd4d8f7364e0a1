//! This file owns spreading work over all cores with the results in order, and with no more under
//! way at a time than there is memory for. It doesn't know what is worked on.

use std::{
    collections::BTreeSet,
    sync::{Condvar, Mutex, PoisonError},
};

/// What `work` makes of each item, in the order of the items.
///
/// Each thread has a `Bench` of its own: the buffers and memories that one item leaves for the
/// next. They must not show in the results, since who works on what is chance.
pub(crate) fn map<Item: Sync, Bench: Default, Result: Send>(
    items: &[Item],
    work: impl Fn(&mut Bench, usize, &Item) -> Result + Sync,
) -> Vec<Result> {
    map_within(u64::MAX, items, |_| 0, work)
}

/// The same, but with no more weight under way at a time than `most`, unless a single item has more
/// than that: such a one is worked on alone. The heaviest come first, so that in the end no core
/// waits for another's heavy one.
pub(crate) fn map_within<Item: Sync, Bench: Default, Result: Send>(
    most: u64,
    items: &[Item],
    weigh: impl Fn(&Item) -> u64,
    work: impl Fn(&mut Bench, usize, &Item) -> Result + Sync,
) -> Vec<Result> {
    let queue = Queue::new(most, items.iter().map(weigh));
    let take_turns = || {
        let mut bench = Bench::default();
        let mut done = Vec::new();
        while let Some(turn) = queue.take() {
            done.push((turn.index, work(&mut bench, turn.index, &items[turn.index])));
        }
        done
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, Result)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..cores.min(items.len())).map(|_| scope.spawn(take_turns)).collect();
        let mut done = take_turns();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                // Not in the executable: there the hook has ended the process.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// What nobody has taken yet, and the weight of what is under way.
struct Queue {
    most: u64,
    state: Mutex<State>,
    has_room: Condvar,
}

struct State {
    /// Weight and index.
    left: BTreeSet<(u64, usize)>,
    under_way: u64,
}

/// An item that someone works on, until this is dropped.
struct Turn<'a> {
    queue: &'a Queue,
    index: usize,
    weight: u64,
}

impl Queue {
    fn new(most: u64, weights: impl Iterator<Item = u64>) -> Self {
        let left = weights.enumerate().map(|(index, weight)| (weight, index)).collect();
        Self { most, state: Mutex::new(State { left, under_way: 0 }), has_room: Condvar::new() }
    }

    /// The heaviest item that there is room for, once there is room; `None` when all are taken.
    fn take(&self) -> Option<Turn<'_>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let heaviest = *state.left.last()?;
            let room = self.most.saturating_sub(state.under_way);
            let fitting = state.left.range(..=(room, usize::MAX)).next_back().copied();
            let alone = (state.under_way == 0).then_some(heaviest);
            if let Some((weight, index)) = fitting.or(alone) {
                state.left.remove(&(weight, index));
                state.under_way = state.under_way.saturating_add(weight);
                return Some(Turn { queue: self, index, weight });
            }
            state = self.has_room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Turn<'_> {
    // However the work ended: who waits for room would wait for ever.
    fn drop(&mut self) {
        let mut state = self.queue.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.under_way = state.under_way.saturating_sub(self.weight);
        drop(state);
        self.queue.has_room.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for count in [0, 1, 2, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled = map(&items, |(): &mut (), index, item| index + item);
            assert_eq!(doubled, items.iter().map(|it| it * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_under_way_is_never_heavier_than_it_may_be() {
        let items: Vec<u64> = (0..500).map(|it| it % 40).chain([300]).collect();
        let (under_way, greatest) = (AtomicU64::new(0), AtomicU64::new(0));
        let weights = map_within(
            50,
            &items,
            |it| *it,
            |(): &mut (), _, item| {
                let now = under_way.fetch_add(*item, Ordering::SeqCst) + item;
                // The one that is too heavy for any company comes first, and alone.
                assert!(now <= 50 || now == 300, "{now} at a time");
                greatest.fetch_max(now, Ordering::SeqCst);
                std::thread::yield_now();
                under_way.fetch_sub(*item, Ordering::SeqCst);
                *item
            },
        );
        assert_eq!((weights, greatest.into_inner()), (items, 300));
    }

    #[test]
    fn the_heaviest_that_there_is_room_for_comes_next() {
        let queue = Queue::new(10, [3, 9, 1, 7].into_iter());
        let first = queue.take().unwrap();
        let second = queue.take().unwrap();
        assert_eq!((first.index, second.index), (1, 2));
        drop(first);
        let third = queue.take().unwrap();
        drop(second);
        let last = queue.take().unwrap();
        assert_eq!((third.index, last.index), (3, 0));
        assert!(queue.take().is_none());
    }
}
