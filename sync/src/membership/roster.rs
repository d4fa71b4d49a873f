//! Everybody a member knows of.

pub(crate) mod stretches;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::dice::Dice;
use crate::identity::node_id::NodeId;
use crate::identity::record::NodeRecord;
use crate::identity::signed::Signed;
use crate::membership::admission::Admission;
use crate::membership::member::{ACCUSERS_ENOUGH, ACCUSERS_MAX, Located, Member, State};
use crate::membership::pace::Pace;
use crate::membership::ring::Ring;
use crate::membership::statement::{Accusation, Life, Standing};
use crate::moment::Moment;

/// The members, this node among them, in order of name.
///
/// Always: `live` counts those of others that are here or suspected; `suspects` names the suspected by when
/// they are judged, `gone` the rest by when they went; `unmet` counts by introducer who never spoke.
#[derive(Debug)]
pub(crate) struct Roster {
    own: NodeId,
    pace: Pace,
    admission: Admission,
    members: BTreeMap<NodeId, Member>,
    live: usize,
    suspects: BTreeSet<(Moment, NodeId)>,
    gone: BTreeSet<(Moment, NodeId)>,
    unmet: BTreeMap<NodeId, usize>,
    /// In which order those that spoke are probed, and those that others spoke of: in turns, so that nobody
    /// who tells of many keeps this node from looking after those it knows.
    known: Ring,
    unknown: Ring,
    turn_of_known: bool,
}

/// What is to be done about a member that was suspected for as long as it may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// Enough speaks against it: it is down.
    Down(NodeId),
    /// It answered this node meanwhile: it has to hear of the suspicion, and gets its time again.
    Answered(NodeId),
    /// Several accuse it, and this node did not look itself: one ping that is not answered is enough.
    Check(NodeId),
    /// Too few do: this node has to look itself, with all that belongs to it.
    Open(NodeId),
}

