//! What a name means.

use std::collections::BTreeMap;
use std::error::Error;

use jiff::{Timestamp, Zoned};
use selkie_store::{ChangeId, ObjectId, SealId, Store};

use crate::graph::index::Graph;
use crate::graph::row::Row;
use crate::graph::rows::RowSet;
use crate::rev::ast::{Moment, Place, Says, Subject};
use crate::rev::error::{Candidate, RevError};
use crate::rev::name::{TagName, TimelineName};
use crate::rev::near::nearest;
use crate::rev::parse::parse_rev;
use crate::seal_name::{SealName, changes_by_letters};
use crate::when::parse_when;

/// What the words of a revision are looked up in.
pub struct Revs<'a> {
    /// The history.
    pub graph: &'a Graph,
    /// Where messages and trees are.
    pub store: &'a Store,
    /// Where names lead.
    pub names: &'a dyn Lookups,
    /// The time and zone of whoever asks.
    pub now: &'a Zoned,
}

/// Timelines, tags and the place of a clone, now and earlier. An answer of none means that there is
/// no such thing, or was not then.
pub trait Lookups {
    /// Where this clone stands.
    ///
    /// # Errors
    ///
    /// It can not be read, as with every question here.
    fn place(&self) -> Result<Option<SealId>, LookupError>;

    /// The names of all timelines.
    ///
    /// # Errors
    ///
    /// They can not be read.
    fn timelines(&self) -> Result<Vec<TimelineName>, LookupError>;

    /// The heads of a timeline, folded.
    ///
    /// # Errors
    ///
    /// They can not be read.
    fn heads(&self, timeline: &TimelineName) -> Result<Option<Vec<SealId>>, LookupError>;

    /// The names of all tags.
    ///
    /// # Errors
    ///
    /// They can not be read.
    fn tags(&self) -> Result<Vec<TagName>, LookupError>;

    /// What a tag names: several seals where replicas set it at once.
    ///
    /// # Errors
    ///
    /// It can not be read.
    fn tag(&self, tag: &TagName) -> Result<Option<Vec<SealId>>, LookupError>;

    /// Where this clone stood.
    ///
    /// # Errors
    ///
    /// It can not be read.
    fn place_then(&self, then: Then) -> Result<Option<SealId>, LookupError>;

    /// The heads that a timeline had.
    ///
    /// # Errors
    ///
    /// They can not be read.
    fn heads_then(
        &self,
        timeline: &TimelineName,
        then: Then,
    ) -> Result<Option<Vec<SealId>>, LookupError>;
}

/// Whatever keeps names from being read.
pub type LookupError = Box<dyn Error + Send + Sync>;

/// A point of the past.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Then {
    /// A moment.
    At(Timestamp),
    /// So many operations ago.
    Operations(u32),
}

/// Candidates that an error lists.
const CANDIDATES_MAX: usize = 10;
/// Letters of a hash or a change id that are enough to look for it, and of a seal name.
const HASH_LEN_MIN: usize = 4;
const NAME_LEN_MIN: usize = 3;
/// What git calls the place. Hands type it; a timeline or tag of that name goes before.
const HEAD: &str = "HEAD";

