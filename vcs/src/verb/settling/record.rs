//! The notes of a draft, on disk.

use std::sync::Arc;

use selkie_store::{Coded, Notes, decode, encode};
use serde::{Deserialize, Serialize};

use crate::strategy::Strategy;
use crate::verb::settling::draft::{Change, Draft, Note};
use crate::verb::settling::error::SettlingError;
use crate::verb::settling::new_rule::NewRule;
use crate::verb::settling::part::PartId;
use crate::verb::settling::picked::{Picked, PickedLine, Whose};
use crate::verb::settling::verdict::{First, Verdict};
use crate::workspace::Workspace;

/// The draft of the timeline that a clone stands on, where it is kept.
#[derive(Debug)]
pub struct Drafted {
    notes: Notes,
    /// Whether all that was kept is of conflicts that are no more, so that the next note begins anew.
    is_stale: bool,
}

impl Drafted {
    /// The draft of the timeline that the clone stands on. Opening it writes nothing.
    ///
    /// Of a draft in which nothing is about what is open now, nothing is left: conflicts of another day.
    ///
    /// # Errors
    ///
    /// It can not be read.
    pub fn open(
        workspace: &Workspace,
        is_open: impl Fn(PartId) -> bool,
    ) -> Result<(Self, Draft), SettlingError> {
        let timeline = workspace.repository().desk().timeline.clone().unwrap_or_default();
        let notes = Notes::new(Arc::clone(workspace.disk()), &format!("settling {timeline}"));
        let kept = notes.all()?;
        let kept = kept.iter().map(|bytes| Note::from_bytes(bytes));
        let kept = kept.collect::<Result<Vec<_>, SettlingError>>()?;
        let is_about = |note: &Note| match note {
            Note::Said(changes) | Note::Ruled(_, changes) => {
                changes.iter().any(|change| is_open(change.part))
            }
            Note::PutOff(parts) => parts.iter().any(|part| is_open(*part)),
            Note::Undone | Note::Redone | Note::Finished => false,
        };
        let is_stale = !kept.is_empty() && !kept.iter().any(is_about);
        let draft = if is_stale { Draft::default() } else { Draft::of(kept) };
        Ok((Self { notes, is_stale }, draft))
    }

    /// Keeps a note. It is durable when this returns.
    ///
    /// # Errors
    ///
    /// It is too long, or can not be written.
    pub fn keep(&mut self, note: &Note) -> Result<(), SettlingError> {
        let bytes = note.to_bytes()?;
        if self.is_stale {
            self.notes.drop_all()?;
            self.is_stale = false;
        }
        Ok(self.notes.add(&bytes)?)
    }
}

/// A note as it is spelled.
#[derive(Deserialize, Serialize)]
enum Spelled {
    Said(Vec<SpelledChange>),
    Undone,
    Redone,
    Finished,
    PutOff(Vec<[u8; PartId::LEN]>),
    Ruled(String, String, Vec<SpelledChange>),
}

type SpelledChange = ([u8; PartId::LEN], Option<SpelledVerdict>);

#[derive(Deserialize, Serialize)]
enum SpelledVerdict {
    Side(u8),
    Base,
    OursFirst,
    TheirsFirst,
    Nothing,
    Offer(String, Vec<u8>),
    Text(Vec<u8>),
    Lines(Vec<(SpelledWhose, u32)>),
    Fuse,
    Apart,
}

#[derive(Deserialize, Serialize)]
enum SpelledWhose {
    Ours,
    Theirs,
    Base,
}

impl Coded for Spelled {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 1 << 20;

    fn is_valid(&self) -> bool {
        match self {
            Self::Said(changes) => are_kept(changes),
            Self::Ruled(path, strategy, changes) => {
                rule(path, strategy).is_some() && are_kept(changes)
            }
            Self::Undone | Self::Redone | Self::Finished | Self::PutOff(_) => true,
        }
    }
}

