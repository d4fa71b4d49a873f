//! What carries what.

/// The ways from one node to another. Each but the first is a stream of its own, so that none waits for
/// what is slow on another; a driver prefers them in this order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Lane {
    /// Single messages that may be lost or come late: who takes part.
    Datagram,
    /// Beginning and end of a connection, and its heartbeats.
    Control,
    /// Who takes part, where more is said than a datagram holds, or none may be lost.
    Members,
    /// What is new in logs.
    Gossip,
    /// Which objects differ, where one of two replicas is damaged.
    Repair,
    /// Objects.
    Bulk,
}

impl Lane {
    /// All of them, in the order of preference.
    pub const ALL: [Self; 6] =
        [Self::Datagram, Self::Control, Self::Members, Self::Gossip, Self::Repair, Self::Bulk];

    /// Bytes in the longest message.
    #[must_use]
    pub const fn len_max(self) -> usize {
        match self {
            // What every path carries in one piece, less what QUIC puts around it.
            Self::Datagram => 1_150,
            Self::Control => 64 << 10,
            Self::Members => 128 << 10,
            // The longest message of a repair, and which repair it is of.
            Self::Repair => (64 << 10) + (1 << 10),
            // Two entries of the longest kind fit, with what goes around them.
            Self::Gossip => (2 << 20) + (64 << 10),
            Self::Bulk => (1 << 20) + (4 << 10),
        }
    }
}
