//! Objects get to whoever lacks them, whatever happens on the way and whoever lies.

mod along;
mod garden;
mod honest;
mod hostile;
mod net;
mod spelling;
