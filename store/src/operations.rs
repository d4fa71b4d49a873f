//! What was done in this clone, so that it can be undone.

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::codec::{CodecError, Coded, decode, encode};
use crate::disk::{Disk, DiskFile};
use crate::id::ObjectId;
use crate::log::Log;
use crate::log::entries::Newest;
use crate::log::error::LogError;
use crate::log::format::PAYLOAD_LEN_MAX;

#[cfg(test)]
mod tests;

/// The operation log: a record of each command, of this clone alone and never sent anywhere.
///
/// What a record says is up to whoever writes it. It is durable when the call that added it returns, and
/// the objects that it names are kept for as long as it is here.
///
/// ```
/// use std::sync::Arc;
/// use selkie_store::{Operations, SimDisk};
/// let operations = Operations::new(Arc::new(SimDisk::default()));
/// operations.append(1_000, b"seal", &[])?;
/// operations.append(2_000, b"travel", &[])?;
/// let newest = operations.newest_first()?.next().expect("there are two")?;
/// assert_eq!((newest.number, newest.payload.as_slice()), (2, &b"travel"[..]));
/// # Ok::<(), selkie_store::OperationsError>(())
/// ```
#[derive(Debug)]
pub struct Operations {
    disk: Arc<dyn Disk>,
}

/// The operation log while nobody else of this clone adds to it.
#[derive(Debug)]
pub struct HeldOperations<'a> {
    operations: &'a Operations,
    _lock: Box<dyn DiskFile>,
}

/// One thing that was done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Operation {
    /// Counted from 1, and never again, also when older ones are dropped.
    pub number: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What it takes to undo it. The log does not look into it.
    pub payload: Vec<u8>,
    /// The objects that undoing it takes.
    pub roots: Vec<ObjectId>,
}

/// The operations, newest first. What is not asked for is not read.
#[derive(Debug)]
pub struct NewestOperations {
    records: Newest,
}

/// Which operations stay when older ones are dropped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Trim {
    /// At most so many. The newest always stays.
    pub count_max: u64,
    /// Those at or after this time.
    pub since_ms: u64,
}

/// Why the operation log can not be read or added to. What was acknowledged is where it was.
#[derive(Debug, Error)]
pub enum OperationsError {
    /// The file system did not let us.
    #[error("the operation log can not be used")]
    Io(#[from] io::Error),
    /// Another command of this clone holds the log for longer than anybody waits.
    #[error("another command is still at work")]
    Busy,
    /// A record is not what was written.
    #[error("the operation log can not be read")]
    Log(#[source] LogError),
    /// A record is too long, or makes no sense.
    #[error("an operation can not be recorded or understood")]
    Record(#[from] CodecError),
}

impl From<LogError> for OperationsError {
    fn from(error: LogError) -> Self {
        match error {
            // No replica wrote it, so none is told.
            LogError::Io { source, .. } => Self::Io(source),
            error => Self::Log(error),
        }
    }
}

const FOLDER: &str = "local";
const NAME: &str = "operations";
const NAME_WHILE_TRIMMED: &str = "operations.tmp";

/// Held by whoever appends or trims: trimming puts another file in place of the one that has the
/// records, so its own lock would not do.
const LOCK: &str = "local/operations.lock";

impl Operations {
    /// The operation log of the clone on this disk.
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk }
    }

    /// Waits until nobody else of this clone appends or trims, and keeps it so until what is returned is
    /// dropped: for a command that records its beginning and its end and wants nothing in between. Also for
    /// one that takes something out of the view and names it in its record: what the view names while this
    /// is held stays until the record is there.
    ///
    /// # Errors
    ///
    /// [`OperationsError::Busy`], or the lock can not be taken.
    pub fn hold(&self) -> Result<HeldOperations<'_>, OperationsError> {
        self.disk.create_folder(FOLDER)?;
        let lock = self.disk.open_locked(LOCK).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => OperationsError::Busy,
            _ => OperationsError::Io(error),
        })?;
        Ok(HeldOperations { operations: self, _lock: lock })
    }

    /// Adds an operation, and returns its number: [`HeldOperations::append`] for one alone.
    ///
    /// # Errors
    ///
    /// It is too long, or the log can not be read or written.
    pub fn append(
        &self,
        at_ms: u64,
        payload: &[u8],
        roots: &[ObjectId],
    ) -> Result<u64, OperationsError> {
        self.hold()?.append(at_ms, payload, roots)
    }

    /// The operations, newest first.
    ///
    /// # Errors
    ///
    /// The log can not be read.
    pub fn newest_first(&self) -> Result<NewestOperations, OperationsError> {
        Ok(NewestOperations { records: self.records(NAME).newest_first()? })
    }

    /// Every object that some operation names, for whoever collects garbage.
    ///
    /// # Errors
    ///
    /// The log can not be read to its first record. What is not known must not be collected.
    pub fn roots(&self) -> Result<Vec<ObjectId>, OperationsError> {
        let mut roots = Vec::new();
        for record in self.records(NAME).entries()? {
            roots.extend(Operation::from_bytes(&record?.payload)?.roots);
        }
        roots.sort_unstable();
        roots.dedup();
        Ok(roots)
    }

    /// Drops the older operations, and returns how many: [`HeldOperations::trim`].
    ///
    /// # Errors
    ///
    /// The log can not be read or written. All operations are there.
    pub fn trim(&self, trim: Trim) -> Result<u64, OperationsError> {
        self.hold()?.trim(trim)
    }

    /// How many operations there are.
    ///
    /// # Errors
    ///
    /// The log can not be read.
    pub fn count(&self) -> Result<u64, OperationsError> {
        Ok(self.records(NAME).head()?.position)
    }

    pub(crate) fn path(&self) -> String {
        self.records(NAME).path()
    }

    fn records(&self, name: &str) -> Log {
        Log::unsigned(Arc::clone(&self.disk), FOLDER, name.to_owned())
    }
}

