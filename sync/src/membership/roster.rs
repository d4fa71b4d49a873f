//! Everybody a member knows of.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::Duration;

use crate::dice::Dice;
use crate::identity::node_id::NodeId;
use crate::identity::signed::Signed;
use crate::membership::admission::Admission;
use crate::membership::member::{ACCUSERS_ENOUGH, ACCUSERS_MAX, Member, State};
use crate::membership::message::{Message, News, Stretch};
use crate::membership::pace::Pace;
use crate::membership::statement::{Accusation, Life, Standing};
use crate::moment::Moment;

/// The members, this node among them, in order of name.
///
/// Always: `live` counts those of others that are here or suspected; `suspects` names the suspected and
/// `gone` the rest, by when they went; `unmet` counts by introducer who never spoke.
#[derive(Debug)]
pub(crate) struct Roster {
    own: NodeId,
    pace: Pace,
    admission: Admission,
    members: BTreeMap<NodeId, Member>,
    live: usize,
    suspects: BTreeSet<NodeId>,
    gone: BTreeSet<(Moment, NodeId)>,
    unmet: BTreeMap<NodeId, usize>,
    /// In which order members are probed. Some may be gone, some twice; each round begins a new one.
    order: Vec<NodeId>,
    at: usize,
}

/// What is to be done about a member that was suspected for as long as it may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// Enough speaks against it: it is down.
    Down(NodeId),
    /// It answered this node meanwhile: it has to hear of the suspicion, and gets its time again.
    Answered(NodeId),
    /// Too little does: this node has to look itself.
    Open(NodeId),
}

/// Members a node knows of, the dead too. Beyond that the longest dead make room, and else nobody is let in.
pub(crate) const MEMBERS_MAX: usize = 8_192;
/// Members that one other may have spoken of and that never spoke themselves.
pub(crate) const UNMET_MAX: usize = 2_048;
/// Names in a stretch of a comparison.
const STRETCH_NAMES: usize = 64;
/// The last name there is.
pub(crate) const LAST: NodeId = NodeId::from_bytes([0xff; NodeId::LEN]);
/// Separates digests of stretches from whatever else is hashed.
const CONTEXT: &str = "selkie 1 membership stretch";

impl Roster {
    pub(crate) fn new(now: Moment, pace: Pace, life: Signed<Life>, said: Life) -> Self {
        let own = life.by();
        Self {
            own,
            pace,
            admission: Admission::Everyone,
            members: BTreeMap::from([(own, Member::new(now, life, said))]),
            live: 0,
            suspects: BTreeSet::new(),
            gone: BTreeSet::new(),
            unmet: BTreeMap::new(),
            order: Vec::new(),
            at: 0,
        }
    }

    /// Members that take part, this node among them.
    pub(crate) const fn live(&self) -> usize {
        self.live + 1
    }

