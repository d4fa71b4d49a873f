//! What must hold whatever happens to the disk.

mod adversity;
mod bucket;
mod collect;
mod commons;
mod converge;
mod crash;
mod fault;
mod folders;
mod fork;
mod gap;
mod garden;
mod golden;
mod keep;
mod lots;
mod meddle;
mod power;
mod process;
mod reader;
mod replica;
mod rot;
mod soak;
mod story;
mod sync;
mod view;