impl Revs<'_> {
    /// The seals of a name: all heads of a timeline, all that a tag stands at, or one seal.
    pub(super) fn named(&self, name: &str, place: &Place) -> Result<Vec<Row>, RevError> {
        if let Ok(timeline) = TimelineName::new(name)
            && let Some(heads) = self.names.heads(&timeline).map_err(RevError::Lookup)?
        {
            return self.rows(&heads, place);
        }
        if let Ok(tag) = TagName::new(name)
            && let Some(seals) = self.names.tag(&tag).map_err(RevError::Lookup)?
        {
            return self.rows(&seals, place);
        }
        if name == HEAD {
            return self.here(place);
        }
        let mut found = self.by_hash(name)?;
        found.extend(self.by_change(name)?);
        found.sort_unstable();
        found.dedup();
        match found[..] {
            [] => Err(self.unknown("timeline, tag or seal", name, place)?),
            [one] => Ok(vec![one]),
            _ => Err(self.ambiguous(name, place, &found)?),
        }
    }

    /// Whether a text is a name and neither a timeline, a tag nor the place has it: at most it begins like the name or the
    /// hash of a seal. A file of that very name is more likely to be meant.
    ///
    /// # Errors
    ///
    /// Timelines or tags can not be read.
    pub fn is_loose(&self, text: &str) -> Result<bool, RevError> {
        let Ok(Says::Name(name)) = parse_rev(text).map(|expr| expr.says) else { return Ok(false) };
        let timeline = TimelineName::new(&name).ok().map(|name| self.names.heads(&name));
        let tag = TagName::new(&name).ok().map(|name| self.names.tag(&name));
        let is_timeline = timeline.transpose().map_err(RevError::Lookup)?.flatten().is_some();
        let is_tag = tag.transpose().map_err(RevError::Lookup)?.flatten().is_some();
        Ok(name != HEAD && !is_timeline && !is_tag)
    }

    /// Where this clone stands.
    pub(super) fn here(&self, place: &Place) -> Result<Vec<Row>, RevError> {
        match self.names.place().map_err(RevError::Lookup)? {
            Some(seal) => self.rows(&[seal], place),
            None => Err(RevError::NoPlace { place: place.clone() }),
        }
    }

    /// Where a timeline or this clone was.
    pub(super) fn then(
        &self,
        line: &Subject,
        moment: &Moment,
        place: &Place,
    ) -> Result<Vec<Row>, RevError> {
        let then = match moment {
            Moment::Operations(count) => Then::Operations(*count),
            Moment::Date(text) => Then::At(self.date(text, place)?),
        };
        let (what, seals) = match line {
            Subject::Here => {
                let seal = self.names.place_then(then).map_err(RevError::Lookup)?;
                ("@", seal.map(|seal| vec![seal]))
            }
            Subject::Timeline(name) => (name.as_str(), self.heads_then(name, then, place)?),
        };
        let forgotten = || RevError::Forgotten { place: place.clone(), what: what.to_owned() };
        self.rows(&seals.ok_or_else(forgotten)?, place)
    }

    fn heads_then(
        &self,
        name: &str,
        then: Then,
        place: &Place,
    ) -> Result<Option<Vec<SealId>>, RevError> {
        let known = match TimelineName::new(name) {
            Ok(timeline) => self.names.heads_then(&timeline, then).map_err(RevError::Lookup)?,
            Err(_) => None,
        };
        let exists = |name: TimelineName| self.names.heads(&name).map_err(RevError::Lookup);
        match (known, TimelineName::new(name).ok().map(exists).transpose()?.flatten()) {
            (Some(heads), _) => Ok(Some(heads)),
            (None, Some(_)) => Ok(None),
            (None, None) if name == HEAD => {
                let place = self.names.place_then(then).map_err(RevError::Lookup)?;
                Ok(place.map(|seal| vec![seal]))
            }
            (None, None) => Err(self.unknown("timeline", name, place)?),
        }
    }

    pub(super) fn date(&self, text: &str, place: &Place) -> Result<Timestamp, RevError> {
        let wrong = |source| RevError::Date { place: place.clone(), source };
        parse_when(text, self.now).map_err(wrong)
    }

    /// What timelines, tags and the place name: the tips of all that is in use.
    pub(super) fn tips(&self) -> Result<Vec<Row>, RevError> {
        let mut seals = Vec::new();
        seals.extend(self.names.place().map_err(RevError::Lookup)?);
        for timeline in self.names.timelines().map_err(RevError::Lookup)? {
            seals
                .extend(self.names.heads(&timeline).map_err(RevError::Lookup)?.unwrap_or_default());
        }
        for tag in self.names.tags().map_err(RevError::Lookup)? {
            seals.extend(self.names.tag(&tag).map_err(RevError::Lookup)?.unwrap_or_default());
        }
        let mut rows = Vec::new();
        for seal in seals {
            // What is named and not here has no place in a list; asked for by name it is an error.
            if let Some(row) = self.graph.row(seal)?
                && !self.graph.is_absent(row)?
            {
                rows.push(row);
            }
        }
        rows.sort_unstable();
        rows.dedup();
        Ok(rows)
    }

    /// The rows of seals that must be here.
    pub(super) fn rows(&self, seals: &[SealId], place: &Place) -> Result<Vec<Row>, RevError> {
        let mut rows = Vec::with_capacity(seals.len());
        for id in seals {
            match self.graph.row(*id)? {
                Some(row) if !self.graph.is_absent(row)? => rows.push(row),
                Some(_) | None => return Err(RevError::Absent { place: place.clone(), id: *id }),
            }
        }
        Ok(rows)
    }

    pub(super) fn ambiguous(
        &self,
        text: &str,
        place: &Place,
        rows: &[Row],
    ) -> Result<RevError, RevError> {
        let mut candidates = Vec::new();
        for row in rows.iter().take(CANDIDATES_MAX) {
            let id = self.graph.id(*row)?;
            let change = self.graph.change(*row)?;
            let name = change.map_or_else(String::new, |change| self.apart(change, rows));
            candidates.push(Candidate { id, name, title: self.graph.title(*row)?.to_owned() });
        }
        let (place, text, count) = (place.clone(), text.to_owned(), rows.len());
        Ok(RevError::Ambiguous { place, text, count, candidates })
    }

    /// The name of a change, with letters if another of the rows has the same name.
    fn apart(&self, change: ChangeId, rows: &[Row]) -> String {
        let name = SealName::of(change).to_string();
        let others = rows.iter().filter_map(|row| self.graph.change(*row).ok().flatten());
        let same = |other: ChangeId| other != change && SealName::of(other).to_string() == name;
        if others.into_iter().any(same) { SealName::of(change).with_letters(4) } else { name }
    }

    pub(super) fn unknown(
        &self,
        kind: &'static str,
        name: &str,
        place: &Place,
    ) -> Result<RevError, RevError> {
        let timelines = self.names.timelines().map_err(RevError::Lookup)?;
        let tags = self.names.tags().map_err(RevError::Lookup)?;
        let timelines = timelines.iter().map(TimelineName::as_str);
        let near = nearest(name, timelines.chain(tags.iter().map(TagName::as_str)));
        Ok(RevError::Unknown { place: place.clone(), kind, name: name.to_owned(), near })
    }

    fn by_hash(&self, text: &str) -> Result<Vec<Row>, RevError> {
        let Some((first, last)) = hashes(text) else { return Ok(Vec::new()) };
        let mut rows = Vec::new();
        for row in self.graph.rows_by_id(first, last)? {
            if !self.graph.is_absent(row)? {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    /// A change by its letters or its words, and of its versions those that count.
    fn by_change(&self, text: &str) -> Result<Vec<Row>, RevError> {
        let letters = changes_by_letters(text).filter(|_| text.len() >= HASH_LEN_MIN);
        let words = SealName::changes(text).filter(|_| text.len() >= NAME_LEN_MIN);
        let mut versions: BTreeMap<ChangeId, RowSet> = BTreeMap::new();
        for range in letters.into_iter().chain(words) {
            for row in self.graph.rows_by_change(&range)? {
                let change = self.graph.change(row)?.expect("found by its change");
                versions.entry(change).or_default().insert(row);
            }
        }
        let mut rows = Vec::new();
        for versions in versions.into_values() {
            rows.extend(self.that_count(&versions)?.iter());
        }
        Ok(rows)
    }

    /// Of several versions those in use, else those that nothing replaced.
    fn that_count(&self, versions: &RowSet) -> Result<RowSet, RevError> {
        if versions.len() == 1 {
            return Ok(versions.clone());
        }
        let tips = self.tips()?.into_iter().collect();
        let used = self.graph.ancestors(&tips)?.and(versions);
        if !used.is_empty() {
            return Ok(used);
        }
        let mut last = RowSet::default();
        for row in versions.iter() {
            if self.graph.replaced_by(self.graph.id(row)?)?.is_empty() {
                last.insert(row);
            }
        }
        Ok(if last.is_empty() { versions.clone() } else { last })
    }
}

/// The first and the last hash that begin with these digits.
fn hashes(text: &str) -> Option<(ObjectId, ObjectId)> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let fits = (HASH_LEN_MIN..=2 * ObjectId::LEN).contains(&text.len());
    if !fits || !text.bytes().all(is_digit) {
        return None;
    }
    let filled = |fill: &str| format!("{text}{}", fill.repeat(2 * ObjectId::LEN - text.len()));
    Some((filled("0").parse().ok()?, filled("f").parse().ok()?))
}
