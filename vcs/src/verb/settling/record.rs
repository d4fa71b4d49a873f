//! The notes of a draft, on disk.

use std::sync::Arc;

use selkie_store::{Coded, Notes, decode, encode};
use serde::{Deserialize, Serialize};

use crate::verb::settling::draft::{Change, Draft, Note};
use crate::verb::settling::error::SettlingError;
use crate::verb::settling::part::PartId;
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
            Note::Said(changes) => changes.iter().any(|change| is_open(change.part)),
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
    Said(Vec<([u8; PartId::LEN], Option<SpelledVerdict>)>),
    Undone,
    Redone,
    Finished,
}

#[derive(Deserialize, Serialize)]
enum SpelledVerdict {
    Side(u8),
    Base,
    OursFirst,
    TheirsFirst,
    Nothing,
    Offer(String, Vec<u8>),
    Text(Vec<u8>),
}

impl Coded for Spelled {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 1 << 20;

    fn is_valid(&self) -> bool {
        true
    }
}

impl Note {
    fn to_bytes(&self) -> Result<Vec<u8>, SettlingError> {
        Ok(encode(&match self {
            Self::Said(changes) => {
                let spelled = |Change { part, verdict }: &Change| {
                    (*part.as_bytes(), verdict.as_ref().map(SpelledVerdict::of))
                };
                Spelled::Said(changes.iter().map(spelled).collect())
            }
            Self::Undone => Spelled::Undone,
            Self::Redone => Spelled::Redone,
            Self::Finished => Spelled::Finished,
        })?)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, SettlingError> {
        Ok(match decode(bytes)? {
            Spelled::Said(changes) => {
                let read = |(part, verdict): (_, Option<SpelledVerdict>)| Change {
                    part: PartId::from_bytes(part),
                    verdict: verdict.map(SpelledVerdict::read),
                };
                Self::Said(changes.into_iter().map(read).collect())
            }
            Spelled::Undone => Self::Undone,
            Spelled::Redone => Self::Redone,
            Spelled::Finished => Self::Finished,
        })
    }
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
            (Note::Undone, vec![1, 1]),
            (Note::Redone, vec![1, 2]),
            (Note::Finished, vec![1, 3]),
        ] {
            assert_eq!(note.to_bytes().unwrap(), spelled, "{note:?}");
            assert_eq!(Note::from_bytes(&spelled).unwrap(), note);
        }
        assert!(Note::from_bytes(&[1, 9]).is_err());
    }
}
