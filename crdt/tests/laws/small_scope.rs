//! Every way in which three replicas can take a few steps and tell each other.
//!
//! A history is who took which step, having seen which others; a state of the world is a history
//! and what each replica has seen of it. All states that some order of steps and tellings reaches
//! are visited once, and each is held against the model. Where two ways lead to one state, both
//! must have led to the same bytes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::rc::Rc;

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
    explore::<AwSet<u8>>(&[SetStep::Add(0), SetStep::Remove(0)]);
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
    explore::<Counter>(&[CounterStep::Add(1), CounterStep::Reset]);
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
    let steps = [change(CounterStep::Add(1)), MapStep::Remove(0)];
    explore::<AwMap<u8, Counter>>(&steps);
}

#[test]
fn every_small_history_of_a_map_of_maps_of_flags() {
    let raise = |key| MapStep::Change(key, FlagStep::Raise, Way::Entry);
    let below = |step| MapStep::Change(0, step, Way::Entry);
    let steps = [below(raise(0)), MapStep::Remove(0)];
    explore::<AwMap<u8, AwMap<u8, EwFlag>>>(&steps);
}

fn writes() -> [RegisterStep<u8>; 3] {
    let write = |value, ms| RegisterStep::Write(value, Hlc::from_ms(ms));
    [write(1, 7), write(2, 5), RegisterStep::Erase]
}

/// How many steps of each replica somebody has seen.
type Seen = [usize; REPLICAS];

/// What tells one state of the world from another: each replica's steps with what it had seen
/// before, and what it has seen now. The order of steps that knew nothing of each other is not
/// part of it.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
struct Label {
    steps: [Vec<(usize, Seen)>; REPLICAS],
    seen: [Seen; REPLICAS],
}

struct Scope<'a, T: Subject> {
    steps: &'a [T::Step],
    steps_max: usize,
    telling: Telling,
    visited: BTreeSet<Label>,
    /// By the history that a replica has seen, its bytes and its value by definition.
    known: BTreeMap<Label, (Vec<u8>, Option<T::Told>)>,
}

#[derive(Clone, Copy, Debug)]
enum Telling {
    Spelled,
    Named,
    /// With no memory of ends: by what is alive.
    Alive,
}

type Docs<T> = [Rc<Doc<T>>; REPLICAS];

fn explore<T: Subject>(steps: &[T::Step]) {
    for (telling, quick) in [(Telling::Named, 3), (Telling::Spelled, 2), (Telling::Alive, 2)] {
        let (visited, known) = (BTreeSet::new(), BTreeMap::new());
        let mut scope = Scope::<T> { steps, steps_max: scope(quick), telling, visited, known };
        // Not in the order in which they take their first steps.
        let docs = [2, 3, 1].map(|n| {
            let mut doc = Doc::new(ActorId::from_bytes([n; 16]));
            if matches!(telling, Telling::Alive) {
                doc.keep_kills(0);
            }
            Rc::new(doc)
        });
        scope.visit(&Label::default(), &docs);
    }
}

impl<T: Subject> Scope<'_, T> {
    fn visit(&mut self, label: &Label, docs: &Docs<T>) {
        if !self.visited.insert(label.clone()) {
            return;
        }
        let taken: usize = label.steps.iter().map(Vec::len).sum();
        for at in 0..REPLICAS {
            // Replicas are alike: let them be numbered by their first steps.
            let is_next = at == 0 || !label.steps[at - 1].is_empty();
            if taken < self.steps_max && is_next {
                (0..self.steps.len()).for_each(|step| self.take(at, step, label, docs));
            }
            for to in 0..REPLICAS {
                if (0..REPLICAS).any(|of| label.seen[to][of] < label.seen[at][of]) {
                    self.tell(at, to, label, docs);
                }
            }
        }
    }

    fn take(&mut self, at: usize, step: usize, label: &Label, docs: &Docs<T>) {
        let (mut label, mut docs) = (label.clone(), docs.clone());
        label.steps[at].push((step, label.seen[at]));
        label.seen[at][at] += 1;
        T::take(Rc::make_mut(&mut docs[at]).edit(), &self.steps[step]);
        self.examine(&label, at, &docs);
        self.visit(&label, &docs);
    }

    fn tell(&mut self, from: usize, to: usize, label: &Label, docs: &Docs<T>) {
        let (mut label, mut docs) = (label.clone(), docs.clone());
        for of in 0..REPLICAS {
            label.seen[to][of] = label.seen[to][of].max(label.seen[from][of]);
        }
        let keys = match self.telling {
            Telling::Spelled | Telling::Alive => Keys::Spelled,
            Telling::Named => Keys::Named,
        };
        let sender = Rc::clone(&docs[from]);
        let receiver = Rc::make_mut(&mut docs[to]);
        if let Some(delta) = sender.delta_with(&receiver.version(), keys) {
            let delta = Delta::from_bytes(&delta.to_bytes()).expect("an honest delta is read");
            match receiver.join(delta) {
                Ok(()) => {}
                Err(JoinError::Unnamed(_)) => {
                    receiver.merge(&sender).expect("an honest replica is merged");
                }
                Err(error) => panic!("an honest delta was refused: {error}"),
            }
        }
        self.examine(&label, to, &docs);
        self.visit(&label, &docs);
    }

    /// Compares a replica with the model, and with all that have seen the same.
    fn examine(&mut self, label: &Label, at: usize, docs: &Docs<T>) {
        let mut known = Label { seen: [label.seen[at]; REPLICAS], ..label.clone() };
        known.steps.iter_mut().zip(label.seen[at]).for_each(|(steps, seen)| steps.truncate(seen));
        let (bytes, told) = (docs[at].to_bytes(), docs[at].root().told());
        let defined = || self.defined(&known, docs);
        let before = self.known.get(&known).cloned().unwrap_or_else(|| (bytes.clone(), defined()));
        assert_eq!((bytes, told), before, "replica {at} of {label:?}");
        self.known.insert(known, before);
    }

    fn defined(&self, label: &Label, docs: &Docs<T>) -> Option<T::Told> {
        let id = |author, nth| author * self.steps_max + nth;
        let bits = |seen: &Seen| {
            let mut bits = Bits::default();
            let all = (0..REPLICAS).flat_map(|author| (0..seen[author]).map(move |n| (author, n)));
            all.for_each(|(author, nth)| bits.insert(id(author, nth)));
            bits
        };
        let mut history = Vec::new();
        for (author, steps) in label.steps.iter().enumerate() {
            for (nth, (step, seen)) in steps.iter().enumerate() {
                history.push((id(author, nth), author, *step, bits(seen)));
            }
        }
        let mut deeds = Vec::new();
        for (id, author, step, seen) in &history {
            let (author, act) = (docs[*author].actor(), Act::Step(self.steps[*step].clone()));
            deeds.push(Deed { id: *id, author, seen, act });
        }
        T::defined(&deeds)
    }
}
