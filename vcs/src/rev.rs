//! Revisions: the language in which people name seals and sets of them.
//!
//! [`parse`](parse::parse_rev) makes an [`Expr`](ast::Expr) of a text, and [`Rev`](resolve::Rev) finds what
//! it means in a graph. The grammar and its table of precedence are in `ast`.

pub(crate) mod ast;
pub(crate) mod ends;
pub(crate) mod error;
pub(crate) mod eval;
mod glob;
pub(crate) mod name;
pub(crate) mod near;
pub(crate) mod parse;
pub(crate) mod resolve;
mod token;
