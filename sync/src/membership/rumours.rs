//! What is passed on.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::identity::node_id::NodeId;
use crate::membership::message::News;
use crate::membership::roster::Roster;

/// What a rumour is about. The statement itself is on the roster; what is no longer there is not told.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Subject {
    /// What a member says of itself.
    Life(NodeId),
    /// Where a member says that it is to be found.
    Record(NodeId),
    /// What one says of another.
    Accusation { whom: NodeId, by: NodeId },
}

/// Statements that go along with what is sent anyway: those told least often first, of these the newest.
///
/// A rumour is told some times and then dropped. Who missed it learns it by comparing.
#[derive(Debug, Default)]
pub(crate) struct Rumours {
    queue: BTreeSet<(u32, Reverse<u64>, Subject)>,
    places: BTreeMap<Subject, (u32, Reverse<u64>)>,
    serial: u64,
}

/// Rumours at once. Beyond that the one told most often goes: comparing makes up for it.
pub(crate) const RUMOURS_MAX: usize = 4_096;

impl Rumours {
    /// Begins to tell.
    pub(crate) fn add(&mut self, subject: Subject) {
        self.drop(&subject);
        if self.queue.len() >= RUMOURS_MAX
            && let Some((_, _, worn)) = self.queue.last().copied()
        {
            self.drop(&worn);
        }
        self.serial += 1;
        self.insert(0, Reverse(self.serial), subject);
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether something has not been told at all.
    pub(crate) fn has_fresh(&self) -> bool {
        self.queue.first().is_some_and(|(told, _, _)| *told == 0)
    }

    /// Adds to `news` what has room in a datagram beside it, but no accusations of `to`: those it gets
    /// first, and all.
    pub(crate) fn fill(&mut self, news: &mut News, roster: &Roster, to: &NodeId) {
        let times_max = roster.live().ilog2() + 3;
        let lives = news.lives.len() * News::LIFE_LEN_MAX;
        let mut room = News::ROOM - lives - news.accusations.len() * News::ACCUSATION_LEN_MAX;
        // A record is longer than the others: where it has no room, those behind it may have.
        let mut told = Vec::new();
        for (times, serial, subject) in &self.queue {
            if room < News::ACCUSATION_LEN_MAX {
                break;
            }
            let is_known = match *subject {
                Subject::Life(id) => roster.member(&id).map(|member| {
                    news.lives.push(member.life.clone());
                    room -= News::LIFE_LEN_MAX;
                }),
                Subject::Record(_) if room < News::RECORD_LEN_MAX => continue,
                Subject::Record(id) => {
                    let member = roster.member(&id);
                    member.and_then(|member| member.located.as_ref()).map(|located| {
                        news.records.push(located.record.clone());
                        room -= News::RECORD_LEN_MAX;
                    })
                }
                Subject::Accusation { whom, .. } if whom == *to => continue,
                Subject::Accusation { whom, by } => {
                    let member = roster.member(&whom);
                    member.and_then(|member| member.accusers.get(&by)).map(|accusation| {
                        news.accusations.push(accusation.clone());
                        room -= News::ACCUSATION_LEN_MAX;
                    })
                }
            };
            told.push((*times, *serial, *subject, is_known.is_some()));
        }
        for (times, serial, subject, is_known) in told {
            self.drop(&subject);
            if is_known && times + 1 < times_max {
                self.insert(times + 1, serial, subject);
            }
        }
    }

    fn insert(&mut self, times: u32, serial: Reverse<u64>, subject: Subject) {
        self.queue.insert((times, serial, subject));
        self.places.insert(subject, (times, serial));
    }

    fn drop(&mut self, subject: &Subject) {
        if let Some((times, serial)) = self.places.remove(subject) {
            self.queue.remove(&(times, serial, *subject));
        }
    }
}
