//! What a seal leads to in a picture that shows some seals only.

use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::graph::lanes::Link;
use crate::graph::row::Row;
use crate::graph::rows::RowSet;

impl Graph {
    /// The links of a seal for [`Lanes`](crate::Lanes), where only the seals of a set are shown: its
    /// parents, and in the place of one that is not shown the nearest that are shown below it.
    ///
    /// It looks at what lies between, so for a picture of few seals far apart a list of their own is the
    /// better one.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn links(&self, row: Row, shown: &RowSet) -> Result<Vec<Link<Row>>, GraphError> {
        let mut links = Vec::new();
        let mut add = |link| {
            if !links.contains(&link) {
                links.push(link);
            }
        };
        for parent in self.parents(row)? {
            if shown.contains(parent) {
                add(Link::Parent(parent));
                continue;
            }
            let below = self.nearest_shown(parent, shown)?;
            if below.is_empty() {
                add(Link::Beyond);
            }
            below.into_iter().for_each(|row| add(Link::Ancestor(row)));
        }
        Ok(links)
    }

    /// Newest first.
    fn nearest_shown(&self, from: Row, shown: &RowSet) -> Result<Vec<Row>, GraphError> {
        let mut found = Vec::new();
        let mut seen = RowSet::default();
        let mut open = vec![from];
        while let Some(row) = open.pop() {
            if !seen.insert(row) {
                continue;
            }
            if shown.contains(row) {
                found.push((self.order(row)?, row));
            } else {
                open.extend(self.parents(row)?);
            }
        }
        found.sort_unstable();
        Ok(found.into_iter().rev().map(|(_, row)| row).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::lanes::Lanes;
    use crate::graph::toy::{graph, names, rows};
    use crate::graph::walk::Line;

    /// The picture of some seals of a history.
    fn picture(history: &str, tips: &str, shown: &str) -> String {
        let graph = graph(history);
        let shown: RowSet = rows(&graph, shown).into_iter().collect();
        let mut lanes = Lanes::default();
        let mut lines = Vec::new();
        for row in graph.walk_grouped(&rows(&graph, tips), &[], Line::All).unwrap() {
            let row = row.unwrap();
            if shown.contains(row) {
                let links = graph.links(row, &shown).unwrap();
                let drawn = lanes.draw(&row, &links).to_string();
                let (seal, below) = drawn.split_once('\n').unwrap_or((&drawn, ""));
                lines.push(format!("{seal} {}", names(&graph, [row])));
                lines.extend((!below.is_empty()).then(|| below.to_owned()));
            }
        }
        lines.join("\n")
    }

    const HISTORY: &str = "?x, a:x, b:a, c:b, d:b, m:c+d, e:m";

    #[test]
    fn a_whole_history_is_drawn() {
        let lines = ["○ e", "○ m", "├─╮", "│ ○ d", "○ │ c", "├─╯", "○ b", "○ a", "~"];
        assert_eq!(picture(HISTORY, "e", "a b c d m e"), lines.join("\n"));
    }

    #[test]
    fn what_is_left_out_is_a_dotted_line() {
        assert_eq!(picture(HISTORY, "e", "e b"), ["○ e", "○ b", "~"].join("\n"));
        let lines = ["○ m", "├─╮", "╎ ○ d", "├─╯", "○ a", "~"];
        assert_eq!(picture(HISTORY, "e", "m d a"), lines.join("\n"));
    }
}
