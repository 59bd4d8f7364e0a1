//! Tests of the event loop in a simulated world: clients, a network and a clock, with faults that a
//! seed determines.
//!
//! `CHAPBOOK_SEEDS=0..1000000` runs these seeds instead of the default ones. A run that fails names
//! its seed, which reproduces it.

mod calls;
mod damage;
mod faults;
mod net;
mod peer;
#[cfg(feature = "tls")]
mod tls;
mod trace;
mod world;

use std::{
    env,
    num::NonZero,
    panic::{self, AssertUnwindSafe},
    thread,
};

use chapbook_oracle::rng::Rng;

use self::{
    faults::{Failure, Faults},
    net::SimulatedNet,
    peer::Peer,
    trace::Trace,
    world::{Stage, World},
};
use super::{
    shutdown::Stop,
    worker::{Worker, WorkerOptions},
};
use crate::site::default_site;

/// The number of seeds that a test run has by default.
const SEEDS: u64 = 2000;

/// Runs the event loop in a world until it ends, and checks the result.
fn run(world: World, connections_max: usize) -> Trace {
    run_with(world, WorkerOptions::plain(connections_max))
}

/// The same with other options.
fn run_with(world: World, options: WorkerOptions<'static>) -> Trace {
    let stop = Stop::default();
    let net = SimulatedNet::new(world, stop.clone());
    let world = net.world();
    let mut worker = Worker::new(net, default_site(), &stop, options);
    worker.run().expect("the loop ends without an error");
    drop(worker);
    let mut world = world.borrow_mut();
    assert_eq!(world.stage(), Stage::Stopping, "the loop ended before the shutdown");
    world.check_connections_at_the_end();
    world.check_responses_at_the_end();
    world.take_trace()
}

/// Runs the world of a seed.
fn run_seed(seed: u64) -> Trace {
    let (world, connections_max) = seeded(seed);
    run(world, connections_max)
}

/// The world of a seed, and the maximum number of connections.
fn seeded(seed: u64) -> (World, usize) {
    let mut rng = Rng::new(seed);
    let connections_max = if rng.below(3) == 0 { 1 + rng.below(3) } else { 50 };
    // Sometimes a crowd.
    let count_max = if rng.below(20) == 0 { 48 } else { 8 };
    let count = 1 + rng.below(count_max);
    let peers = (0..count).map(|_| Peer::random(&mut rng)).collect();
    let faults = Faults::random(&mut rng);
    let stops_early = rng.below(5) == 0;
    (World::new(rng, peers, faults, stops_early, connections_max), connections_max)
}

/// Runs a world, and names it if it fails.
fn run_named(name: &str, run: impl FnOnce() -> Trace) {
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    assert!(outcome.is_ok(), "{name} fails");
}

/// Runs the worlds of this many seeds, or of those in the variable `CHAPBOOK_SEEDS`.
fn run_seeds(count: u64, run: impl Fn(u64) -> Trace + Sync) {
    let seeds = env::var("CHAPBOOK_SEEDS").ok();
    let range = seeds.as_deref().map(|it| it.split_once("..").expect("a range, such as 0..1000"));
    let number = |text: &str| text.parse::<u64>().expect("the range has two numbers");
    let (first, end) = range.map_or((0, count), |(first, end)| (number(first), number(end)));
    let (threads, run) = (thread::available_parallelism().map_or(1, NonZero::get), &run);
    thread::scope(|scope| {
        for offset in 0..threads {
            scope.spawn(move || {
                for seed in (first..end).skip(offset).step_by(threads) {
                    run_named(&format!("CHAPBOOK_SEEDS={seed}..{}", seed + 1), || run(seed));
                }
            });
        }
    });
}

#[test]
fn with_random_faults_every_response_is_right_and_every_connection_ends() {
    run_seeds(SEEDS, run_seed);
}

#[test]
fn with_one_fault_at_any_call_every_response_is_right_and_every_connection_ends() {
    for failure in Failure::ALL {
        for call in 0..60 {
            run_named(&format!("{failure:?} at call {call}"), || {
                let mut rng = Rng::new(7);
                let peers = (0..4).map(|_| Peer::random(&mut rng)).collect();
                let faults = Faults::at_call(call, failure);
                run(World::new(rng, peers, faults, false, 50), 50)
            });
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another_run() {
    let traces: Vec<Trace> = (0..50).map(run_seed).collect();
    for (seed, trace) in (0..).zip(&traces) {
        assert_eq!(trace.difference(&run_seed(seed)), None, "seed {seed}");
    }
    // In a few worlds, the shutdown comes before a client connects.
    let long: Vec<_> = traces.iter().filter(|it| it.calls.len() > 10).collect();
    assert!(long.len() > 40, "only {} worlds have calls", long.len());
    for pair in long.windows(2) {
        assert!(pair[0].difference(pair[1]).is_some(), "two seeds give the same run");
    }
}
