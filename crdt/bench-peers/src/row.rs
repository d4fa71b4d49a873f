//! One line of a table.

/// What is measured, and what we want it to be.
pub struct Row {
    /// The measure, as the table names it; no two rows of a workload share a name.
    pub name: &'static str,
    pub unit: Unit,
    /// The figure aimed at and how far ahead of the best other crate that is; may be empty.
    pub goal: &'static str,
}

/// What the figures of a row count. For each, less is better, except for `Count`.
#[derive(Clone, Copy, PartialEq)]
pub enum Unit {
    /// Processor time, kept in nanoseconds.
    Time,
    /// Bytes of heap or of an encoding.
    Bytes,
    /// Things, of which no number is better than another.
    Count,
}

impl Row {
    /// A row whose figures are processor time.
    pub const fn time(name: &'static str, goal: &'static str) -> Self {
        Self { name, unit: Unit::Time, goal }
    }

    /// A row whose figures are bytes.
    pub const fn bytes(name: &'static str, goal: &'static str) -> Self {
        Self { name, unit: Unit::Bytes, goal }
    }
}

impl Unit {
    /// A figure as people read it: three digits and a unit.
    pub fn show(self, figure: f64) -> String {
        const TIMES: [&str; 4] = ["ns", "us", "ms", "s"];
        const SIZES: [&str; 4] = ["B", "kB", "MB", "GB"];
        match self {
            Self::Time => scaled(figure, &TIMES),
            Self::Bytes => scaled(figure, &SIZES),
            Self::Count => format!("{figure:.0}"),
        }
    }
}

fn scaled(mut figure: f64, units: &[&str]) -> String {
    let mut at = 0;
    // 999.5 and not 1 000: what would round to four digits is shown in the next unit.
    while figure >= 999.5 && at + 1 < units.len() {
        figure /= 1000.0;
        at += 1;
    }
    let digits = match figure {
        f if f < 9.995 => 2,
        f if f < 99.95 => 1,
        _ => 0,
    };
    format!("{figure:.digits$} {}", units[at])
}
