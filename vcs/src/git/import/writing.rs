//! Storing what was translated, beside the translating.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use selkie_store::{Batch, Disk, Hint, Kind, ObjectId, SealId};

use crate::git::id::GitId;
use crate::git::pairs::remember;
use crate::git::problem::GitError;

/// Something that is to be stored. What it links to was given before it.
pub(super) enum Job {
    /// The bytes of a file.
    Content { bytes: Vec<u8>, name: String, base: Option<ObjectId>, done: Option<SyncSender<()>> },
    /// A tree.
    Tree { bytes: Vec<u8>, base: Option<ObjectId> },
    /// A seal, and the commit that it was.
    Seal { bytes: Vec<u8>, seal: SealId, commit: GitId },
    /// The bytes of a tag.
    Tag { bytes: Vec<u8> },
}

/// How much is stored before it is made durable: an import that is interrupted goes on there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Bytes.
    pub(crate) bytes: usize,
    /// Objects.
    pub(crate) objects: usize,
}

impl Pace {
    /// Tables in memory are bounded by it, at some 170 bytes an object, and few packs come of it.
    pub(crate) const USUAL: Self = Self { bytes: 256 << 20, objects: 128 << 10 };
}

/// So many jobs wait, each with a few kilobytes.
const WAITING_MAX: usize = 64;

/// Larger ones are waited for, so that they are not in memory at the same time.
const LARGE: usize = 1 << 20;

/// Where jobs are given to whoever stores them.
pub(super) struct Desk(SyncSender<Job>);

/// Whoever stored gave up, and tells why.
pub(super) struct Gone;

impl Desk {
    pub(super) fn new() -> (Self, Receiver<Job>) {
        let (give, take) = sync_channel(WAITING_MAX);
        (Self(give), take)
    }

    pub(super) fn give(&self, job: Job) -> Result<(), Gone> {
        self.0.send(job).map_err(|_gone| Gone)
    }

    pub(super) fn content(
        &self,
        bytes: Vec<u8>,
        name: String,
        base: Option<ObjectId>,
    ) -> Result<(), Gone> {
        if bytes.len() < LARGE {
            return self.give(Job::Content { bytes, name, base, done: None });
        }
        let (done, wait) = sync_channel(1);
        self.give(Job::Content { bytes, name, base, done: Some(done) })?;
        wait.recv().map_err(|_gone| Gone)
    }
}

/// Stores what comes, and remembers which commits are durable.
pub(super) fn store<'b>(
    batch: impl Fn() -> Batch<'b>,
    disk: &dyn Disk,
    pace: Pace,
    jobs: &Receiver<Job>,
) -> Result<(), GitError> {
    let mut open = batch();
    let (mut bytes_in, mut objects_in, mut pairs) = (0, 0, Vec::new());
    for job in jobs {
        objects_in += 1;
        match job {
            Job::Content { bytes, name, base, done } => {
                bytes_in += bytes.len();
                open.put_content(&bytes[..], Hint { path: &name, base })?;
                drop(bytes);
                // Nobody waits for one who has given up.
                done.into_iter().for_each(|done| _ = done.send(()));
            }
            Job::Tree { bytes, base } => {
                bytes_in += bytes.len();
                open.put(Kind::Tree, &bytes, Hint { path: "", base })?;
            }
            Job::Tag { bytes } => {
                open.put(Kind::Blob, &bytes, Hint::NONE)?;
            }
            Job::Seal { bytes, seal, commit } => {
                bytes_in += bytes.len();
                open.put(Kind::Seal, &bytes, Hint::NONE)?;
                pairs.push((commit, seal));
            }
        }
        if bytes_in >= pace.bytes || objects_in >= pace.objects {
            std::mem::replace(&mut open, batch()).finish()?;
            remember(disk, &pairs).map_err(GitError::Pairs)?;
            (bytes_in, objects_in) = (0, 0);
            pairs.clear();
        }
    }
    open.finish()?;
    remember(disk, &pairs).map_err(GitError::Pairs)
}
