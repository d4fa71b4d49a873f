//! How sure an answer is.

/// How sure it is who brought a line.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Certainty {
    /// The line came in this seal.
    #[default]
    Sure,
    /// An ignored seal changed it, and this one most likely brought what it was before.
    Guessed,
    /// The seal is ignored, and nothing before it looks like the line.
    Ignored,
}
