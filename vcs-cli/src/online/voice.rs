//! What is compared by voice.

use selkie_store::{ChangeId, device_key};
use selkie_sync::{NodeId, spoken};
use selkie_vcs::SealName;

use crate::context::Context;
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::line::Line;

/// So many names are said, each of 28 bits.
const NAMES: usize = 4;

/// Bytes of the hash for each name.
const NAME_LEN: usize = 4;

/// The words that this device and another both have, and nobody else: names as seals bear them.
pub(crate) fn words(cx: &Context, other: NodeId) -> Result<String, CliError> {
    let folder = cx.places.keys().ok_or(NetworkError::Keyless)?;
    let own = device_key(&folder).map_err(NetworkError::from)?.public();
    Ok(names(&spoken(NodeId::of(own), other)))
}

/// What is said at the end of a first meeting.
pub(crate) fn advice(cx: &Context, name: &str, other: NodeId) -> Result<Line, CliError> {
    let line = Line::of("To be sure that nobody is between you, ask ")
        .code(name)
        .plain(" for these words: ");
    Ok(line.plain(&words(cx, other)?).plain("."))
}

fn names(hash: &[u8]) -> String {
    let chunks = hash.chunks_exact(NAME_LEN).take(NAMES);
    let names = chunks.map(|chunk| {
        let mut id = [0; 16];
        id[..NAME_LEN].copy_from_slice(chunk);
        SealName::of(ChangeId::from_bytes(id)).to_string()
    });
    names.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_of_bytes_of_its_own() {
        let hash = [0x47, 0x47, 0x47, 0x47, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 9];
        assert_eq!(
            names(&hash),
            "firm-mitre-dodges able-abacus-accepts zonal-zucchini-zooms able-abacus-accepts"
        );
        let mut other = hash;
        other[16] = 7;
        assert_eq!(names(&hash), names(&other), "what is not said means nothing");
        for at in 0..NAMES * NAME_LEN {
            let mut other = hash;
            other[at] ^= 0x10;
            assert_ne!(names(&hash), names(&other), "{at}");
        }
    }
}
