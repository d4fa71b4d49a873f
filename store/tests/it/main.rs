//! What must hold whatever happens to the disk.

mod crash;
mod fault;
mod process;
mod rot;
mod story;
