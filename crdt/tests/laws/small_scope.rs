//! Every way in which three replicas can take a few steps and tell each other.
//!
//! A history is who took which step, having seen which others; a state of the world is a history
//! and what each replica has seen of it. All states that some order of steps and tellings reaches
//! are visited once, and each is held against the model. Where two ways lead to one state, both
//! must have led to the same bytes.

use std::collections::BTreeMap;

use selkie_crdt::ActorId;
use selkie_crdt::AwMap;
use selkie_crdt::AwSet;
use selkie_crdt::Counter;
use selkie_crdt::Delta;
use selkie_crdt::Doc;
use selkie_crdt::DwFlag;
use selkie_crdt::EwFlag;
use selkie_crdt::FwwRegister;
use selkie_crdt::Hlc;
use selkie_crdt::JoinError;
use selkie_crdt::Keys;
use selkie_crdt::LwwRegister;
use selkie_crdt::MvRegister;
use selkie_crdt::RwSet;

use crate::bits::Bits;
use crate::case::scope;
use crate::deed::Act;
use crate::deed::Deed;
use crate::subject::CounterStep;
use crate::subject::FlagStep;
use crate::subject::MapStep;
use crate::subject::RegisterStep;
use crate::subject::SetStep;
use crate::subject::Subject;
use crate::subject::Way;

const REPLICAS: usize = 3;

#[test]
fn every_small_history_of_an_add_wins_set() {
    explore::<AwSet<u8>>(&[SetStep::Add(0), SetStep::Remove(0), SetStep::Clear]);
}

#[test]
fn every_small_history_of_a_remove_wins_set() {
    explore::<RwSet<u8>>(&[SetStep::Add(0), SetStep::Remove(0)]);
}

#[test]
fn every_small_history_of_an_enable_wins_flag() {
    explore::<EwFlag>(&[FlagStep::Raise, FlagStep::Lower]);
}

#[test]
fn every_small_history_of_a_disable_wins_flag() {
    explore::<DwFlag>(&[FlagStep::Raise, FlagStep::Lower]);
}

#[test]
fn every_small_history_of_a_counter() {
    explore::<Counter>(&[CounterStep::Add(1), CounterStep::Add(-10), CounterStep::Reset]);
}

#[test]
fn every_small_history_of_a_last_write_register() {
    explore::<LwwRegister<u8>>(&writes());
}

#[test]
fn every_small_history_of_a_first_write_register() {
    explore::<FwwRegister<u8>>(&writes());
}

#[test]
fn every_small_history_of_a_multi_value_register() {
    explore::<MvRegister<u8>>(&writes()[1..]);
}

#[test]
fn every_small_history_of_a_map_of_sets() {
    let change = |step| MapStep::Change(0, step, Way::Entry);
    let steps = [change(SetStep::Add(0)), change(SetStep::Remove(0)), MapStep::Remove(0)];
    explore::<AwMap<u8, AwSet<u8>>>(&steps);
}

#[test]
fn every_small_history_of_a_map_of_counters() {
    let change = |step| MapStep::Change(0, step, Way::Entry);
    let steps = [change(CounterStep::Add(1)), MapStep::Remove(0), MapStep::Clear];
    explore::<AwMap<u8, Counter>>(&steps);
}

#[test]
fn every_small_history_of_a_map_of_maps_of_flags() {
    let raise = |key| MapStep::Change(key, FlagStep::Raise, Way::Entry);
    let below = |step| MapStep::Change(0, step, Way::Entry);
    let steps = [below(raise(0)), below(raise(1)), below(MapStep::Remove(0)), MapStep::Remove(0)];
    explore::<AwMap<u8, AwMap<u8, EwFlag>>>(&steps[1..]);
    explore::<AwMap<u8, AwMap<u8, EwFlag>>>(&steps[..3]);
}

fn writes() -> [RegisterStep<u8>; 3] {
    let write = |value, ms| RegisterStep::Write(value, Hlc::from_ms(ms));
    [write(1, 7), write(2, 5), RegisterStep::Erase]
}

/// What tells one state of the world from another: each step with its author and what they had
/// seen, and what each replica has seen.
type Label = (Vec<(usize, usize, Bits)>, [Bits; REPLICAS]);

