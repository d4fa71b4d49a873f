//! The screens through their real keys, as text.

mod accepted;
mod apart;
mod drawn;
mod find;
mod heads;
mod keys;
mod later;
mod lines;
mod many;
mod near;
mod picture;
mod screens;
mod spoken;
mod table;
mod toy;
mod walks;
