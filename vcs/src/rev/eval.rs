//! What an expression means.

use std::ops::ControlFlow;

use selkie_store::{Seal, SealId};

use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::graph::row::Row;
use crate::graph::rows::RowSet;
use crate::graph::touched::{Touch, path_number};
use crate::graph::trees::TreeReader;
use crate::graph::walk::Line;
use crate::rev::ast::{Call, Expr, Narrowing, Place, Says};
use crate::rev::error::RevError;
use crate::rev::glob::Glob;
use crate::rev::parse::parse_rev;
use crate::rev::resolve::Revs;

#[cfg(test)]
mod tests;

/// The seals that a revision means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Selected {
    /// These.
    Seals(RowSet),
    /// All that `tips` came from and `hidden` did not: not looked for before somebody walks.
    Range {
        /// The newest ends.
        tips: Vec<Row>,
        /// What is left out, with all it came from.
        hidden: Vec<Row>,
    },
}

impl Selected {
    /// The seals as a set.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn rows(&self, graph: &Graph) -> Result<RowSet, GraphError> {
        match self {
            Self::Seals(rows) => Ok(rows.clone()),
            Self::Range { tips, hidden } => {
                let above = graph.ancestors(&tips.iter().copied().collect())?;
                if hidden.is_empty() {
                    return Ok(above);
                }
                Ok(above.minus(&graph.ancestors(&hidden.iter().copied().collect())?))
            }
        }
    }

    /// The seals, newest first. Of a range only as many are looked for as are taken.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn newest_first<'g>(
        &self,
        graph: &'g Graph,
    ) -> Result<Box<dyn Iterator<Item = Result<Row, GraphError>> + 'g>, GraphError> {
        match self {
            Self::Range { tips, hidden } => Ok(Box::new(graph.walk(tips, hidden, Line::All)?)),
            Self::Seals(rows) => {
                let mut ordered = Vec::new();
                for row in rows.iter() {
                    ordered.push((graph.order(row)?, row));
                }
                ordered.sort_unstable();
                Ok(Box::new(ordered.into_iter().rev().map(|(_, row)| Ok(row))))
            }
        }
    }
}

