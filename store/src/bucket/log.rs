//! The log of a replica in a bucket: a key for each entry.

use std::io;
use std::sync::Arc;

use selkie_crdt::ActorId;

use crate::bucket::{Bucket, Created};
use crate::log::error::LogError;
use crate::log::format::{
    Entry, EntryHash, FRAME_LEN, NO_HASH, PAYLOAD_LEN_MAX, decode, encode, hash,
};
use crate::log::place::Head;

/// The log of one replica as hubs keep it, signed and chained as in a [`Log`](crate::Log).
///
/// Any number of hubs add to it without a lock: an entry has one key, made from its position, which only
/// one of them creates. An entry is added only behind the one before it, so there are no holes.
///
/// ```
/// use std::sync::Arc;
/// use selkie_crdt::ActorId;
/// use selkie_store::{BucketLog, FolderBucket, Log, SecretKey, SimDisk};
/// let east = ActorId::from_bytes([1; 16]);
/// let bucket = Arc::new(FolderBucket::new(Arc::new(SimDisk::default())));
/// let own = Log::new(Arc::new(SimDisk::default()), east);
/// let head = own.append(b"first", &SecretKey::from_bytes(&[7; 32]))?;
/// let hub = BucketLog::new(bucket, east);
/// for entry in own.entries()? {
///     hub.accept(&entry?)?;
/// }
/// assert_eq!(hub.head()?, head);
/// # Ok::<(), selkie_store::LogError>(())
/// ```
#[derive(Debug)]
pub struct BucketLog {
    bucket: Arc<dyn Bucket>,
    replica: ActorId,
}

/// A key for each replica, so that they can be listed without their entries.
const REPLICAS: &str = "replicas";
const LOGS: &str = "logs";
const LEN_MAX: usize = FRAME_LEN + PAYLOAD_LEN_MAX;

impl BucketLog {
    /// The log of `replica` in the bucket. There is none until the first entry.
    #[must_use]
    pub fn new(bucket: Arc<dyn Bucket>, replica: ActorId) -> Self {
        Self { bucket, replica }
    }

    /// The replicas that have a log in the bucket, as they spell themselves, ascending.
    ///
    /// # Errors
    ///
    /// The bucket can not be asked.
    pub fn replicas(bucket: &dyn Bucket) -> io::Result<Vec<String>> {
        let mut names = bucket.list(REPLICAS)?;
        names.sort_unstable();
        Ok(names)
    }

    /// How far the log goes. Asks for as many keys as twice its length has bits.
    ///
    /// # Errors
    ///
    /// The log can not be read, or is damaged.
    pub fn head(&self) -> Result<Head, LogError> {
        let mut beyond = 1;
        while self.has(beyond)? {
            beyond *= 2;
        }
        // There are no holes, so what is in between is found by halving.
        let mut newest = beyond / 2;
        while newest + 1 < beyond {
            let middle = newest.midpoint(beyond);
            if self.has(middle)? { newest = middle } else { beyond = middle }
        }
        self.head_at(newest)?.ok_or(self.damaged(newest))
    }

    /// The entries after `head`, oldest first, at most so many.
    ///
    /// # Errors
    ///
    /// The log can not be read, or is damaged, or has another history than `head` knows.
    pub fn entries_after(&self, head: Head, count_max: usize) -> Result<Vec<Entry>, LogError> {
        if self.head_at(head.position)?.is_none_or(|here| here != head) {
            return Err(self.fork(head.position));
        }
        let (mut entries, mut before) = (Vec::new(), head.hash);
        while entries.len() < count_max {
            let position = head.position + entries.len() as u64 + 1;
            let Some(entry) = self.entry(position, &before)? else { break };
            before = entry.hash;
            entries.push(entry);
        }
        Ok(entries)
    }

    /// Adds an entry if it follows what is here. Who may sign it is the caller's to check. One that is here
    /// already changes nothing. When the call returns, the entry is durable and every hub sees it.
    ///
    /// # Errors
    ///
    /// It does not follow, or says other than what is here, or the bucket can not be used: then trying again
    /// tells whether it was added.
    pub fn accept(&self, entry: &Entry) -> Result<Head, LogError> {
        let Entry { position, payload, .. } = entry;
        if payload.len() > PAYLOAD_LEN_MAX {
            return Err(LogError::Long(payload.len()));
        }
        let before = position.checked_sub(1).ok_or(self.fork(0))?;
        let Some(before) = self.head_at(before)? else {
            return Err(LogError::Gap { position: *position, newest: self.head()?.position });
        };
        if entry.hash != hash(&before.hash, self.replica, *position, payload) {
            return Err(self.fork(*position));
        }
        if *position == 1 {
            // First, so that no entry is in a log that nobody finds.
            let marked = self.bucket.create(&format!("{REPLICAS}/{}", self.replica), b"");
            marked.map_err(|error| self.io(error))?;
        }
        let created = self.bucket.create(&self.key(*position), &encode(entry));
        let head = Head { position: *position, hash: entry.hash };
        match created.map_err(|error| self.io(error))? {
            Created::New => Ok(head),
            // Another hub was first, or an earlier try of ours came through.
            Created::Present if self.head_at(*position)? == Some(head) => Ok(head),
            Created::Present => Err(self.fork(*position)),
        }
    }

    fn has(&self, position: u64) -> Result<bool, LogError> {
        match self.bucket.size(&self.key(position)) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.io(error)),
        }
    }

    /// Up to here, if there is such an entry. It is not checked against those before it.
    fn head_at(&self, position: u64) -> Result<Option<Head>, LogError> {
        if position == 0 {
            return Ok(Some(Head { position, hash: NO_HASH }));
        }
        let Some(bytes) = self.bytes(position)? else { return Ok(None) };
        let hash = trailing_hash(&bytes).ok_or(self.damaged(position - 1))?;
        Ok(Some(Head { position, hash }))
    }

    fn entry(&self, position: u64, before: &EntryHash) -> Result<Option<Entry>, LogError> {
        let Some(bytes) = self.bytes(position)? else { return Ok(None) };
        let entry = decode(&bytes, self.replica, before);
        let fits = entry.filter(|entry| {
            entry.position == position && bytes.len() == FRAME_LEN + entry.payload.len()
        });
        fits.map(Some).ok_or(self.damaged(position - 1))
    }

    fn bytes(&self, position: u64) -> Result<Option<Vec<u8>>, LogError> {
        match self.bucket.get(&self.key(position), LEN_MAX) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.io(error)),
        }
    }

    fn key(&self, position: u64) -> String {
        // As many digits as the largest position has: keys ascend as positions do.
        format!("{LOGS}/{}/{position:020}", self.replica)
    }

    const fn damaged(&self, position: u64) -> LogError {
        LogError::Damaged { replica: self.replica, position }
    }

    const fn fork(&self, position: u64) -> LogError {
        LogError::Fork { replica: self.replica, position }
    }

    const fn io(&self, source: io::Error) -> LogError {
        LogError::Io { replica: self.replica, source }
    }
}

fn trailing_hash(entry: &[u8]) -> Option<EntryHash> {
    Some(crate::log::format::decode_trailer(entry.last_chunk()?).0)
}
