//! What a timeline's strategy says of its heads: a function of the heads, so that every replica comes to the same answer.
//!
//! Only two strategies speak of "this clone", and may be answered differently by two replicas. What they decide is a seal like any
//! other, marked as made by itself; and of heads that were all made by themselves a hash over all of them decides, which is
//! the same everywhere. Why answers do not go round in circles `question` tells.

use std::collections::BTreeSet;

use blake3::Hasher;
use selkie_crdt::Hlc;
use selkie_store::{PublicKey, ReadError, Seal, SealId, Store, Voucher, voucher};

use crate::strategy::Strategy;
use crate::unasked::is_unasked;

/// How a timeline is settled when it diverged.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum TimelineStrategy {
    /// All heads stay until somebody fuses them.
    #[default]
    Manual,
    /// Heads that merge without conflict are merged.
    AutoMerge,
    /// This clone's head wins.
    PreferLocal,
    /// The other head wins.
    PreferRemote,
    /// The latest head wins.
    LastWrite,
    /// The earliest head wins.
    FirstWrite,
    /// A head that one of these keys signed wins.
    Authority(Vec<PublicKey>),
}

/// The label of a seal that nobody asked for: the word of the strategy that made it.
pub const AUTOMATIC: &str = "automatic";

/// The word in [`AUTOMATIC`] where seals that were made by themselves were told apart by a hash.
pub(crate) const LOT: &str = "lot";

/// Separates this from everything else that is hashed.
const CONTEXT: &str = "selkie 1 heads that nobody is to choose between";

/// A head, and what it takes to weigh it.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) id: SealId,
    pub(crate) seal: Seal,
    /// The seal whose content it has: itself, unless it was made by itself and took a side.
    voice: (Hlc, SealId),
    speaker: Option<PublicKey>,
}

/// What becomes of the heads of a timeline.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// They are merged, if that leaves no conflict.
    Merge,
    /// The content of this head is right.
    Wins {
        winner: SealId,
        /// The word for why.
        word: &'static str,
        by: By,
    },
    /// Nothing, and why.
    Waits(Waiting),
}

/// Who made a decision.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum By {
    /// The heads alone.
    Heads,
    /// This clone, which vouches for it.
    Clone,
}

/// Why heads stay beside each other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Waiting {
    /// The strategy is to wait for a person.
    Manual,
    /// A later version of this program wrote the strategy, and this one does not know it.
    Unknown,
    /// Something would be in conflict at these many paths.
    Conflicts(usize),
    /// They have no seal in common.
    Unrelated,
    /// None of them is of whom the strategy names.
    NoAuthority,
    /// None of them is of this clone.
    NotOurs,
    /// Somebody took back here what the strategy had made of them.
    TakenBack,
}