impl Note {
    /// Whether a draft can keep it: all of it together has at most [`Note::LEN_MAX`] bytes.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.to_bytes().is_ok()
    }

    /// Whether a draft can keep a text that somebody wrote for one part.
    #[must_use]
    pub fn keeps(text: &[u8]) -> bool {
        let (part, verdict) = (PartId::from_bytes([0; PartId::LEN]), Verdict::Text(text.to_vec()));
        text.len() <= Self::LEN_MAX
            && Self::Said(vec![Change { part, verdict: Some(verdict) }]).is_short()
    }

    /// Bytes that a note has at most.
    pub const LEN_MAX: usize = Spelled::LEN_MAX;

    fn to_bytes(&self) -> Result<Vec<u8>, SettlingError> {
        let spelled = |changes: &[Change]| {
            let spelled = |Change { part, verdict }: &Change| {
                (*part.as_bytes(), verdict.as_ref().map(SpelledVerdict::of))
            };
            changes.iter().map(spelled).collect()
        };
        Ok(encode(&match self {
            Self::Said(changes) => Spelled::Said(spelled(changes)),
            Self::Undone => Spelled::Undone,
            Self::Redone => Spelled::Redone,
            Self::Finished => Spelled::Finished,
            Self::PutOff(parts) => {
                Spelled::PutOff(parts.iter().map(|part| *part.as_bytes()).collect())
            }
            Self::Ruled(rule, changes) => {
                let strategy = rule.strategy().name().to_owned();
                Spelled::Ruled(rule.path().to_owned(), strategy, spelled(changes))
            }
        })?)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, SettlingError> {
        let read = |changes: Vec<SpelledChange>| {
            let read = |(part, verdict): SpelledChange| Change {
                part: PartId::from_bytes(part),
                verdict: verdict.map(SpelledVerdict::read),
            };
            changes.into_iter().map(read).collect()
        };
        Ok(match decode(bytes)? {
            Spelled::Said(changes) => Self::Said(read(changes)),
            Spelled::Undone => Self::Undone,
            Spelled::Redone => Self::Redone,
            Spelled::Finished => Self::Finished,
            Spelled::PutOff(parts) => {
                Self::PutOff(parts.into_iter().map(PartId::from_bytes).collect())
            }
            Spelled::Ruled(path, strategy, changes) => {
                let rule = rule(&path, &strategy).expect("it was looked at when it was decoded");
                Self::Ruled(rule, read(changes))
            }
        })
    }
}

/// Whether these are changes that a draft keeps.
fn are_kept(changes: &[SpelledChange]) -> bool {
    let is_short = |(_, verdict): &SpelledChange| match verdict {
        Some(SpelledVerdict::Lines(lines)) => lines.len() <= Picked::LEN_MAX,
        Some(_) | None => true,
    };
    changes.iter().all(is_short)
}

/// A rule as it is spelled, if it is one.
fn rule(path: &str, strategy: &str) -> Option<NewRule> {
    NewRule::new(path, Strategy::named(strategy)?).ok()
}

impl SpelledVerdict {
    fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Side(side) => Self::Side(*side),
            Verdict::Base => Self::Base,
            Verdict::Both(First::Ours) => Self::OursFirst,
            Verdict::Both(First::Theirs) => Self::TheirsFirst,
            Verdict::Nothing => Self::Nothing,
            Verdict::Offer { step, text } => Self::Offer(step.clone(), text.clone()),
            Verdict::Text(text) => Self::Text(text.clone()),
            Verdict::Fuse => Self::Fuse,
            Verdict::Apart => Self::Apart,
            Verdict::Lines(picked) => {
                let spelled = |line: &PickedLine| (SpelledWhose::of(line.whose), line.at);
                Self::Lines(picked.lines().iter().map(spelled).collect())
            }
        }
    }

    fn read(self) -> Verdict {
        match self {
            Self::Side(side) => Verdict::Side(side),
            Self::Base => Verdict::Base,
            Self::OursFirst => Verdict::Both(First::Ours),
            Self::TheirsFirst => Verdict::Both(First::Theirs),
            Self::Nothing => Verdict::Nothing,
            Self::Offer(step, text) => Verdict::Offer { step, text },
            Self::Text(text) => Verdict::Text(text),
            Self::Fuse => Verdict::Fuse,
            Self::Apart => Verdict::Apart,
            Self::Lines(lines) => {
                let read =
                    |(whose, at): (SpelledWhose, u32)| PickedLine { whose: whose.read(), at };
                let picked = Picked::of(lines.into_iter().map(read));
                Verdict::Lines(picked.expect("they were counted when the note was decoded"))
            }
        }
    }
}

