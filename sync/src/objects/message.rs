//! What is said on the bulk lane.
//!
//! ```text
//! size  field
//!       a message, spelled by the store's codec; or bytes of a parcel, and then the head of the part
//!    1  n: 0 for a message, else bytes in the head of the part
//! ```
//!
//! What is said of the bytes stands behind them, since what is cut off at the end moves nothing.

use selkie_store::{Bases, CodecError, Coded, decode, encode};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::objects::offer::{Offer, Request};
use crate::wire::lane::Lane;

/// Something that one node says to another about objects.
///
/// A transfer has a number that its receiver gave it. Who sends and who receives is told by the connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Message {
    /// By who receives: begins a transfer. As many bytes as `credit` may come unasked, if all that is lacked
    /// fits.
    Want {
        /// The number of the transfer.
        transfer: u32,
        /// What is wanted.
        request: Request,
        /// Bytes that may come.
        credit: u32,
    },
    /// By who receives: asks for a piece of what was offered.
    Ask {
        /// The number of the transfer.
        transfer: u32,
        /// The piece.
        piece: u32,
        /// What may be sent as a difference, and to what.
        after: After,
    },
    /// By who receives: more bytes may come.
    Grant {
        /// The number of the transfer.
        transfer: u32,
        /// How many.
        bytes: u32,
    },
    /// By who receives: the transfer is over.
    Stop {
        /// The number of the transfer.
        transfer: u32,
        /// Why.
        why: Why,
    },
    /// By who sends: what there is. `comes` if it follows without being asked for.
    Offer {
        /// The number of the transfer.
        transfer: u32,
        /// What there is.
        offer: Offer,
        /// Whether it follows unasked.
        comes: bool,
    },
    /// By who sends: the transfer is over.
    Refuse {
        /// The number of the transfer.
        transfer: u32,
        /// Why.
        why: Why,
    },
    /// By who sends: a parcel, or a part of a long one.
    Part(Part),
}

/// A parcel, or a part of one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    /// The number of the transfer.
    pub transfer: u32,
    /// The piece that it belongs to.
    pub piece: u32,
    /// Bytes of the parcel that are still to come.
    pub rest: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What may be sent as a difference: the store's [`Bases`], on the wire.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum After {
    /// To what he has, and to pieces before this one.
    Before,
    /// To what he has.
    Apart,
    /// To nothing outside the piece.
    Nothing,
}

/// Why a transfer is over.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Why {
    /// All came.
    Done,
    /// It is not wanted any more.
    Unwanted,
    /// Too much is going on. Later it may go.
    Busy,
    /// What is wanted can not be read there.
    Unreadable,
    /// Nothing came for too long.
    Slow,
    /// What came was not what it was said to be, or more than was asked for.
    Lie,
    /// More was offered than may be.
    TooMuch,
}

/// Bytes that are no message. Whoever sent them does not speak the protocol.
#[derive(Debug, Error)]
pub enum MessageError {
    /// There are none, or fewer than the head has.
    #[error("the message ends too early")]
    Short,
    /// More bytes than the lane carries.
    #[error("a message on this lane has at most {max} bytes, not {0}", max = Lane::Bulk.len_max())]
    Long(usize),
    /// They are not spelled as they have to be.
    #[error(transparent)]
    Spelling(#[from] CodecError),
}

/// Bytes of a parcel in one message, as we send it. What comes is seen message by message, so on a thin wire one must not take as
/// long as a source may be silent.
pub(crate) const PART_LEN_MAX: usize = 64 << 10;

/// Bytes behind those of a part, at most.
pub(crate) const TAIL_LEN_MAX: usize = Head::LEN_MAX + 1;

impl Message {
    /// The bytes that spell it: those of a parcel, and behind them all else, so that neither end copies the former.
    ///
    /// # Errors
    ///
    /// The message breaks its own rules.
    pub fn into_bytes(self) -> Result<Vec<u8>, CodecError> {
        let (mut bytes, tail) = match self {
            Self::Part(Part { transfer, piece, rest, bytes }) => {
                let mut tail = encode(&Head { transfer, piece, rest })?;
                tail.push(u8::try_from(tail.len()).unwrap_or(u8::MAX));
                (bytes, tail)
            }
            other => (encode(&Spelled::of(other))?, vec![0]),
        };
        bytes.reserve_exact(tail.len());
        bytes.extend(tail);
        Ok(bytes)
    }

