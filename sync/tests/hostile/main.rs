//! Bytes of strangers, drawn from seeds; a fuzzer goes on where this stops.

mod script;
mod seekers;
mod session;
mod spelling;

use selkie_sync::Dice;

/// `HOSTILE_SEEDS`, else so many that it takes a second or two.
fn seeds(few: u64) -> std::ops::Range<u64> {
    let told = std::env::var("HOSTILE_SEEDS").ok();
    0..told.map_or(few, |count| count.parse().expect("a number of seeds"))
}

fn drawn(dice: &mut Dice, len: usize) -> Vec<u8> {
    (0..len).map(|_| dice.roll().to_le_bytes()[0]).collect()
}

#[test]
fn no_bytes_are_two_messages_or_none_by_half() {
    for seed in seeds(3_000) {
        let mut dice = Dice::of(seed);
        let len = dice.index(200);
        let mut bytes = drawn(&mut dice, len);
        // As a message begins, so that more than the first byte is looked at.
        bytes.splice(0..0, [1, u8::try_from(dice.below(8)).unwrap()]);
        spelling::message(&bytes);
    }
}

#[test]
fn a_node_in_bad_company_stands() {
    for seed in seeds(1_500) {
        let mut dice = Dice::of(seed);
        let len = 100 + dice.index(2_000);
        session::session(&drawn(&mut dice, len));
    }
}

#[test]
fn a_server_and_who_goes_to_it_in_bad_company_stand() {
    for seed in seeds(300) {
        let mut dice = Dice::of(seed);
        let len = 100 + dice.index(2_000);
        seekers::rendezvous(&drawn(&mut dice, len));
    }
}

#[test]
fn a_node_that_looks_around_in_bad_company_stands() {
    for seed in seeds(300) {
        let mut dice = Dice::of(seed);
        let len = 100 + dice.index(2_000);
        seekers::discovery(&drawn(&mut dice, len));
    }
}
