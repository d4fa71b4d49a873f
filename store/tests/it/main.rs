//! What must hold whatever happens to the disk.

mod adversity;
mod crash;
mod fault;
mod golden;
mod process;
mod rot;
mod story;
