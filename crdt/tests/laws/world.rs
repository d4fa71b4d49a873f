//! Replicas that are changed, cut off, lost and restored, each beside what the model says of it.

use std::collections::BTreeMap;

use selkie_crdt::ActorId;
use selkie_crdt::Delta;
use selkie_crdt::Doc;
use selkie_crdt::Guard;
use selkie_crdt::JoinError;
use selkie_crdt::Keys;
use selkie_crdt::VersionVector;

use crate::bits::Bits;
use crate::deed::Act;
use crate::deed::Deed;
use crate::dice::Dice;
use crate::home::Home;
use crate::letter::Letter;
use crate::letter::Network;
use crate::letter::Since;
use crate::subject::Subject;

/// Some replicas, the network between them, and all that was ever done.
pub(crate) struct World<T: Subject, H = Doc<T>> {
    pub(crate) dice: Dice,
    pub(crate) replicas: Vec<Replica<H>>,
    network: Network,
    deeds: Vec<(ActorId, T::Step, Bits)>,
    /// The bytes of the state at each version that was ever reached.
    states: BTreeMap<Vec<(ActorId, u64)>, Vec<u8>>,
    actors: u64,
    kills_kept: Option<usize>,
}

/// A replica, and which deeds it has seen.
#[derive(Clone)]
pub(crate) struct Replica<H> {
    pub(crate) home: H,
    pub(crate) seen: Bits,
    backup: Option<(H, Bits)>,
    /// Whether it was restored and does not know yet that it must not write under its old name.
    is_amnesiac: bool,
}

impl<T: Subject, H: Home<T>> World<T, H> {
    pub(crate) fn of(mut dice: Dice, replicas: usize, kills_kept: Option<usize>) -> Self {
        dice.removals = dice.pick(&[10, 25, 50]);
        let mut world = Self {
            dice,
            replicas: Vec::new(),
            network: Network::default(),
            deeds: Vec::new(),
            states: BTreeMap::new(),
            actors: 0,
            kills_kept,
        };
        for _ in 0..replicas {
            let actor = world.next_actor();
            let home = world.with_memory(H::new(actor));
            world.replicas.push(Replica {
                home,
                seen: Bits::default(),
                backup: None,
                is_amnesiac: false,
            });
        }
        world
    }

    /// Takes `steps` random steps at one replica, and perhaps tells all others of them at once.
    pub(crate) fn edit(&mut self, at: usize, steps: usize) {
        if self.replicas[at].is_amnesiac {
            self.rename(at);
        }
        let steps = H::draw(steps, &mut self.dice);
        let replica = &mut self.replicas[at];
        let author = replica.home.doc().actor();
        for step in &steps {
            let id = self.deeds.len();
            self.deeds.push((author, step.clone(), replica.seen.clone()));
            replica.seen.insert(id);
        }
        let delta = replica.home.change(&steps, &mut self.dice);
        if let Some(delta) = delta.filter(|_| self.dice.chance(30)) {
            self.send_to_all(at, &delta.to_bytes());
        }
        self.examine(at);
    }

    /// Puts a letter on its way, unless there is nothing to tell.
    pub(crate) fn tell(&mut self, from: usize, to: usize, since: &Since, keys: Keys) {
        if let Some(letter) = self.write(from, to, since, keys) {
            self.network.send(letter);
        }
    }

    /// Lets a letter arrive, if the network has one and does not lose it.
    pub(crate) fn arrive(&mut self) {
        if let Some(letter) = self.network.next(&mut self.dice) {
            self.read(&letter);
        }
    }

    /// Tells and lets arrive, until `to` has all that `from` has.
    pub(crate) fn bring(&mut self, from: usize, to: usize, keys: Keys) {
        for keys in [keys, Keys::Spelled, Keys::Spelled] {
            if let Some(letter) = self.write(from, to, &Since::Theirs, keys) {
                self.read(&letter);
            }
        }
        let [ours, theirs] = [to, from].map(|at| self.replicas[at].home.doc().version());
        assert!(ours.dominates(&theirs), "what was told did not arrive");
    }

    pub(crate) fn back_up(&mut self, at: usize) {
        let replica = &mut self.replicas[at];
        replica.backup = Some((replica.home.clone(), replica.seen.clone()));
    }

