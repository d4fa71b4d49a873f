//! A tree as git spells it.

use std::cmp::Ordering;

use crate::git::id::GitId;

/// One entry, as it stands there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct GitEntry<'a> {
    /// Octal digits.
    pub(super) mode: &'a [u8],
    pub(super) name: &'a [u8],
    pub(super) id: GitId,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Form {
    File,
    Executable,
    Link,
    Folder,
    /// A commit of another repository.
    Submodule,
}

/// What stands at a path, if anything does.
pub(crate) type Version = Option<(Form, GitId)>;

/// The mode of a submodule.
pub(crate) const SUBMODULE: u32 = 0o160_000;

/// The entries of a tree, in the order they stand in.
pub(super) fn parse(mut bytes: &[u8]) -> Option<Vec<GitEntry<'_>>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (mode, rest) = bytes.split_at(bytes.iter().position(|byte| *byte == b' ')?);
        let rest = &rest[1..];
        let (name, rest) = rest.split_at(rest.iter().position(|byte| *byte == 0)?);
        let (id, rest) = rest[1..].split_at_checked(GitId::LEN)?;
        let id = GitId::from_bytes(id.try_into().ok()?);
        entries.push(GitEntry { mode, name, id });
        bytes = rest;
    }
    Some(entries)
}

/// The bytes of a tree with these entries in this order.
pub(super) fn spell<'a>(entries: impl Iterator<Item = GitEntry<'a>>) -> Vec<u8> {
    let mut out = Vec::new();
    for GitEntry { mode, name, id } in entries {
        out.extend(mode);
        out.push(b' ');
        out.extend(name);
        out.push(0);
        out.extend(id.as_bytes());
    }
    out
}

impl GitEntry<'_> {
    /// Whether git would spell it so today, behind an entry that stands before it.
    pub(super) fn is_usual(&self, form: Form, before: Option<(&[u8], Form)>) -> bool {
        let follows = before.is_none_or(|(name, last)| order(name, last, self.name, form).is_lt());
        self.mode == form.mode() && follows
    }
}

impl Form {
    /// What an entry of this mode is, be it one of today or of old days.
    pub(super) fn of(mode: &[u8]) -> Option<Self> {
        let is_octal = |digits: &[u8]| digits.iter().all(|digit| (b'0'..=b'7').contains(digit));
        if mode.is_empty() || mode.len() > 8 || !is_octal(mode) {
            return None;
        }
        let mode = u32::from_str_radix(str::from_utf8(mode).ok()?, 8).ok()?;
        Some(match mode & 0o170_000 {
            0o100_000 if mode & 0o100 != 0 => Self::Executable,
            0o100_000 => Self::File,
            0o120_000 => Self::Link,
            0o040_000 => Self::Folder,
            SUBMODULE => Self::Submodule,
            _ => return None,
        })
    }

    /// How git spells the mode.
    pub(super) const fn mode(self) -> &'static [u8] {
        match self {
            Self::File => b"100644",
            Self::Executable => b"100755",
            Self::Link => b"120000",
            Self::Folder => b"40000",
            Self::Submodule => b"160000",
        }
    }
}

/// Git's order: a folder stands where its name with a slash behind it would.
pub(super) fn order(one: &[u8], one_form: Form, other: &[u8], other_form: Form) -> Ordering {
    let slash = |form| if form == Form::Folder { &b"/"[..] } else { b"" };
    one.iter().chain(slash(one_form)).cmp(other.iter().chain(slash(other_form)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_taken_apart_and_put_together() {
        let mut bytes = b"100644 a\0".to_vec();
        bytes.extend([1; 20]);
        bytes.extend(b"040000 b c\0");
        bytes.extend([2; 20]);
        let entries = parse(&bytes).unwrap();
        assert_eq!((entries[1].mode, entries[1].name), (&b"040000"[..], &b"b c"[..]));
        assert_eq!(spell(entries.into_iter()), bytes);
        for cut in 1..bytes.len() {
            assert!(parse(&bytes[..cut]).is_none() || cut == 29, "{cut}");
        }
    }

    #[test]
    fn a_folder_stands_where_its_slash_does() {
        let (file, folder) = (Form::File, Form::Folder);
        assert!(order(b"a", folder, b"a.b", file).is_gt());
        assert!(order(b"a", file, b"a.b", file).is_lt());
        assert!(order(b"a", folder, b"a0", file).is_lt());
        assert!(order(b"a", file, b"a", folder).is_lt());
    }

    #[test]
    fn modes_of_old_days_are_understood_and_others_are_not() {
        let table: [(&[u8], _); 10] = [
            (b"100644", Some(Form::File)),
            (b"100664", Some(Form::File)),
            (b"100755", Some(Form::Executable)),
            (b"100775", Some(Form::Executable)),
            (b"040000", Some(Form::Folder)),
            (b"120000", Some(Form::Link)),
            (b"160000", Some(Form::Submodule)),
            (b"010000", None),
            (b"", None),
            (b"100648", None),
        ];
        for (mode, form) in table {
            assert_eq!(Form::of(mode), form, "{}", String::from_utf8_lossy(mode));
        }
    }
}
