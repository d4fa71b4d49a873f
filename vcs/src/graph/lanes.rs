//! The picture beside a history: which lines run past each seal.

use std::fmt;

#[cfg(test)]
mod tests;

/// How a seal leads to one that it came from.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Link<K> {
    /// It is a parent.
    Parent(K),
    /// It is an ancestor, and what lies between is not shown.
    Ancestor(K),
    /// History goes on, and nothing of it is shown or here.
    Beyond,
}

/// Draws a history row by row, newest first: feed each seal with what it leads to.
///
/// A line keeps its column until it ends; a column that is free is used again. The same seals in the
/// same order give the same picture.
///
/// ```
/// use selkie_vcs::{Lanes, Link};
/// let mut lanes = Lanes::default();
/// assert_eq!(lanes.draw(&"b", &[Link::Parent("a")]).to_string(), "○");
/// assert_eq!(lanes.draw(&"a", &[]).to_string(), "○");
/// ```
#[derive(Clone, Debug)]
pub struct Lanes<K> {
    /// What each column waits for, and how its line looks.
    columns: Vec<Option<(K, Stroke)>>,
}

/// The cells of a seal and of what leads down from it: two for each column, the second of which lies
/// between it and the next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Drawn {
    /// The column of the seal.
    pub column: usize,
    /// The line with the seal.
    pub seal: Vec<Cell>,
    /// The line below it, if lines part or join there.
    pub links: Option<Vec<Cell>>,
}

/// One character of the picture.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Blank,
    /// The seal.
    Seal,
    /// A line from above to below.
    Line(Stroke),
    /// History goes on below and is not shown.
    Beyond,
    /// Lines that meet.
    Joint(Arms),
}

/// How a line looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stroke {
    /// To a parent.
    Solid,
    /// To an ancestor further down.
    Dotted,
}

/// The sides of a cell that a line leaves from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Arms(u8);

impl Arms {
    /// To the line above.
    pub const UP: Self = Self(1);
    /// To the line below.
    pub const DOWN: Self = Self(2);
    /// To the cell on the left.
    pub const LEFT: Self = Self(4);
    /// To the cell on the right.
    pub const RIGHT: Self = Self(8);

    /// The sides of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a line leaves from all of these sides.
    #[must_use]
    pub const fn has(self, sides: Self) -> bool {
        self.0 & sides.0 == sides.0
    }

    const fn glyph(self) -> char {
        [' ', '╵', '╷', '│', '╴', '╯', '╮', '┤', '╶', '╰', '╭', '├', '─', '┴', '┬', '┼']
            [self.0 as usize]
    }
}

impl<K> Default for Lanes<K> {
    fn default() -> Self {
        Self { columns: Vec::new() }
    }
}

impl<K: Clone + Eq> Lanes<K> {
    /// Draws a seal and what leads down from it. Links that name one seal twice count once.
    pub fn draw(&mut self, seal: &K, links: &[Link<K>]) -> Drawn {
        let column = self.column_of(seal);
        let seals = self.seal_line(column);
        let above: Vec<_> = self.columns.iter().map(Option::is_some).collect();
        self.columns[column] = None;
        let goes_beyond = links.contains(&Link::Beyond);
        let targets = self.place(column, links);
        let links = self.link_line(column, &above, &targets, goes_beyond);
        while self.columns.pop_if(|last| last.is_none()).is_some() {}
        Drawn { column, seal: seals, links }
    }

    /// The lines that run on below what was drawn last: for whatever is told beside them.
    #[must_use]
    pub fn past(&self) -> Vec<Cell> {
        let cell =
            |slot: &Option<(K, Stroke)>| slot.as_ref().map(|(_, stroke)| Cell::Line(*stroke));
        let cells = self.columns.iter().map(|slot| cell(slot).unwrap_or_default());
        cells.flat_map(|cell| [cell, Cell::Blank]).collect()
    }

