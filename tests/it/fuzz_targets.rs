//! The fuzz targets, each with the same inputs in each run, which are derived from its seeds.
//!
//! `CHAPBOOK_FUZZ=range:17` runs one target with one input, as a failure message names them.

use std::{
    env,
    panic::{self, AssertUnwindSafe},
};

use chapbook_oracle::{FuzzTarget, TARGETS, rng::Rng};

/// Inputs for each target.
const INPUTS: u64 = 2000;

fn input(target: &FuzzTarget, number: u64, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut numbers = Rng::new(number);
    let mut bytes = seeds[numbers.below(seeds.len())].clone();
    // The first inputs are the seeds, unchanged.
    if let Some(seed) = usize::try_from(number).ok().and_then(|number| seeds.get(number)) {
        return seed.clone();
    }
    numbers.mutate(&mut bytes, target.pieces);
    bytes
}

fn run(target: &FuzzTarget, numbers: impl Iterator<Item = u64>) {
    let seeds = (target.seeds)();
    for number in numbers {
        let input = input(target, number, &seeds);
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        let name = target.name;
        let escaped = input.escape_ascii();
        assert!(outcome.is_ok(), "CHAPBOOK_FUZZ={name}:{number} fails: \"{escaped}\"");
    }
}

#[test]
fn no_target_fails() {
    let selected = env::var("CHAPBOOK_FUZZ").ok();
    let selected = selected.as_deref().and_then(|it| it.split_once(':'));
    for target in &TARGETS {
        match selected {
            Some((name, number)) if name == target.name => {
                let number = number.parse().expect("a number follows the colon");
                run(target, std::iter::once(number));
            }
            Some(_) => {}
            None => run(target, 0..INPUTS),
        }
    }
}
