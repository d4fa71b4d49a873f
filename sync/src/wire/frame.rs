//! Messages on a stream: each has its length before it.

use thiserror::Error;

use crate::wire::lane::Lane;

/// Cuts what comes over a stream into messages.
///
/// It keeps what came of one message and no more. How much a message may take is checked against the limit of the lane as
/// soon as its length is there; memory grows with what came and not with what was claimed.
///
/// ```
/// use selkie_sync::{Frames, Lane, frame};
/// let mut bytes = frame(b"one");
/// bytes.extend(frame(b"two"));
/// let mut frames = Frames::of(Lane::Gossip);
/// let mut got = Vec::new();
/// for mut piece in bytes.chunks(4) {
///     while let Some(message) = frames.cut(&mut piece) {
///         got.push(message?);
///     }
/// }
/// assert_eq!(got, [b"one", b"two"]);
/// # Ok::<(), selkie_sync::TooLong>(())
/// ```
#[derive(Debug)]
pub struct Frames {
    lane: Lane,
    /// What came of a length, while it is not whole.
    head: [u8; HEAD_LEN],
    head_len: usize,
    message: Vec<u8>,
    /// Bytes of the message that are still to come, once its length is here.
    missing: Option<usize>,
    is_broken: bool,
}

/// A message is longer than any on this lane. What follows it on the stream has no meaning any more.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a message of {found} bytes came where {max} are allowed")]
pub struct TooLong {
    /// What it claimed.
    pub found: usize,
    /// What is allowed.
    pub max: usize,
}

/// As many times what came of a message is the room that is made for it.
const ROOM: usize = 4;

/// Bytes before a message: its length, little-endian.
const HEAD_LEN: usize = 4;

/// The bytes that carry this message on a stream. It is one that its lane allows.
#[must_use]
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD_LEN + message.len());
    bytes.extend(head(message.len()));
    bytes.extend(message);
    bytes
}

/// What stands on a stream before a message of so many bytes.
pub(crate) fn head(len: usize) -> [u8; HEAD_LEN] {
    // No lane allows a message that this can not tell the length of.
    u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes()
}

impl Frames {
    /// Nothing came yet.
    #[must_use]
    pub const fn of(lane: Lane) -> Self {
        let head = [0; HEAD_LEN];
        Self { lane, head, head_len: 0, message: Vec::new(), missing: None, is_broken: false }
    }

    /// Bytes that it takes.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.head_len + self.message.capacity()
    }

    /// The next message that ends in these bytes, which are taken up to its end. None if none does, and then all of them are taken.
    /// After one that is too long there is none.
    pub fn cut(&mut self, bytes: &mut &[u8]) -> Option<Result<Vec<u8>, TooLong>> {
        if self.is_broken {
            *bytes = &[];
            return None;
        }
        let missing = match self.length(bytes)? {
            Ok(missing) => missing,
            Err(too_long) => {
                self.is_broken = true;
                return Some(Err(too_long));
            }
        };
        let came = bytes.split_off(..missing.min(bytes.len())).unwrap_or_default();
        if self.message.capacity() - self.message.len() < came.len() {
            let room = came.len().max((ROOM - 1) * self.message.len());
            self.message.reserve_exact(room.min(missing));
        }
        self.message.extend_from_slice(came);
        self.missing = Some(missing - came.len());
        if missing > came.len() {
            return None;
        }
        (self.head_len, self.missing) = (0, None);
        Some(Ok(std::mem::take(&mut self.message)))
    }

    /// How much of the message is still to come, once its length is here.
    fn length(&mut self, bytes: &mut &[u8]) -> Option<Result<usize, TooLong>> {
        if let Some(missing) = self.missing {
            return Some(Ok(missing));
        }
        while self.head_len < HEAD_LEN {
            self.head[self.head_len] = *bytes.split_off_first()?;
            self.head_len += 1;
        }
        let max = self.lane.len_max();
        let found = usize::try_from(u32::from_le_bytes(self.head)).unwrap_or(usize::MAX);
        Some(if found > max { Err(TooLong { found, max }) } else { Ok(found) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All messages that end in these bytes.
    fn cut(frames: &mut Frames, mut bytes: &[u8]) -> Vec<Result<Vec<u8>, TooLong>> {
        let found = std::iter::from_fn(|| frames.cut(&mut bytes)).collect();
        assert!(bytes.is_empty());
        found
    }

    #[test]
    fn messages_come_out_however_they_are_cut() {
        let messages: Vec<Vec<u8>> =
            (0..40).map(|len| vec![u8::try_from(len).unwrap(); len]).collect();
        let bytes: Vec<u8> = messages.iter().flat_map(|message| frame(message)).collect();
        for step in 1..60 {
            let mut frames = Frames::of(Lane::Control);
            let mut found = Vec::new();
            for piece in bytes.chunks(step) {
                found.extend(cut(&mut frames, piece).into_iter().map(Result::unwrap));
            }
            assert_eq!(found, messages, "in pieces of {step}");
        }
    }

    #[test]
    fn what_was_cut_out_is_not_kept_nor_is_its_room() {
        let mut frames = Frames::of(Lane::Gossip);
        let bytes = [frame(&vec![7; 1 << 20]), frame(b"one")].concat();
        let (bytes, rest) = bytes.split_at(bytes.len() - 2);
        let found = cut(&mut frames, bytes);
        assert_eq!(found.len(), 1);
        let long = found[0].as_ref().unwrap();
        assert_eq!(
            (long.len(), long.capacity()),
            (1 << 20, 1 << 20),
            "and no more room than it is long"
        );
        assert_eq!(frames.held(), HEAD_LEN + 1);
        assert_eq!(cut(&mut frames, rest), [Ok(b"one".to_vec())]);
        assert_eq!(frames.held(), 0);
    }

    #[test]
    fn room_is_made_for_what_came_and_a_message_is_as_long_as_it_is() {
        let message: Vec<u8> = (0..=u8::MAX).cycle().take(300_007).collect();
        for step in [1, 7, 1_200, 65_536] {
            let mut frames = Frames::of(Lane::Gossip);
            let (mut came, mut found) = (0, Vec::new());
            for piece in frame(&message).chunks(step) {
                found.extend(cut(&mut frames, piece));
                came += piece.len();
                assert!(frames.held() <= ROOM * came + HEAD_LEN, "{} of {came}", frames.held());
            }
            assert_eq!(found, [Ok(message.clone())], "in pieces of {step}");
            assert_eq!(found[0].as_ref().unwrap().capacity(), message.len());
        }
    }

    #[test]
    fn a_claim_takes_no_memory() {
        for lane in Lane::ALL {
            let max = lane.len_max();
            let mut frames = Frames::of(lane);
            let claimed = u32::MAX.to_le_bytes();
            assert_eq!(
                cut(&mut frames, &claimed),
                [Err(TooLong { found: u32::MAX as usize, max })]
            );
            assert_eq!(cut(&mut frames, &frame(b"more")), []);
            let mut frames = Frames::of(lane);
            assert_eq!(cut(&mut frames, &u32::try_from(max).unwrap().to_le_bytes()), []);
            assert_eq!(frames.held(), HEAD_LEN);
        }
    }
}
