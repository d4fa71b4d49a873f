//! The tables, as Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::measure::Outcome;
use crate::peer::{Kind, PEERS, Peer};
use crate::record::Line;
use crate::row::{Row, Unit};
use crate::workload::Workload;

mod machine;

/// All that was measured in one run.
pub struct Report {
    runs: usize,
    outcomes: Vec<Outcome>,
}

const HEAD: &str = "\
# selkie-crdt beside other crates

Written from the root of the repository, not by hand:
`cargo run --release --manifest-path crdt/bench-peers/Cargo.toml -- --write crdt/BENCHMARKS.md`.

Each crate does each workload in a process of its own. Times are processor time of the one thread,
heap is what was asked of the allocator and not given back, and of several runs the least figure
counts (the medians follow each table). *ahead* is the best other crate's figure divided by ours,
in this run; *goal* is the figure we aim at and, where it has one, how far ahead that is. Absolute
times hold on this machine only. The best figure of a line is bold; collections of the standard
library replicate nothing and show what is possible. A dash says that a crate cannot do it, a figure
in brackets that it does less than the others, so that it counts for nothing.
";

impl Report {
    /// The report of `runs` runs.
    pub fn new(runs: usize, outcomes: Vec<Outcome>) -> Self {
        Self { runs, outcomes }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        writeln!(f, "- {}", machine::date())?;
        writeln!(f, "- {}", machine::processor())?;
        writeln!(f, "- {}, thin LTO, {} runs", machine::compiler(), self.runs)?;
        let crates = PEERS.iter().filter(|peer| peer.kind != Kind::Plain);
        let crates = crates.map(|peer| format!("{} {}", peer.name, peer.version));
        writeln!(f, "- {}", crates.collect::<Vec<_>>().join(", "))?;
        for workload in Workload::ALL {
            let table = Table::new(workload, &self.outcomes);
            if !table.columns.is_empty() {
                write!(f, "\n{table}")?;
            }
        }
        Ok(())
    }
}

/// The table of one workload.
struct Table {
    workload: Workload,
    columns: Vec<Column>,
    footnotes: Vec<String>,
    /// Why whole columns are missing.
    left_out: Vec<String>,
}

struct Column {
    peer: &'static Peer,
    /// The least figure and the median, by the name of the row.
    figures: BTreeMap<String, (f64, f64)>,
    /// The places of footnotes, by the name of the row; the head of the column has an empty name.
    marks: BTreeMap<String, Vec<usize>>,
    /// The rows whose figures are no match for the others'.
    aside: BTreeSet<String>,
}

impl Table {
    fn new(workload: Workload, outcomes: &[Outcome]) -> Self {
        let mut table =
            Self { workload, columns: Vec::new(), footnotes: Vec::new(), left_out: Vec::new() };
        for outcome in outcomes.iter().filter(|outcome| outcome.workload == workload) {
            table.add(outcome);
        }
        table
    }

    fn add(&mut self, outcome: &Outcome) {
        let peer = outcome.peer;
        if !outcome.lines.iter().any(|line| matches!(line, Line::Figure { .. })) {
            let reasons = outcome.lines.iter().filter_map(Line::reason);
            let reasons = reasons.collect::<BTreeSet<_>>().into_iter();
            self.left_out.extend(reasons.map(|reason| format!("{}: {reason}", peer.name)));
            return;
        }
        let mut column = Column::new(peer);
        for line in outcome.lines.iter().cloned() {
            match line {
                Line::Figure { row, least, median } => {
                    column.figures.insert(row, (least, median));
                }
                Line::Absent { row, reason: text } | Line::Note { row, text } => {
                    column.mark(row, self.footnote(peer, &text));
                }
                Line::Aside { row, reason } => {
                    column.mark(row.clone(), self.footnote(peer, &reason));
                    column.aside.insert(row);
                }
            }
        }
        self.columns.push(column);
    }

    /// The place of a footnote, which is told once however often it is referred to.
    fn footnote(&mut self, peer: &Peer, text: &str) -> usize {
        let text = format!("{}: {text}", peer.name);
        let known = self.footnotes.iter().position(|footnote| *footnote == text);
        known.unwrap_or_else(|| {
            self.footnotes.push(text);
            self.footnotes.len() - 1
        })
    }

