//! A timeline that diverged, as something to decide.

use selkie_store::{RepoPath, SealId};

use crate::seal_name::SealName;
use crate::verb::settling::declined::Declined;
use crate::verb::settling::part::PartId;
use crate::verb::settling::verdict::Verdict;

/// A timeline with several heads, as it was when somebody began to look.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diverged {
    /// What is to be decided. Once it has other heads it is something else.
    pub part: PartId,
    /// Its name.
    pub timeline: String,
    /// Its heads, the earlier ones first: the same order on every replica. There are two or more.
    pub tips: Vec<Tip>,
    /// Where the clone stands.
    pub stands: Stands,
    /// Whether no seal may be taken from it.
    pub is_protected: bool,
    /// What a fuse of its heads would be, if that was looked for.
    pub would: Option<Would>,
}

/// A head of a timeline that diverged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tip {
    /// The seal.
    pub seal: SealId,
    /// Whether the clone stands on it.
    pub is_here: bool,
    /// How many seals it came from, with itself, that no other head came from.
    pub ahead: usize,
    /// The newest of those: what each is called, and the first line of its message.
    pub newest: Vec<(SealName, String)>,
}

/// Where the clone stands that asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stands {
    /// On another timeline, or on none.
    Elsewhere,
    /// On this one.
    Here,
    /// On this one, with something gathered or in conflict that is not sealed.
    Busy,
}

/// What a fuse of heads would be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Would {
    /// A seal.
    Clean,
    /// In conflict at these paths.
    Conflicts(Vec<RepoPath>),
    /// Nothing: they have no seal in common.
    Unrelated,
}

impl Tip {
    /// More seals than these are counted, and not named.
    pub const NEWEST_MAX: usize = 32;
}

impl Diverged {
    /// Whether nothing can be decided of it before the next seal.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.stands == Stands::Busy
    }

    /// Whether this can be decided of it.
    ///
    /// # Errors
    ///
    /// See [`Declined`].
    pub fn accepts(&self, verdict: &Verdict) -> Result<(), Declined> {
        if self.waits() {
            return Err(Declined::Busy);
        }
        match (verdict, &self.would) {
            (Verdict::Side(side), _) if usize::from(*side) < self.tips.len() => Ok(()),
            (Verdict::Side(_), _) => Err(Declined::Side),
            (Verdict::Apart, _) if self.is_protected => Err(Declined::Protected),
            (Verdict::Apart, _) | (Verdict::Fuse, Some(Would::Clean)) => Ok(()),
            (Verdict::Fuse, Some(Would::Conflicts(_))) if self.stands == Stands::Here => Ok(()),
            (Verdict::Fuse, Some(Would::Conflicts(_))) => Err(Declined::Conflicts),
            (Verdict::Fuse, Some(Would::Unrelated)) => Err(Declined::Unrelated),
            (Verdict::Fuse, None) => Err(Declined::Unforeseen),
            (
                Verdict::Base
                | Verdict::Both(_)
                | Verdict::Nothing
                | Verdict::Lines(_)
                | Verdict::Offer { .. }
                | Verdict::Text(_),
                _,
            ) => Err(Declined::Heads),
        }
    }

    /// The timeline that this head gets if each head is kept: its own name for the first one, and for each other one a name of its
    /// own, the same on every replica.
    #[must_use]
    pub fn apart(&self, tip: usize) -> String {
        match (tip, self.tips.get(tip).and_then(|tip| tip.newest.first())) {
            (0, _) | (_, None) => self.timeline.clone(),
            (_, Some((name, _))) => format!("{}-{name}", self.timeline),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rev::name::TimelineName;

    fn diverged(stands: Stands, would: Option<Would>) -> Diverged {
        let tip = |n: u8| {
            let seal = selkie_store::ObjectId::of(selkie_store::Kind::Seal, &[n]);
            let name = SealName::of(selkie_store::ChangeId::from_bytes([n; 16]));
            Tip { seal: seal.into(), is_here: false, ahead: 1, newest: vec![(name, String::new())] }
        };
        Diverged {
            part: PartId::from_bytes([1; PartId::LEN]),
            timeline: "main".to_owned(),
            tips: vec![tip(1), tip(2)],
            stands,
            is_protected: false,
            would,
        }
    }

    #[test]
    fn what_can_be_decided_depends_on_where_one_stands_and_on_what_a_fuse_would_be() {
        let conflicts = || Some(Would::Conflicts(vec![RepoPath::new("f").unwrap()]));
        for (stands, would, verdict, expected) in [
            (Stands::Here, None, Verdict::Side(1), Ok(())),
            (Stands::Here, None, Verdict::Side(2), Err(Declined::Side)),
            (Stands::Here, None, Verdict::Fuse, Err(Declined::Unforeseen)),
            (Stands::Here, Some(Would::Clean), Verdict::Fuse, Ok(())),
            (Stands::Here, conflicts(), Verdict::Fuse, Ok(())),
            (Stands::Elsewhere, conflicts(), Verdict::Fuse, Err(Declined::Conflicts)),
            (Stands::Elsewhere, Some(Would::Clean), Verdict::Fuse, Ok(())),
            (Stands::Elsewhere, Some(Would::Unrelated), Verdict::Fuse, Err(Declined::Unrelated)),
            (Stands::Elsewhere, Some(Would::Unrelated), Verdict::Apart, Ok(())),
            (Stands::Busy, Some(Would::Clean), Verdict::Side(0), Err(Declined::Busy)),
            (Stands::Here, Some(Would::Clean), Verdict::Base, Err(Declined::Heads)),
        ] {
            let diverged = diverged(stands, would);
            assert_eq!(diverged.accepts(&verdict), expected, "{diverged:?} {verdict:?}");
        }
        let protected = Diverged { is_protected: true, ..diverged(Stands::Here, None) };
        assert_eq!(protected.accepts(&Verdict::Apart), Err(Declined::Protected));
    }

    #[test]
    fn kept_apart_the_first_head_keeps_the_name() {
        let diverged = diverged(Stands::Here, None);
        assert_eq!(diverged.apart(0), "main");
        let other = diverged.apart(1);
        assert!(TimelineName::new(&other).is_ok() && other.starts_with("main-"), "{other}");
    }
}
