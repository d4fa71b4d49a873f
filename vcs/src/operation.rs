//! What a command does, written down before it does it.

use selkie_crdt::Hlc;
use selkie_store::{CodecError, Coded, ObjectId, TreeId, decode, encode};
use serde::{Deserialize, Serialize};

use crate::desk::{self, Desk};
use crate::hunt;
use crate::shared::Move;
use crate::strategy::Strategy;
use crate::tree::edit::empty_tree;

/// One step in the life of a clone. All that it changes follows from it, so that it can be finished after
/// a crash, shown before it is done, and taken back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Operation {
    /// When it began.
    pub time: Hlc,
    /// What somebody typed, or which peer was heard.
    pub typed: String,
    /// The desk before it.
    pub before: Desk,
    /// The desk after it.
    pub after: Desk,
    /// What it changes for everyone.
    pub moves: Vec<Move>,
    /// The trees that the known files had before it and have after it, if it writes files.
    pub files: Option<Files>,
    /// What kind of step it is.
    pub kind: Kind,
}

/// What kind of step an operation is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Kind {
    /// A command did it.
    Command,
    /// Others did it, and this clone heard of it: there is nothing to tell.
    Heard,
    /// It takes back the operation of this number.
    Undo(u64),
    /// It takes back the undo of this number.
    Redo(u64),
}

/// How an operation changes the working copy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Files {
    /// What the known files were, with everything that was not sealed.
    pub before: TreeId,
    /// What they become.
    pub after: TreeId,
}

/// What stands in the operation log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Record {
    /// An operation that is about to be done.
    Begun(Box<Operation>),
    /// The one before it is done.
    Done,
    /// The one before it was given up, and changed nothing.
    GivenUp,
}

impl Operation {
    /// Every object that it takes to do it, and to take it back. The tree with nothing in it need not be in any
    /// store, and is none of them.
    pub fn objects(&self) -> impl Iterator<Item = ObjectId> {
        let trees = self.files.iter().flat_map(|files| [files.before, files.after]);
        let told = self.moves.iter().flat_map(Move::objects);
        let desks = self.before.objects().chain(self.after.objects());
        let all = desks.chain(told).chain(trees.map(TreeId::object));
        all.filter(|object| *object != empty_tree().object())
    }

    /// The first word of what was typed.
    #[must_use]
    pub fn verb(&self) -> &str {
        self.typed.split_whitespace().next().unwrap_or_default()
    }

    /// The operation that takes this one back, as an undo or a redo.
    #[must_use]
    pub fn reversed(&self, kind: Kind, time: Hlc, typed: String) -> Self {
        Self {
            time,
            typed,
            before: self.after.clone(),
            after: self.before.clone(),
            moves: self.moves.iter().cloned().map(Move::reversed).collect(),
            files: self.files.map(|files| Files { before: files.after, after: files.before }),
            kind,
        }
    }
}

impl Record {
    /// The record in bytes.
    ///
    /// # Errors
    ///
    /// It is too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        encode(&match self {
            Self::Begun(operation) => {
                let begun = Box::new(Begun::from(&**operation));
                let desks = [&operation.before, &operation.after];
                let hunts = desks.map(|desk| desk.hunt.as_ref().map(hunt::Told::from));
                let asked = desks.map(|desk| desk.asked.map(|asked| asked.name().to_owned()));
                match (hunts == [None, None], asked == [None, None]) {
                    (true, true) => Told::Begun(begun),
                    (false, true) => Told::Hunting(begun, Box::new(hunts)),
                    (_, false) => Told::Asked(begun, Box::new(hunts), Box::new(asked)),
                }
            }
            Self::Done => Told::Done,
            Self::GivenUp => Told::GivenUp,
        })
    }

    /// The record that these bytes spell.
    ///
    /// # Errors
    ///
    /// They spell none, or a later version wrote them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        Ok(match decode(bytes)? {
            Told::Begun(begun) => Self::Begun(Box::new((*begun).into())),
            Told::Hunting(begun, hunts) => begun.with(*hunts, [None, None]),
            Told::Asked(begun, hunts, asked) => {
                begun.with(*hunts, asked.map(|word| Strategy::named(&word?)))
            }
            Told::Done => Self::Done,
            Told::GivenUp => Self::GivenUp,
        })
    }
}

#[derive(Deserialize, Serialize)]
enum Told {
    Begun(Box<Begun>),
    Done,
    GivenUp,
    /// The first, with the searches that are under way before and after it.
    Hunting(Box<Begun>, Box<[Option<hunt::Told>; 2]>),
    /// The same, with the words for how the fuse that is under way is to be settled.
    Asked(Box<Begun>, Box<[Option<hunt::Told>; 2]>, Box<[Option<String>; 2]>),
}

#[derive(Deserialize, Serialize)]
struct Begun {
    time: Hlc,
    typed: String,
    before: desk::Told,
    after: desk::Told,
    moves: Vec<Move>,
    files: Option<[[u8; ObjectId::LEN]; 2]>,
    kind: Kind,
}

