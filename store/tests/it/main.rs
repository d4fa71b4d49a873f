//! What must hold whatever happens to the disk.

mod collect;
mod crash;
mod fault;
mod garden;
mod meddle;
mod process;
mod rot;
mod soak;
mod story;
