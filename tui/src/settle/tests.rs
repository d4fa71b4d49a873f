//! The screen through its real keys.
