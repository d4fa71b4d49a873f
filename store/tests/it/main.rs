//! What must hold whatever happens to the disk.

mod collect;
mod converge;
mod crash;
mod fault;
mod garden;
mod meddle;
mod process;
mod replica;
mod rot;
mod soak;
mod story;
mod view;