    pub(crate) fn admits(&self, id: &NodeId) -> bool {
        self.admission.admits(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (NodeId, &Member)> {
        self.members.iter().map(|(id, member)| (*id, member))
    }

    pub(crate) fn member(&self, id: &NodeId) -> Option<&Member> {
        self.members.get(id)
    }

    pub(crate) fn member_mut(&mut self, id: &NodeId) -> Option<&mut Member> {
        self.members.get_mut(id)
    }

    /// What this node said last of itself.
    pub(crate) fn own(&self) -> &Member {
        self.members.get(&self.own).expect("a node is on its own roster")
    }

    /// Replaces what this node says of itself.
    pub(crate) fn say(&mut self, life: Signed<Life>, said: Life) {
        let own = self.members.get_mut(&self.own).expect("a node is on its own roster");
        (own.life, own.said) = (life, said);
    }

    /// Whether such a life would be news. It is asked before the signature is checked, so that each
    /// statement is checked once.
    pub(crate) fn wants_life(&self, id: &NodeId, said: Life, source: NodeId) -> bool {
        if let Some(member) = self.members.get(id) {
            return said > member.said && said.incarnation.is_near(member.said.incarnation);
        }
        let unmet = self.unmet.get(&source).copied().unwrap_or(0);
        let may_grow = self.members.len() < MEMBERS_MAX || !self.gone.is_empty();
        let may_enter = *id == source || unmet < UNMET_MAX;
        said.standing == Standing::Here && self.admission.admits(id) && may_grow && may_enter
    }

    /// Takes in what a member said of itself, which is news. Tells whether its state changed.
    pub(crate) fn hear_life(
        &mut self,
        now: Moment,
        life: Signed<Life>,
        said: Life,
        source: NodeId,
        dice: &mut Dice,
    ) -> bool {
        let id = life.by();
        let Some(member) = self.members.get_mut(&id) else {
            self.enter(now, life, said, source, dice);
            return true;
        };
        let is_answer = said.incarnation > member.said.incarnation;
        (member.life, member.said, member.is_hearsay) = (life, said, false);
        // They were wrong in good faith, most of them. Those who are so again and again are not heard.
        let accusers = std::mem::take(&mut member.accusers);
        if is_answer && said.standing == Standing::Here {
            for accuser in accusers.keys() {
                if let Some(accuser) = self.members.get_mut(accuser) {
                    accuser.cries_wolf();
                }
            }
        }
        let state = match said.standing {
            Standing::Here => State::Here,
            Standing::Left => State::Left,
        };
        if self.become_state(now, &id, state) {
            self.insert_into_order(id, dice);
            return true;
        }
        false
    }

    /// Whether such an accusation would be news against a member that is known in this life.
    pub(crate) fn wants_accusation(&mut self, now: Moment, by: &NodeId, said: &Accusation) -> bool {
        let period = self.pace.period;
        let is_heard = self.members.get_mut(by).is_some_and(|by| by.is_credible(now, period));
        let Some(whom) = self.members.get(&said.whom) else { return false };
        is_heard
            && *by != said.whom
            && whom.said.incarnation == said.incarnation
            && whom.state != State::Left
            && whom.accusers.len() < ACCUSERS_MAX
            && !whom.accusers.contains_key(by)
    }

    /// Takes in an accusation, which is news. Tells whether the member becomes suspected by it.
    pub(crate) fn hear_accusation(
        &mut self,
        now: Moment,
        whom: NodeId,
        accusation: Signed<Accusation>,
    ) -> bool {
        let Some(member) = self.members.get_mut(&whom) else { return false };
        member.accusers.insert(accusation.by(), accusation);
        member.state == State::Here && self.become_state(now, &whom, State::Suspected)
    }

    /// The member spoke itself: nobody stands for it any more.
    pub(crate) fn meet(&mut self, id: &NodeId) {
        let Some(source) = self.members.get_mut(id).and_then(|member| member.source.take()) else {
            return;
        };
        self.count_met(&source);
    }

    /// Changes the state of a member. Tells whether it was another.
    pub(crate) fn become_state(&mut self, now: Moment, id: &NodeId, state: State) -> bool {
        let Some(member) = self.members.get_mut(id).filter(|member| member.state != state) else {
            return false;
        };
        let (was_live, since) = (member.is_live(), member.since);
        (member.state, member.since) = (state, now);
        let is_live = member.is_live();
        self.suspects.remove(id);
        self.gone.remove(&(since, *id));
        match state {
            State::Here => {}
            State::Suspected => {
                self.suspects.insert(*id);
            }
            State::Down | State::Left => {
                self.gone.insert((now, *id));
            }
        }
        match (was_live, is_live) {
            (false, true) => self.live += 1,
            (true, false) => self.live -= 1,
            (true, true) | (false, false) => {}
        }
        true
    }

    /// When the first suspicion runs out.
    pub(crate) fn next_verdict(&self) -> Moment {
        let ends = self.suspects.iter().filter_map(|id| self.suspected_until(id));
        ends.min().unwrap_or(Moment::NEVER)
    }

    /// A suspected member whose time is over.
    pub(crate) fn verdict(&self, now: Moment) -> Option<Verdict> {
        let is_over = |id: &&NodeId| self.suspected_until(id).is_some_and(|until| until <= now);
        let id = self.suspects.iter().find(is_over)?;
        let member = self.members.get(id)?;
        if member.answered_since_suspected() {
            return Some(Verdict::Answered(*id));
        }
        let looked = member.accusers.contains_key(&self.own);
        let is_enough = looked || member.accusers.len() >= ACCUSERS_ENOUGH;
        Some(if is_enough { Verdict::Down(*id) } else { Verdict::Open(*id) })
    }

    /// Begins the time of a suspected member anew.
    pub(crate) fn adjourn(&mut self, now: Moment, id: &NodeId) {
        if let Some(member) = self.members.get_mut(id).filter(|m| m.state == State::Suspected) {
            member.since = now;
        }
    }

    /// No verdict falls before then.
    pub(crate) fn wait_for(&mut self, id: &NodeId, until: Moment) {
        if let Some(member) = self.members.get_mut(id) {
            member.open_until = until;
        }
    }

    /// A newcomer was accused by those who spoke of it.
    pub(crate) fn meet_as_dead(&mut self, id: &NodeId) {
        if let Some(member) = self.members.get_mut(id) {
            member.is_hearsay = true;
        }
    }

    /// What passed while this node slept is no time in which the suspected could have answered.
    pub(crate) fn delay(&mut self, by: Duration) {
        for id in &self.suspects {
            if let Some(member) = self.members.get_mut(id) {
                member.since += by;
                member.open_until += by;
            }
        }
    }

    /// The next member to probe: each once a round, in another order each round.
    pub(crate) fn next_to_probe(&mut self, dice: &mut Dice) -> Option<NodeId> {
        if self.live == 0 {
            return None;
        }
        loop {
            if self.at >= self.order.len() || self.order.len() > 2 * self.live + STRETCH_NAMES {
                let others = self.members.iter().filter(|(id, _)| **id != self.own);
                self.order = others.filter(|(_, m)| m.is_live()).map(|(id, _)| *id).collect();
                dice.shuffle(&mut self.order);
                self.at = 0;
            }
            let id = self.order[self.at];
            self.at += 1;
            if self.is_live(&id) {
                return Some(id);
            }
        }
    }

    /// Up to so many live members that are not `except`, by chance.
    pub(crate) fn some_live(&self, dice: &mut Dice, count: usize, except: &NodeId) -> Vec<NodeId> {
        let mut some = Vec::with_capacity(count);
        // The order holds few that are gone, so a few more tries than members find enough.
        for _ in 0..4 * count {
            let Some(id) = dice.pick(&self.order).copied() else { break };
            if some.len() < count && id != *except && !some.contains(&id) && self.is_live(&id) {
                some.push(id);
            }
        }
        some
    }

    /// One of those that are down, by chance.
    pub(crate) fn some_down(&self, dice: &mut Dice) -> Option<NodeId> {
        let all: Vec<_> = self.gone.iter().map(|(_, id)| *id).collect();
        let is_down = |id: &&NodeId| self.member(id).is_some_and(|m| m.state == State::Down);
        dice.pick(&all).filter(is_down).copied()
    }

    /// Forgets those whose time to be told of is over, and as long again.
    pub(crate) fn forget(&mut self, now: Moment) -> Option<NodeId> {
        let (since, id) = *self.gone.first()?;
        if now - since < 2 * self.pace.told {
            return None;
        }
        self.remove(&id);
        Some(id)
    }

    /// Whom it lets in from here on. Whoever is not among them is forgotten.
    pub(crate) fn admit(&mut self, admission: Admission) -> Vec<NodeId> {
        self.admission = admission;
        let is_out = |id: &&NodeId| **id != self.own && !self.admission.admits(id);
        let out: Vec<_> = self.members.keys().filter(is_out).copied().collect();
        out.iter().for_each(|id| self.remove(id));
        out
    }

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

    /// A hash over what is known of the names after `after` up to `upto`: their lives, and who is down.
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
            hasher.update(&[state]);
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
            reached = *id;
        }
        let is_whole = self.range(Some(reached), upto).next().is_none();
        (if is_whole { upto } else { reached }, news)
    }

