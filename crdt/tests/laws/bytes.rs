//! Bytes that nobody wrote: they are refused, or they are the one spelling of what they say. And
//! what two wrote under one name.

use selkie_crdt::ActorId;
use selkie_crdt::Delta;
use selkie_crdt::Doc;
use selkie_crdt::Keys;
use selkie_crdt::VersionVector;

use crate::dice::Dice;
use crate::subject::Subject;
use crate::walk::walked;

/// Damages honest deltas in many ways, and joins what can still be read.
pub(crate) fn withstand<T: Subject>(dice: Dice) {
    let mut world = walked::<T, Doc<T>>(dice);
    world.wake_all();
    let docs: Vec<Doc<T>> = world.replicas.iter().map(|replica| replica.home.clone()).collect();
    let samples = samples(&docs);
    let dice = &mut world.dice;
    for _ in 0..60 {
        let [bytes, other] = [0, 1].map(|_| &samples[dice.index(samples.len())]);
        let damaged = damaged(bytes, other, dice);
        let Ok(delta) = Delta::<T>::from_bytes(&damaged) else { continue };
        assert_eq!(delta.to_bytes(), damaged, "what is read is written alike");
        meet(&docs[dice.index(docs.len())], delta, &docs, dice);
    }
    for _ in 0..20 {
        let noise = noise(&samples[0][..8], dice);
        if let Ok(delta) = Delta::<T>::from_bytes(&noise) {
            assert_eq!(delta.to_bytes(), noise, "what is read is written alike");
            meet(&docs[0], delta, &docs, dice);
        }
    }
}

/// Lets two replicas write under one name, and a third and the two themselves hear of both.
pub(crate) fn withstand_twins<T: Subject>(dice: Dice) {
    let mut world = walked::<T, Doc<T>>(dice);
    world.wake_all();
    let docs: Vec<Doc<T>> = world.replicas.iter().map(|replica| replica.home.clone()).collect();
    let dice = &mut world.dice;
    let (at, other) = (dice.index(docs.len()), dice.index(docs.len()));
    let mut twins = [docs[at].clone(), docs[at].clone()];
    for twin in &mut twins {
        for _ in 0..dice.pick(&[1, 1, 2, 5]) {
            T::take(twin.edit(), &T::draw(dice));
        }
    }
    let mut third = docs[other].clone();
    third.take_actor(ActorId::from_bytes([0xfe; 16]));
    third.merge(&twins[0]).expect("one of two is honest");
    for delta in [twins[1].delta_since(&docs[at].version()), Some(twins[1].state())] {
        let Some(delta) = delta else { continue };
        meet(&third, delta.clone(), &docs, dice);
        meet(&twins[0], delta, &docs, dice);
    }
}

/// Deltas of all kinds, of all replicas.
fn samples<T: Subject>(docs: &[Doc<T>]) -> Vec<Vec<u8>> {
    let mut deltas: Vec<Delta<T>> = docs.iter().map(Doc::state).collect();
    for from in docs {
        deltas.extend(from.delta_since(&VersionVector::new()));
        for to in docs {
            deltas.extend(from.delta_with(&to.version(), Keys::Spelled));
            deltas.extend(from.delta_with(&to.version(), Keys::Named));
        }
    }
    deltas.iter().map(Delta::to_bytes).collect()
}

/// A delta that no replica made is refused without a trace, or leaves a document that is sound.
fn meet<T: Subject>(doc: &Doc<T>, delta: Delta<T>, others: &[Doc<T>], dice: &mut Dice) {
    let mut met = doc.clone();
    let joined = met.join(delta);
    if joined.is_err() {
        assert_eq!(met.version(), doc.version(), "a refused delta leaves no trace");
        assert_eq!(met.to_bytes(), doc.to_bytes(), "a refused delta leaves no trace");
        let mut untouched = doc.clone();
        for other in others {
            assert_eq!(untouched.merge(other), met.merge(other));
        }
        assert_eq!(met.to_bytes(), untouched.to_bytes(), "a refused delta leaves no trace");
        return;
    }
    is_sound(&met);
    for _ in 0..5 {
        T::take(met.edit(), &T::draw(dice));
    }
    for other in others {
        // Liars may have used up a dot that another replica really gave.
        let _is_refused = met.merge(other).is_err();
    }
    is_sound(&met);
}

fn is_sound<T: Subject>(doc: &Doc<T>) {
    let bytes = doc.to_bytes();
    let loaded = Doc::<T>::load(doc.actor(), &bytes).expect("the bytes of a state are loaded");
    assert_eq!(loaded.to_bytes(), bytes);
    assert_eq!(loaded.root().told(), doc.root().told());
}

fn damaged(bytes: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..dice.pick(&[1, 1, 1, 2, 3]) {
        let head = if dice.chance(95) { 9.min(bytes.len()) } else { 0 };
        let at = head + dice.index(bytes.len() - head + 1);
        let byte = dice.pick(&[0, 1, 2, 3, 4, 0x7f, 0x80, 0xff]);
        match dice.below(8) {
            0 => bytes.insert(at, byte),
            1 => bytes.truncate(at),
            2 => splice(&mut bytes, at, other, dice),
            _ if at == bytes.len() => bytes.push(byte),
            3 => bytes[at] = byte,
            4 => bytes[at] ^= 1 << dice.below(8),
            5 => drop(bytes.remove(at)),
            6 => bytes[at] = bytes[at].wrapping_add(1),
            _ => bytes[at] = bytes[at].wrapping_sub(1),
        }
    }
    bytes
}

fn splice(bytes: &mut Vec<u8>, at: usize, other: &[u8], dice: &mut Dice) {
    let from = dice.index(other.len());
    let len = dice.index((other.len() - from).min(20) + 1);
    let over = if dice.chance(50) { len.min(bytes.len() - at) } else { 0 };
    bytes.splice(at..at + over, other[from..from + len].iter().copied());
}

fn noise(head: &[u8], dice: &mut Dice) -> Vec<u8> {
    let len = dice.index(60);
    let byte = |_| match dice.below(3) {
        0 => u8::try_from(dice.below(256)).expect("a byte"),
        _ => u8::try_from(dice.below(4)).expect("a byte"),
    };
    let tail: Vec<u8> = (0..len).map(byte).collect();
    [head, &tail].concat()
}
