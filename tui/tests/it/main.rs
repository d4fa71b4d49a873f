//! The screens through their real keys, as text.

mod drawn;
mod keys;
mod screens;
mod spoken;
mod toy;
mod walks;
