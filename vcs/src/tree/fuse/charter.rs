//! What the rules of three trees say about what both sides changed.
//!
//! Which tree's rules hold when the rules themselves differ? Not those of one side: a replica that names the sides the other way
//! would come to another tree. Not those of the base alone: who writes a rule because of a conflict expects it to settle that
//! conflict. Not those of the merged file either: two sides that each added a rule may be in conflict there, though no path is
//! meant by both, and the order in which lines come to stand would decide. So what is merged is each answer, like any value
//! (see [`MergeRules`]): for every path and key the three files are asked, and an answer that one side changed holds.
//!
//! The attributes that git knows speak first: what they say of merging holds where no rule says something else.
//!
//! A file that can not be read says nothing, and nobody knows what it was to say: then nothing that both sides changed is
//! settled without a person, and that is told. If only the base's can not be read, the sides mended it, and it counts as none.

use selkie_store::{Node, ReadError, RepoPath, Store};

use crate::attributes::MergeAttribute;
use crate::conflict::text_of;
use crate::merge::file_type::Nature;
use crate::merge::part::{MergeSide, RuleSource};
use crate::merge::rules::{MergeRules, Ruled, Settling, Voice};
use crate::rules::read::{RulesError, RulesProblem};
use crate::rules::{FileRule, Rules};
use crate::strategy::Strategy;
use crate::tree::attributes::TreeAttributes;
use crate::tree::fuse::moves::node_at;
use crate::tree::fuse::source::{Arbiter, Fusing};
use crate::tree::fuse::writing::Writing;

/// The rules that hold in one fuse.
#[derive(Debug)]
pub(super) struct Charter {
    arbiter: Arbiter,
    /// Of the base, of ours and of theirs.
    rules: [Rules; 3],
    attributes: [TreeAttributes; 3],
    pub(super) broken: Option<RulesError>,
}

/// A path that both sides changed, as each side calls it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub(super) paths: [&'a RepoPath; 2],
    pub(super) nature: Nature,
}

impl Charter {
    pub(super) fn read(store: &Store, fusing: &Fusing) -> Result<Self, ReadError> {
        let trees = [fusing.base, fusing.ours, fusing.theirs].map(|source| source.tree);
        let (arbiter, none) = (fusing.arbiter, Default::default());
        let attributes = trees.map(TreeAttributes::new);
        let mut charter = Self { arbiter, rules: none, attributes, broken: None };
        if fusing.arbiter != Arbiter::Trees {
            return Ok(charter);
        }
        for (at, tree) in trees.into_iter().enumerate() {
            match rules(store, node_at(store, tree, &Rules::path())?.as_ref())? {
                Ok(rules) => charter.rules[at] = rules,
                Err(error) if at > 0 => charter.broken = charter.broken.or(Some(error)),
                Err(_) => {}
            }
        }
        Ok(charter)
    }

    /// Whether there is no rule at all.
    pub(super) fn is_silent(&self) -> bool {
        let says_nothing = self.rules.iter().all(|rules| rules.iter().next().is_none());
        match self.arbiter {
            Arbiter::Nobody => true,
            Arbiter::Asked(_) => false,
            Arbiter::Trees => says_nothing && self.broken.is_none(),
        }
    }

    /// What holds for a file.
    pub(super) fn of(
        &self,
        store: &Store,
        fusing: &Fusing,
        subject: Subject,
    ) -> Result<MergeRules, ReadError> {
        let weighing = Weighing { store, fusing, subject };
        let path = subject.paths[0].as_str();
        match self.arbiter {
            Arbiter::Nobody => Ok(MergeRules::default()),
            Arbiter::Asked(strategy) => {
                let settling = weighing.settling(strategy, None)?;
                Ok(MergeRules::whole(Ruled { settling, strategy, source: RuleSource::Nowhere }))
            }
            Arbiter::Trees if self.broken.is_some() => {
                let (settling, strategy) = (Settling::Manual, Strategy::Manual);
                Ok(MergeRules::whole(Ruled { settling, strategy, source: RuleSource::Nowhere }))
            }
            Arbiter::Trees => {
                let mut voices = [const { Vec::new() }; 3];
                let said = self.rules.iter().zip(&self.attributes);
                for ((rules, attributes), voices) in said.zip(&mut voices) {
                    voices
                        .extend(attribute(attributes.beside(store, subject.paths[0])?.merge(path)));
                    for rule in rules.of_file(path, subject.nature) {
                        let settling = weighing.settling(rule.strategy, Some(rule))?;
                        let (strategy, source) = (rule.strategy, RuleSource::Line(rule.line));
                        let ruled = Ruled { settling, strategy, source };
                        voices.push(Voice { key: rule.key.clone(), ruled });
                    }
                }
                Ok(MergeRules::of_trees(voices))
            }
        }
    }