struct Scope<'a, T: Subject> {
    steps: &'a [T::Step],
    steps_max: usize,
    telling: Telling,
    visited: BTreeMap<Label, [Vec<u8>; REPLICAS]>,
}

#[derive(Clone, Copy, Debug)]
enum Telling {
    Spelled,
    Named,
    /// With no memory of ends: by what is alive.
    Alive,
}

fn explore<T: Subject>(steps: &[T::Step]) {
    for telling in [Telling::Spelled, Telling::Named, Telling::Alive] {
        let mut scope =
            Scope::<T> { steps, steps_max: scope(3), telling, visited: BTreeMap::new() };
        let docs = [1, 2, 3].map(|n| {
            let mut doc = Doc::new(ActorId::from_bytes([n; 16]));
            if matches!(telling, Telling::Alive) {
                doc.keep_kills(0);
            }
            doc
        });
        scope.visit((Vec::new(), Default::default()), &docs);
    }
}

impl<T: Subject> Scope<'_, T> {
    fn visit(&mut self, label: Label, docs: &[Doc<T>; REPLICAS]) {
        let bytes = docs.each_ref().map(Doc::to_bytes);
        if let Some(before) = self.visited.get(&label) {
            assert_eq!(*before, bytes, "two ways to {label:?}");
            return;
        }
        self.examine(&label, docs, &bytes);
        self.visited.insert(label.clone(), bytes);
        for at in 0..REPLICAS {
            if label.0.len() < self.steps_max {
                (0..self.steps.len()).for_each(|step| self.take(at, step, &label, docs));
            }
            for to in (0..REPLICAS).filter(|to| label.1[*to] != label.1[at]) {
                self.tell(at, to, &label, docs);
            }
        }
    }

    fn take(&mut self, at: usize, step: usize, label: &Label, docs: &[Doc<T>; REPLICAS]) {
        let (mut label, mut docs) = (label.clone(), docs.clone());
        let id = label.0.len();
        label.0.push((at, step, label.1[at].clone()));
        label.1[at].insert(id);
        T::take(docs[at].edit(), &self.steps[step]);
        self.visit(label, &docs);
    }

    fn tell(&mut self, from: usize, to: usize, label: &Label, docs: &[Doc<T>; REPLICAS]) {
        let (mut label, mut docs) = (label.clone(), docs.clone());
        let theirs = label.1[from].clone();
        label.1[to].add_all(&theirs);
        let version = docs[to].version();
        let keys = match self.telling {
            Telling::Spelled | Telling::Alive => Keys::Spelled,
            Telling::Named => Keys::Named,
        };
        if let Some(delta) = docs[from].delta_with(&version, keys) {
            let delta = Delta::from_bytes(&delta.to_bytes()).expect("an honest delta is read");
            match docs[to].join(delta) {
                Ok(()) => {}
                Err(JoinError::Unnamed(_)) => {
                    let from = docs[from].clone();
                    docs[to].merge(&from).expect("an honest replica is merged");
                }
                Err(error) => panic!("an honest delta was refused: {error}"),
            }
        }
        self.visit(label, &docs);
    }

    fn examine(&self, label: &Label, docs: &[Doc<T>; REPLICAS], bytes: &[Vec<u8>; REPLICAS]) {
        for at in 0..REPLICAS {
            let told = docs[at].root().told();
            assert_eq!(told, self.defined(label, at, docs), "replica {at} of {label:?}");
            let other = (at + 1) % REPLICAS;
            if label.1[at] == label.1[other] {
                assert_eq!(bytes[at], bytes[other], "replicas {at} and {other} of {label:?}");
            }
        }
    }

    fn defined(&self, label: &Label, at: usize, docs: &[Doc<T>; REPLICAS]) -> Option<T::Told> {
        let mut deeds = Vec::new();
        for (id, (author, step, seen)) in label.0.iter().enumerate() {
            if label.1[at].contains(id) {
                let (author, act) = (docs[*author].actor(), Act::Step(self.steps[*step].clone()));
                deeds.push(Deed { id, author, seen, act });
            }
        }
        T::defined(&deeds)
    }
}
