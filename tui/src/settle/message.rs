//! What happens to the conflict screen, and what it wants done.

use std::sync::Arc;

use selkie_store::RepoPath;
use selkie_vcs::settling::{
    Case, Draft, Finished, Note, Offer, Open, PartId, Picked, Sort, Swept, Tabulated, Take, Would,
};

use crate::key::Key;
use crate::settle::action::Action;

/// Something that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Message {
    /// A key was pressed.
    Pressed(Key),
    /// Somebody said what to do, by a word and not by a key.
    Said(Action),
    /// Somebody named the lines that shall come into the place of what is looked at.
    Picked(Picked),
    /// Somebody named what to look for.
    Sought(String),
    /// Somebody named what to decide many by. It is asked before it is done.
    Swept {
        /// The pattern of the files.
        pattern: String,
        /// Of which sort they are.
        sort: Sort,
        /// What is taken of each.
        take: Take,
        /// Whether it shall be a rule.
        is_rule: bool,
    },
    /// What would become of each, in answer to the question of this number; or why nothing fits.
    WouldBe {
        /// The number of the question.
        number: u64,
        /// What would become of them.
        would: Result<Vec<Swept>, String>,
    },
    /// Text came from a clipboard.
    Pasted(String),
    /// A note is on disk.
    Kept,
    /// A note is not on disk, and why.
    NotKept(String),
    /// What the machine offers for a part, in answer to the question of this number.
    Offered {
        /// The number of the question.
        number: u64,
        /// The part.
        part: PartId,
        /// What is offered.
        offers: Vec<Offer>,
    },
    /// What was merged close to each other, or why that can not be told.
    Near(Result<Vec<Case>, String>),
    /// What fuses of heads would be, or why that can not be told.
    Foreseen(Result<Vec<(PartId, Would)>, String>),
    /// What the conflicts are about, or why that can not be told.
    Tabulated(Result<Tabulated, String>),
    /// An editor ended, with the text or with why there is none.
    Edited {
        /// The part.
        part: PartId,
        /// What came of it.
        outcome: Result<Vec<u8>, String>,
    },
    /// What was decided is in the files, or why it is not.
    Wrote(Result<Finished, String>),
}

/// Something that shall be done outside the screen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Keep a note of the draft. The answer is [`Message::Kept`] or [`Message::NotKept`].
    Keep(Note),
    /// Tell what the machine offers. The answer is [`Message::Offered`].
    Ask {
        /// The number of the question. An answer to an earlier one is of no use any more.
        number: u64,
        /// Where the part is.
        path: RepoPath,
        /// The part.
        open: Arc<Open>,
    },
    /// Tell what would become of many. The answer is [`Message::WouldBe`].
    Sweep {
        /// The number of the question. An answer to an earlier one is of no use any more.
        number: u64,
        /// The pattern of the files.
        pattern: String,
        /// Of which sort they are.
        sort: Sort,
        /// What is taken of each.
        take: Take,
    },
    /// Tell what the conflicts are about. The answer is [`Message::Tabulated`].
    Tabulate,
    /// Let somebody write in an editor. The answer is [`Message::Edited`].
    Edit {
        /// Where the part is.
        path: RepoPath,
        /// The part.
        part: PartId,
        /// What the editor begins with.
        text: Vec<u8>,
    },
    /// Put this draft into the files. The answer is [`Message::Wrote`].
    Write(Box<Draft>),
    /// Stop until the shell says to go on.
    Suspend,
    /// Draw all anew.
    Redraw,
    /// End.
    Leave,
}
