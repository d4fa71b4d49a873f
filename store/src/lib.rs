//! Objects named by their hash, packed small, and logs that no crash takes away.
//!
//! Read `DESIGN.md` beside this crate first, then the modules in the order below.

mod batch;
mod bits;
mod bucket;
mod codec;
mod content;
mod cursor;
mod disk;
mod gc;
mod hex;
mod id;
mod identity;
mod kind;
mod limits;
mod log;
mod merge;
mod name;
mod object;
mod operations;
mod pack;
mod path;
mod repack;
mod repair;
mod roots;
mod stats;
mod store;
mod tidy;
mod verify;
mod view;

pub use self::batch::{Batch, Hint, WriteError};
pub use self::bucket::disk::BucketDisk;
pub use self::bucket::folder::FolderBucket;
pub use self::bucket::log::BucketLog;
pub use self::bucket::probe::{ProbeError, Promise, probe};
#[cfg(feature = "s3")]
pub use self::bucket::s3::{S3Bucket, S3Place};
pub use self::bucket::{Bucket, Created};
pub use self::codec::{CodecError, Coded, decode, encode};
pub use self::content::read::Parts;
pub use self::disk::os::OsDisk;
pub use self::disk::sim::crash::Loss;
pub use self::disk::sim::{Fault, Lie, SimDisk};
pub use self::disk::{Disk, DiskFile};
pub use self::gc::error::GcError;
pub use self::gc::{Amount, Collected, Wait, gc};
pub use self::id::{BlobId, ChunksId, ConflictId, ObjectId, ParseIdError, SealId, TreeId};
pub use self::identity::binding::{Binding, Writer};
pub use self::identity::device::{KeyError, device_key};
pub use self::identity::incarnation::{Incarnation, incarnate, reincarnate};
pub use self::identity::trust::{Untrusted, check_trust};
pub use self::kind::Kind;
pub use self::limits::{BLOB_LEN_MAX, NOTE_LEN_MAX, OBJECT_LEN_MAX};
pub use self::log::entries::{Entries, Newest};
pub use self::log::error::LogError;
pub use self::log::format::{Entry, EntryHash, PAYLOAD_LEN_MAX};
pub use self::log::place::{Head, Place};
pub use self::log::{Log, Torn};
pub use self::merge::MergeError;
pub use self::name::{Hazard, Name, NameError};
pub use self::object::chunks::{Chunk, ChunkList};
pub use self::object::conflict::{Conflict, Term};
pub use self::object::error::{DecodeError, Part, TooLarge};
pub use self::object::format::{Canonical, links};
pub use self::object::key::{PublicKey, SecretKey, Signature};
pub use self::object::node::{Content, Foreign, Node};
pub use self::object::seal::{Author, ChangeId, Seal};
pub use self::object::signature::{Voucher, sign, voucher};
pub use self::object::tree::Tree;
pub use self::operations::{
    HeldOperations, NewestOperations, Operation, Operations, OperationsError, Trim,
};
pub use self::pack::format::PackId;
pub use self::pack::{PackError, PackPart};
pub use self::path::{PathError, RepoPath};
pub use self::repack::repack;
pub use self::repair::{RepairError, Repaired, repair};
pub use self::roots::{RootsError, roots};
pub use self::stats::{Stats, StatsError, Tally, stats};
pub use self::store::error::{OpenError, ReadError};
pub use self::store::{Hold, Object, Store};
pub use self::tidy::{Tidied, TidyError, tidy};
pub use self::verify::{Problem, Progress, verify};
pub use self::view::error::{EditError, Obstacle, Refusal, Stop, ViewError};
pub use self::view::step::{Deed, Step};
pub use self::view::{Action, Names, View};
