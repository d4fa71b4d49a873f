//! Messages as somebody else would spell them.
//!
//! The bytes are written down a second time, on purpose: what an enemy says owes nothing to our encoder.

/// Whether more follows.
#[derive(Clone, Copy)]
pub(crate) enum Turn {
    GoesOn,
    Ends,
}

pub(crate) const OPEN: u8 = 0;
pub(crate) const ANSWER: u8 = 1;
pub(crate) const SKETCH: u8 = 2;
pub(crate) const CELLS: u8 = 3;
pub(crate) const MORE: u8 = 4;
pub(crate) const ASK: u8 = 5;
pub(crate) const REPLY: u8 = 6;
pub(crate) const IDS: u8 = 7;
pub(crate) const GAPS: u8 = 8;
pub(crate) const TAILS: u8 = 9;
pub(crate) const PROOF: u8 = 10;

pub(crate) const SETTLED: u8 = 0;
pub(crate) const SUM: u8 = 1;
pub(crate) const LIST: u8 = 2;
pub(crate) const TELL: u8 = 3;

/// A message: version, part, what is in it, and whether the turn goes on.
pub(crate) fn said(part: u8, body: &[&[u8]], turn: Turn) -> Vec<u8> {
    let turn = match turn {
        Turn::GoesOn => 0,
        Turn::Ends => 1,
    };
    [&[1, part][..], &body.concat(), &[turn]].concat()
}

/// A number, in as few bytes as hold it.
pub(crate) fn number(number: u32) -> Vec<u8> {
    match u16::try_from(number) {
        Ok(short) if short < 251 => short.to_le_bytes()[..1].to_vec(),
        Ok(short) => [&[251][..], &short.to_le_bytes()].concat(),
        Err(_) => [&[252][..], &number.to_le_bytes()].concat(),
    }
}

/// Bytes with their number before them.
pub(crate) fn bytes(bytes: &[u8]) -> Vec<u8> {
    [number(u32::try_from(bytes.len()).expect("a test's bytes are few")), bytes.to_vec()].concat()
}
