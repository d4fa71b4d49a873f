//! Every way in which three replicas can take a few steps and tell each other.
//!
//! A history is who took which step, having seen which others. Every history is visited once, and
//! all that somebody who knows all of it can hold, by whatever way they came to know, is held
//! against the model and against each other: values, states, and what is remembered of ends.
//!
//! The ordinary run takes three steps in all. `LAWS_SCOPE=2` has two steps of each replica, of the
//! whole alphabet; `LAWS_SCOPE=3` three of each, of two letters at a time.

use std::env;

use selkie_crdt::AwMap;
use selkie_crdt::AwSet;
use selkie_crdt::Counter;
use selkie_crdt::DwFlag;
use selkie_crdt::EwFlag;
use selkie_crdt::FwwRegister;
use selkie_crdt::GrowSet;
use selkie_crdt::Hlc;
use selkie_crdt::LwwRegister;
use selkie_crdt::MaxRegister;
use selkie_crdt::MvRegister;
use selkie_crdt::RwSet;

use self::explore::Covered;
use self::explore::Limits;
use self::explore::Telling;
use self::explore::explore;
use self::history::Letters;
use self::history::REPLICAS;
use self::history::Reach;
use crate::subject::CounterStep;
use crate::subject::ExtremeStep;
use crate::subject::FlagStep;
use crate::subject::MapStep;
use crate::subject::RegisterStep;
use crate::subject::SetStep;
use crate::subject::Subject;
use crate::subject::Way;

mod explore;
mod history;

macro_rules! scopes {
    ($($name:ident: $subject:ty, $alphabet:expr, $pairs:expr;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn every_small_history_told_by_names() {
                all_within_scope::<$subject>(&$alphabet, &$pairs, Telling::Named);
            }

            #[test]
            fn every_small_history_spelled() {
                all_within_scope::<$subject>(&$alphabet, &$pairs, Telling::Spelled);
            }

            #[test]
            fn every_small_history_told_by_what_is_alive() {
                all_within_scope::<$subject>(&$alphabet, &$pairs, Telling::Alive);
            }
        }
    )*};
}

scopes! {
    add_wins_set: AwSet<u8>, [SetStep::Add(0), SetStep::Remove(0)], [DEEDS];
    remove_wins_set: RwSet<u8>, [SetStep::Add(0), SetStep::Remove(0)], [CONTENTS];
    grow_set: GrowSet<u8>, [0, 1], [DEEDS];
    enable_wins_flag: EwFlag, [FlagStep::Raise, FlagStep::Lower], [DEEDS];
    disable_wins_flag: DwFlag, [FlagStep::Raise, FlagStep::Lower], [CONTENTS];
    counter: Counter, [CounterStep::Add(1), CounterStep::Reset], [DEEDS];
    max_register: MaxRegister<u8>,
        [ExtremeStep::Offer(1), ExtremeStep::Offer(2), ExtremeStep::Reset], [DEEDS, (1, 2, Letters::Deeds)];
    last_write_register: LwwRegister<u8>,
        [write(1, 7), write(2, 5), RegisterStep::Erase], [CONTENTS, (1, 2, Letters::Deeds)];
    first_write_register: FwwRegister<u8>,
        [write(1, 7), write(2, 5), RegisterStep::Erase], [DEEDS, (1, 2, Letters::Deeds)];
    multi_value_register: MvRegister<u8>,
        [write(1, 0), write(2, 0), RegisterStep::Erase], [CONTENTS, (1, 2, Letters::Deeds)];
    map_of_counters: AwMap<u8, Counter>,
        [below(CounterStep::Add(1)), MapStep::Remove(0)], [DEEDS];
    map_of_registers: AwMap<u8, LwwRegister<u8>>,
        [below(write(1, 7)), below(write(2, 5)), MapStep::Remove(0)],
        [CONTENTS, (1, 2, Letters::Deeds)];
    map_of_sets: AwMap<u8, AwSet<u8>>,
        [below(SetStep::Add(0)), MapStep::Remove(0), below(SetStep::Remove(0))],
        [DEEDS, (0, 2, Letters::Deeds)];
    map_of_maps_of_flags: AwMap<u8, AwMap<u8, EwFlag>>,
        [below(below(FlagStep::Raise)), MapStep::Remove(0)], [DEEDS];
}

/// Two letters of an alphabet, and in what they differ.
type Pair = (usize, usize, Letters);

const DEEDS: Pair = (0, 1, Letters::Deeds);
const CONTENTS: Pair = (0, 1, Letters::Contents);

fn write(value: u8, ms: u64) -> RegisterStep<u8> {
    RegisterStep::Write(value, Hlc::from_ms(ms))
}

fn below<S>(step: S) -> MapStep<u8, S> {
    MapStep::Change(0, step, Way::Entry)
}

fn all_within_scope<T: Subject>(alphabet: &[T::Step], pairs: &[Pair], telling: Telling) {
    let steps_of_each = match env::var("LAWS_SCOPE") {
        Ok(each) => each.parse().expect("a number"),
        Err(_) => return told(explore::<T>(alphabet, telling, ORDINARY)),
    };
    let steps_of_all = REPLICAS * steps_of_each;
    if steps_of_each < 3 {
        let limits = Limits { steps_of_each, steps_of_all, reach: Reach::All };
        return told(explore::<T>(alphabet, telling, limits));
    }
    for (one, other, letters) in pairs {
        let limits = Limits { steps_of_each, steps_of_all, reach: Reach::Essential(*letters) };
        let pair = [one, other].map(|letter| alphabet[*letter].clone());
        told(explore::<T>(&pair, telling, limits));
    }
}

const ORDINARY: Limits = Limits { steps_of_each: 3, steps_of_all: 3, reach: Reach::All };

/// Told where somebody listens, by `--nocapture`.
fn told(Covered { histories, joins }: Covered) {
    println!("{histories} histories, {joins} joins");
}