    fn least(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| |")?;
        for column in &self.columns {
            write!(f, " {}{} |", column.peer.name, column.marks_of(""))?;
        }
        writeln!(f, " ahead | goal |")?;
        writeln!(f, "|---|{}---|", "--:|".repeat(self.columns.len() + 1))?;
        for row in self.workload.rows() {
            write!(f, "| {} |", row.name)?;
            let several = self.figures(row, |kind| kind != Kind::Plain).count() > 1;
            let best = self.best(row, |kind| kind != Kind::Plain).filter(|_| several);
            for column in &self.columns {
                write!(f, " {} |", column.cell(row, best))?;
            }
            writeln!(f, " {} | {} |", self.ahead(row), row.goal)?;
        }
        Ok(())
    }

    fn medians(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.columns.iter().map(|column| column.peer.name).collect();
        writeln!(f, "| | {} |", names.join(" | "))?;
        writeln!(f, "|---|{}", "--:|".repeat(names.len()))?;
        for row in self.workload.rows().iter().filter(|row| row.unit == Unit::Time) {
            let median = |column: &Column| match column.figures.get(row.name) {
                Some(&(_, median)) => row.unit.show(median),
                None => "–".into(),
            };
            let cells: Vec<_> = self.columns.iter().map(median).collect();
            writeln!(f, "| {} | {} |", row.name, cells.join(" | "))?;
        }
        Ok(())
    }

    /// The figures of a row in columns of some kind, as far as they are a match for each other.
    fn figures(&self, row: &Row, counts: impl Fn(Kind) -> bool) -> impl Iterator<Item = f64> {
        let matches =
            move |column: &&Column| counts(column.peer.kind) && !column.aside.contains(row.name);
        let columns = self.columns.iter().filter(matches);
        columns.filter_map(|column| Some(column.figures.get(row.name)?.0))
    }

    fn best(&self, row: &Row, counts: impl Fn(Kind) -> bool) -> Option<f64> {
        self.figures(row, counts).min_by(f64::total_cmp)
    }

    fn ahead(&self, row: &Row) -> String {
        let own = self.best(row, |kind| kind == Kind::Own);
        let other = self.best(row, |kind| kind == Kind::Other);
        match (own, other) {
            (Some(own), Some(other)) if row.unit != Unit::Count => ratio(other / own),
            _ => String::new(),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n", self.workload.summary())?;
        self.least(f)?;
        if !self.footnotes.is_empty() || !self.left_out.is_empty() {
            writeln!(f)?;
        }
        for (at, footnote) in self.footnotes.iter().enumerate() {
            writeln!(f, "- {} {footnote}", raised(at + 1))?;
        }
        for reason in &self.left_out {
            writeln!(f, "- – {reason}")?;
        }
        writeln!(f, "\n<details><summary>Medians</summary>\n")?;
        self.medians(f)?;
        writeln!(f, "\n</details>")
    }
}

impl Column {
    fn new(peer: &'static Peer) -> Self {
        Self { peer, figures: BTreeMap::new(), marks: BTreeMap::new(), aside: BTreeSet::new() }
    }

    fn mark(&mut self, row: String, footnote: usize) {
        self.marks.entry(row).or_default().push(footnote);
    }

    fn cell(&self, row: &Row, best: Option<f64>) -> String {
        let marks = self.marks_of(row.name);
        match self.figures.get(row.name) {
            None => format!("–{marks}"),
            Some(&(least, _)) if row.unit != Unit::Count && Some(least) == best => {
                format!("**{}**{marks}", row.unit.show(least))
            }
            Some(&(least, _)) if self.aside.contains(row.name) => {
                format!("({}){marks}", row.unit.show(least))
            }
            Some(&(least, _)) => format!("{}{marks}", row.unit.show(least)),
        }
    }

    fn marks_of(&self, row: &str) -> String {
        let marks = self.marks.get(row).into_iter().flatten();
        let marks: Vec<_> = marks.map(|at| raised(at + 1)).collect();
        if marks.is_empty() { String::new() } else { format!(" {}", marks.join(" ")) }
    }
}

fn ratio(times: f64) -> String {
    let digits = if times < 9.95 { 2 } else { 0 };
    format!("{times:.digits$}x")
}

/// A number in raised digits.
fn raised(number: usize) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = number.to_string();
    digits.bytes().map(|digit| DIGITS[usize::from(digit - b'0')]).collect()
}
