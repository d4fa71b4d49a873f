//! What holds for all types: their laws, and their meaning as an independent model has it.
//!
//! Replicas are edited, cut off, crashed and restored at random, and tell each other what they
//! have over a network that loses, repeats and reorders. After each event the replica that it
//! changed is compared with the model, which knows nothing of dots: it computes a value from the
//! set of operations that the replica has seen and from what each of their authors had seen.
//!
//! Every case comes from one seed. A failure prints it:
//!
//! ```text
//! LAWS_CASES=100000 cargo test --release --test laws    the long run
//! LAWS_SEED=42 cargo test --test laws add_wins_set      one case again
//! ```
//!
//! Beside chance, `small_scope` leaves nothing to it: it visits every history of a few steps.

mod bits;
mod bytes;
mod case;
mod deed;
mod dice;
mod home;
mod joins;
mod laws;
mod letter;
mod small_scope;
mod subject;
mod walk;
mod world;
