//! B6: 32 replicas of one set gossip until they are equal.
//!
//! Each replica makes 1 000 edits in ten bursts, three adds to one remove, among 10 000 names:
//! few enough that many edits meet. After each burst eight pairs of replicas, drawn at random,
//! exchange what each lacks; after the last one, pairs exchange until everybody knows everything.
//! The whole course is drawn beforehand, so every crate goes through the same one.
//!
//! What the set must hold in the end is computed by definition: an element stays if it has an add
//! that no remove had seen.

use std::collections::BTreeSet;

use crate::elements::names;
use crate::random::Random;
use crate::record::Record;
use crate::row::{Row, Unit};
use crate::set::{Edit, Set};

pub const SUMMARY: &str =
    "B6: 32 replicas of a set, 1 000 edits each, gossip in random pairs until all are equal";

const REPLICAS: usize = 32;
const BURSTS: usize = 10;
const BURST: usize = 100;
const EDITS: usize = REPLICAS * BURSTS * BURST;
const NAMES: usize = 10_000;
const PAIRS: usize = 8;

pub const ROWS: &[Row] = &[
    Row::time("time per edit", "≤ 20 us, 3.3x, 11x of the add-wins"),
    Row::bytes("bytes crossed", "≤ 11 MB, 1.15x, 6x of the add-wins"),
    Row { name: "elements in the end", unit: Unit::Count, goal: "as by definition" },
    Row { name: "elements by definition", unit: Unit::Count, goal: "" },
    Row { name: "elements that differ from the definition", unit: Unit::Count, goal: "0" },
];

/// A set that can bring a replica up to date which may have heard from anybody.
pub trait Gossip: Set<String> {
    /// All that `version` lacks, whoever did it, as bytes.
    fn offer(&mut self, version: &Self::Version) -> Vec<u8> {
        self.delta_since(version)
    }

    /// Takes in bytes of [`offer`](Self::offer).
    fn take(&mut self, offer: &[u8]) {
        self.join(offer);
    }
}

/// Measures one crate.
pub fn run<S: Gossip>(record: &mut Record) {
    let names = names(6, 0, NAMES);
    let course = course(&names);
    let expected = by_definition(&course);

    let mut replicas: Vec<S> = (1..=REPLICAS as u64).map(S::new).collect();
    let crossed = record.each("time per edit", EDITS, || {
        course.iter().map(|step| walk(&mut replicas, step)).sum::<usize>()
    });
    record.enter("bytes crossed", crossed as f64);

    let held = |set: &S| names.iter().filter(|name| holds(set, name)).collect::<BTreeSet<_>>();
    let end = held(&replicas[0]);
    for replica in &replicas[1..] {
        assert_eq!(held(replica), end, "all replicas are equal in the end");
    }
    record.enter("elements in the end", end.len() as f64);
    record.enter("elements by definition", expected.len() as f64);
    let differing = end.symmetric_difference(&expected.iter().collect()).count();
    record.enter("elements that differ from the definition", differing as f64);
}

/// One thing that happens.
enum Step {
    /// A replica edits and commits the edits together.
    Burst { replica: usize, edits: Vec<Edit<String>> },
    /// Two replicas, the first before the second, tell each other what they lack.
    Meet { first: usize, second: usize },
}

fn course(names: &[String]) -> Vec<Step> {
    let mut random = Random::new(7);
    let mut steps = Vec::new();
    for _ in 0..BURSTS {
        for replica in 0..REPLICAS {
            let edits = (0..BURST).map(|_| edit(&mut random, names)).collect();
            steps.push(Step::Burst { replica, edits });
        }
        steps.extend((0..PAIRS).map(|_| meeting(&mut random)));
    }
    // Who has heard the last burst of whom; with it come all bursts before.
    let mut heard: Vec<u32> = (0..REPLICAS).map(|replica| 1 << replica).collect();
    for step in &steps[steps.len() - PAIRS..] {
        hear(&mut heard, step);
    }
    while heard.iter().any(|&of| of != u32::MAX) {
        let step = meeting(&mut random);
        hear(&mut heard, &step);
        steps.push(step);
    }
    steps
}

fn edit(random: &mut Random, names: &[String]) -> Edit<String> {
    let name = random.pick(names).clone();
    if random.below(4) < 3 { Edit::Add(name) } else { Edit::Remove(name) }
}

fn meeting(random: &mut Random) -> Step {
    let one = random.below(REPLICAS);
    let other = (one + 1 + random.below(REPLICAS - 1)) % REPLICAS;
    Step::Meet { first: one.min(other), second: one.max(other) }
}

fn hear(heard: &mut [u32], step: &Step) {
    let &Step::Meet { first, second } = step else { return };
    let both = heard[first] | heard[second];
    (heard[first], heard[second]) = (both, both);
}

/// Takes a step and says how many bytes crossed.
fn walk<S: Gossip>(replicas: &mut [S], step: &Step) -> usize {
    match step {
        Step::Burst { replica, edits } => {
            replicas[*replica].edit(edits);
            0
        }
        Step::Meet { first, second } => {
            let (left, right) = replicas.split_at_mut(*second);
            let (one, other) = (&mut left[*first], &mut right[0]);
            let (one_saw, other_saw) = (one.version(), other.version());
            let (there, back) = (one.offer(&other_saw), other.offer(&one_saw));
            other.take(&there);
            one.take(&back);
            there.len() + back.len()
        }
    }
}

fn holds<S: Gossip>(set: &S, name: &String) -> bool {
    set.count(std::slice::from_ref(name)) == 1
}

/// The elements that have an add which no remove had seen, told from sets of adds alone.
fn by_definition(course: &[Step]) -> BTreeSet<String> {
    /// The adds, by their place in the course, that a replica saw and that it knows removed.
    #[derive(Clone, Default)]
    struct Seen<'a> {
        adds: BTreeSet<(&'a str, usize)>,
        removed: BTreeSet<(&'a str, usize)>,
    }
    let mut replicas = vec![Seen::default(); REPLICAS];
    let mut place = 0;
    for step in course {
        match step {
            Step::Burst { replica, edits } => {
                let seen = &mut replicas[*replica];
                for edit in edits {
                    place += 1;
                    match edit {
                        Edit::Add(name) => {
                            seen.adds.insert((name, place));
                        }
                        Edit::Remove(name) => {
                            let of_name = (name.as_str(), 0)..(name.as_str(), usize::MAX);
                            seen.removed.extend(seen.adds.range(of_name).copied());
                        }
                    }
                }
            }
            Step::Meet { first, second } => {
                let mut both = replicas[*first].clone();
                both.adds.extend(&replicas[*second].adds);
                both.removed.extend(&replicas[*second].removed);
                replicas[*first] = both.clone();
                replicas[*second] = both;
            }
        }
    }
    let end = &replicas[0];
    end.adds.difference(&end.removed).map(|(name, _)| (*name).to_owned()).collect()
}
