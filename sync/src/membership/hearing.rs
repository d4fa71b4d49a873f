//! What a member makes of what others tell, and what it tells them.

use crate::identity::node_id::NodeId;
use crate::identity::record::NodeRecord;
use crate::identity::signed::Signed;
use crate::membership::member::{Member, State};
use crate::membership::message::{Message, News};
use crate::membership::rumours::Subject;
use crate::membership::statement::{Accusation, Incarnation, Life, Standing};
use crate::membership::{Membership, Output};
use crate::moment::Moment;
use crate::wire::lane::Lane;

/// Members that fresh news goes to at once.
const FANOUT: usize = 3;
/// Periods for which a liar is not listened to.
const MUTED: u32 = 30;

impl Membership {
    /// Takes in what `from` passes on. Each statement is first looked at for whether it is news, and only
    /// then for whether it is signed: what is known costs nothing, and is known by being on the roster.
    pub(super) fn hear(&mut self, now: Moment, from: NodeId, news: &News) {
        if self.muted.has(now, &from) {
            return;
        }
        let mut newcomers = Vec::new();
        for life in &news.lives {
            match self.hear_life(now, from, life) {
                Heard::Nothing => {}
                Heard::News => self.rumours.add(Subject::Life(life.by())),
                Heard::Newcomer => newcomers.push(life.by()),
                Heard::Forged => return self.mute(now, from),
            }
        }
        for record in &news.records {
            match self.hear_record(record) {
                Heard::Forged => return self.mute(now, from),
                Heard::Nothing | Heard::News | Heard::Newcomer => {}
            }
        }
        for accusation in &news.accusations {
            match self.hear_accusation(now, from, accusation, &newcomers) {
                Heard::Forged => return self.mute(now, from),
                Heard::Nothing | Heard::News | Heard::Newcomer => {}
            }
        }
        let told = self.introductions.take(
            now,
            self.pace.period,
            newcomers.len().try_into().unwrap_or(u32::MAX),
        );
        for newcomer in newcomers.into_iter().take(told as usize) {
            self.rumours.add(Subject::Life(newcomer));
        }
        self.push(now);
    }

    /// Takes in what this node knew before, and tells nobody.
    pub(super) fn recall(&mut self, now: Moment, life: &Signed<Life>) {
        match self.hear_life(now, self.id(), life) {
            // A member that is recalled wrong is met anew.
            Heard::Nothing | Heard::News | Heard::Newcomer | Heard::Forged => {}
        }
    }

    fn hear_life(&mut self, now: Moment, from: NodeId, life: &Signed<Life>) -> Heard {
        let Ok(said) = life.claim() else { return Heard::Forged };
        let id = life.by();
        if id == self.id() {
            return self.hear_own_life(now, life, said);
        }
        if !self.roster.wants_life(now, &id, said, from) {
            return Heard::Nothing;
        }
        if self.notary.open(life).is_none() {
            return Heard::Forged;
        }
        let before = self.state(&id);
        if self.roster.hear_life(now, life.clone(), said, from, &mut self.dice)
            && let Some(state) = self.state(&id)
        {
            self.tell_state(id, state);
        }
        if before == Some(State::Down) {
            // Where one comes back from, others may too.
            self.exchanges.hasten(now, self.pace.period);
        }
        if before.is_none() { Heard::Newcomer } else { Heard::News }
    }

    /// Where a member is to be found: of what it said the newest holds, for as long as it is a member.
    fn hear_record(&mut self, record: &Signed<NodeRecord>) -> Heard {
        let Ok(said) = record.claim() else { return Heard::Forged };
        let id = record.by();
        if id == self.id() || !self.roster.wants_record(&id, said.sequence) {
            return Heard::Nothing;
        }
        if self.notary.open(record).is_none() {
            return Heard::Forged;
        }
        self.roster.locate(&id, record.clone(), said.sequence);
        self.rumours.add(Subject::Record(id));
        self.outbox.push(Output::Located(id, said.addresses));
        Heard::News
    }

    /// This node is to be found so from here on, and says so.
    pub(super) fn settle(&mut self, now: Moment, record: Signed<NodeRecord>) {
        let id = self.id();
        let Some(said) = self.notary.open(&record).filter(|_| record.by() == id) else { return };
        self.roster.locate(&id, record, said.sequence);
        self.rumours.add(Subject::Record(id));
        self.push(now);
    }

    /// This node said so in a life that it does not remember, or said goodbye in it.
    fn hear_own_life(&mut self, now: Moment, life: &Signed<Life>, said: Life) -> Heard {
        if said <= self.roster.own().said {
            return Heard::Nothing;
        }
        if self.notary.open(life).is_none() {
            return Heard::Forged;
        }
        self.roster.say(life.clone(), said);
        self.rise(now);
        Heard::Nothing
    }