    /// How many columns are in use.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.columns.len()
    }

    /// The column that waits for this seal, else a free one, which then waits for it.
    fn column_of(&mut self, seal: &K) -> usize {
        let waits = |slot: &Option<(K, Stroke)>| slot.as_ref().is_some_and(|(key, _)| key == seal);
        let found = self.columns.iter().position(waits);
        found.unwrap_or_else(|| {
            let free = self.free_column();
            self.columns[free] = Some((seal.clone(), Stroke::Solid));
            free
        })
    }

    fn free_column(&mut self) -> usize {
        let free = self.columns.iter().position(Option::is_none);
        free.unwrap_or_else(|| {
            self.columns.push(None);
            self.columns.len() - 1
        })
    }

    fn seal_line(&self, column: usize) -> Vec<Cell> {
        let mut cells = vec![Cell::Blank; 2 * self.columns.len()];
        for (at, slot) in self.columns.iter().enumerate() {
            cells[2 * at] = slot.as_ref().map_or(Cell::Blank, |(_, stroke)| Cell::Line(*stroke));
        }
        cells[2 * column] = Cell::Seal;
        cells
    }

    /// Gives each link a column: the one that waits for it already, else the seal's own, else a free
    /// one. No two columns wait for one seal.
    fn place(&mut self, own: usize, links: &[Link<K>]) -> Vec<usize> {
        let mut targets = Vec::new();
        for link in links {
            let (key, stroke) = match link {
                Link::Parent(key) => (key, Stroke::Solid),
                Link::Ancestor(key) => (key, Stroke::Dotted),
                Link::Beyond => continue,
            };
            let waits = |slot: &Option<(K, Stroke)>| slot.as_ref().is_some_and(|(k, _)| k == key);
            let column = match self.columns.iter().position(waits) {
                // Lines join on the left, so that old ones keep straight and columns become free.
                Some(found) if found > own && self.columns[own].is_none() => {
                    self.columns[own] = self.columns[found].take();
                    targets.push(found);
                    own
                }
                Some(found) => found,
                None if self.columns[own].is_none() => own,
                None => self.free_column(),
            };
            let slot = self.columns[column].get_or_insert_with(|| (key.clone(), stroke));
            // Where a solid line joins a dotted one, what goes on is solid.
            if stroke == Stroke::Solid {
                slot.1 = Stroke::Solid;
            }
            if !targets.contains(&column) {
                targets.push(column);
            }
        }
        targets
    }

    /// The line below the seal. None if all lines run straight down.
    fn link_line(
        &self,
        own: usize,
        above: &[bool],
        targets: &[usize],
        goes_beyond: bool,
    ) -> Option<Vec<Cell>> {
        let is_straight = targets.iter().all(|target| *target == own);
        if is_straight && !goes_beyond {
            return None;
        }
        let mut arms = vec![Arms::default(); 2 * self.columns.len()];
        for (at, slot) in self.columns.iter().enumerate() {
            let up = above.get(at).copied().unwrap_or(false) && (at != own || !targets.is_empty());
            let sides = [(up, Arms::UP), (slot.is_some(), Arms::DOWN)];
            let sides = sides.into_iter().filter(|(is_there, _)| *is_there);
            arms[2 * at] = sides.fold(Arms::default(), |arms, (_, side)| arms.and(side));
        }
        for target in targets.iter().filter(|target| **target != own) {
            let (left, right) = (own.min(*target), own.max(*target));
            for at in 2 * left..2 * right {
                arms[at] = arms[at].and(Arms::RIGHT);
                arms[at + 1] = arms[at + 1].and(Arms::LEFT);
            }
        }
        let mut cells: Vec<_> =
            arms.iter().enumerate().map(|(at, arms)| self.joint(at, *arms)).collect();
        if goes_beyond && targets.is_empty() {
            cells[2 * own] = Cell::Beyond;
        }
        Some(cells)
    }

    fn joint(&self, at: usize, arms: Arms) -> Cell {
        let straight = Arms::UP.and(Arms::DOWN);
        match &self.columns[at / 2] {
            _ if arms == Arms::default() => Cell::Blank,
            Some((_, stroke)) if arms == straight => Cell::Line(*stroke),
            Some(_) | None => Cell::Joint(arms),
        }
    }
}

impl Cell {
    /// The character that shows the cell.
    #[must_use]
    pub const fn glyph(self) -> char {
        match self {
            Self::Blank => ' ',
            Self::Seal => '○',
            Self::Line(Stroke::Solid) => '│',
            Self::Line(Stroke::Dotted) => '╎',
            Self::Beyond => '~',
            Self::Joint(arms) => arms.glyph(),
        }
    }
}

/// The lines of the picture, without blanks at their ends.
impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |cells: &[Cell]| cells.iter().map(|cell| cell.glyph()).collect::<String>();
        f.write_str(line(&self.seal).trim_end())?;
        match &self.links {
            Some(links) => write!(f, "\n{}", line(links).trim_end()),
            None => Ok(()),
        }
    }
}
