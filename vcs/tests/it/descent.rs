//! Which seal came from which, slowly and plainly.

use std::collections::{BTreeMap, BTreeSet};

use selkie_crdt::Hlc;
use selkie_store::{Seal, SealId};
use selkie_vcs::is_automatic;

/// Every seal that the model knows, by the number that it has there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Descent {
    seals: Vec<SealId>,
    parents: Vec<Vec<SealId>>,
    replaces: Vec<BTreeSet<SealId>>,
    times: Vec<Hlc>,
    /// Whether nobody asked for it.
    unasked: Vec<bool>,
}

impl Descent {
    /// Makes known a seal whose parents are known.
    pub(crate) fn add(&mut self, id: SealId, seal: &Seal) {
        self.seals.push(id);
        self.parents.push(seal.parents.clone());
        self.replaces.push(seal.replaces.clone());
        self.times.push(seal.time);
        self.unasked.push(is_automatic(seal));
    }

    pub(crate) fn number(&self, id: SealId) -> Option<usize> {
        self.seals.iter().position(|seal| *seal == id)
    }

    pub(crate) fn id(&self, number: usize) -> SealId {
        self.seals[number]
    }

    /// When it was made. Of two at once, the one with the lesser name was first.
    pub(crate) fn time(&self, number: usize) -> (Hlc, SealId) {
        (self.times[number], self.seals[number])
    }

    /// The first of all that a seal came from, along first parents.
    pub(crate) fn root(&self, mut seal: usize) -> usize {
        while let Some(parent) = self.parents[seal].first() {
            seal = self.number(*parent).expect("parents are known");
        }
        seal
    }

    /// A seal and all that it came from.
    pub(crate) fn line(&self, seal: usize) -> BTreeSet<usize> {
        let (mut line, mut open) = (BTreeSet::new(), vec![seal]);
        while let Some(seal) = open.pop() {
            if line.insert(seal) {
                let parents = self.parents[seal].iter();
                open.extend(parents.map(|parent| self.number(*parent).expect("it is known")));
            }
        }
        line
    }

    /// Whether the one leads to the other, or to what was made of it, or to all that the other one settles.
    pub(crate) fn covers(&self, seal: usize, other: usize) -> bool {
        if self.leads(seal, other) {
            return true;
        }
        let Some((question, answers)) = self.settles(other) else { return false };
        match self.settles(seal) {
            // A lot is of several answers, and one answer is of itself.
            Some((asked, ours)) if asked == question => {
                ours.len() > 1
                    && (answers.len() == 1 || (answers != ours && answers.is_subset(&ours)))
            }
            _ => question.iter().all(|part| self.leads(seal, *part)),
        }
    }

    fn leads(&self, seal: usize, other: usize) -> bool {
        let line = self.line(seal);
        let rewrites = |own: &usize| self.replaces[*own].contains(&self.seals[other]);
        line.contains(&other) || line.iter().any(rewrites)
    }

    /// What a seal settles that nobody asked for, and the answers that it stands for.
    fn settles(&self, seal: usize) -> Option<(BTreeSet<usize>, BTreeSet<usize>)> {
        let parents = |seal: usize| -> BTreeSet<usize> {
            let numbers = self.parents[seal].iter().map(|parent| self.number(*parent));
            numbers.map(|number| number.expect("parents are known")).collect()
        };
        let own = parents(seal);
        let below: BTreeSet<_> = own.iter().map(|answer| parents(*answer)).collect();
        if !self.unasked[seal] {
            None
        } else if own.iter().all(|answer| self.unasked[*answer]) && below.len() == 1 {
            Some((below.into_iter().next()?, own))
        } else {
            Some((own, BTreeSet::from([seal])))
        }
    }

    /// Those that no other one covers which is left itself.
    pub(crate) fn newest(&self, heads: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut found = BTreeMap::new();
        heads.iter().for_each(|head| _ = self.is_left(*head, heads, &mut found));
        heads.iter().copied().filter(|head| found[head]).collect()
    }

    fn is_left(
        &self,
        head: usize,
        heads: &BTreeSet<usize>,
        found: &mut BTreeMap<usize, bool>,
    ) -> bool {
        if let Some(is_left) = found.get(&head) {
            return *is_left;
        }
        let above = heads.iter().copied().filter(|one| *one != head && self.covers(*one, head));
        let is_left = !above.collect::<Vec<_>>().iter().any(|one| self.is_left(*one, heads, found));
        found.insert(head, is_left);
        is_left
    }
}
