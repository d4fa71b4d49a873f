//! What a revision says.
//!
//! ```text
//! from the tightest to the loosest             means
//!   x-  x--  x~3  x^  x^2  x+                  first parent, n-th first parent, n-th parent, children
//!   name@{yesterday}  @{2 days ago}            where a timeline, or this clone, was
//!   x..y  x..  ..y  x...y                      what y came from and x did not; either but not both
//!   x & y  x ~ y                               in both; in x and not in y         (left to right)
//!   x | y                                      in either
//! ```
//!
//! A name is a timeline, a tag, a seal name, a change id or a hash, the last three by any beginning that
//! is unique; `@` is the place of this clone, and so is git's `HEAD`. What a name means as a set is what it
//! means alone, and all heads of a timeline that diverged. An end that is left out is `@`. Quotes make a name
//! or a text of anything: `"fix & run"`.
//!
//! `x ~ y` needs a blank before the `~`, since `x~2` is git's word for an ancestor.

use std::ops::Range;

/// Where in the text something stands, in bytes.
pub type Place = Range<usize>;

/// An expression and where it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expr {
    /// Where it stands.
    pub place: Place,
    /// What it says.
    pub says: Says,
}

/// What an expression says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Says {
    /// `main`, `v1.0`, `brave-otter`, `0a1b2c`.
    Name(String),
    /// `@`: where this clone stands.
    Here,
    /// `main@{yesterday}`, `@{3}`: where a timeline or this clone was.
    Past(Subject, Moment),
    /// `x~3`, `x---`: the ancestor so many first parents back.
    Back(Box<Expr>, u32),
    /// `x^2`: the n-th parent. The zeroth is the seal itself.
    Parent(Box<Expr>, u32),
    /// `x+`: the children.
    Children(Box<Expr>),
    /// `x..y`: what `y` came from and `x` did not.
    Range(Box<Expr>, Box<Expr>),
    /// `x...y`: what either came from, but not both.
    Either(Box<Expr>, Box<Expr>),
    /// `x | y | z`: at least two.
    Or(Vec<Expr>),
    /// `x & y ~ z`: what is left of the first.
    Narrow(Box<Expr>, Vec<(Narrowing, Expr)>),
    /// `heads(x)`.
    Call(Box<Call>),
}

/// Whose past is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Subject {
    /// This clone's place.
    Here,
    /// A timeline.
    Timeline(String),
}

/// A point of the past.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Moment {
    /// So many operations ago.
    Operations(u32),
    /// A date, as it was written.
    Date(String),
}

/// How a set is made smaller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Narrowing {
    /// To what is also in the other.
    And,
    /// To what is not in the other.
    Without,
}

/// A function and what it is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Call {
    /// `all()`: all that timelines, tags and the place came from.
    All,
    /// `none()`.
    None,
    /// `heads(x)`: those that no other of them came from.
    Heads(Expr),
    /// `roots(x)`: those that came from no other of them.
    Roots(Expr),
    /// `ancestors(x)`: all they came from, themselves among them.
    Ancestors(Expr),
    /// `descendants(x)`: all that came from them, themselves among them.
    Descendants(Expr),
    /// `parents(x)`: all their parents.
    Parents(Expr),
    /// `children(x)`: all their children.
    Children(Expr),
    /// `bases(x, y)`: the best common ancestors.
    Bases(Expr, Expr),
    /// `latest(x, 5)`: the newest so many of them.
    Latest(Expr, u32),
    /// `merges()`: seals with more than one parent.
    Merges,
    /// `diverged()`: the heads of timelines that have several.
    Diverged,
    /// `timelines()`: the heads of all timelines.
    Timelines,
    /// `tags()`: what tags name.
    Tags,
    /// `author(text)`: whose author's name or contact holds the text, in any case.
    Author(String),
    /// `message(text)`: whose message holds the text, in any case.
    Message(String),
    /// `path(glob)`: that changed such a path.
    Path(String),
    /// `after(date)`: made then or later.
    After(String),
    /// `before(date)`: made earlier.
    Before(String),
}

/// The functions, as they are written, for whoever suggests one.
pub(crate) const FUNCTIONS: [&str; 19] = [
    "all",
    "none",
    "heads",
    "roots",
    "ancestors",
    "descendants",
    "parents",
    "children",
    "bases",
    "latest",
    "merges",
    "diverged",
    "timelines",
    "tags",
    "author",
    "message",
    "path",
    "after",
    "before",
];
