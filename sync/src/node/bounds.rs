//! How much connections may take.

use std::num::NonZeroU64;

/// What a node spends on its connections.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// Bytes of messages that it sends in a second, to all together; none is as many as go.
    pub send: Option<NonZeroU64>,
    /// Bytes of messages that it takes in a second, of all together; none is as many as come.
    pub receive: Option<NonZeroU64>,
    /// Messages that it takes of each peer in a second; one that brings 4 KiB of a file or more counts for a sixteenth. Those that come
    /// faster wait, and with them the peer.
    pub messages: NonZeroU64,
    /// Bytes that connections may hold together: what came and was not read yet, and what waits to be sent.
    pub memory: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { send: None, receive: None, messages: MESSAGES, memory: 64 << 20 }
    }
}

/// More than one core takes of one peer.
const MESSAGES: NonZeroU64 = NonZeroU64::new(5_000).expect("it is more than none");
