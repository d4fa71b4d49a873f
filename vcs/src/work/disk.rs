//! What a file on disk would be in a tree.

use std::io;

use selkie_store::{BlobId, Content, Kind, Node, ObjectId};

use crate::work::door::Door;
use crate::work::door::entry::{KEEPS_EXECUTABLE, KEEPS_SYMLINKS};
use crate::work::stat::{Form, Stat};

/// The node that recording the file `name` would make, with the stat it had when it was read. Nothing for
/// what no tree holds. `known` tells what the system can not keep.
pub(crate) fn node_of(
    door: &Door,
    name: &[u8],
    stat: &Stat,
    known: Option<&Node>,
    buffer: &mut Vec<u8>,
) -> io::Result<Option<(Node, Stat)>> {
    match stat.form {
        Form::File | Form::Executable => {
            let (file, stat) = door.read(name)?;
            let content = Content::identify(file, buffer)?;
            Ok(Some((file_node(content, stat.form, known), stat)))
        }
        Form::Symlink => {
            let target = door.target(name)?;
            let id = BlobId::from(ObjectId::of(Kind::Blob, &target));
            Ok(Some((Node::Symlink(id), *stat)))
        }
        Form::Directory | Form::Other => Ok(None),
    }
}

/// The node of a file with this content. What the system does not keep is as it was known.
pub(crate) const fn file_node(content: Content, form: Form, known: Option<&Node>) -> Node {
    match (known, content) {
        (Some(Node::Symlink(_)), Content::Whole(id)) if !KEEPS_SYMLINKS => Node::Symlink(id),
        (Some(Node::Executable(_)), _) if !KEEPS_EXECUTABLE => Node::Executable(content),
        _ if matches!(form, Form::Executable) => Node::Executable(content),
        _ => Node::File(content),
    }
}

/// Whether something of this form can have this node at all.
pub(crate) const fn may_be(form: Form, node: &Node) -> bool {
    match node {
        Node::File(_) | Node::Executable(_) => matches!(form, Form::File | Form::Executable),
        Node::Symlink(_) if KEEPS_SYMLINKS => matches!(form, Form::Symlink),
        Node::Symlink(_) => matches!(form, Form::Symlink | Form::File),
        Node::Directory(_) | Node::Foreign(_) => matches!(form, Form::Directory),
        Node::Conflict(_) => true,
    }
}
