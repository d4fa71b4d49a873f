//! Pings for others.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::node_id::NodeId;
use crate::moment::Moment;

/// A ping that another asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Errand {
    pub(crate) asker: NodeId,
    /// By which the asker knows it.
    pub(crate) number: u32,
    pub(crate) whom: NodeId,
    pub(crate) until: Moment,
}

/// The pings that are out for others, each by the number it was sent with.
#[derive(Debug, Default)]
pub(crate) struct Errands(BTreeMap<u32, Errand>);

/// Errands at once.
pub(crate) const ERRANDS_MAX: usize = 128;

impl Errands {
    /// Whether there is room for one more.
    pub(crate) fn has_room(&self) -> bool {
        self.0.len() < ERRANDS_MAX
    }

    pub(crate) fn begin(&mut self, sent_as: u32, errand: Errand) {
        self.0.insert(sent_as, errand);
    }

    /// The errand that this answer ends.
    pub(crate) fn answered(&mut self, whom: &NodeId, number: u32) -> Option<Errand> {
        self.0.get(&number).filter(|errand| errand.whom == *whom)?;
        self.0.remove(&number)
    }

    /// An errand that found nobody.
    pub(crate) fn due(&mut self, now: Moment) -> Option<Errand> {
        let number = *self.0.iter().find(|(_, errand)| errand.until <= now)?.0;
        self.0.remove(&number)
    }

    /// What passed while this node slept is no time in which anybody could have answered.
    pub(crate) fn delay(&mut self, by: Duration) {
        self.0.values_mut().for_each(|errand| errand.until += by);
    }

    pub(crate) fn next_due(&self) -> Moment {
        self.0.values().map(|errand| errand.until).min().unwrap_or(Moment::NEVER)
    }
}
