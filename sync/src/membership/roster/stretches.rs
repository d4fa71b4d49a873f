//! The roster in stretches of names, to compare it with that of another.

use std::ops::Bound;

use crate::identity::node_id::NodeId;
use crate::membership::member::{Member, State};
use crate::membership::message::{Message, News, Stretch};
use crate::membership::roster::Roster;
use crate::moment::Moment;

/// Names in a stretch of a comparison.
const STRETCH_NAMES: usize = 64;
/// The last name there is.
pub(crate) const LAST: NodeId = NodeId::from_bytes([0xff; NodeId::LEN]);
/// Separates digests of stretches from whatever else is hashed.
const CONTEXT: &str = "selkie 1 membership stretch";

impl Roster {
    /// What this node knows of the names after `after` up to `last`, as stretches; and no more than one
    /// message holds.
    pub(crate) fn stretches(
        &self,
        now: Moment,
        after: Option<NodeId>,
        last: NodeId,
    ) -> Vec<Stretch> {
        let mut names: Vec<_> = self.range(after, last).map(|(id, _)| *id).collect();
        let is_whole = names.len() <= Message::STRETCHES_MAX * STRETCH_NAMES;
        names.truncate(Message::STRETCHES_MAX * STRETCH_NAMES);
        let mut ends: Vec<_> =
            names.chunks(STRETCH_NAMES).filter_map(|chunk| chunk.last()).copied().collect();
        if is_whole {
            // Names that only the other knows may lie behind our last.
            ends.pop();
            ends.push(last);
        }
        let mut low = after;
        ends.into_iter()
            .map(|upto| {
                let digest = self.digest(now, low, upto);
                low = Some(upto);
                Stretch { upto, digest }
            })
            .collect()
    }

    /// A hash over what is known of the names after `after` up to `upto`: their lives, who is down, and of when what they say of
    /// where they are is.
    /// Whether one is suspected is left out, since it passes in the time that a comparison takes.
    pub(crate) fn digest(
        &self,
        now: Moment,
        after: Option<NodeId>,
        upto: NodeId,
    ) -> [u8; Stretch::DIGEST_LEN] {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        for (id, member) in self.range(after, upto).filter(|(_, member)| !self.fades(now, member)) {
            let state = match member.state {
                State::Here | State::Suspected => 0,
                State::Down => 1,
                State::Left => 2,
            };
            hasher.update(id.as_bytes());
            hasher.update(&member.said.incarnation.number().to_le_bytes());
            hasher.update(&[state, u8::from(member.located.is_some())]);
            let sequence = member.located.as_ref().map(|located| located.sequence);
            sequence.iter().for_each(|sequence| _ = hasher.update(&sequence.to_le_bytes()));
        }
        let mut digest = [0; Stretch::DIGEST_LEN];
        hasher.finalize_xof().fill(&mut digest);
        digest
    }

    /// All statements about the names after `after` up to `upto`, or up to an earlier name, which is
    /// returned, when one message does not hold more.
    pub(crate) fn tell(&self, now: Moment, after: Option<NodeId>, upto: NodeId) -> (NodeId, News) {
        let mut news = News::default();
        let mut reached = upto;
        let told = |member: &Member| !member.is_hearsay && !self.fades(now, member);
        for (id, member) in self.range(after, upto).filter(|(_, member)| told(member)) {
            if news.lives.len() == News::LIVES_MAX {
                break;
            }
            news.lives.push(member.life.clone());
            news.accusations.extend(member.accusers.values().cloned());
            news.records.extend(member.located.iter().map(|located| located.record.clone()));
            reached = *id;
        }
        let is_whole = self.range(Some(reached), upto).next().is_none();
        (if is_whole { upto } else { reached }, news)
    }

    /// Whether a member has been gone for so long that nobody is told of it.
    fn fades(&self, now: Moment, member: &Member) -> bool {
        !member.is_live() && now - member.since >= self.pace.told
    }

    fn range(
        &self,
        after: Option<NodeId>,
        upto: NodeId,
    ) -> impl Iterator<Item = (&NodeId, &Member)> {
        let low = after.map_or(Bound::Unbounded, Bound::Excluded);
        // A map panics on a range that ends before it begins.
        let high = after.map_or(upto, |after| upto.max(after));
        let all = self.members.range((low, Bound::Included(high)));
        all.filter(move |_| after.is_none_or(|after| after < upto))
    }
}
