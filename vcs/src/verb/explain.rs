//! Which rule holds for a file, and why.

use std::fs;
use std::io;

use selkie_store::{Node, ReadError, RepoPath};
use thiserror::Error;

use crate::attributes::{Attributes, MergeAttribute};
use crate::conflict::text_of;
use crate::merge::file_type::{FileType, Nature};
use crate::merge::key_pattern::KeyPattern;
use crate::rules::read::{RulesError, RulesProblem};
use crate::rules::{FileRule, Rules};
use crate::strategy::Strategy;
use crate::text::lines::is_binary;
use crate::tree::fuse::moves::node_at;
use crate::work::reach::Reach;
use crate::workspace::{Workspace, base_tree};

/// The rules of a clone, as they are on disk.
#[derive(Clone, Debug)]
pub struct Written {
    /// The rules. None if the file can not be read as such.
    pub rules: Result<Rules, RulesError>,
    /// Whether that is what was sealed: a fuse reads what is sealed.
    pub standing: Standing,
}

/// How what is on disk stands to what is sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It is the same.
    Sealed,
    /// It is another, and says nothing to a fuse until it is sealed.
    Unsealed,
}

/// What holds for a file, or for a key in it.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Which file.
    pub path: RepoPath,
    /// Which key.
    pub key: Option<KeyPattern>,
    /// What holds.
    pub strategy: Strategy,
    /// The rule that decides.
    pub rule: Option<FileRule>,
    /// What the attributes on disk say, which holds where no rule decides.
    pub attribute: MergeAttribute,
    /// The rules that are for it too, and stand above that one.
    pub overruled: Vec<FileRule>,
    /// The rules that are for keys in the file, where it was asked about the file.
    pub for_keys: Vec<FileRule>,
    /// Why the rules say nothing.
    pub broken: Option<RulesError>,
    /// Whether the rules are sealed.
    pub standing: Standing,
    /// Whether the file is merged by key.
    pub has_keys: bool,
    /// Whether the file is that of the rules, of which none speaks.
    pub is_rules: bool,
}

/// Why nothing is told of rules.
#[derive(Debug, Error)]
pub enum ExplainError {
    /// The file of rules, or the one that was asked about, can not be read.
    #[error("'{path}' can not be read")]
    File {
        /// Which one.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// What is sealed can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The rules of a clone.
///
/// # Errors
///
/// They can not be read from the disk or from what is sealed. A file that makes no sense is no error.
pub fn written(workspace: &Workspace) -> Result<Written, ExplainError> {
    let no_text = || RulesError { line: 1, problem: RulesProblem::NoText };
    let store = workspace.repository().store();
    let tree = base_tree(store, workspace.repository().desk())?;
    let node = node_at(store, tree, &Rules::path())?;
    let sealed = node.as_ref().map(|node| text_of(store, node)).transpose()?.flatten();
    let here = workspace.copy().folder().join(Rules::FILE);
    let failed = |source| ExplainError::File { path: Rules::FILE.to_owned(), source };
    let (text, rules) = match fs::symlink_metadata(&here) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => (None, Ok(Rules::default())),
        Err(error) => return Err(failed(error)),
        Ok(found) if !found.is_file() => (None, Err(no_text())),
        Ok(_) => {
            let text = fs::read(&here).map_err(failed)?;
            let rules = Rules::read(&text);
            (Some(text), rules)
        }
    };
    let standing = if text == sealed { Standing::Sealed } else { Standing::Unsealed };
    Ok(Written { rules, standing })
}

/// Tells which strategy holds for a file, or for a key in it, and why.
///
/// # Errors
///
/// See [`ExplainError`].
pub fn explain(
    workspace: &Workspace,
    path: RepoPath,
    key: Option<KeyPattern>,
) -> Result<Explained, ExplainError> {
    let Written { rules, standing } = written(workspace)?;
    let nature = nature(workspace, &path)?;
    let way = key.as_ref().map(KeyPattern::way).unwrap_or_default();
    let (rules, broken) = match rules {
        Ok(rules) => (rules, None),
        Err(error) => (Rules::default(), Some(error)),
    };
    let (mut fitting, mut for_keys) = (Vec::new(), Vec::new());
    for rule in rules.of_file(path.as_str(), nature) {
        if rule.key.as_ref().is_none_or(|key| key.fits(&way)) {
            fitting.push(rule.clone());
        } else if key.is_none() {
            for_keys.push(rule.clone());
        }
    }
    let rule = fitting.pop();
    let attributes = Reach::new(workspace.copy().top()).attributes(&path);
    let attributes = attributes
        .map_err(|source| ExplainError::File { path: Attributes::FILE.to_owned(), source })?;
    let attribute = attributes.merge(path.as_str());
    let strategy = match (&rule, &broken, attribute) {
        (Some(rule), ..) => rule.strategy,
        (None, Some(_), _) | (None, None, MergeAttribute::Binary) => Strategy::Manual,
        (None, None, MergeAttribute::Union) => Strategy::Union,
        (None, None, MergeAttribute::Text | MergeAttribute::Unsaid) => Strategy::AutoMerge,
    };
    fitting.reverse();
    let (has_keys, is_rules) = (FileType::has_keys(path.as_str()), path.as_str() == Rules::FILE);
    let overruled = fitting;
    Ok(Explained {
        path,
        key,
        strategy,
        rule,
        attribute,
        overruled,
        for_keys,
        broken,
        standing,
        has_keys,
        is_rules,
    })
}

/// What a file is: on disk if it is there, else as it is sealed. One that is nowhere would be text.
fn nature(workspace: &Workspace, path: &RepoPath) -> Result<Nature, ExplainError> {
    let here = workspace.copy().folder().join(path.as_str());
    let is_file = fs::symlink_metadata(&here).is_ok_and(|found| found.is_file());
    let text = if is_file {
        let failed = |source| ExplainError::File { path: path.to_string(), source };
        Some(fs::read(&here).map_err(failed)?)
    } else {
        let store = workspace.repository().store();
        let tree = base_tree(store, workspace.repository().desk())?;
        match node_at(store, tree, path)? {
            Some(node @ (Node::File(_) | Node::Executable(_))) => {
                let Some(text) = text_of(store, &node)? else { return Ok(Nature::Binary) };
                Some(text)
            }
            _ => None,
        }
    };
    Ok(match text {
        Some(text) if is_binary(&text) => Nature::Binary,
        Some(_) | None => Nature::Text,
    })
}
