//! Bytes made small, alone or beside bytes that resemble them.

use zstd::zstd_safe::{
    CCtx, CParameter, DCtx, DParameter, InBuffer, OutBuffer, ResetDirective, compress_bound,
};

use crate::pack::format::SHARED_LEN_MAX;
use crate::spare::Spare;

/// Contexts of the compressor.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    packers: Spare<CCtx<'static>>,
    unpackers: Spare<DCtx<'static>>,
}

/// The bytes are no frame, or a frame of other bytes than expected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct BadFrame;

/// Level 2: level 3 takes a quarter more time for two or three percent of size, and those above more than
/// all the rest of the work, see `BENCHMARKS.md`. What stays is packed hard by [`repack`](crate::repack).
const LEVEL: i32 = 2;

/// The highest level that uses no more memory to decode.
const LEVEL_HARD: i32 = 19;

/// Compressed bytes after which a frame begins a new piece, so that a reader may stop there.
const PIECE_LEN: u32 = 4 << 10;

impl Frames {
    /// The frame of `bytes`, or nothing if it would not be smaller.
    pub(crate) fn pack(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.packed(bytes, |packer, out| {
            packer.set_parameter(CParameter::CompressionLevel(LEVEL))?;
            packer.set_parameter(CParameter::TargetCBlockSize(PIECE_LEN))?;
            packer.compress2(out, bytes)
        })
    }

    /// As [`Frames::pack`], for bytes that nobody waits for.
    pub(crate) fn pack_hard(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.packed(bytes, |packer, out| {
            packer.set_parameter(CParameter::CompressionLevel(LEVEL_HARD))?;
            packer.set_parameter(CParameter::TargetCBlockSize(PIECE_LEN))?;
            packer.compress2(out, bytes)
        })
    }

    /// As [`Frames::pack_after`], for bytes that nobody waits for.
    pub(crate) fn pack_hard_after(&self, base: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
        self.packed(bytes, |packer, out| packer.compress_using_dict(out, bytes, base, LEVEL_HARD))
    }

    /// The frame of `bytes` after `base`, or nothing if it would not be smaller.
    pub(crate) fn pack_after(&self, base: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
        self.packed(bytes, |packer, out| packer.compress_using_dict(out, bytes, base, LEVEL))
    }

    /// The bytes, `length` of them, that [`Frames::pack`] made a frame of.
    pub(crate) fn unpack(&self, frame: &[u8], length: usize) -> Result<Vec<u8>, BadFrame> {
        self.unpacked(length, |unpacker, out| unpacker.decompress(out, frame))
    }

    /// The first `length` of the bytes, of a block that objects share, that [`Frames::pack`] made a frame of. A
    /// frame that asks for a larger window than such a block has bytes is none. What follows is not looked at,
    /// but for the rest of a piece.
    pub(crate) fn unpack_first(&self, frame: &[u8], length: usize) -> Result<Vec<u8>, BadFrame> {
        self.unpacked(length, |unpacker, out| {
            unpacker.reset(ResetDirective::SessionOnly)?;
            // The window is memory of the compressor's own, as much as the frame asks for.
            unpacker.set_parameter(DParameter::WindowLogMax(SHARED_LEN_MAX.ilog2()))?;
            let mut frame = InBuffer::around(frame);
            let mut out = OutBuffer::around(out);
            loop {
                let (taken, given) = (frame.pos(), out.pos());
                let hint = unpacker.decompress_stream(&mut out, &mut frame)?;
                let stuck = (frame.pos(), out.pos()) == (taken, given);
                if hint == 0 || stuck || out.pos() == length {
                    return Ok(hint);
                }
            }
        })
    }

