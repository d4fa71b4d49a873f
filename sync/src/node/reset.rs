//! How a node that came back tells old connections that it knows them no more.
//!
//! QUIC answers a packet of a connection that it does not know by a word that was said when the connection began. A process that was killed has
//! forgotten its connections, but makes the same words again, since they come of a key that comes of the key of the device: so peers know at once
//! what they would only find out by silence.

use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::{CryptoError, HmacKey};
use quinn::{ConnectionId, ConnectionIdGenerator, EndpointConfig};
use selkie_store::SecretKey;

use crate::node::random::random;

/// What makes the words: a keyed hash, over the name that this end gave to the connection.
struct Words([u8; 32]);

/// Bytes of a word, of which QUIC takes sixteen.
const LEN: usize = 32;

/// What the key of the device is asked for.
const WORDS: &str = "selkie 1 words for connections that are known no more";

/// Names of connections. Those of an earlier life are answered too, so none is refused for how it looks.
struct Names;

/// Bytes of a name.
const NAME_LEN: usize = 8;

/// What the end of QUIC at this port goes by. Each port has words of its own: else one clone of a device could be made to say those of
/// another.
pub(super) fn config(key: &SecretKey, port: u16) -> EndpointConfig {
    let words = *blake3::keyed_hash(&key.derived(WORDS), &port.to_le_bytes()).as_bytes();
    let mut config = EndpointConfig::new(Arc::new(Words(words)));
    config.cid_generator(|| Box::new(Names));
    config
}

impl ConnectionIdGenerator for Names {
    fn generate_cid(&mut self) -> ConnectionId {
        let name: [u8; NAME_LEN] =
            random().expect("the system gave random bytes when the node began");
        ConnectionId::new(&name)
    }

    fn cid_len(&self) -> usize {
        NAME_LEN
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}

impl HmacKey for Words {
    fn sign(&self, data: &[u8], signature_out: &mut [u8]) {
        signature_out.copy_from_slice(blake3::keyed_hash(&self.0, data).as_bytes());
    }

    fn signature_len(&self) -> usize {
        LEN
    }

    fn verify(&self, data: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let found = <[u8; LEN]>::try_from(signature).map_err(|_wrong| CryptoError)?;
        // Compared in a time that tells nothing.
        let is_so = blake3::keyed_hash(&self.0, data) == blake3::Hash::from_bytes(found);
        if is_so { Ok(()) } else { Err(CryptoError) }
    }
}
