//! The laws of joining: any order, any grouping, any number of times, by any kind of delta.

use selkie_crdt::ActorId;
use selkie_crdt::Delta;
use selkie_crdt::Doc;
use selkie_crdt::JoinError;
use selkie_crdt::Keys;
use selkie_crdt::VersionVector;

use crate::dice::Dice;
use crate::subject::Subject;
use crate::walk::walked;

/// How what one replica has comes to another.
#[derive(Clone, Copy, Debug)]
enum Means {
    Merge,
    Spelled,
    Named,
    FromNothing,
    State,
}

const ALL_MEANS: [Means; 5] =
    [Means::Merge, Means::Spelled, Means::Named, Means::FromNothing, Means::State];

/// Joins some replicas of a world in many ways, all of which must come to the same.
pub(crate) fn hold_laws<T: Subject>(dice: Dice) {
    let mut world = walked::<T, Doc<T>>(dice);
    world.wake_all();
    let docs: Vec<Doc<T>> = world.replicas.iter().map(|replica| replica.home.clone()).collect();
    let pick = |at: usize| &docs[at % docs.len()];
    let first = world.dice.index(docs.len());
    let [a, b, c] = [first, first + 1, first + 2].map(pick);
    let joined = sum(&[a, b], Means::Merge).to_bytes();
    for means in ALL_MEANS {
        assert_eq!(joined, sum(&[a, b], means).to_bytes(), "{means:?}");
        assert_eq!(joined, sum(&[b, a], means).to_bytes(), "{means:?}, the other way round");
        assert_eq!(joined, sum(&[b, a, b, a], means).to_bytes(), "{means:?}, again");
    }
    let all = sum(&[a, b, c], Means::Merge).to_bytes();
    for (inner, outer) in [(Means::Named, Means::State), (Means::State, Means::Named)] {
        let right = sum(&[b, c], inner);
        let left = sum(&[a, b], inner);
        assert_eq!(all, sum(&[a, &right], outer).to_bytes(), "{inner:?} in {outer:?}");
        assert_eq!(all, sum(&[&left, c], outer).to_bytes(), "{inner:?} in {outer:?}");
        assert_eq!(all, sum(&[c, &left], outer).to_bytes(), "{inner:?} in {outer:?}");
    }
    in_two_steps(a, b, &mut world.dice);
    survives_loading(&sum(&[a, b], Means::Merge));
}

/// What the first document becomes by what all others have, one after the other.
fn sum<T: Subject>(docs: &[&Doc<T>], means: Means) -> Doc<T> {
    let mut sum = docs[0].clone();
    for doc in &docs[1..] {
        bring(doc, &mut sum, means);
    }
    sum
}

fn bring<T: Subject>(from: &Doc<T>, to: &mut Doc<T>, means: Means) {
    let version = to.version();
    let delta = match means {
        Means::Merge => return to.merge(from).expect("an honest replica is merged"),
        Means::Spelled => from.delta_since(&version),
        Means::Named => from.delta_with(&version, Keys::Named),
        Means::FromNothing => from.delta_since(&VersionVector::new()),
        Means::State => Some(from.state()),
    };
    let Some(delta) = delta else { return };
    let delta = Delta::from_bytes(&delta.to_bytes()).expect("an honest delta is read");
    match to.join(delta) {
        Ok(()) => {}
        Err(JoinError::Unnamed(_)) => bring(from, to, Means::Spelled),
        Err(error) => panic!("an honest delta was refused: {error}"),
    }
}

/// A delta to some version in between and one from there are as good as both at once.
fn in_two_steps<T: Subject>(a: &Doc<T>, b: &Doc<T>, dice: &mut Dice) {
    let mut later = a.clone();
    later.take_actor(ActorId::from_bytes([0xff; 16]));
    let (mut between, mut whole) = (b.clone(), b.clone());
    bring(&later, &mut between, Means::Named);
    for _ in 0..dice.below(20) {
        T::take(later.edit(), &T::draw(dice));
    }
    bring(&later, &mut between, Means::Named);
    bring(&later, &mut whole, Means::Spelled);
    assert_eq!(between.to_bytes(), whole.to_bytes());
}

fn survives_loading<T: Subject>(doc: &Doc<T>) {
    let bytes = doc.to_bytes();
    let loaded = Doc::<T>::load(doc.actor(), &bytes).expect("the bytes of a state are loaded");
    assert_eq!(loaded.to_bytes(), bytes);
    assert_eq!(loaded.version(), doc.version());
    assert_eq!(loaded.root().told(), doc.root().told());
}
