//! Whole nodes over loopback: what the driver does between a core and the world.
#![cfg(feature = "node")]

mod caller;
mod crowd;
mod house;

mod doors;
mod healing;
mod moving;
mod nearby;
mod rendezvous;
mod rude;
mod sharing;