impl SpelledWhose {
    const fn of(whose: Whose) -> Self {
        match whose {
            Whose::Ours => Self::Ours,
            Whose::Theirs => Self::Theirs,
            Whose::Base => Self::Base,
        }
    }

    const fn read(self) -> Whose {
        match self {
            Self::Ours => Whose::Ours,
            Self::Theirs => Whose::Theirs,
            Self::Base => Whose::Base,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(verdict: Option<Verdict>) -> Note {
        Note::Said(vec![Change { part: PartId::from_bytes([7; PartId::LEN]), verdict }])
    }

    #[test]
    fn a_note_that_no_draft_keeps_is_told_apart() {
        let long = |len: usize| said(Some(Verdict::Text(vec![b'x'; len])));
        assert!(long(Note::LEN_MAX - 64).is_short());
        assert!(!long(Note::LEN_MAX).is_short());
        assert!(Note::keeps(&vec![b'x'; Note::LEN_MAX - 64]));
        assert!(!Note::keeps(&vec![b'x'; Note::LEN_MAX]));
    }

    #[test]
    fn a_note_keeps_its_bytes() {
        let part = [7; 16];
        let offer = Verdict::Offer { step: "w".to_owned(), text: b"x".to_vec() };
        for (note, spelled) in [
            (said(None), [&[1, 0, 1][..], &part, &[0]].concat()),
            (said(Some(Verdict::Side(1))), [&[1, 0, 1][..], &part, &[1, 0, 1]].concat()),
            (said(Some(Verdict::Base)), [&[1, 0, 1][..], &part, &[1, 1]].concat()),
            (said(Some(Verdict::Both(First::Theirs))), [&[1, 0, 1][..], &part, &[1, 3]].concat()),
            (said(Some(Verdict::Nothing)), [&[1, 0, 1][..], &part, &[1, 4]].concat()),
            (said(Some(offer)), [&[1, 0, 1][..], &part, &[1, 5, 1, b'w', 1, b'x']].concat()),
            (said(Some(Verdict::Text(vec![9]))), [&[1, 0, 1][..], &part, &[1, 6, 1, 9]].concat()),
            (
                said(Some(Verdict::Lines("B2,base1".parse().unwrap()))),
                [&[1, 0, 1][..], &part, &[1, 7, 2, 1, 1, 2, 0]].concat(),
            ),
            (said(Some(Verdict::Fuse)), [&[1, 0, 1][..], &part, &[1, 8]].concat()),
            (said(Some(Verdict::Apart)), [&[1, 0, 1][..], &part, &[1, 9]].concat()),
            (Note::PutOff(vec![PartId::from_bytes(part)]), [&[1, 4, 1][..], &part].concat()),
            (
                Note::Ruled(NewRule::new("a", Strategy::Union).unwrap(), Vec::new()),
                [&[1, 5, 1, b'a', 5][..], b"union", &[0]].concat(),
            ),
            (Note::Undone, vec![1, 1]),
            (Note::Redone, vec![1, 2]),
            (Note::Finished, vec![1, 3]),
        ] {
            assert_eq!(note.to_bytes().unwrap(), spelled, "{note:?}");
            assert_eq!(Note::from_bytes(&spelled).unwrap(), note);
        }
        let strange = [&[1, 5, 1, b'a', 5][..], b"onion", &[0]].concat();
        for wrong in [&[1, 9][..], &strange] {
            assert!(Note::from_bytes(wrong).is_err(), "{wrong:?}");
        }
    }
}
