//! An index on its way, directory by directory.

use std::ops::Range;

use selkie_store::{Content, Node, ObjectId, TreeId};

use crate::tree::edit::empty_tree;
use crate::work::index::Index;
use crate::work::index::format::{Columns, Counts, header, short};
use crate::work::index::memory::Memory;
use crate::work::index::row::{Row, Sight, form_number, mode_number};

impl Index {
    /// The index of the empty tree.
    #[must_use]
    pub fn empty() -> Self {
        let mut builder = Builder::default();
        builder.begin(b"", empty_tree(), None);
        builder.finish()
    }
}

/// The columns of an index, filled in the order of a walk.
#[derive(Debug, Default)]
pub(super) struct Builder {
    directory_name_ends: Vec<u8>,
    subtree_ends: Vec<u32>,
    row_ends: Vec<u32>,
    trees: Vec<u8>,
    directory_names: Vec<u8>,
    row_name_ends: Vec<u8>,
    modes: Vec<u8>,
    sights: Vec<u8>,
    forms: Vec<u8>,
    sizes: Vec<u8>,
    modified: Vec<u8>,
    changed: Vec<u8>,
    inodes: Vec<u8>,
    ids: Vec<u8>,
    row_names: Vec<u8>,
    foreign: Vec<u8>,
    memories: Vec<(u32, Memory)>,
}

impl Builder {
    /// Begins the directory after the last one, and says which it is. Its rows come next, then the
    /// directories in it.
    pub(super) fn begin(&mut self, name: &[u8], tree: TreeId, memory: Option<Memory>) -> usize {
        let directory = self.subtree_ends.len();
        self.directory_names.extend(name);
        self.directory_name_ends.extend(short(self.directory_names.len()).to_le_bytes());
        self.subtree_ends.push(short(directory + 1));
        self.row_ends.push(short(self.modes.len()));
        self.trees.extend(tree.object().as_bytes());
        self.memories.extend(memory.map(|memory| (short(directory), memory)));
        directory
    }

    /// Adds the next row of the directory that was begun last.
    pub(super) fn add(&mut self, row: &Row) {
        self.row_names.extend(row.name);
        self.row_name_ends.extend(short(self.row_names.len()).to_le_bytes());
        self.modes.push(mode_number(&row.node));
        let (sight, stat) = match row.seen {
            Some((sight, stat)) => (sight.number(), Some(stat)),
            None => (Sight::UNSEEN, None),
        };
        self.sights.push(sight);
        self.forms.push(stat.map_or(0, |stat| form_number(stat.form)));
        self.sizes.extend(stat.map_or(0, |stat| stat.size).to_le_bytes());
        self.modified.extend(stat.map_or(0, |stat| stat.modified_ns).to_le_bytes());
        self.changed.extend(stat.map_or(0, |stat| stat.changed_ns).to_le_bytes());
        self.inodes.extend(stat.map_or(0, |stat| stat.inode).to_le_bytes());
        self.add_id(&row.node);
        if let Some(end) = self.row_ends.last_mut() {
            *end = short(self.modes.len());
        }
    }

    /// Ends a directory: everything begun since lies below it.
    pub(super) fn end(&mut self, directory: usize) {
        self.subtree_ends[directory] = short(self.subtree_ends.len());
    }

    /// Adds a directory of another index as it is, with everything below it.
    pub(super) fn copy(&mut self, from: &Index, directory: usize) {
        let directories = directory..from.subtree_end(directory);
        let (first, first_row) = (self.subtree_ends.len(), self.modes.len());
        let rows = from.rows_below(directory);
        for at in directories.clone() {
            self.directory_names.extend(from.directory_name(at));
            self.directory_name_ends.extend(short(self.directory_names.len()).to_le_bytes());
            self.subtree_ends.push(short(from.subtree_end(at) - directory + first));
            self.row_ends.push(short(from.rows(at).end - rows.start + first_row));
            self.trees.extend(from.tree(at).object().as_bytes());
            let memory = from.memory(at).cloned();
            self.memories.extend(memory.map(|memory| (short(at - directory + first), memory)));
        }
        self.copy_rows(from, rows);
    }

    /// The index.
    pub(super) fn finish(self) -> Index {
        let counts = Counts {
            directories: self.subtree_ends.len(),
            rows: self.modes.len(),
            directory_names: self.directory_names.len(),
            row_names: self.row_names.len(),
            foreign: self.foreign.len(),
        };
        let mut bytes = header(counts);
        bytes.reserve(Columns::new(counts).end);
        bytes.extend(self.directory_name_ends);
        bytes.extend(self.subtree_ends.into_iter().flat_map(u32::to_le_bytes));
        bytes.extend(self.row_ends.into_iter().flat_map(u32::to_le_bytes));
        bytes.extend(self.trees);
        bytes.extend(self.directory_names);
        bytes.extend(self.row_name_ends);
        let rest = [
            self.modes,
            self.sights,
            self.forms,
            self.sizes,
            self.modified,
            self.changed,
            self.inodes,
            self.ids,
            self.row_names,
            self.foreign,
        ];
        rest.into_iter().for_each(|column| bytes.extend(column));
        Index::of(bytes, Columns::new(counts), self.memories)
    }

    fn add_id(&mut self, node: &Node) {
        let id = match node {
            Node::File(content) | Node::Executable(content) => id_of(*content),
            Node::Symlink(id) => id.object(),
            Node::Directory(id) => id.object(),
            Node::Conflict(id) => id.object(),
            Node::Foreign(foreign) => {
                let mut place = [0; ObjectId::LEN];
                place[..4].copy_from_slice(&short(self.foreign.len()).to_le_bytes());
                place[4..8].copy_from_slice(&short(foreign.bytes.len()).to_le_bytes());
                place[8..12].copy_from_slice(&foreign.mode.to_le_bytes());
                self.foreign.extend(&foreign.bytes);
                ObjectId::from_bytes(place)
            }
        };
        self.ids.extend(id.as_bytes());
    }

    fn copy_rows(&mut self, from: &Index, rows: Range<usize>) {
        if from.has_foreign() {
            // Foreign things lie elsewhere in the copy.
            let last = self.row_ends.last().copied();
            rows.for_each(|row| self.add(&from.row(row)));
            if let (Some(end), Some(last)) = (self.row_ends.last_mut(), last) {
                *end = last;
            }
            return;
        }
        for row in rows.clone() {
            self.row_names.extend(from.row_name(row));
            self.row_name_ends.extend(short(self.row_names.len()).to_le_bytes());
        }
        let columns = from.columns();
        let part = |start: usize, width: usize| {
            &from.bytes()[start + rows.start * width..start + rows.end * width]
        };
        self.modes.extend(part(columns.modes, 1));
        self.sights.extend(part(columns.sights, 1));
        self.forms.extend(part(columns.forms, 1));
        self.sizes.extend(part(columns.sizes, 8));
        self.modified.extend(part(columns.modified, 8));
        self.changed.extend(part(columns.changed, 8));
        self.inodes.extend(part(columns.inodes, 8));
        self.ids.extend(part(columns.ids, ObjectId::LEN));
    }
}

const fn id_of(content: Content) -> ObjectId {
    content.link().1
}