    /// Goes on from the last backup: at once under a new name, or under the old one until a peer
    /// tells of what was lost.
    pub(crate) fn restore(&mut self, at: usize) {
        let Some((home, seen)) = self.replicas[at].backup.clone() else { return };
        let replica = &mut self.replicas[at];
        (replica.home, replica.seen) = (home, seen);
        replica.is_amnesiac = true;
        if self.dice.chance(50) {
            self.rename(at);
        }
        self.examine(at);
    }

    /// Goes on from the bytes of the state, under a new name.
    pub(crate) fn reload(&mut self, at: usize) {
        let bytes = self.replicas[at].home.doc().to_bytes();
        let actor = self.next_actor();
        let home = self.with_memory(H::load(actor, &bytes));
        let replica = &mut self.replicas[at];
        assert_eq!(home.doc().root().told(), replica.home.doc().root().told());
        replica.home = home;
        replica.is_amnesiac = false;
        self.examine(at);
    }

    /// Forgets what `stable` covers, true or not: what is forgotten must never be missed.
    pub(crate) fn forget(&mut self, at: usize, stable: &VersionVector) {
        self.replicas[at].home.forget_stable(stable);
        self.examine(at);
    }

    /// A version that some replica once had.
    pub(crate) fn some_version(&mut self) -> VersionVector {
        let at = self.dice.index(self.states.len() + 1);
        let listed = self.states.keys().nth(at).cloned().unwrap_or_default();
        VersionVector::try_from_iter(listed).expect("a version that was listed")
    }

    /// Brings all replicas to the same version, and holds them against each other.
    pub(crate) fn settle(&mut self) {
        for round in 0..2 {
            for to in 0..self.replicas.len() {
                for from in 0..self.replicas.len() {
                    let keys = if round == 0 { Keys::Named } else { Keys::Spelled };
                    if from != to {
                        self.bring(from, to, keys);
                    }
                }
            }
        }
        let first = &self.replicas[0];
        for other in &self.replicas {
            assert_eq!(first.home.doc().version(), other.home.doc().version());
            assert_eq!(first.home.doc().to_bytes(), other.home.doc().to_bytes());
            assert_eq!(first.home.doc().root().told(), other.home.doc().root().told());
        }
    }

    /// Compares a replica with the model, and with all that were at its version before.
    pub(crate) fn examine(&mut self, at: usize) {
        let replica = &self.replicas[at];
        let doc = replica.home.doc();
        assert_eq!(doc.root().told(), self.defined(&replica.seen), "replica {at}");
        let (version, bytes) = (doc.version().into(), doc.to_bytes());
        let known = self.states.entry(version).or_insert_with(|| bytes.clone());
        assert_eq!(*known, bytes, "equal versions are equal states");
    }

    /// The value by definition, of all deeds in `seen`.
    pub(crate) fn defined(&self, seen: &Bits) -> Option<T::Told> {
        let deeds: Vec<Deed<'_, T::Step>> = self
            .deeds
            .iter()
            .enumerate()
            .filter(|(id, _)| seen.contains(*id))
            .map(|(id, (author, step, seen))| Deed {
                id,
                author: *author,
                seen,
                act: Act::Step(step.clone()),
            })
            .collect();
        T::defined(&deeds)
    }

    fn write(&self, from: usize, to: usize, since: &Since, keys: Keys) -> Option<Letter> {
        let doc = self.replicas[from].home.doc();
        let delta = match since {
            Since::Theirs => doc.delta_with(&self.replicas[to].home.doc().version(), keys)?,
            Since::Some(version) => doc.delta_with(version, keys)?,
            Since::State => doc.state(),
        };
        let seen = self.replicas[from].seen.clone();
        Some(Letter { to, from, bytes: delta.to_bytes(), keys, seen })
    }

