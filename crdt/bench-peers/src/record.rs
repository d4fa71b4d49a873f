//! What one crate did in one workload.

use std::collections::BTreeMap;
use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};

use crate::row::Row;

/// The figures of one crate in one workload, run after run.
pub struct Record {
    rows: &'static [Row],
    figures: BTreeMap<&'static str, Vec<f64>>,
    absent: BTreeMap<&'static str, &'static str>,
    notes: BTreeMap<&'static str, &'static str>,
    aside: BTreeMap<&'static str, &'static str>,
}

/// One line of what a measured process tells the process that started it.
#[derive(Clone)]
pub enum Line {
    /// The least and the middle figure of a row.
    Figure { row: String, least: f64, median: f64 },
    /// Why a row has no figure; an empty row stands for all of them.
    Absent { row: String, reason: String },
    /// What to know about a figure; an empty row stands for all of them.
    Note { row: String, text: String },
    /// Why the figure of a row is of less work than the others' and no match for them.
    Aside { row: String, reason: String },
}

impl Record {
    /// A record without figures, which takes these rows and no others.
    pub fn new(rows: &'static [Row]) -> Self {
        Self {
            rows,
            figures: BTreeMap::new(),
            absent: BTreeMap::new(),
            notes: BTreeMap::new(),
            aside: BTreeMap::new(),
        }
    }

    /// Does the work and enters its time.
    pub fn once<T>(&mut self, row: &str, work: impl FnOnce() -> T) -> T {
        self.each(row, 1, work)
    }

    /// Does work that consists of `times` equal pieces and enters the time of one.
    ///
    /// What the work returns is handed on, so that its end is not measured.
    pub fn each<T>(&mut self, row: &str, times: usize, work: impl FnOnce() -> T) -> T {
        let start = thread_time_ns();
        let done = black_box(work());
        let spent = thread_time_ns() - start;
        self.enter(row, spent / times as f64);
        done
    }

    /// Enters a figure.
    pub fn enter(&mut self, row: &str, figure: f64) {
        let row = self.known(row);
        self.figures.entry(row).or_default().push(figure);
    }

    /// Enters that a row, or with an empty name the whole workload, is beyond this crate.
    pub fn absent(&mut self, row: &str, reason: &'static str) {
        let row = self.known(row);
        self.absent.insert(row, reason);
    }

    /// Enters what to know about the figure of a row, or with an empty name about all of them.
    pub fn note(&mut self, row: &str, text: &'static str) {
        let row = self.known(row);
        self.notes.insert(row, text);
    }

    /// Enters that the figure of a row is of less work than the others' and no match for them.
    pub fn aside(&mut self, row: &str, reason: &'static str) {
        let row = self.known(row);
        self.aside.insert(row, reason);
    }

    /// All that was entered, in the order of the rows.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        let rows = || [""].into_iter().chain(self.rows.iter().map(|row| row.name));
        let figures = rows().filter_map(|row| {
            let mut figures = self.figures.get(row)?.clone();
            figures.sort_by(f64::total_cmp);
            let (least, median) = (figures[0], figures[figures.len() / 2]);
            Some(Line::Figure { row: row.into(), least, median })
        });
        let absent = rows().filter_map(|row| {
            let reason = *self.absent.get(row)?;
            Some(Line::Absent { row: row.into(), reason: reason.into() })
        });
        let notes = rows().filter_map(|row| {
            let text = *self.notes.get(row)?;
            Some(Line::Note { row: row.into(), text: text.into() })
        });
        let aside = rows().filter_map(|row| {
            let reason = *self.aside.get(row)?;
            Some(Line::Aside { row: row.into(), reason: reason.into() })
        });
        figures.chain(absent).chain(notes).chain(aside)
    }

    fn known(&self, name: &str) -> &'static str {
        if name.is_empty() {
            return "";
        }
        let row = self.rows.iter().find(|row| row.name == name);
        row.unwrap_or_else(|| panic!("the table has no row {name:?}")).name
    }
}

impl Line {
    /// The line as text, for another process.
    pub fn to_text(&self) -> String {
        match self {
            Self::Figure { row, least, median } => format!("figure\t{row}\t{least}\t{median}"),
            Self::Absent { row, reason } => format!("absent\t{row}\t{reason}"),
            Self::Note { row, text } => format!("note\t{row}\t{text}"),
            Self::Aside { row, reason } => format!("aside\t{row}\t{reason}"),
        }
    }

    /// Why there is no figure, if the line says that.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Absent { reason, .. } => Some(reason),
            Self::Figure { .. } | Self::Note { .. } | Self::Aside { .. } => None,
        }
    }

    /// The line that this text spells, if it spells one.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('\t');
        let (kind, row, rest) = (parts.next()?, parts.next()?.to_owned(), parts.next()?);
        match kind {
            "figure" => Some(Self::Figure {
                row,
                least: rest.parse().ok()?,
                median: parts.next()?.parse().ok()?,
            }),
            "absent" => Some(Self::Absent { row, reason: rest.into() }),
            "note" => Some(Self::Note { row, text: rest.into() }),
            "aside" => Some(Self::Aside { row, reason: rest.into() }),
            _ => None,
        }
    }
}

/// The processor time that this thread has used, in nanoseconds.
fn thread_time_ns() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}
