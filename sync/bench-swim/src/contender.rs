//! What is measured.

use selkie_tests::net::{Link, Net, Node};

/// A membership that can be put into the network.
pub(crate) trait Contender {
    /// One of its members.
    type Member: Node;

    /// So many members that know each other.
    fn gathered(seed: u64, size: usize, link: Link) -> Net<Self::Member>;

    /// Whom a member says to have been taken for dead, if it says so by this.
    fn death(news: &<Self::Member as Node>::News, teller: usize) -> Option<usize>;
}
