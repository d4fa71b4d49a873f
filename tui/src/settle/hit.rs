//! Where it is what was looked for.

/// A place with what is looked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Hit {
    /// The conflict next to it, by its place in the list.
    pub(crate) spot: usize,
    /// Where it is.
    pub(crate) place: HitPlace,
}

/// Where it is, seen from a conflict.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum HitPlace {
    /// In the name of its file.
    Name,
    /// So many lines above it.
    Above(usize),
    /// In this row of it.
    Row(usize),
    /// In what was decided.
    Result,
    /// Behind so many lines below it.
    Below(usize),
}
