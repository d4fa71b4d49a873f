//! The way to the disk: an open directory, and the names in it.
//!
//! A door takes single names, never paths, and follows no symbolic link. So whatever is swapped below the
//! working copy while we are at it, a step ends in the directory that was opened or fails. The top alone is
//! opened by a path, which its owner typed.
//!
//! On Unix a door is a file descriptor and every call relative to it. Elsewhere it is a path whose
//! last part is looked at before each step, which leaves a moment between look and step; that door is
//! tested on Unix beside the other, but nothing here has run on Windows.

#[cfg(any(not(unix), test))]
#[cfg_attr(unix, expect(unreachable_pub, reason = "it is the public door elsewhere"))]
pub(crate) mod by_path;
pub(crate) mod entry;
#[cfg(test)]
mod tests;
#[cfg(unix)]
pub(crate) mod unix;

#[cfg(not(unix))]
pub use self::by_path::Door;
#[cfg(unix)]
pub use self::unix::Door;
