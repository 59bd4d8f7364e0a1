//! The loop in a world that is made of a seed: clients, a network and a clock that do what they
//! should not, and the same each time. This file owns the runs; what happens in them, `world.rs`.
//!
//! `CHAPBOOK_SEEDS=0..1000000` runs these seeds instead of the usual ones, and a run that fails
//! names its own, which reproduces it.

mod faults;
mod peer;
mod view;
mod world;

use std::{
    env,
    panic::{self, AssertUnwindSafe},
};

use self::{
    faults::{Failure, Faults},
    peer::Peer,
    view::SimulatedNet,
    world::{Stage, World},
};
use super::{
    shutdown::Stop,
    verifier::Verifier,
    worker::{Bounds, Signals, Worker},
};
use crate::site::Site;
use chapbook_oracle::numbers::Numbers;

/// How many seeds every test run gets.
const SEEDS: u64 = 2000;

/// Runs a world to its end, and looks at what came of it.
fn run(world: World, connections_max: usize) {
    let (stop, verifier) = (Stop::default(), Verifier::default());
    let net = SimulatedNet::new(world, stop.clone());
    let world = net.world();
    let signals = Signals { stop: &stop, verifier: &verifier };
    let mut worker = Worker::new(net, Site::embedded(), Bounds { connections_max }, signals, None);
    worker.run().expect("the loop ends in peace");
    drop(worker);
    let world = world.borrow();
    assert_eq!(world.stage(), Stage::Stopping, "it ended before it was asked to");
    world.check_at_the_end();
}

/// The world of a seed.
fn run_seed(seed: u64) {
    let mut numbers = Numbers::new(seed);
    let connections_max = if numbers.below(3) == 0 { 1 + numbers.below(3) } else { 50 };
    // A crowd now and then.
    let count_max = if numbers.below(20) == 0 { 48 } else { 8 };
    let count = 1 + numbers.below(count_max);
    let peers = (0..count).map(|_| Peer::of_seed(&mut numbers)).collect();
    let faults = Faults::of_seed(&mut numbers);
    let stops_early = numbers.below(5) == 0;
    run(World::new(numbers, peers, faults, stops_early, connections_max), connections_max);
}

/// Runs with a name, which is told if it fails.
fn run_named(name: &str, run: impl FnOnce()) {
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    assert!(outcome.is_ok(), "{name} fails");
}

#[test]
fn whatever_happens_every_answer_is_right_and_every_connection_ends() {
    let wish = env::var("CHAPBOOK_SEEDS").ok();
    let range = wish.as_deref().map(|it| it.split_once("..").expect("a range, such as 0..1000"));
    let number = |text: &str| text.parse::<u64>().expect("it is a number");
    let (first, end) = range.map_or((0, SEEDS), |(first, end)| (number(first), number(end)));
    for seed in first..end {
        run_named(&format!("CHAPBOOK_SEEDS={seed}..{}", seed + 1), || run_seed(seed));
    }
}

#[test]
fn whichever_call_fails_every_answer_is_right_and_every_connection_ends() {
    for failure in Failure::ALL {
        for call in 0..60 {
            run_named(&format!("{failure:?} at call {call}"), || {
                let mut numbers = Numbers::new(7);
                let peers = (0..4).map(|_| Peer::of_seed(&mut numbers)).collect();
                let faults = Faults::at_call(call, failure);
                run(World::new(numbers, peers, faults, false, 50), 50);
            });
        }
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    let trace = |seed| {
        let mut numbers = Numbers::new(seed);
        let peers: Vec<Peer> = (0..3).map(|_| Peer::of_seed(&mut numbers)).collect();
        format!("{peers:?}")
    };
    assert_eq!(trace(3), trace(3));
    assert_ne!(trace(3), trace(4));
}
