//! Why the heads of a timeline stay beside each other, for people.

use selkie_vcs::Waiting;

/// Why heads stay beside each other.
pub(crate) fn waiting(why: &Waiting) -> String {
    match why {
        Waiting::Manual => "somebody has to fuse them".to_owned(),
        Waiting::Unknown => "a later version of this program knows the strategy".to_owned(),
        Waiting::Conflicts(1) => "1 file would be in conflict".to_owned(),
        Waiting::Conflicts(count) => format!("{count} files would be in conflict"),
        Waiting::Unrelated => "they have no seal in common".to_owned(),
        Waiting::NoAuthority => "nobody whom the strategy names wrote one of them".to_owned(),
        Waiting::NotOurs => "none of them is this clone's".to_owned(),
        Waiting::TakenBack => "what the strategy made of them was taken back here".to_owned(),
    }
}
