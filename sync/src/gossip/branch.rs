//! How a link of the tree along which entries spread is used.

/// How a peer hears of what is new in a channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Branch {
    /// It is sent entries as they come.
    Eager,
    /// It is told that there are some, and asks for what does not come to it by another way.
    Lazy,
    /// It reads more slowly than there is to send: it is told how far all goes once it has read.
    Full,
    /// It says that it does not have the channel, or not for us.
    Closed,
}
