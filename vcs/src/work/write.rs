//! From a tree to the disk: what would be done, what stands in the way, and the doing.
//!
//! Three functions, in this order. [`observe`](observe::observe) looks at every path that is to change.
//! [`plan`](plan::plan) decides from that alone. [`apply`](apply::apply) carries out, and before each step
//! makes sure that the path still is what was observed.
//!
//! A file is written beside its place and renamed, so whoever looks, and whoever comes after a
//! kill, finds the old file or the new one. Applying a plan again after a kill is harmless: observed anew, what
//! is done already needs nothing. Files are not synced: their contents are durable in the store, and a
//! file that a power cut emptied has another size than the index says.
//!
//! A conflict is shown as its first side that is a file or link; the status names it until it is settled.
//! A foreign thing is an empty directory that we make and then leave alone.

pub(crate) mod apply;
pub(crate) mod observe;
pub(crate) mod plan;
pub(crate) mod spent;
#[cfg(test)]
mod tests;
