//! A document of entities as something that a node replicates.

use alloc::vec::Vec;

use super::Document;
use crate::contest::Conflict;
use crate::delta::Delta;
use crate::hlc::Hlc;
use crate::model::Model;
use crate::model::ModelError;
use crate::value::Element;
use crate::version::VersionVector;

impl<V: Element> Model for Document<V> {
    fn id(&self) -> &str {
        self.doc.subject()
    }

    fn version(&self) -> VersionVector {
        self.doc.version()
    }

    fn changes_since(&self, since: &VersionVector) -> Option<Vec<u8>> {
        self.doc.changes_since(since)
    }

    fn apply(&mut self, changes: &[u8]) -> Result<Vec<Conflict>, ModelError> {
        let delta = Delta::from_bytes(changes)?;
        Ok(self.doc.join_contested(delta, |root| self.names.share_all(root))?)
    }

    fn conflicts(&self) -> Vec<Conflict> {
        self.doc.conflicts()
    }

    fn resolve(&mut self, conflict: &Conflict, chosen: usize, at: Hlc) -> Result<(), ModelError> {
        self.doc.resolve(conflict, chosen, at)
    }

    fn snapshot(&self) -> Vec<u8> {
        self.doc.snapshot()
    }
}
