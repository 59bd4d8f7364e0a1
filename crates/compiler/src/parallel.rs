//! Work on several cores: a map with results in order and a bound on the work in progress, and two
//! functions at the same time.

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    sync::{Condvar, Mutex, PoisonError},
    thread::ScopedJoinHandle,
};

/// Applies `work` to each item. Results are in the order of the items.
///
/// The weight of the items in progress is at most `weight_max`. A heavier item is processed alone.
/// Heavy items come first, so that no thread is left with one at the end; items of one weight are
/// taken in order.
///
/// Each thread has its own `Scratch` with reusable buffers. It must not affect the results: items
/// are assigned to threads at random.
pub(crate) fn map_within<Item: Sync, Scratch: Default, Result: Send>(
    weight_max: u64,
    items: &[Item],
    weight: impl Fn(&Item) -> u64,
    work: impl Fn(&mut Scratch, usize, &Item) -> Result + Sync,
) -> Vec<Result> {
    let queue = Queue::new(weight_max, items.iter().map(weight));
    let process = || {
        let mut scratch = Scratch::default();
        let mut done = Vec::new();
        while let Some(ticket) = queue.take() {
            done.push((ticket.index, work(&mut scratch, ticket.index, &items[ticket.index])));
        }
        done
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, Result)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..cores.min(items.len())).map(|_| scope.spawn(process)).collect();
        let mut done = process();
        for thread in threads {
            done.extend(joined(thread));
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Calls two functions at the same time.
pub(crate) fn join<A: Send, B>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let a = scope.spawn(a);
        let b = b();
        (joined(a), b)
    })
}

/// The result of a thread. It panics only in build scripts and tests: the executable aborts.
fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The items that wait, and the weight of those in progress.
struct Queue {
    weight_max: u64,
    state: Mutex<QueueState>,
    weight_released: Condvar,
}

struct QueueState {
    /// Weight and index. The first item of the greatest weight is the last one here.
    waiting: BTreeSet<(u64, Reverse<usize>)>,
    weight_in_progress: u64,
}

/// An item in progress. Dropping it releases its weight.
struct Ticket<'a> {
    queue: &'a Queue,
    index: usize,
    weight: u64,
}

impl Queue {
    fn new(weight_max: u64, weights: impl Iterator<Item = u64>) -> Self {
        let waiting = weights.enumerate().map(|(index, weight)| (weight, Reverse(index)));
        let waiting = waiting.collect();
        let state = Mutex::new(QueueState { waiting, weight_in_progress: 0 });
        Self { weight_max, state, weight_released: Condvar::new() }
    }

    /// The heaviest item that fits, waiting until one does; `None` when all are taken.
    fn take(&self) -> Option<Ticket<'_>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let heaviest = *state.waiting.last()?;
            let available = self.weight_max.saturating_sub(state.weight_in_progress);
            let fitting = state.waiting.range(..=(available, Reverse(0))).next_back().copied();
            let alone = (state.weight_in_progress == 0).then_some(heaviest);
            if let Some((weight, index)) = fitting.or(alone) {
                state.waiting.remove(&(weight, index));
                let Reverse(index) = index;
                state.weight_in_progress = state.weight_in_progress.saturating_add(weight);
                return Some(Ticket { queue: self, index, weight });
            }
            state = self.weight_released.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Ticket<'_> {
    // In `drop`, so that a panic releases the weight too: otherwise other threads wait forever.
    fn drop(&mut self) {
        // Nothing can wait for an item without weight, and waking threads is a system call.
        if self.weight == 0 {
            return;
        }
        let mut state = self.queue.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.weight_in_progress = state.weight_in_progress.saturating_sub(self.weight);
        drop(state);
        self.queue.weight_released.notify_all();
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
            let doubled = map_within(1, &items, |_| 0, |(): &mut (), index, item| index + item);
            assert_eq!(doubled, items.iter().map(|it| it * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_weight_in_progress_is_limited() {
        let items: Vec<u64> = (0..500).map(|it| it % 40).chain([300]).collect();
        let (in_progress, greatest) = (AtomicU64::new(0), AtomicU64::new(0));
        let weights = map_within(
            50,
            &items,
            |it| *it,
            |(): &mut (), _, item| {
                let now = in_progress.fetch_add(*item, Ordering::SeqCst) + item;
                // The item above the limit comes first, and alone.
                assert!(now <= 50 || now == 300, "{now} at a time");
                greatest.fetch_max(now, Ordering::SeqCst);
                std::thread::yield_now();
                in_progress.fetch_sub(*item, Ordering::SeqCst);
                *item
            },
        );
        assert_eq!((weights, greatest.into_inner()), (items, 300));
    }

    #[test]
    fn items_of_one_weight_are_taken_in_order() {
        let queue = Queue::new(u64::MAX, [0; 5].into_iter());
        let taken: Vec<usize> = std::iter::from_fn(|| Some(queue.take()?.index)).collect();
        assert_eq!(taken, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn the_heaviest_item_that_fits_comes_next() {
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
