//! What one direction between two nodes does to messages.

use std::time::Duration;

/// One direction of a path. What is lost on a stream is sent again, which takes time; a datagram is gone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Link {
    /// How many of a million packets are lost.
    pub lost_ppm: u32,
    /// The shortest way takes so long.
    pub delay: Duration,
    /// And up to so much longer. Packets stay in order all the same.
    pub jitter: Duration,
    /// How many of a million datagrams come twice.
    pub doubled_ppm: u32,
    /// How many of a million datagrams are held back, so that later ones pass them.
    pub held_ppm: u32,
    /// And for how long at most.
    pub held: Duration,
    /// Bytes that pass in a second, if there is a limit. Datagrams that would wait for more than a second are
    /// lost.
    pub rate: Option<u64>,
}

impl Link {
    /// A path that loses nothing and takes between half a millisecond and one.
    pub const LAN: Self = Self {
        lost_ppm: 0,
        delay: Duration::from_micros(500),
        jitter: Duration::from_micros(500),
        doubled_ppm: 0,
        held_ppm: 0,
        held: Duration::ZERO,
        rate: None,
    };
    /// A path over land: 20 to 60 ms one way.
    pub const WAN: Self =
        Self { delay: Duration::from_millis(20), jitter: Duration::from_millis(40), ..Self::LAN };

    /// The same path, where so many of a hundred packets are lost.
    #[must_use]
    pub const fn losing(self, percent: u32) -> Self {
        Self { lost_ppm: percent * 10_000, ..self }
    }
}
