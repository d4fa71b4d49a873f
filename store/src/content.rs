//! Contents of any length, in and out, without ever being in memory whole.

pub(crate) mod chunker;
mod identify;
pub(crate) mod read;
#[cfg(test)]
mod tests;
mod write;
