//! What goes through serde comes back, and what no value of ours spells is refused.

use std::fmt::Debug;

use bincode::config::standard;
use bincode::serde::decode_from_slice;
use bincode::serde::encode_to_vec;
use selkie_crdt::{
    ActorId, Base, Context, Dot, Entry, GCounter, GSet, Hlc, Keep, Log, Materialise, Materialised,
    Max, Min, PnCounter, Position, Retention, VersionVector,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

const EAST: ActorId = ActorId::from_bytes([0xea; 16]);
const WEST: ActorId = ActorId::from_bytes([0x3e; 16]);

#[test]
fn names_and_moments() {
    comes_back(&EAST);
    comes_back(&dot(EAST, 7));
    comes_back(&dot(EAST, Dot::COUNTER_MAX));
    comes_back(&Hlc::from_u64(u64::MAX));
    comes_back(&Position { time: Hlc::from_ms(3), author: WEST, sequence: 2 });
}

#[test]
fn a_dot_counts_from_one_to_its_end() {
    is_no::<Dot>(&(EAST, 0_u64));
    is_no::<Dot>(&(EAST, Dot::COUNTER_MAX + 1));
}

#[test]
fn version_vectors() {
    comes_back(&VersionVector::new());
    comes_back(&version());
}

#[test]
fn a_version_vector_has_one_spelling() {
    is_no::<VersionVector>(&vec![(EAST, 1_u64), (WEST, 1)]);
    is_no::<VersionVector>(&vec![(WEST, 1_u64), (WEST, 1)]);
    is_no::<VersionVector>(&vec![(EAST, 0_u64)]);
    is_no::<VersionVector>(&vec![(EAST, Dot::COUNTER_MAX + 1)]);
}

#[test]
fn contexts_with_and_without_gaps() {
    comes_back(&Context::new());
    comes_back(&Context::from(version()));
    let mut gaps = Context::from(version());
    for counter in [12, 13, 20] {
        gaps.insert(dot(EAST, counter)).expect("there is room");
    }
    comes_back(&gaps);
}

#[test]
fn a_run_of_a_context_touches_nothing_else() {
    let spelled = |runs: &[(u64, u64)]| {
        let runs: Vec<_> = runs.iter().map(|(first, last)| (dot(EAST, *first), *last)).collect();
        (VersionVector::try_from_iter([(EAST, 3)]).expect("one actor"), runs)
    };
    comes_back_as(&spelled(&[(5, 6), (8, 8)]), &{
        let mut context = Context::from(spelled(&[]).0);
        for counter in [5, 6, 8] {
            context.insert(dot(EAST, counter)).expect("there is room");
        }
        context
    });
    for runs in [&[(4, 6)][..], &[(2, 6)], &[(6, 5)], &[(5, 6), (7, 8)], &[(8, 8), (5, 6)]] {
        is_no::<Context>(&spelled(runs));
    }
}

#[test]
fn lattices() {
    let mut counter = GCounter::default();
    counter.add(EAST, 5).expect("there is room");
    counter.add(WEST, 7).expect("there is room");
    comes_back(&counter);
    let mut balance = PnCounter::default();
    balance.add(EAST, 5).expect("there is room");
    balance.subtract(WEST, 7).expect("there is room");
    comes_back(&balance);
    comes_back(&GSet::from_iter(["pear".to_owned(), "fig".into()]));
    comes_back(&Max(8));
    comes_back(&Min("fig".to_owned()));
}

#[test]
fn a_lattice_has_one_spelling() {
    is_no::<GCounter>(&vec![(EAST, [1_u64]), (WEST, [1])]);
    is_no::<GCounter>(&vec![(EAST, [0_u64])]);
    is_no::<GCounter>(&vec![(EAST, [u64::MAX])]);
    is_no::<PnCounter>(&vec![(EAST, [0_u64, 0])]);
    is_no::<GSet<u8>>(&vec![2_u8, 1]);
    is_no::<GSet<u8>>(&vec![1_u8, 1]);
}

#[test]
fn entries_of_a_log_are_taken_in_elsewhere() {
    let here = log();
    let entries: Vec<_> = here.iter().cloned().collect();
    comes_back(&entries);
    let bytes = bytes_of(&entries);
    let mut there: Log<String> = Log::new();
    let outcome = there.merge(read::<Vec<Entry<String>>>(&bytes).expect("they were written"));
    assert_eq!(outcome.new.len(), 3);
    assert!(there.iter().eq(here.iter()));
}

#[test]
fn bases_and_snapshots() {
    let mut log = log();
    let mut length = Materialised::new(Length(0));
    length.refresh(&log).expect("nothing was cut off");
    let compaction = log.compact(&Retention::newest(1), &log.version().clone(), 9);
    length.compact(&compaction).expect("it was up to date");
    assert_eq!(log.base().version().len(), 1);
    comes_back(log.base());
    comes_back(&length.snapshot(&log).expect("it is up to date"));
    comes_back(&Base::new());
    let unsorted =
        [EAST, WEST].map(|author| Position { time: Hlc::from_ms(1), author, sequence: 1 });
    is_no::<Base>(&unsorted.to_vec());
}

#[test]
fn what_is_kept_of_a_log() {
    let rules = [Keep::Everything, Keep::Younger { ms: 70 }, Keep::Newest { count: 3 }];
    rules.iter().for_each(comes_back);
    comes_back(&Retention::any(rules));
    comes_back(&Retention::all(rules).even_unsynced());
}

/// How many letters were said.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, serde::Deserialize)]
struct Length(usize);

impl Materialise<String> for Length {
    fn apply(&mut self, entry: &Entry<String>) {
        self.0 += entry.payload.len();
    }
}

fn log() -> Log<String> {
    let mut log = Log::new();
    for (author, ms, word) in [(EAST, 1, "hello"), (EAST, 2, "anybody?"), (WEST, 3, "yes")] {
        log.append(author, Hlc::from_ms(ms), word.to_owned()).expect("time goes on");
    }
    log
}

fn version() -> VersionVector {
    VersionVector::try_from_iter([(WEST, 3), (EAST, 9)]).expect("two actors")
}

fn dot(actor: ActorId, counter: u64) -> Dot {
    Dot::try_from((actor, counter)).expect("within the range")
}

fn comes_back<T: Serialize + DeserializeOwned + Debug + PartialEq>(value: &T) {
    comes_back_as(value, value);
}

fn comes_back_as<T: DeserializeOwned + Debug + PartialEq>(spelled: &impl Serialize, value: &T) {
    let bytes = bytes_of(spelled);
    assert_eq!(read::<T>(&bytes).as_ref(), Some(value));
    for len in 0..bytes.len() {
        assert_eq!(read::<T>(&bytes[..len]), None, "a part is not the whole");
    }
}

fn is_no<T: DeserializeOwned + Debug + PartialEq>(spelled: &impl Serialize) {
    assert_eq!(read::<T>(&bytes_of(spelled)), None);
}

fn bytes_of(value: &impl Serialize) -> Vec<u8> {
    encode_to_vec(value, standard()).expect("it can be written")
}

/// What the bytes spell, if they spell it and nothing else.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (value, len) = decode_from_slice(bytes, standard()).ok()?;
    (len == bytes.len()).then_some(value)
}
