//! Connections: what carries streams between two nodes.

use std::collections::BTreeMap;

/// The connection of each pair that ever used a stream.
///
/// Nothing on a stream is lost in silence. What can not be delivered breaks the connection: nothing more
/// comes through, until both ends were told, and then a new one begins.
#[derive(Debug, Default)]
pub(crate) struct Streams(BTreeMap<(usize, usize), Connection>);

/// One connection, and how many there were before.
#[derive(Clone, Copy, Debug, Default)]
struct Connection {
    number: u32,
    is_broken: bool,
}

impl Streams {
    /// The number of the connection, if it is whole. It begins if there is none.
    pub(crate) fn number(&mut self, one: usize, other: usize) -> Option<u32> {
        let connection = self.0.entry(pair(one, other)).or_default();
        (!connection.is_broken).then_some(connection.number)
    }

    /// Breaks the connection; tells its number if it was whole until now.
    pub(crate) fn break_up(&mut self, one: usize, other: usize) -> Option<u32> {
        let connection = self.0.get_mut(&pair(one, other))?;
        if connection.is_broken {
            return None;
        }
        connection.is_broken = true;
        Some(connection.number)
    }

    /// The end of a broken connection was told: the next may begin. Tells whether this one was meant.
    pub(crate) fn renew(&mut self, one: usize, other: usize, number: u32) -> bool {
        let Some(connection) = self.0.get_mut(&pair(one, other)) else { return false };
        if connection.number != number || !connection.is_broken {
            return false;
        }
        *connection = Connection { number: number + 1, is_broken: false };
        true
    }

    /// All that have a connection to this place.
    pub(crate) fn of(&self, place: usize) -> Vec<usize> {
        let of_place = self.0.keys().filter(|(a, b)| *a == place || *b == place);
        of_place.map(|(a, b)| if *a == place { *b } else { *a }).collect()
    }
}

fn pair(one: usize, other: usize) -> (usize, usize) {
    (one.min(other), one.max(other))
}
