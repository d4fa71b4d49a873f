//! Who writes: the key of a device, the replica of a clone, and whose folders are trusted.

pub(crate) mod binding;
pub(crate) mod device;
pub(crate) mod incarnation;
pub(crate) mod trust;
