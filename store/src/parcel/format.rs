//! The bytes of a parcel: a label spelled by `codec`, its length before it, then the bytes as they are.
//!
//! ```text
//! size  field
//!    3  n: bytes in the label, little-endian
//!    n  label
//!       bytes to the end
//! ```

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::codec::{CodecError, Coded, decode, encode};
use crate::cursor::index;
use crate::kind::Kind;
use crate::limits::{BLOB_LEN_MAX, OBJECT_LEN_MAX};
use crate::pack::format::SHARED_LEN_MAX;
use crate::parcel::{Base, Block, Form, Fresh, Item, Label, Member, Parcel, Prefix};

#[cfg(test)]
mod tests;

/// Bytes that are no parcel. Nothing was taken.
#[derive(Debug, Error)]
pub enum ParcelError {
    /// It ends before its label does.
    #[error("the parcel ends too early")]
    Short,
    /// Its label is not spelled as it has to be, or claims more than may be.
    #[error("the label of the parcel makes no sense")]
    Label(#[from] CodecError),
}

const LENGTH_LEN: usize = 3;

/// Objects in one parcel: a block of a pack has at most some thousand.
pub(crate) const MEMBERS_MAX: usize = 16 << 10;

/// Bytes of the objects of a fresh parcel.
const FRESH_LEN_MAX: u64 = 4 << 20;

/// Bytes that several blocks of one parcel decode to: a short parcel could claim any number of long ones.
pub(crate) const BUNDLE_RAW_MAX: u64 = 8 << 20;

impl Parcel {
    /// A parcel with this label and so many bytes, which `fill` puts there.
    pub(crate) fn filled<E>(
        label: &Label,
        length: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let label = encode(&Spelled::of(label)).expect("parcels are made within the limits");
        let count = u32::try_from(label.len()).expect("labels are short").to_le_bytes();
        let mut bytes = Vec::with_capacity(LENGTH_LEN + label.len() + length);
        bytes.extend(&count[..LENGTH_LEN]);
        bytes.extend(label);
        let at = bytes.len();
        bytes.resize(at + length, 0);
        fill(&mut bytes[at..])?;
        Ok(Self(bytes))
    }

    /// A parcel with this label and these bytes.
    pub(crate) fn of(label: &Label, body: &[u8]) -> Self {
        let filled = Self::filled(label, body.len(), |bytes| {
            bytes.copy_from_slice(body);
            Ok::<_, std::convert::Infallible>(())
        });
        filled.unwrap_or_else(|never| match never {})
    }

    /// The label, and the bytes that it speaks of.
    pub(crate) fn split(bytes: &[u8]) -> Result<(Label, &[u8]), ParcelError> {
        let (length, rest) = bytes.split_first_chunk::<LENGTH_LEN>().ok_or(ParcelError::Short)?;
        let [a, b, c] = *length;
        let length = index(u32::from_le_bytes([a, b, c, 0]));
        let (label, body) = rest.split_at_checked(length).ok_or(ParcelError::Short)?;
        Ok((decode::<Spelled>(label)?.label(body.len())?, body))
    }
}

/// A label as `codec` spells it. The order of fields and variants is the format.
#[derive(Deserialize, Serialize)]
enum Spelled {
    Blocks(Vec<SpelledBlock>),
    Fresh([u8; 4], Vec<(u8, u32, u32, SpelledBase)>),
}

/// The lengths are stored and raw. `Alone` holds one object and nothing else.
#[derive(Deserialize, Serialize)]
enum SpelledBlock {
    Raw(u32, Members),
    Zstd(u32, u32, Members),
    Delta(Prefix, u16, u32, u32, Members),
}

#[derive(Deserialize, Serialize)]
enum Members {
    Alone(u8),
    Several(Vec<(u8, u32, u32)>),
}

#[derive(Deserialize, Serialize)]
enum SpelledBase {
    Nothing,
    Had(Prefix),
    Before(u32),
}

impl Spelled {
    fn of(label: &Label) -> Self {
        match label {
            Label::Blocks(blocks) => Self::Blocks(blocks.iter().map(SpelledBlock::of).collect()),
            Label::Fresh(Fresh { items, check }) => {
                let item = |item: &Item| {
                    let base = match item.base {
                        Base::Nothing => SpelledBase::Nothing,
                        Base::Had(prefix) => SpelledBase::Had(prefix),
                        Base::Before(number) => SpelledBase::Before(number),
                    };
                    (item.kind.number(), item.length, item.stored_len, base)
                };
                Self::Fresh(*check, items.iter().map(item).collect())
            }
        }
    }

