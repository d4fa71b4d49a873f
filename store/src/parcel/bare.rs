//! Frames of zstd without what is known of them anyway.
//!
//! A frame of up to [`LEN_MAX`] bytes that was made in one go begins with bytes that follow from two lengths, which the label of
//! a parcel has: ten or so, where all that is new of an object often takes a dozen.
//!
//! ```text
//! size  field
//!    4  magic
//!    1  one segment, no checksum, no dictionary; how long the next field is
//!  1-4  length of the content
//!    3  one block, compressed; its length
//! ```

/// More than this is more than one block.
pub(super) const LEN_MAX: usize = 128 << 10;

/// Bytes that every frame begins with.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What of a frame of so many bytes has to travel. None if it does not begin as it has to.
pub(super) fn undressed(frame: &[u8], length: usize) -> Option<&[u8]> {
    if length > LEN_MAX {
        return frame.strip_prefix(&MAGIC);
    }
    let head_len = head(length, 0).len();
    let body_len = frame.len().checked_sub(head_len)?;
    frame.strip_prefix(&head(length, body_len)[..])
}

/// The frame of so many bytes that this is what has to travel of.
pub(super) fn dressed(bytes: &[u8], length: usize) -> Vec<u8> {
    if length > LEN_MAX {
        return [&MAGIC, bytes].concat();
    }
    [&head(length, bytes.len()), bytes].concat()
}

/// What a frame of one block begins with.
fn head(length: usize, body_len: usize) -> Vec<u8> {
    const ONE_SEGMENT: u8 = 0x20;
    const LAST_AND_COMPRESSED: u32 = 0b101;
    let mut head = MAGIC.to_vec();
    match (u8::try_from(length), length.checked_sub(256).map(u16::try_from)) {
        (Ok(short), _) => head.extend([ONE_SEGMENT, short]),
        (Err(_), Some(Ok(longer))) => {
            head.push(ONE_SEGMENT | 1 << 6);
            head.extend(longer.to_le_bytes());
        }
        (Err(_), Some(Err(_)) | None) => {
            head.push(ONE_SEGMENT | 2 << 6);
            head.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        }
    }
    let block = u32::try_from(body_len).unwrap_or(u32::MAX) << 3 | LAST_AND_COMPRESSED;
    head.extend(&block.to_le_bytes()[..3]);
    head
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::frame::Frames;

    fn words(length: usize) -> Vec<u8> {
        let word = |n: u32| format!("{} ", &blake3::hash(&(n % 900).to_le_bytes()).to_hex()[..9]);
        let mut words = (0..).map(word).flat_map(String::into_bytes);
        words.by_ref().take(length).collect()
    }

    #[test]
    fn a_frame_comes_back_from_what_travels_of_it() {
        let frames = Frames::default();
        for length in [60, 255, 256, 257, 5_000, 65_791, 65_792, LEN_MAX, LEN_MAX + 1] {
            let (base, bytes) = (words(40), words(length));
            let frame = frames.pack_after(&base, &bytes).unwrap();
            let bare = undressed(&frame, length).expect("made in one go");
            assert_eq!(dressed(bare, length), frame, "{length}");
            let saved = if length > LEN_MAX { 4 } else { 9 };
            assert!(bare.len() + saved <= frame.len(), "{length}");
            let stored = dressed(bare, length);
            assert_eq!(frames.unpack_after(&base, &stored, length), Ok(bytes), "{length}");
        }
    }

    #[test]
    fn a_head_has_these_bytes() {
        assert_eq!(head(9, 1), [0x28, 0xb5, 0x2f, 0xfd, 0x20, 9, 13, 0, 0]);
        assert_eq!(
            head(256 + 0x1234, 0x200),
            [0x28, 0xb5, 0x2f, 0xfd, 0x60, 0x34, 0x12, 5, 0x10, 0]
        );
        let long = [0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 1, 1, 0, 5, 0x10, 0];
        assert_eq!(head(0x1_0100, 0x200), long);
    }

    #[test]
    fn another_frame_is_none() {
        let frame = Frames::default().pack_after(b"", &words(300)).unwrap();
        assert!(undressed(&frame, 300).is_some());
        assert_eq!(undressed(&frame, 299), None);
        assert_eq!(undressed(&frame[..8], 300), None);
        assert_eq!(undressed(&frame[..frame.len() - 1], 300), None);
    }
}
