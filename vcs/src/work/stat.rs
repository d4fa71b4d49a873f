//! What a file system tells of a path without opening it.

/// Size, times and kind of what stands at a path. A file whose stat is as it was has the bytes it had,
/// unless it was changed within a tick of its clock: see [`Stat::is_settled`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stat {
    /// What stands there.
    pub form: Form,
    /// Bytes in it.
    pub size: u64,
    /// When its bytes changed last, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// When anything about it changed last; the same as `modified_ns` where a system does not tell.
    pub changed_ns: i64,
    /// Its number on the file system; 0 where a system does not tell.
    pub inode: u64,
}

/// What stands at a path of the disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// A file.
    File,
    /// A file that may be run.
    Executable,
    /// A symbolic link.
    Symlink,
    /// A directory.
    Directory,
    /// A pipe, a socket, a device.
    Other,
}

/// A clock of a local file system ticks at least this often.
const TICK_NS: i64 = 20_000_000;
/// FAT keeps even seconds, others whole ones.
const COARSE_TICK_NS: i64 = 2_100_000_000;
const SECOND_NS: i64 = 1_000_000_000;

impl Stat {
    /// Whether a change after `now_ns` would show in the times: what was written in the tick that still
    /// runs may be written again in it.
    #[must_use]
    pub const fn is_settled(&self, now_ns: i64) -> bool {
        let last =
            if self.changed_ns > self.modified_ns { self.changed_ns } else { self.modified_ns };
        let tick = if self.has_fine_times() { TICK_NS } else { COARSE_TICK_NS };
        last.saturating_add(tick) < now_ns
    }

    /// Whether the file system keeps parts of seconds, as far as one time can tell.
    pub(crate) const fn has_fine_times(&self) -> bool {
        self.changed_ns % SECOND_NS != 0
    }
}

impl Form {
    /// Whether it has bytes of its own.
    #[must_use]
    pub const fn is_file(self) -> bool {
        matches!(self, Self::File | Self::Executable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_in_this_tick_is_not_settled() {
        let stat = |modified_ns, changed_ns| Stat {
            form: Form::File,
            size: 1,
            modified_ns,
            changed_ns,
            inode: 1,
        };
        let now = 10 * SECOND_NS;
        for (modified, changed, settled) in [
            (1, now - TICK_NS - 1, true),
            (1, now - TICK_NS, false),
            (now + SECOND_NS, 1, false),
            (1, now - SECOND_NS, false),
            (1, now - 3 * SECOND_NS, true),
        ] {
            assert_eq!(stat(modified, changed).is_settled(now), settled, "{modified} {changed}");
        }
    }
}
