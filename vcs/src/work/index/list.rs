//! All that is known, path by path.

use selkie_store::{Node, PathError, RepoPath};

use crate::tree::filter::PathFilter;
use crate::work::index::Index;

impl Index {
    /// The known paths that the filter admits and that are no directories, in the order of a walk.
    ///
    /// # Errors
    ///
    /// A path is longer or deeper than paths go: the index is none of ours.
    pub(crate) fn list(&self, filter: &PathFilter) -> Result<Vec<(RepoPath, Node)>, PathError> {
        let mut found = Vec::new();
        self.list_in(0, &RepoPath::default(), filter, &mut found)?;
        Ok(found)
    }

    fn list_in(
        &self,
        directory: usize,
        path: &RepoPath,
        filter: &PathFilter,
        found: &mut Vec<(RepoPath, Node)>,
    ) -> Result<(), PathError> {
        for row in self.rows(directory) {
            let path = inside(path, self.row_name(row))?;
            if filter.admits(&path) {
                found.push((path, self.node(row)));
            }
        }
        for child in self.children(directory) {
            let path = inside(path, self.directory_name(child))?;
            if filter.reaches_below(&path) {
                self.list_in(child, &path, filter, found)?;
            }
        }
        Ok(())
    }
}

fn inside(folder: &RepoPath, name: &[u8]) -> Result<RepoPath, PathError> {
    let name = std::str::from_utf8(name).expect("the index holds names of trees, which are text");
    let slash = if folder.is_top() { "" } else { "/" };
    RepoPath::new(&format!("{folder}{slash}{name}"))
}
