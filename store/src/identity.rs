//! Who writes: the key of a device, and the replica of a clone.

pub(crate) mod binding;
