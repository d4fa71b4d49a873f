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
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::limits::{BLOB_LEN_MAX, OBJECT_LEN_MAX};
use crate::pack::format::SHARED_LEN_MAX;
use crate::parcel::{Base, Block, Form, Fresh, Item, Label, Member, Parcel};

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
pub(crate) const FRESH_LEN_MAX: u64 = 4 << 20;

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
    Raw(Vec<(u8, u32, u32)>),
    Zstd(u32, Vec<(u8, u32, u32)>),
    Delta([u8; ObjectId::LEN], u16, u32, Vec<(u8, u32, u32)>),
    Fresh([u8; 4], Vec<(u8, u32, u32, SpelledBase)>),
}

#[derive(Deserialize, Serialize)]
enum SpelledBase {
    Nothing,
    Had([u8; 8]),
    Before(u32),
}

impl Spelled {
    fn of(label: &Label) -> Self {
        match label {
            Label::Block(Block { form, raw_len, members }) => {
                let members = members.iter();
                let members = members.map(|m| (m.kind.number(), m.skip, m.length)).collect();
                match form {
                    Form::Raw => Self::Raw(members),
                    Form::Zstd => Self::Zstd(*raw_len, members),
                    Form::Delta { base, step } => {
                        Self::Delta(*base.as_bytes(), *step, *raw_len, members)
                    }
                }
            }
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
        let block = |form, raw_len, members| {
            let members = kinds(members)?;
            let block = Block { form, raw_len, members };
            if is_whole(&block, stored) { Ok(Label::Block(block)) } else { Err(CodecError::Rules) }
        };
        match self {
            Self::Raw(members) => {
                block(Form::Raw, u32::try_from(stored).or(Err(CodecError::Rules))?, members)
            }
            Self::Zstd(raw_len, members) => block(Form::Zstd, raw_len, members),
            Self::Delta(base, step, raw_len, members) => {
                let base = ObjectId::from_bytes(base);
                block(Form::Delta { base, step }, raw_len, members)
            }
            Self::Fresh(check, items) => {
                let items = items.into_iter().map(|(kind, length, stored_len, base)| {
                    let kind = Kind::from_number(kind).ok_or(CodecError::Rules)?;
                    let base = match base {
                        SpelledBase::Nothing => Base::Nothing,
                        SpelledBase::Had(prefix) => Base::Had(prefix),
                        SpelledBase::Before(number) => Base::Before(number),
                    };
                    Ok(Item { kind, length, stored_len, base })
                });
                let items = items.collect::<Result<Vec<_>, CodecError>>()?;
                let claimed: u64 = items.iter().map(|item| u64::from(item.stored_len)).sum();
                if claimed == stored as u64 {
                    Ok(Label::Fresh(Fresh { items, check }))
                } else {
                    Err(CodecError::Rules)
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
            Self::Raw(members) | Self::Zstd(_, members) | Self::Delta(_, _, _, members) => {
                (1..=MEMBERS_MAX).contains(&members.len())
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

fn kinds(members: Vec<(u8, u32, u32)>) -> Result<Vec<Member>, CodecError> {
    let member = |(kind, skip, length)| {
        let kind = Kind::from_number(kind).ok_or(CodecError::Rules)?;
        let is_short = kind != Kind::Blob || index(length) <= BLOB_LEN_MAX;
        if is_short { Ok(Member { kind, skip, length }) } else { Err(CodecError::Rules) }
    };
    members.into_iter().map(member).collect()
}

/// Whether a block is one that a pack may hold, if it is what it says.
fn is_whole(block: &Block, stored: usize) -> bool {
    let raw = index(block.raw_len);
    let fits = match block.form {
        Form::Raw => stored == raw,
        Form::Zstd => stored < raw,
        Form::Delta { step, .. } => stored < raw && step > 0,
    };
    let ends = block
        .members
        .iter()
        .try_fold(0_u32, |end, member| end.checked_add(member.skip)?.checked_add(member.length));
    let alone =
        matches!(block.members[..], [Member { skip: 0, length, .. }] if length == block.raw_len);
    let shared = block.raw_len <= SHARED_LEN_MAX;
    fits && raw <= OBJECT_LEN_MAX
        && ends.is_some_and(|end| end <= block.raw_len)
        && (shared || alone)
}