impl HeldOperations<'_> {
    /// Adds an operation, and returns its number.
    ///
    /// # Errors
    ///
    /// It is too long, or the log can not be read or written.
    pub fn append(
        &self,
        at_ms: u64,
        payload: &[u8],
        roots: &[ObjectId],
    ) -> Result<u64, OperationsError> {
        let newest = self.operations.newest_first()?.next().transpose()?;
        let number = newest.map_or(1, |newest| newest.number + 1);
        let (payload, roots) = (payload.to_vec(), roots.to_vec());
        let bytes = Operation { number, at_ms, payload, roots }.to_bytes()?;
        self.operations.records(NAME).append_unsigned::<LogError>(|_| Ok(vec![bytes]))?;
        Ok(number)
    }

    /// Drops the older operations, and returns how many. Their objects are let go.
    ///
    /// # Errors
    ///
    /// The log can not be read or written. All operations are there.
    pub fn trim(&self, trim: Trim) -> Result<u64, OperationsError> {
        let Some(newest) = self.operations.newest_first()?.next().transpose()? else {
            return Ok(0);
        };
        let first_by_count = newest.number.saturating_sub(trim.count_max.max(1) - 1);
        let mut dropped = 0;
        let mut kept = Vec::new();
        for record in self.operations.records(NAME).entries()? {
            let payload = record?.payload;
            let Operation { number, at_ms, .. } = Operation::from_bytes(&payload)?;
            let too_old = number < first_by_count || at_ms < trim.since_ms;
            // Once one is kept all later ones are, whatever the clock said.
            if too_old && kept.is_empty() && number < newest.number {
                dropped += 1;
            } else {
                kept.push(payload);
            }
        }
        if dropped > 0 {
            self.put_in_place(kept)?;
        }
        Ok(dropped)
    }

    /// Makes these the only records.
    fn put_in_place(&self, payloads: Vec<Vec<u8>>) -> Result<(), OperationsError> {
        let [path, temporary] = [NAME, NAME_WHILE_TRIMMED].map(|name| format!("{FOLDER}/{name}"));
        // Left by somebody who died while he trimmed.
        match self.operations.disk.remove(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            result => result?,
        }
        // Appending syncs. So a crash leaves the old file under the name, or the new one.
        self.operations
            .records(NAME_WHILE_TRIMMED)
            .append_unsigned::<LogError>(|_| Ok(payloads))?;
        self.operations.disk.rename(&temporary, &path)?;
        // Else a crash could bring back the old file, and with it operations whose objects were let go.
        self.operations.disk.sync_folder(FOLDER)?;
        Ok(())
    }
}

impl Operation {
    fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        let roots = self.roots.iter().map(|root| *root.as_bytes()).collect();
        let Self { number, at_ms, payload, .. } = self;
        encode(&Spelled { number: *number, at_ms: *at_ms, payload: payload.clone(), roots })
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let Spelled { number, at_ms, payload, roots } = decode(bytes)?;
        let roots = roots.into_iter().map(ObjectId::from_bytes).collect();
        Ok(Self { number, at_ms, payload, roots })
    }
}

impl Iterator for NewestOperations {
    type Item = Result<Operation, OperationsError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        Some(record.map_err(OperationsError::from).and_then(|record| {
            let operation = Operation::from_bytes(&record.payload)?;
            Ok(operation)
        }))
    }
}

/// An operation as `codec` spells it. The order of the fields is the format.
#[derive(Deserialize, Serialize)]
struct Spelled {
    number: u64,
    at_ms: u64,
    payload: Vec<u8>,
    roots: Vec<[u8; ObjectId::LEN]>,
}

impl Coded for Spelled {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = PAYLOAD_LEN_MAX;

    fn is_valid(&self) -> bool {
        self.number > 0
    }
}