impl Coded for Told {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 1 << 20;

    fn is_valid(&self) -> bool {
        let is_known = |word: &Option<String>| {
            word.as_deref().is_none_or(|word| Strategy::named(word).is_some())
        };
        match self {
            Self::Asked(_, _, asked) => asked.iter().all(is_known),
            Self::Begun(_) | Self::Done | Self::GivenUp | Self::Hunting(..) => true,
        }
    }
}

impl Begun {
    /// The record, with what is under way before and after it.
    fn with(self, hunts: [Option<hunt::Told>; 2], asked: [Option<Strategy>; 2]) -> Record {
        let mut operation = Operation::from(self);
        let desks = [&mut operation.before, &mut operation.after];
        for ((desk, hunt), asked) in desks.into_iter().zip(hunts).zip(asked) {
            desk.hunt = hunt.map(Into::into);
            desk.asked = asked;
        }
        Record::Begun(Box::new(operation))
    }
}

impl From<&Operation> for Begun {
    fn from(operation: &Operation) -> Self {
        let bytes = |tree: TreeId| *tree.object().as_bytes();
        Self {
            time: operation.time,
            typed: operation.typed.clone(),
            before: (&operation.before).into(),
            after: (&operation.after).into(),
            moves: operation.moves.clone(),
            files: operation.files.map(|files| [bytes(files.before), bytes(files.after)]),
            kind: operation.kind,
        }
    }
}

impl From<Begun> for Operation {
    fn from(begun: Begun) -> Self {
        let tree = |bytes| TreeId::from(ObjectId::from_bytes(bytes));
        Self {
            time: begun.time,
            typed: begun.typed,
            before: begun.before.into(),
            after: begun.after.into(),
            moves: begun.moves,
            files: begun
                .files
                .map(|[before, after]| Files { before: tree(before), after: tree(after) }),
            kind: begun.kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use selkie_store::SealId;

    use super::*;
    use crate::hunt::Hunt;
    use crate::shared::{Attribute, Named, spelled};

    fn id(n: u8) -> ObjectId {
        ObjectId::from_bytes([n; 32])
    }

    fn seal_of_two_files() -> Operation {
        let before =
            Desk { timeline: Some("main".into()), bases: vec![id(1).into()], ..Desk::default() };
        let after =
            Desk { bases: vec![id(2).into()], gathered: Some(id(3).into()), ..before.clone() };
        let heads = |n| Some(spelled(&[SealId::from(id(n))].into()));
        let (subject, attribute) = (Named::Timeline("main".into()), Attribute::Heads);
        Operation {
            time: Hlc::from_ms(7),
            typed: "seal -m two".into(),
            before,
            after,
            moves: vec![Move { subject, attribute, before: heads(1), after: heads(2) }],
            files: Some(Files { before: id(4).into(), after: id(5).into() }),
            kind: Kind::Command,
        }
    }

    #[test]
    fn a_record_comes_back_as_it_went() {
        let mut hunting = seal_of_two_files();
        let (good, skipped) = ([id(6).into()].into(), [id(7).into()].into());
        let (timeline, home) = (Some("main".to_owned()), id(8).into());
        hunting.after.hunt = Some(Hunt { good, bad: Some(id(9).into()), skipped, timeline, home });
        let mut asked = hunting.clone();
        asked.before.asked = Some(Strategy::LastWrite);
        let begun = [seal_of_two_files(), hunting, asked];
        let begun = begun.map(|operation| Record::Begun(Box::new(operation)));
        for record in begun.into_iter().chain([Record::Done, Record::GivenUp]) {
            assert_eq!(Record::from_bytes(&record.to_bytes().unwrap()).unwrap(), record);
        }
    }

    #[test]
    fn what_is_taken_back_twice_is_done() {
        let operation = seal_of_two_files();
        let undone = operation.reversed(Kind::Undo(1), Hlc::from_ms(8), "undo".into());
        let redone = undone.reversed(Kind::Redo(2), Hlc::from_ms(9), "redo".into());
        assert_eq!((&redone.before, &redone.after), (&operation.before, &operation.after));
        assert_eq!((redone.moves, redone.files), (operation.moves, operation.files));
    }

    #[test]
    fn an_operation_keeps_what_it_leaves_and_what_it_makes() {
        let mut kept: Vec<_> = seal_of_two_files().objects().collect();
        kept.sort_unstable();
        kept.dedup();
        assert_eq!(kept, [1, 2, 3, 4, 5].map(id));
    }

    /// A collection stopped at a clone whose files had once been none, since that tree was in no store.
    #[test]
    fn a_tree_with_nothing_in_it_is_not_asked_for() {
        let files = Some(Files { before: empty_tree(), after: id(5).into() });
        let operation = Operation { files, ..seal_of_two_files() };
        assert!(!operation.objects().any(|object| object == empty_tree().object()));
    }
}