    /// The name of the command that is to settle this file, if that is what holds for it.
    pub(super) fn command(&self, subject: Subject) -> Option<&str> {
        if self.arbiter != Arbiter::Trees || self.broken.is_some() {
            return None;
        }
        let [base, ours, theirs] = self.rules.each_ref().map(|rules| {
            let rule = rules.of(subject.paths[0].as_str(), subject.nature, &[]);
            rule.and_then(|rule| rule.command.as_deref())
        });
        if ours == theirs || theirs == base {
            ours
        } else if ours == base {
            theirs
        } else {
            None
        }
    }
}

/// What an attribute says, as the first rule of all: those that somebody wrote for us come behind it.
fn attribute(said: MergeAttribute) -> Option<Voice> {
    let (settling, strategy) = match said {
        MergeAttribute::Union => (Settling::Union, Strategy::Union),
        MergeAttribute::Binary => (Settling::Whole, Strategy::Manual),
        MergeAttribute::Text | MergeAttribute::Unsaid => return None,
    };
    let ruled = Ruled { settling, strategy, source: RuleSource::Attributes };
    Some(Voice { key: None, ruled })
}

/// The rules that a node holds, or why it holds none.
fn rules(store: &Store, node: Option<&Node>) -> Result<Result<Rules, RulesError>, ReadError> {
    let no_text = || RulesError { line: 1, problem: RulesProblem::NoText };
    Ok(match node {
        None => Ok(Rules::default()),
        Some(node @ (Node::File(_) | Node::Executable(_))) => {
            text_of(store, node)?.ok_or_else(no_text).and_then(|text| Rules::read(&text))
        }
        Some(Node::Symlink(_) | Node::Directory(_) | Node::Conflict(_) | Node::Foreign(_)) => {
            Err(no_text())
        }
    })
}

/// What it takes to tell which side a strategy means.
struct Weighing<'a> {
    store: &'a Store,
    fusing: &'a Fusing<'a>,
    subject: Subject<'a>,
}

impl Weighing<'_> {
    fn settling(&self, strategy: Strategy, rule: Option<&FileRule>) -> Result<Settling, ReadError> {
        let side = match strategy {
            Strategy::Manual => return Ok(Settling::Manual),
            Strategy::Union => return Ok(Settling::Union),
            Strategy::Set => return Ok(Settling::Set(rule.and_then(|rule| rule.by.clone()))),
            Strategy::AutoMerge | Strategy::Command => None,
            Strategy::PreferLocal => Some(MergeSide::Ours),
            Strategy::PreferRemote => Some(MergeSide::Theirs),
            Strategy::LastWrite => self.later()?,
            Strategy::FirstWrite => self.later()?.map(MergeSide::other),
            Strategy::Authority => match rule {
                Some(rule) => self.vouched(rule)?,
                None => None,
            },
        };
        Ok(side.map_or(Settling::Steps, Settling::Side))
    }

    fn writings(&self) -> Result<[Option<Writing>; 2], ReadError> {
        let [ours, theirs] = self.subject.paths;
        Ok([
            Writing::last(self.store, self.fusing.ours, ours)?,
            Writing::last(self.store, self.fusing.theirs, theirs)?,
        ])
    }

    /// The side that wrote the path last. None if that can not be told: nobody wrote one of them.
    fn later(&self) -> Result<Option<MergeSide>, ReadError> {
        let [Some(ours), Some(theirs)] = self.writings()? else { return Ok(None) };
        Ok(ours.later(&theirs))
    }

    /// The side whose writing one of the keys vouches for, if it is one side alone.
    fn vouched(&self, rule: &FileRule) -> Result<Option<MergeSide>, ReadError> {
        let mut speaks = [false; 2];
        for (speaks, writing) in speaks.iter_mut().zip(self.writings()?) {
            let key = writing.map(|writing| writing.voucher(self.store)).transpose()?.flatten();
            *speaks = key.is_some_and(|key| rule.authority.contains(&key));
        }
        Ok(match speaks {
            [true, false] => Some(MergeSide::Ours),
            [false, true] => Some(MergeSide::Theirs),
            [true, true] | [false, false] => None,
        })
    }
}
