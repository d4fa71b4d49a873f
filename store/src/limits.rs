//! How large things may be. Other replicas keep the same limits, so they are part of the format.

/// Bytes in the largest object of any kind: a tree of a million names.
pub const OBJECT_LEN_MAX: usize = 64 << 20;

/// Bytes in the largest content that is one blob. A longer one is cut into chunks.
pub const BLOB_LEN_MAX: usize = 1 << 20;

/// Bytes in the longest note of an entry.
pub const NOTE_LEN_MAX: usize = 1 << 10;
