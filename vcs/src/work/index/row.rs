//! One known path that is no directory.

use selkie_store::{Content, Node};

use crate::work::stat::{Form, Stat};

/// A known name, the node it has in the known tree, and what was last seen of it on disk.
#[derive(Clone, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) node: Node,
    /// Nothing if nothing was seen that proves anything.
    pub(crate) seen: Option<(Sight, Stat)>,
}

/// What a file was found to be when it had the stat of its row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sight {
    /// Its node.
    Same,
    /// Something else.
    Content,
    /// The content of its node, but with or without leave to be run.
    Mode,
}

impl Sight {
    pub(super) const UNSEEN: u8 = 0;

    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Same => 1,
            Self::Content => 2,
            Self::Mode => 3,
        }
    }

    pub(super) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Same),
            2 => Some(Self::Content),
            3 => Some(Self::Mode),
            _ => None,
        }
    }
}

/// The number of what is in conflict.
pub(super) const CONFLICT: u8 = 7;

/// Numbers as in the bytes of a tree.
pub(super) const fn mode_number(node: &Node) -> u8 {
    match node {
        Node::File(Content::Whole(_)) => 1,
        Node::File(Content::Chunked(_)) => 2,
        Node::Executable(Content::Whole(_)) => 3,
        Node::Executable(Content::Chunked(_)) => 4,
        Node::Symlink(_) => 5,
        Node::Directory(_) => 6,
        Node::Conflict(_) => CONFLICT,
        Node::Foreign(_) => 8,
    }
}

pub(super) const fn form_number(form: Form) -> u8 {
    match form {
        Form::File => 1,
        Form::Executable => 2,
        Form::Symlink => 3,
        Form::Directory => 4,
        Form::Other => 5,
    }
}

pub(super) const fn form_from_number(number: u8) -> Option<Form> {
    match number {
        1 => Some(Form::File),
        2 => Some(Form::Executable),
        3 => Some(Form::Symlink),
        4 => Some(Form::Directory),
        5 => Some(Form::Other),
        _ => None,
    }
}