impl Revs<'_> {
    /// The one seal that a text means.
    ///
    /// # Errors
    ///
    /// The text is no revision, or means no seal, or several.
    pub fn seal(&self, text: &str) -> Result<Row, RevError> {
        self.one(text, &parse_rev(text)?)
    }

    /// The one seal that an expression in this text means.
    pub(super) fn one(&self, text: &str, expr: &Expr) -> Result<Row, RevError> {
        let rows: Vec<Row> = self.select(expr)?.rows(self.graph)?.iter().collect();
        let written = text.get(expr.place.clone()).unwrap_or(text);
        match rows[..] {
            [] => Err(RevError::Nothing { place: expr.place.clone(), text: written.to_owned() }),
            [one] => Ok(one),
            _ => Err(self.ambiguous(written, &expr.place, &rows)?),
        }
    }

    /// The seals that a text means.
    ///
    /// # Errors
    ///
    /// The text is no revision, or a name in it leads nowhere.
    pub fn set(&self, text: &str) -> Result<Selected, RevError> {
        self.select(&parse_rev(text)?)
    }

    /// The seals of the history that a text means. A name, alone or with steps from it, stands for all that
    /// it came from; everything else is the set that it says.
    ///
    /// # Errors
    ///
    /// The text is no revision, or a name in it leads nowhere.
    pub fn history(&self, text: &str) -> Result<Selected, RevError> {
        let expr = parse_rev(text)?;
        match expr.says {
            Says::Name(_) | Says::Here | Says::Past(..) | Says::Back(..) | Says::Parent(..) => {
                let tips = self.rows_of(&expr)?.iter().collect();
                Ok(Selected::Range { tips, hidden: Vec::new() })
            }
            Says::Children(_)
            | Says::Range(..)
            | Says::Either(..)
            | Says::Or(_)
            | Says::Narrow(..)
            | Says::Call(_) => self.select(&expr),
        }
    }

    /// The seals that an expression means.
    ///
    /// # Errors
    ///
    /// A name in it leads nowhere.
    pub fn select(&self, expr: &Expr) -> Result<Selected, RevError> {
        let place = &expr.place;
        let rows = match &expr.says {
            Says::Name(name) => self.named(name, place)?.into_iter().collect(),
            Says::Here => self.here(place)?.into_iter().collect(),
            Says::Past(line, moment) => self.then(line, moment, place)?.into_iter().collect(),
            Says::Back(of, steps) => self.back(&self.rows_of(of)?, *steps)?,
            Says::Parent(of, nth) => self.parent(&self.rows_of(of)?, *nth)?,
            Says::Children(of) => self.graph.children(&self.rows_of(of)?)?,
            Says::Range(from, to) => {
                let hidden = self.rows_of(from)?.iter().collect();
                return Ok(Selected::Range { tips: self.rows_of(to)?.iter().collect(), hidden });
            }
            Says::Either(one, other) => {
                let one = self.graph.ancestors(&self.rows_of(one)?)?;
                let other = self.graph.ancestors(&self.rows_of(other)?)?;
                one.minus(&other).or(&other.minus(&one))
            }
            Says::Or(all) => {
                let mut rows = RowSet::default();
                for one in all {
                    rows = rows.or(&self.rows_of(one)?);
                }
                rows
            }
            Says::Narrow(first, more) => self.narrow(first, more)?,
            Says::Call(call) => return self.call(call, place),
        };
        Ok(Selected::Seals(rows))
    }

    fn rows_of(&self, expr: &Expr) -> Result<RowSet, RevError> {
        Ok(self.select(expr)?.rows(self.graph)?)
    }

    fn back(&self, rows: &RowSet, steps: u32) -> Result<RowSet, RevError> {
        let mut found = RowSet::default();
        for row in rows.iter() {
            let mut at = Some(row);
            for _ in 0..steps {
                let Some(child) = at else { break };
                at = self.graph.parents(child)?.next();
            }
            if let Some(row) = at
                && !self.graph.is_absent(row)?
            {
                found.insert(row);
            }
        }
        Ok(found)
    }

    fn parent(&self, rows: &RowSet, nth: u32) -> Result<RowSet, RevError> {
        let Some(before) = nth.checked_sub(1) else { return Ok(rows.clone()) };
        let mut found = RowSet::default();
        for row in rows.iter() {
            let parent = self.graph.parents(row)?.nth(before as usize);
            if let Some(parent) = parent
                && !self.graph.is_absent(parent)?
            {
                found.insert(parent);
            }
        }
        Ok(found)
    }

    /// Sets come first and what looks at each seal last, so that it looks at few.
    fn narrow(&self, first: &Expr, more: &[(Narrowing, Expr)]) -> Result<RowSet, RevError> {
        let mut narrowings = vec![(Narrowing::And, first)];
        narrowings.extend(more.iter().map(|(by, expr)| (*by, expr)));
        let (tests, sets): (Vec<_>, Vec<_>) =
            narrowings.into_iter().partition(|(_, expr)| test_of(expr).is_some());
        let mut rows: Option<RowSet> = None;
        for (_, expr) in sets.iter().filter(|(by, _)| *by == Narrowing::And) {
            let own = self.rows_of(expr)?;
            rows = Some(rows.map_or_else(|| own.clone(), |rows| rows.and(&own)));
        }
        let mut rows = match rows {
            Some(rows) => rows,
            None => self.all()?.rows(self.graph)?,
        };
        for (_, expr) in sets.iter().filter(|(by, _)| *by == Narrowing::Without) {
            rows = rows.minus(&self.rows_of(expr)?);
        }
        for (by, expr) in tests {
            let call = test_of(expr).expect("they were parted by it");
            let fit = self.test(call, &rows, &expr.place)?;
            rows = match by {
                Narrowing::And => fit,
                Narrowing::Without => rows.minus(&fit),
            };
        }
        Ok(rows)
    }

    fn all(&self) -> Result<Selected, RevError> {
        Ok(Selected::Range { tips: self.tips()?, hidden: Vec::new() })
    }

    fn call(&self, call: &Call, place: &Place) -> Result<Selected, RevError> {
        let rows = match call {
            Call::All => return self.all(),
            Call::None => RowSet::default(),
            Call::Heads(of) => self.graph.tips(&self.rows_of(of)?)?,
            Call::Roots(of) => self.graph.roots(&self.rows_of(of)?)?,
            Call::Ancestors(of) => {
                let tips = self.rows_of(of)?.iter().collect();
                return Ok(Selected::Range { tips, hidden: Vec::new() });
            }
            Call::Descendants(of) => self.graph.descendants(&self.rows_of(of)?)?,
            Call::Parents(of) => self.parents(&self.rows_of(of)?)?,
            Call::Children(of) => self.graph.children(&self.rows_of(of)?)?,
            Call::Bases(one, other) => {
                let [one, other] = [self.rows_of(one)?, self.rows_of(other)?];
                let [one, other] = [one, other].map(|rows| rows.iter().collect::<Vec<_>>());
                self.graph.merge_bases(&one, &other)?.into_iter().collect()
            }
            Call::Latest(of, count) => {
                let selected = self.select(of)?;
                let newest = selected.newest_first(self.graph)?.take(*count as usize);
                newest.collect::<Result<_, _>>()?
            }
            Call::Diverged => self.heads_of_timelines(2)?,
            Call::Timelines => self.heads_of_timelines(1)?,
            Call::Tags => self.tagged()?,
            Call::Merges
            | Call::Author(_)
            | Call::Message(_)
            | Call::Path(_)
            | Call::After(_)
            | Call::Before(_) => self.test(call, &self.all()?.rows(self.graph)?, place)?,
        };
        Ok(Selected::Seals(rows))
    }

    fn parents(&self, rows: &RowSet) -> Result<RowSet, RevError> {
        let mut found = RowSet::default();
        for row in rows.iter() {
            for parent in self.graph.parents(row)? {
                if !self.graph.is_absent(parent)? {
                    found.insert(parent);
                }
            }
        }
        Ok(found)
    }

    /// The heads of the timelines that have at least so many.
    fn heads_of_timelines(&self, count_min: usize) -> Result<RowSet, RevError> {
        let mut rows = RowSet::default();
        for timeline in self.names.timelines().map_err(RevError::Lookup)? {
            let heads = self.names.heads(&timeline).map_err(RevError::Lookup)?.unwrap_or_default();
            if heads.len() >= count_min {
                self.insert_here(&heads, &mut rows)?;
            }
        }
        Ok(rows)
    }

    fn tagged(&self) -> Result<RowSet, RevError> {
        let mut rows = RowSet::default();
        for tag in self.names.tags().map_err(RevError::Lookup)? {
            let seals = self.names.tag(&tag).map_err(RevError::Lookup)?.unwrap_or_default();
            self.insert_here(&seals, &mut rows)?;
        }
        Ok(rows)
    }

    /// Adds those of the seals that are here.
    fn insert_here(&self, seals: &[SealId], rows: &mut RowSet) -> Result<(), RevError> {
        for seal in seals {
            if let Some(row) = self.graph.row(*seal)?
                && !self.graph.is_absent(row)?
            {
                rows.insert(row);
            }
        }
        Ok(())
    }

    /// Those of the rows that pass.
    fn test(&self, call: &Call, rows: &RowSet, place: &Place) -> Result<RowSet, RevError> {
        match call {
            Call::Merges => keep(rows, |row| Ok(self.graph.parents(row)?.nth(1).is_some())),
            Call::Author(text) => {
                let wanted = text.to_lowercase();
                keep(rows, |row| {
                    let author = self.graph.author(row)?;
                    let holds = |text: &str| text.to_lowercase().contains(&wanted);
                    Ok(holds(&author.name) || holds(&author.contact))
                })
            }
            Call::Message(text) => {
                let wanted = text.to_lowercase();
                keep(rows, |row| self.message_holds(row, &wanted))
            }
            Call::Path(pattern) => {
                let glob = Glob::new(pattern);
                let number = path_number(&glob.folder());
                let mut trees = TreeReader::new(self.store);
                keep(rows, |row| match self.graph.touch(row, number)? {
                    Touch::Same | Touch::AsInSecond => Ok(false),
                    Touch::Changed if glob.is_plain() => Ok(true),
                    Touch::Changed | Touch::Unsaid => self.changed(row, &glob, &mut trees),
                })
            }
            Call::After(date) => {
                let then = self.date(date, place)?.as_millisecond();
                keep(rows, |row| Ok(self.made_ms(row)? >= then))
            }
            Call::Before(date) => {
                let then = self.date(date, place)?.as_millisecond();
                keep(rows, |row| Ok(self.made_ms(row)? < then))
            }
            Call::All
            | Call::None
            | Call::Heads(_)
            | Call::Roots(_)
            | Call::Ancestors(_)
            | Call::Descendants(_)
            | Call::Parents(_)
            | Call::Children(_)
            | Call::Bases(..)
            | Call::Latest(..)
            | Call::Diverged
            | Call::Timelines
            | Call::Tags => unreachable!("a set is not a test"),
        }
    }

    fn made_ms(&self, row: Row) -> Result<i64, RevError> {
        let (time, _) = self.graph.time(row)?;
        Ok(i64::try_from(time.ms()).unwrap_or(i64::MAX))
    }

    fn message_holds(&self, row: Row, wanted: &str) -> Result<bool, RevError> {
        if self.graph.title(row)?.to_lowercase().contains(wanted) {
            return Ok(true);
        }
        let seal: Seal = self.store.load(self.graph.id(row)?)?;
        Ok(seal.message.to_lowercase().contains(wanted))
    }

    /// Whether a path that fits differs from what it was in every parent.
    fn changed(&self, row: Row, glob: &Glob, trees: &mut TreeReader) -> Result<bool, RevError> {
        let Some(tree) = self.graph.tree(row)? else { return Ok(false) };
        let mut befores = Vec::new();
        for parent in self.graph.parents(row)? {
            befores.extend(self.graph.tree(parent)?.map(Some));
        }
        if befores.is_empty() {
            befores.push(None);
        }
        for before in befores {
            let differs = trees.differences([before, Some(tree), None], |differing| {
                let fits = differing.is_file() && glob.fits(&differing.path);
                if fits { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if differs.is_continue() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn keep(
    rows: &RowSet,
    mut passes: impl FnMut(Row) -> Result<bool, RevError>,
) -> Result<RowSet, RevError> {
    let mut kept = RowSet::default();
    for row in rows.iter() {
        if passes(row)? {
            kept.insert(row);
        }
    }
    Ok(kept)
}

/// What an expression asks of each seal, if it does.
fn test_of(expr: &Expr) -> Option<&Call> {
    match &expr.says {
        Says::Call(call) => match **call {
            Call::Merges
            | Call::Author(_)
            | Call::Message(_)
            | Call::Path(_)
            | Call::After(_)
            | Call::Before(_) => Some(call),
            Call::All
            | Call::None
            | Call::Heads(_)
            | Call::Roots(_)
            | Call::Ancestors(_)
            | Call::Descendants(_)
            | Call::Parents(_)
            | Call::Children(_)
            | Call::Bases(..)
            | Call::Latest(..)
            | Call::Diverged
            | Call::Timelines
            | Call::Tags => None,
        },
        Says::Name(_)
        | Says::Here
        | Says::Past(..)
        | Says::Back(..)
        | Says::Parent(..)
        | Says::Children(_)
        | Says::Range(..)
        | Says::Either(..)
        | Says::Or(_)
        | Says::Narrow(..) => None,
    }
}