    /// The bytes, `length` of them, of a frame that a stranger made: one that [`Frames::unpack_first`] takes as
    /// well, and with nothing behind it.
    pub(crate) fn unpack_strange(&self, frame: &[u8], length: usize) -> Result<Vec<u8>, BadFrame> {
        // One byte more, so that a frame that goes on has where to.
        let unpacked = self.unpacked_by(length + 1, length, |unpacker, out| {
            unpacker.reset(ResetDirective::SessionOnly)?;
            unpacker.set_parameter(DParameter::WindowLogMax(SHARED_LEN_MAX.ilog2()))?;
            let mut frame = InBuffer::around(frame);
            let mut out = OutBuffer::around(out);
            loop {
                let (taken, given) = (frame.pos(), out.pos());
                let left = unpacker.decompress_stream(&mut out, &mut frame)?;
                let stuck = (frame.pos(), out.pos()) == (taken, given);
                if left == 0 || stuck {
                    return Ok(left + (frame.src.len() - frame.pos()));
                }
            }
        });
        match unpacked {
            Ok((bytes, 0)) => Ok(bytes),
            Ok(_) | Err(BadFrame) => Err(BadFrame),
        }
    }

    /// The bytes, `length` of them, that [`Frames::pack_after`] made a frame of.
    pub(crate) fn unpack_after(
        &self,
        base: &[u8],
        frame: &[u8],
        length: usize,
    ) -> Result<Vec<u8>, BadFrame> {
        self.unpacked(length, |unpacker, out| unpacker.decompress_using_dict(out, frame, base))
    }

