//! Conflicts, which git has no place for.

/// What becomes of seals with conflicts in them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Conflicts {
    /// Nothing is exported.
    #[default]
    Refused,
    /// They become the text that the files show.
    Texts,
}
