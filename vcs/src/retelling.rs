//! What logs that ended said of timelines, tags and settlements, to be said again.
//!
//! The state without the ended entries becomes what it was with them. Whoever holds them says so, and all say the same: heads are
//! a set, and of the rest the value that was written last counts, whoever wrote it.

use selkie_crdt::{Edit, Hlc, Name};
use selkie_store::{ObjectId, SealId};

use crate::shared::{State, Timeline, blob, ids, is_blob, is_heads, spelled};

/// One attribute of one thing, or all of a thing, as it was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Retelling {
    /// It had this value.
    Was(Name, Name, Vec<u8>),
    /// It had no such attribute.
    Lacked(Name, Name),
    /// It was not there.
    Absent(Name),
}

/// What it takes to make `now` be as `before`.
pub(crate) fn retellings(now: &State, before: &State) -> Vec<Retelling> {
    let mut told = Vec::new();
    for (id, entity) in before.sorted() {
        for (name, _) in entity.attributes().sorted() {
            let value = value(before, id, name);
            let changed = value.filter(|was| self::value(now, id, name).as_ref() != Some(was));
            told.extend(changed.map(|was| Retelling::Was(id.clone(), name.clone(), was)));
        }
    }
    for (id, entity) in now.sorted() {
        let Some(was) = before.get(id) else {
            told.push(Retelling::Absent(id.clone()));
            continue;
        };
        let lacked = entity.attributes().sorted().into_iter();
        let lacked = lacked.filter(|(name, _)| was.register(name).is_none());
        told.extend(lacked.map(|(name, _)| Retelling::Lacked(id.clone(), name.clone())));
    }
    told
}

impl Retelling {
    /// The objects that it names.
    pub(crate) fn reaches(&self) -> Vec<ObjectId> {
        match self {
            Self::Was(_, name, value) if is_heads(name) => ids(value).map(SealId::object).collect(),
            Self::Was(_, name, value) if is_blob(name) => blob(value).into_iter().collect(),
            Self::Was(..) | Self::Lacked(..) | Self::Absent(_) => Vec::new(),
        }
    }

    /// Says it.
    pub(crate) fn carry_out(&self, state: &mut Edit<'_, State>, at: Hlc) {
        match self {
            Self::Was(id, name, value) => state.entry(id.clone()).set(name, value.clone(), at),
            Self::Lacked(id, name) => {
                if let Some(mut entity) = state.existing(id) {
                    entity.unset(name);
                }
            }
            Self::Absent(id) => {
                state.remove(id);
            }
        }
    }
}

/// What an attribute is: of heads all that any replica has.
fn value(state: &State, id: &Name, name: &Name) -> Option<Vec<u8>> {
    let entity = state.get(id)?;
    if is_heads(name) {
        entity.register(name)?;
        return Some(spelled(&Timeline::of(entity).heads()));
    }
    entity.attribute(name).cloned()
}

#[cfg(test)]
mod tests {
    use selkie_crdt::{ActorId, Doc};

    use super::*;

    fn seal(n: u8) -> Vec<u8> {
        vec![n; ObjectId::LEN]
    }

    fn told(state: &mut Doc<State>, id: &str, name: &str, value: Vec<u8>) {
        state.update(|mut state| state.entry(id.into()).set(name, value, Hlc::from_ms(1)));
    }

    #[test]
    fn a_state_becomes_what_it_was() {
        let [mut now, mut before] = [1, 2].map(|n| Doc::<State>::new(ActorId::from_bytes([n; 16])));
        for doc in [&mut now, &mut before] {
            told(doc, "timeline/main", "heads", seal(1));
        }
        told(&mut before, "timeline/main", "heads", seal(2));
        told(&mut before, "timeline/main", "note", b"ours".to_vec());
        told(&mut before, "tag/v1", "heads", seal(3));
        told(&mut now, "timeline/main", "protected", b"1".to_vec());
        told(&mut now, "timeline/gone", "heads", seal(4));
        let all = retellings(now.root(), before.root());
        assert_eq!(all.len(), 5);
        let reached: Vec<_> = all.iter().flat_map(Retelling::reaches).collect();
        assert_eq!(reached, [[3; 32], [2; 32]].map(ObjectId::from_bytes));
        now.update(|mut state| {
            all.iter().for_each(|retelling| retelling.carry_out(&mut state, Hlc::from_ms(2)));
        });
        assert_eq!(retellings(now.root(), before.root()), []);
    }
}
