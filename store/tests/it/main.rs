//! What must hold whatever happens to the disk.

mod converge;
mod crash;
mod fault;
mod process;
mod replica;
mod rot;
mod story;
mod view;