    fn read(&mut self, letter: &Letter) {
        let delta: Delta<T> = Delta::from_bytes(&letter.bytes).expect("an honest delta is read");
        assert_eq!(delta.to_bytes(), letter.bytes);
        let replica = &mut self.replicas[letter.to];
        let (version, bytes) = (replica.home.doc().version(), replica.home.doc().to_bytes());
        let is_gap = !version.dominates(&delta.from());
        let me = replica.home.doc().actor();
        let is_news_of_us = delta.to().get(&me) > version.get(&me);
        let joined = join(&mut replica.home, delta, &mut self.dice);
        if joined.is_err() {
            assert_eq!(replica.home.doc().version(), version, "a refused delta leaves no trace");
            assert_eq!(replica.home.doc().to_bytes(), bytes, "a refused delta leaves no trace");
        }
        match joined {
            Ok(()) => {
                assert!(!is_gap && !is_news_of_us);
                replica.seen.add_all(&letter.seen);
            }
            Err(JoinError::Amnesia { .. }) => {
                assert!(is_news_of_us && replica.is_amnesiac);
                self.rename(letter.to);
                self.read(letter);
            }
            Err(JoinError::Gap { .. }) => assert!(is_gap),
            Err(JoinError::Unnamed(_)) => {
                assert!(!is_gap && letter.keys == Keys::Named);
                let spelled = self.write(letter.from, letter.to, &Since::Theirs, Keys::Spelled);
                spelled.iter().for_each(|letter| self.read(letter));
            }
            Err(error) => panic!("an honest delta was refused: {error}"),
        }
        self.examine(letter.to);
    }

    fn send_to_all(&mut self, from: usize, bytes: &[u8]) {
        for to in (0..self.replicas.len()).filter(|to| *to != from) {
            let seen = self.replicas[from].seen.clone();
            let bytes = bytes.to_vec();
            self.network.send(Letter { to, from, bytes, keys: Keys::Spelled, seen });
        }
    }

    /// Gives a new name to all who were restored.
    pub(crate) fn wake_all(&mut self) {
        for at in 0..self.replicas.len() {
            if self.replicas[at].is_amnesiac {
                self.rename(at);
            }
        }
    }

    fn rename(&mut self, at: usize) {
        let actor = self.next_actor();
        self.replicas[at].home.take_actor(actor);
        self.replicas[at].is_amnesiac = false;
    }

    /// Names do not ascend as they are given, so that numbers inside and outside differ.
    fn next_actor(&mut self) -> ActorId {
        self.actors += 1;
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.actors.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        ActorId::from_bytes(bytes)
    }

    fn with_memory(&self, mut home: H) -> H {
        if let Some(kills) = self.kills_kept {
            home.keep_kills(kills);
        }
        home
    }
}

/// Joins in one of the ways there are: watched or not, and perhaps refused before.
fn join<T: Subject, H: Home<T>>(
    home: &mut H,
    delta: Delta<T>,
    dice: &mut Dice,
) -> Result<(), JoinError> {
    if dice.chance(25) {
        return home.join(delta);
    }
    // What shows nothing was joined, and told again by names it may mean nothing any more.
    if dice.chance(30) && !is_kept_out(home, &delta)? {
        return Ok(());
    }
    let mut shown = home.doc().root().shown();
    let mut guarded = None;
    let change = home.join_guarded(delta, |change| {
        guarded = Some(change.clone());
        Guard::Allow
    })?;
    assert_eq!(change, guarded, "a guard sees what will be told");
    change.into_iter().for_each(|change| T::redraw(&mut shown, change));
    assert_eq!(shown, home.doc().root().shown(), "what is told is what changed");
    Ok(())
}

/// Whether a guard that forbids all keeps `delta` out, without a trace. It is not asked about what
/// changes nothing to be seen, which is joined.
fn is_kept_out<T: Subject, H: Home<T>>(home: &mut H, delta: &Delta<T>) -> Result<bool, JoinError> {
    let all = |home: &H| {
        let doc = home.doc();
        (
            doc.version(),
            doc.to_bytes(),
            doc.delta_since(&VersionVector::new()).map(|d| d.to_bytes()),
        )
    };
    let (before, shown) = (all(home), home.doc().root().shown());
    match home.join_guarded(delta.clone(), |_| Guard::Forbid) {
        Err(JoinError::Forbidden) => {
            assert_eq!(all(home), before, "nothing was let in");
            Ok(true)
        }
        Ok(change) => {
            assert_eq!(change, None);
            assert_eq!(home.doc().root().shown(), shown, "what shows is guarded");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