    fn hear_accusation(
        &mut self,
        now: Moment,
        from: NodeId,
        accusation: &Signed<Accusation>,
        newcomers: &[NodeId],
    ) -> Heard {
        let Ok(said) = accusation.claim() else { return Heard::Forged };
        let by = accusation.by();
        if said.whom == self.id() {
            return self.hear_own_accusation(now, from, accusation, said);
        }
        if by == self.id() || !self.roster.wants_accusation(now, &by, &said) {
            return Heard::Nothing;
        }
        if self.notary.open(accusation).is_none() {
            return Heard::Forged;
        }
        if !self.roster.member(&by).is_some_and(Member::is_live) {
            // In a partition all are down for each other. Their word counts for nothing here, but whom
            // they took for dead has to know it, to come back to them.
            self.warn(now, accusation, said.whom);
            return Heard::Nothing;
        }
        let becomes_suspected = self.roster.hear_accusation(now, said.whom, accusation.clone());
        if newcomers.contains(&said.whom) {
            self.roster.meet_as_dead(&said.whom);
        }
        self.rumours.add(Subject::Accusation { whom: said.whom, by });
        if becomes_suspected {
            self.tell_state(said.whom, State::Suspected);
            self.maybe_look(now, said.whom);
        }
        Heard::News
    }

    /// Whoever says that this node is dead gets an answer, but not more than one in a period; and one who
    /// says so all the time, and whom nobody believes any more, gets none.
    fn hear_own_accusation(
        &mut self,
        now: Moment,
        from: NodeId,
        accusation: &Signed<Accusation>,
        said: Accusation,
    ) -> Heard {
        let by = accusation.by();
        let period = self.pace.period;
        let accuser = self.roster.member_mut(&by);
        let is_wolf = accuser.is_some_and(|accuser| accuser.cries.are_many(now, period));
        if said.incarnation != self.incarnation() || by == self.id() || (is_wolf && from == by) {
            return Heard::Nothing;
        }
        if self.notary.open(accusation).is_none() {
            return Heard::Forged;
        }
        if let Some(accuser) = self.roster.member_mut(&by) {
            accuser.cries.add();
        }
        self.is_accused = true;
        if self.rises_at() <= now {
            self.rise(now);
        }
        // It believes the accusation, so it may not pass the answer on.
        let life = News::of_life(self.roster.own().life.clone());
        self.send(from, Lane::Members, Message::Tell(life));
        Heard::Nothing
    }

    /// When this node may begin its next life.
    pub(super) fn rises_at(&self) -> Moment {
        if self.risen == Moment::START { self.risen } else { self.risen + self.pace.period }
    }

    /// Begins the next life, and says so. Nobody gets to the last one but by signing it.
    pub(super) fn rise(&mut self, now: Moment) {
        (self.risen, self.is_accused) = (now, false);
        let Some(incarnation) = self.incarnation().next() else { return };
        let said = Life { incarnation, standing: Standing::Here };
        self.roster.say(self.notary.sign(&said), said);
        self.health.worsen(1);
        self.rumours.add(Subject::Life(self.id()));
        self.push(now);
    }

    /// Sends what nobody was told yet to some members at once, as far as the allowance goes.
    pub(super) fn push(&mut self, now: Moment) {
        if !self.rumours.has_fresh() {
            return;
        }
        let wanted = u32::try_from(FANOUT).unwrap_or(u32::MAX);
        let count = self.pushes.take(now, self.pace.period, wanted) as usize;
        let own = self.id();
        for peer in self.some_near(count, &own) {
            let news = self.news_for(peer, None);
            self.send(peer, Lane::Datagram, Message::Tell(news));
        }
    }

    /// What goes along to a member: first what it has to answer, and its own later life if it is not in it;
    /// then what has been told least.
    pub(super) fn news_for(&mut self, to: NodeId, believes: Option<Incarnation>) -> News {
        let mut news = News::default();
        if let Some(member) = self.roster.member(&to) {
            news.accusations.extend(member.accusers.values().cloned());
            let has_ended = member.state == State::Left;
            let known = member.said.incarnation;
            if believes.is_some_and(|believes| believes < known || (believes == known && has_ended))
            {
                news.lives.push(member.life.clone());
            }
        }
        self.rumours.fill(&mut news, &self.roster, &to);
        news
    }

    pub(super) fn tell_state(&mut self, id: NodeId, state: State) {
        self.outbox.push(Output::Changed(id, state));
    }

    fn warn(&mut self, now: Moment, accusation: &Signed<Accusation>, whom: NodeId) {
        if self.warnings.take(now, self.pace.period, 1) == 1 {
            let news = News { accusations: vec![accusation.clone()], ..News::default() };
            self.send(whom, Lane::Datagram, Message::Tell(news));
        }
    }

    fn mute(&mut self, now: Moment, liar: NodeId) {
        self.muted.mute(liar, now + self.pace.period * MUTED);
        self.outbox.push(Output::Lied(liar));
    }
}

/// What a statement turned out to be.
enum Heard {
    /// Known, or no concern of anybody's.
    Nothing,
    /// New, of a member.
    News,
    /// New, and so is the member.
    Newcomer,
    /// Signed by nobody.
    Forged,
}