    fn is_live(&self, id: &NodeId) -> bool {
        self.members.get(id).is_some_and(Member::is_live)
    }

    fn suspected_until(&self, id: &NodeId) -> Option<Moment> {
        let member = self.members.get(id)?;
        let patience = self.pace.patience(self.live(), member.accusers.len());
        Some(member.open_until.max(member.since + patience))
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

    fn enter(
        &mut self,
        now: Moment,
        life: Signed<Life>,
        said: Life,
        source: NodeId,
        dice: &mut Dice,
    ) {
        let id = life.by();
        if self.members.len() >= MEMBERS_MAX
            && let Some((_, longest)) = self.gone.first().copied()
        {
            self.remove(&longest);
        }
        let mut member = Member::new(now, life, said);
        if id != source {
            member.source = Some(source);
            *self.unmet.entry(source).or_default() += 1;
        }
        self.members.insert(id, member);
        self.live += 1;
        self.insert_into_order(id, dice);
    }

    fn remove(&mut self, id: &NodeId) {
        let Some(member) = self.members.remove(id) else { return };
        self.live -= usize::from(member.is_live());
        self.suspects.remove(id);
        self.gone.remove(&(member.since, *id));
        if let Some(source) = member.source {
            self.count_met(&source);
        }
    }

    fn count_met(&mut self, source: &NodeId) {
        if let Some(count) = self.unmet.get_mut(source) {
            *count -= 1;
            if *count == 0 {
                self.unmet.remove(source);
            }
        }
    }

    /// Somewhere in what is left of this round, so that a newcomer is probed neither first by all nor last.
    fn insert_into_order(&mut self, id: NodeId, dice: &mut Dice) {
        self.order.push(id);
        let last = self.order.len() - 1;
        let place = self.at + dice.index(last + 1 - self.at);
        self.order.swap(place, last);
    }
}