impl TimelineStrategy {
    /// The one that a timeline's attribute spells. None if this version knows no such strategy.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let strategy = Strategy::named(words.next()?)?;
        let keys = words.map(PublicKey::spelled).collect::<Option<Vec<_>>>()?;
        Self::of(strategy, keys)
    }

    /// The one of this word, with the keys that it names. None if the word is none for timelines, or the keys do not fit it.
    #[must_use]
    pub fn of(strategy: Strategy, keys: Vec<PublicKey>) -> Option<Self> {
        if keys.is_empty() == (strategy == Strategy::Authority) {
            return None;
        }
        match strategy {
            Strategy::Manual => Some(Self::Manual),
            Strategy::AutoMerge => Some(Self::AutoMerge),
            Strategy::PreferLocal => Some(Self::PreferLocal),
            Strategy::PreferRemote => Some(Self::PreferRemote),
            Strategy::LastWrite => Some(Self::LastWrite),
            Strategy::FirstWrite => Some(Self::FirstWrite),
            Strategy::Authority => Some(Self::Authority(keys)),
            Strategy::Union | Strategy::Set | Strategy::Command => None,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn strategy(&self) -> Strategy {
        match self {
            Self::Manual => Strategy::Manual,
            Self::AutoMerge => Strategy::AutoMerge,
            Self::PreferLocal => Strategy::PreferLocal,
            Self::PreferRemote => Strategy::PreferRemote,
            Self::LastWrite => Strategy::LastWrite,
            Self::FirstWrite => Strategy::FirstWrite,
            Self::Authority(_) => Strategy::Authority,
        }
    }

    /// As a timeline's attribute spells it.
    #[must_use]
    pub fn spelled(&self) -> String {
        let mut text = self.strategy().name().to_owned();
        if let Self::Authority(keys) = self {
            keys.iter().for_each(|key| text.extend([" ".to_owned(), key.to_string()]));
        }
        text
    }

    /// What it makes of the heads, the earliest first. `own` is the one that is this clone's, if one is.
    pub(crate) fn verdict(&self, heads: &[Head], own: Option<SealId>) -> Verdict {
        let wins = |winner: Option<&Head>, by, waiting| match winner {
            Some(head) => Verdict::Wins { winner: head.id, word: self.strategy().name(), by },
            None => Verdict::Waits(waiting),
        };
        let latest = |heads: &mut dyn Iterator<Item = &Head>| {
            heads.max_by_key(|head| (head.voice, head.id)).cloned()
        };
        match self {
            Self::Manual => Verdict::Waits(Waiting::Manual),
            Self::AutoMerge => Verdict::Merge,
            // Nobody prefers what nobody made.
            Self::PreferLocal | Self::PreferRemote if heads.iter().all(Head::is_unasked) => {
                let drawn = lot(&heads.iter().map(|head| head.id).collect());
                let drawn = heads.iter().find(|head| head.id == drawn);
                wins(drawn, By::Heads, Waiting::NotOurs)
            }
            Self::PreferLocal => {
                let own = heads.iter().find(|head| Some(head.id) == own);
                wins(own, By::Clone, Waiting::NotOurs)
            }
            Self::PreferRemote => {
                let mut others = heads.iter().filter(|head| Some(head.id) != own);
                wins(latest(&mut others).as_ref(), By::Clone, Waiting::NotOurs)
            }
            Self::LastWrite => wins(latest(&mut heads.iter()).as_ref(), By::Heads, Waiting::Manual),
            Self::FirstWrite => {
                let first = heads.iter().min_by_key(|head| (head.voice, head.id));
                wins(first, By::Heads, Waiting::Manual)
            }
            Self::Authority(keys) => {
                let speaks = |head: &&Head| head.speaker.is_some_and(|key| keys.contains(&key));
                let mut named = heads.iter().filter(speaks);
                wins(latest(&mut named).as_ref(), By::Heads, Waiting::NoAuthority)
            }
        }
    }
}

/// Of seals that were all made by themselves, the one that a hash over all of them names. Whoever makes one of them does not
/// know the others yet, and so can not choose.
pub(crate) fn lot(ids: &BTreeSet<SealId>) -> SealId {
    let all: Vec<u8> = ids.iter().flat_map(|id| *id.object().as_bytes()).collect();
    let ticket = |id: &&SealId| {
        let mut hasher = Hasher::new_derive_key(CONTEXT);
        hasher.update(&all).update(id.object().as_bytes());
        *hasher.finalize().as_bytes()
    };
    *ids.iter().min_by_key(ticket).expect("there is something to choose from")
}

impl Head {
    /// A head as it is weighed.
    ///
    /// # Errors
    ///
    /// A seal can not be read.
    pub(crate) fn load(store: &Store, id: SealId) -> Result<Self, ReadError> {
        let seal: Seal = store.load(id)?;
        let (mut at, mut spoken) = (id, seal.clone());
        while let (true, Some(winner)) = (takes_a_side(&spoken), spoken.parents.first()) {
            let before: Seal = store.load(*winner)?;
            // Anybody can write the label. Whose content it is the trees tell.
            if before.tree != spoken.tree {
                break;
            }
            (at, spoken) = (*winner, before);
        }
        let speaker = match voucher(&spoken) {
            Ok(Voucher::Key(key)) => Some(key),
            // What is stored was not too large when it was written.
            Ok(Voucher::Nobody | Voucher::Forged(_)) | Err(_) => None,
        };
        Ok(Self { id, voice: (spoken.time, at), speaker, seal })
    }

    /// Whether nobody asked for it.
    pub(crate) fn is_unasked(&self) -> bool {
        is_unasked(&self.seal)
    }

    /// The seal whose content it has: itself, unless it was made by itself and took a side.
    pub(crate) const fn voice(&self) -> SealId {
        self.voice.1
    }

    /// Whose content it has.
    pub(crate) const fn speaker(&self) -> Option<PublicKey> {
        self.speaker
    }
}

/// Whether a seal was made by itself. One that somebody rewrote is theirs.
#[must_use]
pub fn is_automatic(seal: &Seal) -> bool {
    automatic(seal).is_some()
}

/// The word for how a seal was made by itself, if it was: that of a strategy, or `lot`.
#[must_use]
pub fn automatic(seal: &Seal) -> Option<&str> {
    let word = seal.labels.get(AUTOMATIC).filter(|_| seal.replaces.is_empty())?;
    // What is no text was written by no version of this program.
    str::from_utf8(word).ok()
}

/// Whether it was, and has the content of its first parent.
fn takes_a_side(seal: &Seal) -> bool {
    automatic(seal).is_some_and(|word| word != Strategy::AutoMerge.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strategy_is_read_as_it_is_spelled() {
        let key = PublicKey::from_bytes([3; 32]);
        for strategy in [
            TimelineStrategy::Manual,
            TimelineStrategy::AutoMerge,
            TimelineStrategy::PreferLocal,
            TimelineStrategy::PreferRemote,
            TimelineStrategy::LastWrite,
            TimelineStrategy::FirstWrite,
            TimelineStrategy::Authority(vec![key, PublicKey::from_bytes([4; 32])]),
        ] {
            assert_eq!(TimelineStrategy::read(&strategy.spelled()), Some(strategy));
        }
        for text in ["", "union", "authority", "authority x", "last_write 0303", "coming_soon"] {
            assert_eq!(TimelineStrategy::read(text), None, "{text}");
        }
    }
}
