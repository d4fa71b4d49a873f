//! Whole nodes, each with a store of its own, in a network of one process.
//!
//! A [`Peer`] is the core that every node runs, a store on a disk that forgets what was not synced when the power goes, and
//! the little between them that a driver does. A [`Village`] is many of them.

mod word;
mod letter;
mod calls;
mod work;
mod rogue;
mod clone;
mod home;
mod peer;
mod village;

pub use self::home::{Sort, content};
pub use self::letter::{Kind, Letter};
pub use self::peer::Peer;
pub use self::rogue::Trick;
pub use self::village::Village;
pub use self::word::{Command, Deed, News};