/// Members a node knows of, the dead too. Beyond that the longest dead make room, and else nobody is let in.
pub(crate) const MEMBERS_MAX: usize = 8_192;
/// Members that one other may have spoken of and that never spoke themselves.
pub(crate) const UNMET_MAX: usize = 2_048;

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
            known: Ring::default(),
            unknown: Ring::default(),
            turn_of_known: true,
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
    pub(crate) fn wants_life(
        &mut self,
        now: Moment,
        id: &NodeId,
        said: Life,
        source: NodeId,
    ) -> bool {
        if let Some(member) = self.members.get(id) {
            return said > member.said && said.incarnation.is_near(member.said.incarnation);
        }
        let unmet = self.unmet.get(&source).copied().unwrap_or(0);
        let may_grow = self.members.len() < MEMBERS_MAX || !self.gone.is_empty();
        let period = self.pace.period;
        let is_ghostly = |source: &mut Member| source.ghosts.are_many(now, period);
        let is_heard = unmet < UNMET_MAX && !self.members.get_mut(&source).is_some_and(is_ghostly);
        let may_enter = *id == source || is_heard;
        said.standing == Standing::Here && self.admission.admits(id) && may_grow && may_enter
    }

    /// Whether a record with this number would be news.
    pub(crate) fn wants_record(&self, id: &NodeId, sequence: u64) -> bool {
        let located = self.members.get(id).map(|member| &member.located);
        located.is_some_and(|it| it.as_ref().is_none_or(|it| it.sequence < sequence))
    }

    /// Takes in where a member is to be found.
    pub(crate) fn locate(&mut self, id: &NodeId, record: Signed<NodeRecord>, sequence: u64) {
        if let Some(member) = self.members.get_mut(id) {
            member.located = Some(Located { record, sequence });
        }
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
                    accuser.cries.add();
                }
            }
        }
        let state = match said.standing {
            Standing::Here => State::Here,
            Standing::Left => State::Left,
        };
        let is_changed = self.become_state(now, &id, state);
        if is_changed {
            self.line_up(id, dice);
        }
        is_changed
    }

    /// Whether such an accusation would be news against a member that is known in this life.
    pub(crate) fn wants_accusation(&mut self, now: Moment, by: &NodeId, said: &Accusation) -> bool {
        let period = self.pace.period;
        let is_heard = self.members.get_mut(by).is_some_and(|by| !by.cries.are_many(now, period));
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
        let is_first = member.state == State::Here;
        if is_first {
            self.become_state(now, &whom, State::Suspected);
        } else {
            self.set_end(&whom);
        }
        is_first
    }

    /// The member spoke itself: nobody stands for it any more.
    pub(crate) fn meet(&mut self, id: &NodeId, dice: &mut Dice) {
        let Some(source) = self.members.get_mut(id).and_then(|member| member.source.take()) else {
            return;
        };
        self.count_met(&source);
        self.known.insert(*id, dice);
    }

    /// Nobody was found where another said there is a member. If that happened often, all that it spoke of
    /// and that never spoke themselves are forgotten: they are returned.
    pub(crate) fn blame_source(&mut self, now: Moment, id: &NodeId) -> Vec<NodeId> {
        let period = self.pace.period;
        let source = self.members.get(id).and_then(|member| member.source);
        let Some((name, source)) = source.and_then(|id| Some((id, self.members.get_mut(&id)?)))
        else {
            return Vec::new();
        };
        source.ghosts.add();
        if !source.ghosts.are_many(now, period) {
            return Vec::new();
        }
        let of_it = self.members.iter().filter(|(_, member)| member.source == Some(name));
        let ghosts: Vec<_> = of_it.map(|(id, _)| *id).collect();
        ghosts.iter().for_each(|id| self.remove(id));
        ghosts
    }

    /// Changes the state of a member. Tells whether it was another.
    pub(crate) fn become_state(&mut self, now: Moment, id: &NodeId, state: State) -> bool {
        let Some(member) = self.members.get_mut(id).filter(|member| member.state != state) else {
            return false;
        };
        let (was_live, since, ends) = (member.is_live(), member.since, member.ends);
        (member.state, member.since, member.check) = (state, now, None);
        let is_live = member.is_live();
        self.suspects.remove(&(ends, *id));
        self.gone.remove(&(since, *id));
        match state {
            State::Here => {}
            State::Suspected => self.set_end(id),
            State::Down | State::Left => {
                self.gone.insert((now, *id));
            }
        }
        match (was_live, is_live) {
            // Of others alone: who leaves alone is counted by nobody.
            _ if *id == self.own => {}
            (false, true) => self.live += 1,
            (true, false) => self.live -= 1,
            (true, true) | (false, false) => {}
        }
        true
    }

    /// When the first suspicion runs out.
    pub(crate) fn next_verdict(&self) -> Moment {
        self.suspects.first().map_or(Moment::NEVER, |(ends, _)| *ends)
    }

    /// A suspected member whose time is over.
    pub(crate) fn verdict(&self, now: Moment) -> Option<Verdict> {
        let (_, id) = self.suspects.first().filter(|(ends, _)| *ends <= now)?;
        let member = self.members.get(id)?;
        if member.answered_since_suspected() {
            return Some(Verdict::Answered(*id));
        }
        if member.accusers.contains_key(&self.own) || member.check.is_some() {
            return Some(Verdict::Down(*id));
        }
        let are_enough = member.accusers.len() >= ACCUSERS_ENOUGH;
        Some(if are_enough { Verdict::Check(*id) } else { Verdict::Open(*id) })
    }

    /// Begins the time of a suspected member anew.
    pub(crate) fn adjourn(&mut self, now: Moment, id: &NodeId) {
        if let Some(member) = self.members.get_mut(id).filter(|m| m.state == State::Suspected) {
            (member.since, member.check) = (now, None);
            self.set_end(id);
        }
    }

    /// No verdict falls before then. Tells what was sent to come to one, if it was a single ping.
    pub(crate) fn wait_for(&mut self, id: &NodeId, until: Moment, check: Option<u32>) {
        if let Some(member) = self.members.get_mut(id) {
            (member.open_until, member.check) = (until, check);
            self.set_end(id);
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
        for (_, id) in std::mem::take(&mut self.suspects) {
            if let Some(member) = self.members.get_mut(&id) {
                member.since += by;
                member.open_until += by;
                self.set_end(&id);
            }
        }
    }

    /// The next member to probe.
    pub(crate) fn next_to_probe(&mut self, dice: &mut Dice) -> Option<NodeId> {
        self.turn_of_known = !self.turn_of_known;
        let known_first = self.turn_of_known;
        self.next_of(known_first, dice).or_else(|| self.next_of(!known_first, dice))
    }

    /// Up to so many live members that are not `except`, by chance.
    pub(crate) fn some_live(&self, dice: &mut Dice, count: usize, except: &NodeId) -> Vec<NodeId> {
        let mut some = Vec::with_capacity(count);
        let rings = [&self.known, &self.unknown];
        // The rings hold few that are gone, so a few more tries than members find enough.
        for at in 0..4 * count {
            let (first, second) = (rings[at % 2], rings[(at + 1) % 2]);
            let Some(id) = first.pick(dice).or_else(|| second.pick(dice)) else { break };
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

    pub(crate) fn is_live(&self, id: &NodeId) -> bool {
        self.members.get(id).is_some_and(Member::is_live)
    }

    /// Reckons anew until when a suspected member has time.
    fn set_end(&mut self, id: &NodeId) {
        let live = self.live();
        let Some(member) = self.members.get_mut(id).filter(|m| m.state == State::Suspected) else {
            return;
        };
        self.suspects.remove(&(member.ends, *id));
        let patience = self.pace.patience(live, member.accusers.len());
        member.ends = member.open_until.max(member.since + patience);
        self.suspects.insert((member.ends, *id));
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
        // What this node recalls it knew itself.
        if id != source && source != self.own {
            member.source = Some(source);
            *self.unmet.entry(source).or_default() += 1;
        }
        self.members.insert(id, member);
        self.live += 1;
        self.line_up(id, dice);
    }

    fn remove(&mut self, id: &NodeId) {
        let Some(member) = self.members.remove(id) else { return };
        self.live -= usize::from(member.is_live());
        self.suspects.remove(&(member.ends, *id));
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

    /// The next of those that spoke, or of the others, each once a round.
    fn next_of(&mut self, known: bool, dice: &mut Dice) -> Option<NodeId> {
        for _ in 0..2 {
            let ring = if known { &mut self.known } else { &mut self.unknown };
            while let Some(id) = ring.next() {
                let member = self.members.get(&id).filter(|member| member.is_live());
                if member.is_some_and(|member| member.source.is_none() == known) {
                    return Some(id);
                }
            }
            let others = self.members.iter().filter(|(id, _)| **id != self.own);
            let turns = others.filter(|(_, m)| m.is_live() && m.source.is_none() == known);
            ring.begin(turns.map(|(id, _)| *id).collect(), dice);
        }
        None
    }

    fn line_up(&mut self, id: NodeId, dice: &mut Dice) {
        let Some(member) = self.members.get(&id) else { return };
        let ring = if member.source.is_none() { &mut self.known } else { &mut self.unknown };
        // Who comes and goes stands in it twice; the next round begins with each once.
        if ring.len() < 2 * MEMBERS_MAX {
            ring.insert(id, dice);
        }
    }
}
