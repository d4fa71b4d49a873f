//! The index of a pack, version 2.
//!
//! ```text
//! size  part                                                  (integers big-endian)
//!    8  magic "\377tOc", version 2
//! 1024  for each first byte, how many ids begin with it or a lower one
//!  20n  ids, ascending
//!   4n  CRC-32 of each entry of the pack
//!   4n  offset of each; from 2^31 on the highest bit and a number in the next table
//!   8m  offsets of 2^31 and more
//!   20  hash at the end of the pack
//!   20  hash of all before it
//! ```

use std::io;

use gix_hash::{Kind, hasher};

use crate::git::id::GitId;

const LARGE: u32 = 1 << 31;

/// The index of a pack with these objects: ids, offsets and checksums.
pub(super) fn spell(
    mut entries: Vec<(GitId, u64, u32)>,
    pack: [u8; GitId::LEN],
) -> io::Result<Vec<u8>> {
    entries.sort_unstable();
    let mut out = b"\xfftOc\0\0\0\x02".to_vec();
    let mut count = 0;
    for first in 0..=u8::MAX {
        count += entries[count..].iter().take_while(|(id, ..)| id.as_bytes()[0] == first).count();
        out.extend(u32::try_from(count).map_err(io::Error::other)?.to_be_bytes());
    }
    entries.iter().for_each(|(id, ..)| out.extend(id.as_bytes()));
    entries.iter().for_each(|(.., crc)| out.extend(crc.to_be_bytes()));
    let mut large = Vec::new();
    for (_, offset, _) in &entries {
        let short = u32::try_from(*offset).ok().filter(|offset| *offset < LARGE);
        let told = short.unwrap_or_else(|| {
            large.push(*offset);
            LARGE | u32::try_from(large.len() - 1).expect("a pack has fewer objects")
        });
        out.extend(told.to_be_bytes());
    }
    large.iter().for_each(|offset| out.extend(offset.to_be_bytes()));
    out.extend(pack);
    let mut hash = hasher(Kind::Sha1);
    hash.update(&out);
    let id = hash.try_finalize().map_err(|error| io::Error::other(error.to_string()))?;
    out.extend(id.as_slice());
    Ok(out)
}