    /// The message that these bytes spell.
    ///
    /// # Errors
    ///
    /// They spell none.
    pub fn from_bytes(mut bytes: Vec<u8>) -> Result<Self, MessageError> {
        if bytes.len() > Lane::Bulk.len_max() {
            return Err(MessageError::Long(bytes.len()));
        }
        let count = bytes.pop().ok_or(MessageError::Short)?;
        if count == 0 {
            return Ok(decode::<Spelled>(&bytes)?.message());
        }
        let at = bytes.len().checked_sub(count.into()).ok_or(MessageError::Short)?;
        let Head { transfer, piece, rest } = decode(&bytes[at..])?;
        bytes.truncate(at);
        Ok(Self::Part(Part { transfer, piece, rest, bytes }))
    }

    /// The number of the transfer it is about.
    pub(crate) const fn transfer(&self) -> u32 {
        match self {
            Self::Want { transfer, .. }
            | Self::Ask { transfer, .. }
            | Self::Grant { transfer, .. }
            | Self::Stop { transfer, .. }
            | Self::Refuse { transfer, .. }
            | Self::Offer { transfer, .. }
            | Self::Part(Part { transfer, .. }) => *transfer,
        }
    }
}

impl From<After> for Bases {
    fn from(after: After) -> Self {
        match after {
            After::Before => Self::Before,
            After::Apart => Self::Apart,
            After::Nothing => Self::Nothing,
        }
    }
}

/// A message as the codec spells it. The order of the variants is the format.
#[derive(Deserialize, Serialize)]
enum Spelled {
    Want(u32, u32, Request),
    Ask(u32, u32, After),
    Grant(u32, u32),
    Stop(u32, Why),
    Offer(u32, bool, Offer),
    Refuse(u32, Why),
}

#[derive(Deserialize, Serialize)]
struct Head {
    transfer: u32,
    piece: u32,
    rest: u32,
}

impl Spelled {
    fn of(message: Message) -> Self {
        match message {
            Message::Want { transfer, request, credit } => Self::Want(transfer, credit, request),
            Message::Ask { transfer, piece, after } => Self::Ask(transfer, piece, after),
            Message::Grant { transfer, bytes } => Self::Grant(transfer, bytes),
            Message::Stop { transfer, why } => Self::Stop(transfer, why),
            Message::Refuse { transfer, why } => Self::Refuse(transfer, why),
            Message::Offer { transfer, offer, comes } => Self::Offer(transfer, comes, offer),
            Message::Part(_) => unreachable!("a part has a head of its own"),
        }
    }

    fn message(self) -> Message {
        match self {
            Self::Want(transfer, credit, request) => Message::Want { transfer, request, credit },
            Self::Ask(transfer, piece, after) => Message::Ask { transfer, piece, after },
            Self::Grant(transfer, bytes) => Message::Grant { transfer, bytes },
            Self::Stop(transfer, why) => Message::Stop { transfer, why },
            Self::Refuse(transfer, why) => Message::Refuse { transfer, why },
            Self::Offer(transfer, comes, offer) => Message::Offer { transfer, offer, comes },
        }
    }
}

impl Coded for Spelled {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 1 << 20;

    fn is_valid(&self) -> bool {
        match self {
            Self::Want(_, _, request) => request.is_valid(),
            Self::Offer(_, _, offer) => offer.is_valid(),
            Self::Ask(..) | Self::Grant(..) | Self::Stop(..) | Self::Refuse(..) => true,
        }
    }
}

impl Coded for Head {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 16;

    fn is_valid(&self) -> bool {
        true
    }
}
