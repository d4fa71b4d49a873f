//! With whom a repository is shared.
//!
//! It is kept with the settings of the user and not in the repository: a folder that came from somebody else must not say who may
//! have what is written into it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use selkie_store::PublicKey;
use selkie_sync::NodeId;
use selkie_vcs::ChannelName;
use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::error::network::NetworkError;

/// Those who may have a repository, by the names that the user gave them.
#[derive(Debug)]
pub(crate) struct Peers {
    path: PathBuf,
    pub(crate) all: BTreeMap<String, Peer>,
}

/// Somebody who may have it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Peer {
    /// Their key.
    pub(crate) node: NodeId,
    /// Where they may be.
    pub(crate) addresses: Vec<SocketAddr>,
    /// Whether it is known from themselves that the key is theirs.
    pub(crate) is_compared: bool,
}

const KEY: &str = "key";
const ADDRESSES: &str = "addresses";
const COMPARED: &str = "compared";

impl Peers {
    /// Those of this repository, as kept in this folder.
    pub(crate) fn read(folder: &Path, repository: ChannelName) -> Result<Self, NetworkError> {
        let path = folder.join(format!("{repository}.toml"));
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read.map_err(|source| NetworkError::Peers { path: path.clone(), source })?,
        };
        let all = parse(&text).ok_or_else(|| NetworkError::Garbled(path.clone()))?;
        Ok(Self { path, all })
    }

    /// Keeps them.
    pub(crate) fn write(&self) -> Result<(), NetworkError> {
        let unusable = |source| NetworkError::Peers { path: self.path.clone(), source };
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(unusable)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(unusable)?;
        io::Write::write_all(&mut file, spelled(&self.all).as_bytes()).map_err(unusable)?;
        file.as_file().sync_all().map_err(unusable)?;
        file.persist(&self.path).map_err(|error| unusable(error.error))?;
        Ok(())
    }

    /// Adds somebody, or learns where they are. The name is that which they have, else this one, else another.
    pub(crate) fn meet(&mut self, name: &str, node: NodeId, addresses: &[SocketAddr]) -> String {
        let known = self.all.iter().find(|(_, peer)| peer.node == node);
        let name = known.map_or_else(|| self.free(name), |(name, _)| name.clone());
        let new = Peer { node, addresses: Vec::new(), is_compared: false };
        let peer = self.all.entry(name.clone()).or_insert(new);
        if !addresses.is_empty() {
            peer.addresses = addresses.to_vec();
        }
        name
    }

    /// Whether somebody is listed.
    pub(crate) fn lists(&self, node: &NodeId) -> bool {
        self.all.values().any(|peer| peer.node == *node)
    }

    /// What somebody is called, or the beginning of their key.
    pub(crate) fn called(&self, node: &NodeId) -> String {
        let found = self.all.iter().find(|(_, peer)| peer.node == *node);
        found.map_or_else(|| short(node), |(name, _)| name.clone())
    }

    fn free(&self, name: &str) -> String {
        let others = (2..).map(|number| format!("{name}-{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(others);
        names.find(|name| !self.all.contains_key(name)).expect("there is no end of numbers")
    }
}

/// What somebody is called of whom nothing is known but the key.
pub(crate) fn short(node: &NodeId) -> String {
    format!("{node:?}")
}

fn parse(text: &str) -> Option<BTreeMap<String, Peer>> {
    let document: DocumentMut = text.parse().ok()?;
    let mut all = BTreeMap::new();
    for (name, item) in document.iter() {
        let table = item.as_table()?;
        let key = PublicKey::spelled(table.get(KEY)?.as_str()?)?;
        let listed = table.get(ADDRESSES)?.as_array()?.iter();
        let addresses = listed.map(|address| address.as_str()?.parse().ok());
        let addresses = addresses.collect::<Option<_>>()?;
        let is_compared = table.get(COMPARED).is_some_and(|it| it.as_bool() == Some(true));
        all.insert(name.to_owned(), Peer { node: NodeId::of(key), addresses, is_compared });
    }
    Some(all)
}

fn spelled(all: &BTreeMap<String, Peer>) -> String {
    let mut document = DocumentMut::new();
    for (name, peer) in all {
        let mut table = Table::new();
        table.insert(KEY, value(peer.node.to_string()));
        let addresses: Array = peer.addresses.iter().map(ToString::to_string).collect();
        table.insert(ADDRESSES, value(addresses));
        if peer.is_compared {
            table.insert(COMPARED, value(true));
        }
        document.insert(name, Item::Table(table));
    }
    document.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u8) -> NodeId {
        NodeId::from_bytes([number; 32])
    }

    fn none() -> Peers {
        Peers { path: PathBuf::new(), all: BTreeMap::new() }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let name = ChannelName::from_bytes([7; 16]);
        let mut peers = Peers::read(&folder.path().join("peers"), name).unwrap();
        let addresses = ["192.0.2.1:7355", "[2001:db8::1]:9"].map(|text| text.parse().unwrap());
        peers.meet("bob", node(1), &addresses);
        peers.meet("a b \"c\"", node(2), &[]);
        peers.all.get_mut("bob").unwrap().is_compared = true;
        peers.write().unwrap();
        let read = Peers::read(&folder.path().join("peers"), name).unwrap();
        assert_eq!(read.all, peers.all);
        let other = ChannelName::from_bytes([8; 16]);
        assert!(Peers::read(&folder.path().join("peers"), other).unwrap().all.is_empty());
    }

    #[test]
    fn what_nobody_wrote_is_told() {
        for bad in ["bob = 1", "[bob]", "[bob]\nkey = 'x'\naddresses = []", "["] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn two_who_are_called_alike_are_told_apart() {
        let mut peers = none();
        assert_eq!(peers.meet("bob", node(1), &[]), "bob");
        assert_eq!(peers.meet("bob", node(2), &[]), "bob-2");
        assert_eq!(peers.meet("robert", node(1), &[]), "bob", "a name stays");
        assert_eq!(peers.called(&node(2)), "bob-2");
        assert_eq!(peers.called(&node(3)), "03030303");
    }
}
