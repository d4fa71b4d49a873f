//! Screens: settling conflicts, walking timelines, gathering changes, watching peers.
//!
//! A screen is a model that takes messages in and gives effects out, and a view that is a function of the model and of
//! an area. Neither draws by itself, waits or touches a file; [`Stage`] does what is left.
//!
//! Of the screens there is the one for conflicts. The decisions are in `DESIGN.md` beside this crate.

mod key;
mod visible;
mod paint;
mod text_box;
mod settle;
mod terminal;
mod stage;

pub use self::key::{Code, Key, With};
pub use self::paint::Palette;
pub use self::settle::Settle;
pub use self::settle::action::{Action, Place, Stroke, Way};
pub use self::settle::binding::{BINDINGS, Binding, action};
pub use self::settle::message::{Effect, Message};
pub use self::settle::spoken::Spoken;
pub use self::stage::{Ending, Stage, StageError};
pub use self::visible::is_obeyed;
