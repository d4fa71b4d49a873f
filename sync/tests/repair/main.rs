//! Repairs between two sides: what they come to, what they cost, and what a side that lies gets.

mod body;
mod forge;
mod golden;
mod hostile;
mod pair;
mod seeds;
mod sets;
mod way;