    fn packed(
        &self,
        bytes: &[u8],
        pack: impl FnOnce(&mut CCtx<'static>, &mut Vec<u8>) -> Result<usize, usize>,
    ) -> Option<Vec<u8>> {
        let mut packer = self.packers.take();
        let mut out = Vec::with_capacity(compress_bound(bytes.len()));
        let result = pack(&mut packer, &mut out);
        self.packers.give(packer);
        // A frame that can not be made is like one that does not pay: the bytes are kept as they are.
        result.ok().filter(|_| out.len() < bytes.len()).map(|_| out)
    }

    fn unpacked(
        &self,
        length: usize,
        unpack: impl FnOnce(&mut DCtx<'static>, &mut Vec<u8>) -> Result<usize, usize>,
    ) -> Result<Vec<u8>, BadFrame> {
        Ok(self.unpacked_by(length, length, unpack)?.0)
    }

    /// As many bytes as they should be, in a buffer of `room`, and what the unpacker said last.
    fn unpacked_by(
        &self,
        room: usize,
        length: usize,
        unpack: impl FnOnce(&mut DCtx<'static>, &mut Vec<u8>) -> Result<usize, usize>,
    ) -> Result<(Vec<u8>, usize), BadFrame> {
        let mut unpacker = self.unpackers.take();
        let mut out = Vec::with_capacity(room);
        let result = unpack(&mut unpacker, &mut out);
        self.unpackers.give(unpacker);
        match result {
            Ok(said) if out.len() == length => Ok((out, said)),
            Ok(_) | Err(_) => Err(BadFrame),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_their_frame() {
        let frames = Frames::default();
        let bytes = b"one seal and ".repeat(100);
        let frame = frames.pack(&bytes).unwrap();
        assert!(frame.len() < 60);
        assert_eq!(frames.unpack(&frame, bytes.len()), Ok(bytes.clone()));
        assert_eq!(frames.unpack(&frame, bytes.len() - 1), Err(BadFrame));
        assert_eq!(frames.unpack(&frame, bytes.len() + 1), Err(BadFrame));
        assert_eq!(frames.unpack(&frame[1..], bytes.len()), Err(BadFrame));
    }

    #[test]
    fn the_first_bytes_come_without_the_rest() {
        let frames = Frames::default();
        let line = |n: u32| blake3::hash(&n.to_le_bytes()).to_string();
        let bytes = (0..700).map(line).collect::<String>().into_bytes();
        let frame = frames.pack(&bytes).unwrap();
        for length in [0, 1, 9_000, bytes.len() - 1, bytes.len()] {
            assert_eq!(frames.unpack_first(&frame, length).as_deref(), Ok(&bytes[..length]));
        }
        assert_eq!(frames.unpack_first(&frame, bytes.len() + 1), Err(BadFrame));
        let half = &frame[..frame.len() / 2];
        assert!(frames.unpack_first(half, 100).is_ok(), "the rest is not looked at");
        assert_eq!(frames.unpack_first(half, bytes.len()), Err(BadFrame));
        assert_eq!(frames.unpack(&frame, bytes.len()), Ok(bytes), "a context is left clean");
    }

    #[test]
    fn a_strange_frame_is_whole_and_alone() {
        let frames = Frames::default();
        let bytes = b"one seal and ".repeat(4_000);
        let frame = frames.pack(&bytes).unwrap();
        assert_eq!(frames.unpack_strange(&frame, bytes.len()).as_ref(), Ok(&bytes));
        let with = |more: &[u8]| [&frame, more].concat();
        let strange = [with(b"x"), with(&frame), frame[..frame.len() - 1].to_vec(), Vec::new()];
        for strange in strange {
            assert_eq!(frames.unpack_strange(&strange, bytes.len()), Err(BadFrame));
        }
        for length in [bytes.len() - 1, bytes.len() + 1] {
            assert_eq!(frames.unpack_strange(&frame, length), Err(BadFrame));
        }
        assert_eq!(frames.unpack(&frame, bytes.len()), Ok(bytes), "a context is left clean");
    }

    /// A stranger's frame of some bytes may ask for a window of 128 MiB.
    #[test]
    fn a_window_larger_than_what_objects_share_is_refused() {
        let frames = Frames::default();
        let bytes = b"one seal and ".repeat(1000);
        for (window_log, is_taken) in [(20, true), (21, false), (27, false)] {
            let mut packer = CCtx::create();
            packer.set_parameter(CParameter::WindowLog(window_log)).unwrap();
            packer.set_parameter(CParameter::ContentSizeFlag(false)).unwrap();
            let mut frame = Vec::with_capacity(compress_bound(bytes.len()));
            let mut out = OutBuffer::around(&mut frame);
            let mut left = InBuffer::around(&bytes);
            packer.compress_stream(&mut out, &mut left).unwrap();
            packer.end_stream(&mut out).unwrap();
            assert_eq!(frames.unpack_first(&frame, 100).is_ok(), is_taken, "{window_log}");
            assert_eq!(frames.unpack(&frame, bytes.len()).as_ref(), Ok(&bytes), "no window");
        }
    }

    #[test]
    fn a_resembling_base_makes_a_frame_smaller() {
        let frames = Frames::default();
        let base: Vec<u8> = (0..2000_u32)
            .flat_map(|n| blake3::hash(&n.to_le_bytes()).as_bytes()[..8].to_vec())
            .collect();
        let mut bytes = base.clone();
        bytes[700] ^= 1;
        let frame = frames.pack_after(&base, &bytes).unwrap();
        assert!(frame.len() < 100, "{}", frame.len());
        assert_eq!(frames.unpack_after(&base, &frame, bytes.len()), Ok(bytes));
        assert_ne!(frames.unpack_after(&base[1..], &frame, base.len()), Ok(base));
    }

    #[test]
    fn a_base_that_looks_like_a_dictionary_is_but_bytes_or_no_base() {
        let frames = Frames::default();
        let base = [&[0x37, 0xa4, 0x30, 0xec][..], &b"not a dictionary".repeat(9)].concat();
        let bytes = b"not a dictionary either, not a dictionary".repeat(3);
        if let Some(frame) = frames.pack_after(&base, &bytes) {
            assert_eq!(frames.unpack_after(&base, &frame, bytes.len()), Ok(bytes));
        }
    }

    #[test]
    fn what_does_not_shrink_is_left_alone() {
        assert_eq!(Frames::default().pack(b"x"), None);
        assert_eq!(Frames::default().pack(b""), None);
    }
}
