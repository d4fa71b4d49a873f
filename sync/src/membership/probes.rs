//! Who was asked whether it is there.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::node_id::NodeId;
use crate::membership::statement::Incarnation;
use crate::moment::Moment;

/// A ping that is out.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    number: u32,
    /// The life that the member was in when it was sent.
    incarnation: Incarnation,
    pub(crate) sent: Moment,
    /// When others are asked to try.
    ask_at: Moment,
    /// When silence counts.
    judge_at: Moment,
    stage: Stage,
    basis: Basis,
    helpers: Vec<NodeId>,
    /// Of the helpers, those that said what they found.
    heard: Vec<NodeId>,
}

/// How far a probe is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    /// It was sent.
    Sent,
    /// Others try too.
    Helped,
    /// Silence counted. An answer that comes still is an answer.
    Judged,
}

/// What silence would show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Basis {
    /// There was a way to the member, and nothing came back.
    Own,
    /// There was none: only what others find counts.
    Others,
}

/// The pings that are out, one to a member.
#[derive(Debug, Default)]
pub(crate) struct Probes(BTreeMap<NodeId, Probe>);

/// Pings that are out at once, those that are late among them.
pub(crate) const PROBES_MAX: usize = 32;
/// How long after its judgement an answer is still known, as a share of the time before.
const LATE: u32 = 3;

impl Probes {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The number of the ping that is out to this member.
    pub(crate) fn number(&self, whom: &NodeId) -> Option<u32> {
        self.0.get(whom).map(|probe| probe.number)
    }

    /// Whether a ping to this member waits for its answer.
    pub(crate) fn has_open(&self, whom: &NodeId) -> bool {
        self.0.get(whom).is_some_and(|probe| probe.stage != Stage::Judged)
    }

    pub(crate) fn begin(&mut self, whom: NodeId, probe: Probe) {
        self.0.insert(whom, probe);
    }

    /// Notes who was asked to try too.
    pub(crate) fn ask(&mut self, whom: &NodeId, helpers: Vec<NodeId>) {
        if let Some(probe) = self.0.get_mut(whom) {
            (probe.stage, probe.helpers) = (Stage::Helped, helpers);
        }
    }

    /// The member answered this ping: the probe is over.
    pub(crate) fn answered(&mut self, whom: &NodeId, number: u32) -> Option<Probe> {
        self.0.get(whom).filter(|probe| probe.number == number)?;
        self.0.remove(whom)
    }

    /// Whom a helper was asked about by this number, if it was; it counts as one that answers.
    pub(crate) fn heard_of(&mut self, helper: &NodeId, number: u32) -> Option<NodeId> {
        let (whom, probe) = self.0.iter_mut().find(|(_, probe)| probe.number == number)?;
        if !probe.helpers.contains(helper) {
            return None;
        }
        if !probe.heard.contains(helper) {
            probe.heard.push(*helper);
        }
        Some(*whom)
    }

    /// A probe that needs its next step.
    pub(crate) fn due(&self, now: Moment) -> Option<(NodeId, Stage)> {
        let due = self.0.iter().find(|(_, probe)| probe.due_at() <= now);
        due.map(|(whom, probe)| (*whom, probe.stage))
    }

    /// Silence counts from here on. Tells in which life the member is silent, how much of it may be this
    /// node's own fault: the helpers that did not say a word either, or one where there was none to ask; and what it shows.
    pub(crate) fn judge(&mut self, whom: &NodeId) -> Option<(Incarnation, u8, Basis)> {
        let probe = self.0.get_mut(whom)?;
        probe.stage = Stage::Judged;
        let silent = probe.helpers.len() - probe.heard.len();
        let own_fault = if probe.helpers.is_empty() { 1 } else { silent };
        Some((probe.incarnation, u8::try_from(own_fault).unwrap_or(u8::MAX), probe.basis))
    }

    pub(crate) fn forget(&mut self, whom: &NodeId) {
        self.0.remove(whom);
    }

    pub(crate) fn next_due(&self) -> Moment {
        self.0.values().map(Probe::due_at).min().unwrap_or(Moment::NEVER)
    }

    /// What passed while this node slept is no time in which anybody could have answered.
    pub(crate) fn delay(&mut self, by: Duration) {
        for probe in self.0.values_mut() {
            probe.sent += by;
            probe.ask_at += by;
            probe.judge_at += by;
        }
    }
}

impl Probe {
    /// One that is sent now, and waits so long before others are asked, and before silence counts.
    pub(crate) fn new(
        number: u32,
        incarnation: Incarnation,
        sent: Moment,
        [first, whole]: [Duration; 2],
        basis: Basis,
    ) -> Self {
        Self {
            number,
            incarnation,
            sent,
            ask_at: sent + first.min(whole),
            judge_at: sent + whole,
            stage: Stage::Sent,
            basis,
            helpers: Vec::new(),
            heard: Vec::new(),
        }
    }

    fn due_at(&self) -> Moment {
        match self.stage {
            Stage::Sent => self.ask_at,
            Stage::Helped => self.judge_at,
            Stage::Judged => self.judge_at + (self.judge_at - self.sent) * LATE,
        }
    }
}