    fn label(self, stored: usize) -> Result<Label, CodecError> {
        let (label, claimed) = match self {
            Self::Blocks(blocks) => {
                let blocks = blocks.into_iter().map(SpelledBlock::block);
                let blocks = blocks.collect::<Result<Vec<_>, CodecError>>()?;
                let claimed = blocks.iter().map(|block| u64::from(block.stored_len)).sum();
                (Label::Blocks(blocks), claimed)
            }
            Self::Fresh(check, items) => {
                let items = items.into_iter().map(|(kind, length, stored_len, base)| {
                    let base = match base {
                        SpelledBase::Nothing => Base::Nothing,
                        SpelledBase::Had(prefix) => Base::Had(prefix),
                        SpelledBase::Before(number) => Base::Before(number),
                    };
                    Ok(Item { kind: kind_of(kind)?, length, stored_len, base })
                });
                let items = items.collect::<Result<Vec<_>, CodecError>>()?;
                let claimed: u64 = items.iter().map(|item| u64::from(item.stored_len)).sum();
                (Label::Fresh(Fresh { items, check }), claimed)
            }
        };
        if claimed == stored as u64 { Ok(label) } else { Err(CodecError::Rules) }
    }
}

impl SpelledBlock {
    fn of(block: &Block) -> Self {
        let Block { form, stored_len, raw_len, members } = block;
        let members = match members[..] {
            [Member { kind, skip: 0, length }] if length == *raw_len => {
                Members::Alone(kind.number())
            }
            _ => {
                let members = members.iter();
                Members::Several(members.map(|m| (m.kind.number(), m.skip, m.length)).collect())
            }
        };
        match form {
            Form::Raw => Self::Raw(*raw_len, members),
            Form::Zstd => Self::Zstd(*stored_len, *raw_len, members),
            Form::Delta { base, step } => Self::Delta(*base, *step, *stored_len, *raw_len, members),
        }
    }

    fn block(self) -> Result<Block, CodecError> {
        let (form, stored_len, raw_len, members) = match self {
            Self::Raw(raw_len, members) => (Form::Raw, raw_len, raw_len, members),
            Self::Zstd(stored_len, raw_len, members) => (Form::Zstd, stored_len, raw_len, members),
            Self::Delta(base, step, stored_len, raw_len, members) => {
                (Form::Delta { base, step }, stored_len, raw_len, members)
            }
        };
        let members = match members {
            Members::Alone(kind) => {
                vec![Member { kind: kind_of(kind)?, skip: 0, length: raw_len }]
            }
            Members::Several(members) => {
                let member =
                    |(kind, skip, length)| Ok(Member { kind: kind_of(kind)?, skip, length });
                members.into_iter().map(member).collect::<Result<_, CodecError>>()?
            }
        };
        let block = Block { form, stored_len, raw_len, members };
        if is_whole(&block) { Ok(block) } else { Err(CodecError::Rules) }
    }

    const fn raw_len(&self) -> u32 {
        match self {
            Self::Raw(raw_len, _)
            | Self::Zstd(_, raw_len, _)
            | Self::Delta(_, _, _, raw_len, _) => *raw_len,
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Raw(_, members) | Self::Zstd(_, _, members) | Self::Delta(.., members) => {
                match members {
                    Members::Alone(_) => 1,
                    Members::Several(members) => members.len(),
                }
            }
        }
    }
}

impl Coded for Spelled {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 256 << 10;

    fn is_valid(&self) -> bool {
        match self {
            Self::Blocks(blocks) => {
                let counts = blocks.iter().map(SpelledBlock::count);
                let total: usize = counts.clone().sum();
                let raw: u64 = blocks.iter().map(|block| u64::from(block.raw_len())).sum();
                let is_short = blocks.len() == 1 || raw <= BUNDLE_RAW_MAX;
                is_short && total <= MEMBERS_MAX && counts.min() > Some(0)
            }
            Self::Fresh(_, items) => {
                let total: u64 = items.iter().map(|(_, length, ..)| u64::from(*length)).sum();
                let are_short = items.iter().all(|(_, length, stored, _)| stored <= length);
                let follow = items.iter().zip(0..).all(|((.., base), at)| match base {
                    SpelledBase::Before(number) => *number < at,
                    SpelledBase::Nothing | SpelledBase::Had(_) => true,
                });
                let few = (1..=MEMBERS_MAX).contains(&items.len());
                few && are_short && follow && total <= FRESH_LEN_MAX
            }
        }
    }
}

fn kind_of(number: u8) -> Result<Kind, CodecError> {
    Kind::from_number(number).ok_or(CodecError::Rules)
}

/// Whether a block is one that a pack may hold, if it is what it says.
fn is_whole(block: &Block) -> bool {
    let (stored, raw) = (block.stored_len, block.raw_len);
    let fits = match block.form {
        Form::Raw => stored == raw,
        Form::Zstd => stored < raw,
        Form::Delta { step, .. } => stored < raw && step > 0,
    };
    let ends = block
        .members
        .iter()
        .try_fold(0_u32, |end, member| end.checked_add(member.skip)?.checked_add(member.length));
    let are_short = block
        .members
        .iter()
        .all(|member| member.kind != Kind::Blob || index(member.length) <= BLOB_LEN_MAX);
    let is_alone = matches!(block.members[..], [Member { skip: 0, length, .. }] if length == raw);
    let may_share = raw <= SHARED_LEN_MAX || is_alone;
    fits && may_share
        && are_short
        && index(raw) <= OBJECT_LEN_MAX
        && ends.is_some_and(|end| end <= raw)
}
