//! What every crate must do to take part in a workload of several replicas.

/// A state that several writers hold and bring together.
///
/// Bytes that a replica made itself are taken for good: whatever goes wrong ends the process.
pub trait Replica: Sized {
    /// What a replica tells another of what it has seen.
    type Version;

    /// The empty replica of the writer `actor`.
    fn new(actor: u64) -> Self;

    /// The replica of the writer `actor` that holds the state in `bytes`.
    fn from_bytes(actor: u64, bytes: &[u8]) -> Self;

    /// The whole state.
    fn to_bytes(&mut self) -> Vec<u8>;

    /// The replica of another writer with the same state. Both forget what they kept to tell
    /// others and keep what they change from here on.
    fn fork(&mut self, actor: u64) -> Self {
        Self::from_bytes(actor, &self.to_bytes())
    }

    /// What this replica has seen.
    fn version(&mut self) -> Self::Version;

    /// Whatever this replica has seen beyond `version`, as bytes.
    fn delta_since(&mut self, version: &Self::Version) -> Vec<u8>;

    /// Takes in bytes of [`delta_since`](Self::delta_since).
    fn join(&mut self, delta: &[u8]);

    /// Takes in the whole state of another replica, which may be left empty: a crate that merges
    /// by value is not charged for a copy.
    fn merge(&mut self, other: &mut Self);
}
