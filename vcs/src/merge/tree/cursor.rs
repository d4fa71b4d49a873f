//! A place in a text that is read from its start to its end.

/// What is read, and how far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
}

/// Values within values up to which a text is read: enough for what people write, too few for a stack.
pub(super) const DEPTH_MAX: usize = 64;

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Goes over this byte, if it is next.
    pub(super) fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Goes over what belongs to the set.
    pub(super) fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let start = self.at;
        self.at += self.rest().iter().take_while(|byte| belongs(**byte)).count();
        &self.text[start..self.at]
    }

    /// Goes on to the end of the line, not over it.
    pub(super) fn take_line(&mut self) {
        self.take_while(|byte| byte != b'\n');
    }

    /// What was read since.
    pub(super) fn since(&self, start: usize) -> &'a [u8] {
        &self.text[start..self.at]
    }
}
