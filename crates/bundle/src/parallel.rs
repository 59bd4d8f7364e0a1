//! This file owns spreading work over all cores with the results in order. It doesn't know what is
//! worked on.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What `work` makes of each item, in the order of the items.
///
/// Each thread has a `Bench` of its own: the buffers and memories that one item leaves for the
/// next. They must not show in the results, since who works on what is chance.
pub(crate) fn map<Item: Sync, Bench: Default, Result: Send>(
    items: &[Item],
    work: impl Fn(&mut Bench, usize, &Item) -> Result + Sync,
) -> Vec<Result> {
    let next = AtomicUsize::new(0);
    let take_turns = || {
        let mut bench = Bench::default();
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return done };
            done.push((index, work(&mut bench, index, item)));
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, Result)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..cores.min(items.len())).map(|_| scope.spawn(take_turns)).collect();
        let mut done = take_turns();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for count in [0, 1, 2, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled = map(&items, |(): &mut (), index, item| index + item);
            assert_eq!(doubled, items.iter().map(|it| it * 2).collect::<Vec<_>>());
        }
    }
}
