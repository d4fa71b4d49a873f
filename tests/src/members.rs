//! Memberships in a network of one process.

mod names;
mod letter;
mod member;
mod checks;
mod swarm;

pub use self::checks::verifies;
pub use self::letter::Letter;
pub use self::member::{Command, Member, News, network};
pub use self::names::Names;
pub use self::swarm::Swarm;
