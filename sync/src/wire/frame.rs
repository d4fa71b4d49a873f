//! Messages on a stream: each has its length before it.

use thiserror::Error;

use crate::wire::lane::Lane;

/// Cuts what comes over a stream into messages.
///
/// It keeps at most one message and what came with its end. How much a message may take is checked against the limit of the lane as
/// soon as its length is there; memory grows with what came and not with what was claimed.
///
/// ```
/// use selkie_sync::{Frames, Lane, frame};
/// let mut bytes = frame(b"one");
/// bytes.extend(frame(b"two"));
/// let mut frames = Frames::of(Lane::Gossip);
/// let mut got = Vec::new();
/// for piece in bytes.chunks(4) {
///     frames.push(piece);
///     for message in frames.by_ref() {
///         got.push(message?);
///     }
/// }
/// assert_eq!(got, [b"one", b"two"]);
/// # Ok::<(), selkie_sync::TooLong>(())
/// ```
#[derive(Debug)]
pub struct Frames {
    lane: Lane,
    held: Vec<u8>,
    used: usize, // how many of them are behind us
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

/// As much room is kept, for what comes next, where a long message was.
const ROOM: usize = 64 << 10;

/// Bytes before a message: its length, little-endian.
const HEAD_LEN: usize = 4;

/// The bytes that carry this message on a stream. It is one that its lane allows.
#[must_use]
pub fn frame(message: &[u8]) -> Vec<u8> {
    // No lane allows a message that this can not tell the length of.
    let len = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(HEAD_LEN + message.len());
    bytes.extend(len.to_le_bytes());
    bytes.extend(message);
    bytes
}

impl Frames {
    /// Nothing came yet.
    #[must_use]
    pub const fn of(lane: Lane) -> Self {
        Self { lane, held: Vec::new(), used: 0, is_broken: false }
    }

    /// Bytes that it keeps.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.held.len()
    }

    /// More came. Take all messages out before the next.
    pub fn push(&mut self, bytes: &[u8]) {
        self.let_go();
        if !self.is_broken {
            self.held.extend_from_slice(bytes);
        }
    }
}

impl Frames {
    /// Keeps nothing of what was taken out, and no room for it.
    fn let_go(&mut self) {
        self.held.drain(..self.used);
        self.used = 0;
        if self.held.capacity() > ROOM && self.held.len() < ROOM / 2 {
            self.held.shrink_to(ROOM);
        }
    }

    /// The next message, if all of it is here.
    fn cut(&mut self) -> Option<Result<Vec<u8>, TooLong>> {
        let rest = self.held.get(self.used..)?;
        let (head, body) = rest.split_first_chunk::<HEAD_LEN>()?;
        let max = self.lane.len_max();
        let found = usize::try_from(u32::from_le_bytes(*head)).unwrap_or(usize::MAX);
        if found > max {
            self.is_broken = true;
            self.held = Vec::new();
            self.used = 0;
            return Some(Err(TooLong { found, max }));
        }
        let message = body.get(..found)?.to_vec();
        self.used += HEAD_LEN + found;
        Some(Ok(message))
    }
}

impl Iterator for Frames {
    type Item = Result<Vec<u8>, TooLong>;

    /// The next message, if all of it is here. After one that is too long there is none.
    fn next(&mut self) -> Option<Self::Item> {
        let message = self.cut();
        if message.is_none() {
            self.let_go();
        }
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_however_they_are_cut() {
        let messages: Vec<Vec<u8>> =
            (0..40).map(|len| vec![u8::try_from(len).unwrap(); len]).collect();
        let bytes: Vec<u8> = messages.iter().flat_map(|message| frame(message)).collect();
        for step in 1..60 {
            let mut frames = Frames::of(Lane::Control);
            let mut found = Vec::new();
            for piece in bytes.chunks(step) {
                frames.push(piece);
                found.extend(frames.by_ref().map(Result::unwrap));
            }
            assert_eq!(found, messages, "in pieces of {step}");
        }
    }

    #[test]
    fn what_was_taken_out_is_not_kept_nor_is_its_room() {
        let mut frames = Frames::of(Lane::Gossip);
        frames.push(&frame(&vec![7; 1 << 20]));
        frames.push(&frame(b"one")[..5]);
        assert_eq!(frames.held(), (1 << 20) + 4 + 5);
        assert_eq!(frames.next().unwrap().unwrap().len(), 1 << 20);
        assert_eq!(frames.next(), None);
        assert_eq!(frames.held(), 5);
        assert!(frames.held.capacity() <= ROOM);
        frames.push(&frame(b"one")[5..]);
        assert_eq!(frames.next(), Some(Ok(b"one".to_vec())));
        assert_eq!(frames.next(), None);
        assert_eq!(frames.held(), 0);
    }

    #[test]
    fn a_claim_takes_no_memory() {
        for lane in Lane::ALL {
            let mut frames = Frames::of(lane);
            frames.push(&u32::MAX.to_le_bytes());
            let max = lane.len_max();
            assert_eq!(frames.next(), Some(Err(TooLong { found: u32::MAX as usize, max })));
            frames.push(&frame(b"more"));
            assert_eq!(frames.next(), None);
            let mut frames = Frames::of(lane);
            frames.push(&u32::try_from(max).unwrap().to_le_bytes());
            assert_eq!(frames.next(), None);
            assert!(frames.held.capacity() < 64);
        }
    }
}
