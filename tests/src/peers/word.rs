//! What a test and a peer say to each other.

use selkie_sync::Event;
use selkie_vcs::TimelineStrategy;

/// What a test asks of a peer.
#[derive(Clone, Debug)]
pub enum Command {
    /// Trust the peer of this place, and let it have everything.
    Befriend(usize),
    /// Talk to the peer of this place.
    Want(usize),
    /// Add this to the set that all have in common.
    Add(String),
    /// Add these in one place of its log: one for the first that it talks to, and the other for everybody else.
    Equivocate([String; 2]),
    /// Remove it.
    Remove(String),
    /// Lay damaged packs aside.
    LayAside,
    /// The same, and compare the objects with those of others.
    Repair,
    /// The person of this place may have it no more.
    Deny(usize),
    /// Do this with the clone of a repository.
    Clone(Deed),
}

/// What somebody does with a clone.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Seal this text at this path, on what the clone stands on.
    Seal(String, String),
    /// Say how heads are brought together.
    Strategy(TimelineStrategy),
    /// Let the strategy settle what diverged.
    Settle,
    /// From here on, let it do so whenever something is heard.
    Watch,
    /// Bring all heads together by hand.
    Fuse,
}

/// What a peer tells a test.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum News {
    /// It added this, for good.
    Added(String),
    /// It took entries of others in.
    Took,
    /// Something happened.
    Event(Event),
    /// A peer knows of a later entry of its log than itself, or of another in one place: it lost its memory or runs twice, and
    /// goes on under a new name.
    Outlived,
}
