//! What an entry says: the payload of a replica's log.

use selkie_crdt::Hlc;
use serde::{Deserialize, Serialize};

use crate::codec::{CodecError, Coded, decode, encode};
use crate::id::ObjectId;
use crate::identity::binding::Binding;
use crate::limits::NOTE_LEN_MAX;
use crate::log::format::PAYLOAD_LEN_MAX;
use crate::object::key::PublicKey;

/// What a replica did in one entry of its log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// When.
    pub time: Hlc,
    /// What kind of action it was, for people: at most [`NOTE_LEN_MAX`] bytes.
    pub note: String,
    /// The objects that it reaches, ascending: who takes the entry in holds these.
    pub roots: Vec<ObjectId>,
    /// What changed.
    pub deed: Deed,
}

/// What an entry changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Deed {
    /// The log begins, and this key writes it. The first entry says this and no other does.
    Begins(Binding),
    /// The view changes by this delta, spelled by [`Delta::to_bytes`](selkie_crdt::Delta::to_bytes).
    Changes(Vec<u8>),
}

impl Step {
    /// The step that a payload spells.
    ///
    /// # Errors
    ///
    /// It spells none.
    pub fn from_bytes(payload: &[u8]) -> Result<Self, CodecError> {
        let Spelled { time, note, roots, deed } = decode(payload)?;
        let deed = match deed {
            SpelledDeed::Begins(key, nonce) => {
                Deed::Begins(Binding { key: PublicKey::from_bytes(key), nonce })
            }
            SpelledDeed::Changes(delta) => Deed::Changes(delta),
        };
        let roots = roots.into_iter().map(ObjectId::from_bytes).collect();
        Ok(Self { time: Hlc::from_u64(time), note, roots, deed })
    }

    /// The payload that spells this step.
    ///
    /// # Errors
    ///
    /// It is too long, its roots do not ascend, or its time is beyond what clocks show.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        let deed = match &self.deed {
            Deed::Begins(Binding { key, nonce }) => SpelledDeed::Begins(*key.as_bytes(), *nonce),
            Deed::Changes(delta) => SpelledDeed::Changes(delta.clone()),
        };
        encode(&Spelled {
            time: self.time.to_u64(),
            note: self.note.clone(),
            roots: self.roots.iter().map(|root| *root.as_bytes()).collect(),
            deed,
        })
    }
}

/// A step as `codec` spells it. The order of the fields is the format.
#[derive(Deserialize, Serialize)]
struct Spelled {
    time: u64,
    note: String,
    roots: Vec<[u8; ObjectId::LEN]>,
    deed: SpelledDeed,
}

#[derive(Deserialize, Serialize)]
enum SpelledDeed {
    Begins([u8; PublicKey::LEN], [u8; Binding::NONCE_LEN]),
    Changes(Vec<u8>),
}

impl Coded for Spelled {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = PAYLOAD_LEN_MAX;

    fn is_valid(&self) -> bool {
        let in_time = Hlc::from_u64(self.time).ms() <= Hlc::MS_MAX;
        in_time && self.note.len() <= NOTE_LEN_MAX && self.roots.is_sorted_by(|a, b| a < b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(deed: Deed) -> Step {
        let roots = [1, 2].map(|n| ObjectId::from_bytes([n; 32])).to_vec();
        Step { time: Hlc::from_ms(2), note: "seal".to_owned(), roots, deed }
    }

    #[test]
    fn a_step_keeps_its_bytes() {
        let changes = step(Deed::Changes(vec![5, 255]));
        let roots = [[1; 32], [2; 32]].concat();
        let head = [&[1, 252, 0, 0, 2, 0, 4][..], b"seal", &[2], &roots].concat();
        assert_eq!(changes.to_bytes().unwrap(), [&head[..], &[1, 2, 5, 255]].concat());
        assert_eq!(Step::from_bytes(&changes.to_bytes().unwrap()).unwrap(), changes);

        let binding = Binding { key: PublicKey::from_bytes([3; 32]), nonce: [4; 16] };
        let begins = step(Deed::Begins(binding));
        let tail = [&[0][..], &[3; 32], &[4; 16]].concat();
        assert_eq!(begins.to_bytes().unwrap(), [head, tail].concat());
        assert_eq!(Step::from_bytes(&begins.to_bytes().unwrap()).unwrap(), begins);
    }

    #[test]
    fn what_breaks_a_rule_is_no_step() {
        let good = step(Deed::Changes(Vec::new()));
        let twice = vec![good.roots[0], good.roots[0]];
        let late = Hlc::from_u64(u64::MAX);
        let long = "x".repeat(NOTE_LEN_MAX + 1);
        let broken = [
            Step { roots: twice, ..good.clone() },
            Step { time: late, ..good.clone() },
            Step { note: long, ..good.clone() },
        ];
        for step in broken {
            assert!(matches!(step.to_bytes(), Err(CodecError::Rules)), "{step:?}");
        }
        let bytes = good.to_bytes().unwrap();
        assert!(Step::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        let newer = [&[2], &bytes[1..]].concat();
        assert!(matches!(Step::from_bytes(&newer), Err(CodecError::Version(Some(2)))));
    }
}
