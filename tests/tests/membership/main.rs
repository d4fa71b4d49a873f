//! Memberships on a network of one process: what their users rely on, each defect that is known of others as a
//! story, and hostile members.

mod finding;
mod healing;
mod hostile;
mod joining;
mod network;
mod replay;
mod waking;
