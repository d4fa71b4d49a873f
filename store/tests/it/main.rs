//! What must hold whatever happens to the disk.

mod adversity;
mod bucket;
mod crash;
mod fault;
mod golden;
mod process;
mod rot;
mod story;
mod sync;
