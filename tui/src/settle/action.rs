//! What somebody can do on the conflict screen.

/// What somebody does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// Take this side, the first at 0.
    Side(u8),
    /// Take what there was before.
    Base,
    /// Take what the machine offers; again, its next offer.
    Offer,
    /// Take both sides, the first one above.
    Both,
    /// Take both sides, the first one below.
    BothReversed,
    /// Take no line at all.
    Nothing,
    /// Let it be open again.
    Reopen,
    /// Put it off: it stays open, and comes last. Again: it comes where it stands.
    PutOff,
    /// Choose single lines.
    Lines,
    /// Take this line, or take it no more.
    Toggle,
    /// Go to the line above or below that can be chosen, or to the first or last one.
    Line(Way),
    /// Choose among the lines of this side, the first at 0.
    LinesOf(u8),
    /// Choose among the lines of the other side.
    OtherSide,
    /// Decide many at once.
    Sweep,
    /// What is taken of each of them: the word before, or the next one.
    SweepTake(Way),
    /// Of which sort they are: the next one.
    SweepSort,
    /// Whether it shall be a rule.
    SweepRule,
    /// Decide them.
    SweepDo,
    /// Look for a text.
    Search,
    /// Go to what was looked for.
    Find,
    /// Go to the next place with it.
    FindNext,
    /// Go to the place with it before.
    FindPrevious,
    /// Write it here.
    Write,
    /// Write it in an editor.
    Editor,
    /// Take the last step back.
    Undo,
    /// Do it again.
    Redo,
    /// Go to the next open conflict.
    NextOpen,
    /// Go to the open conflict before.
    PreviousOpen,
    /// Go to the next conflict.
    Next,
    /// Go to the conflict before.
    Previous,
    /// Go to the next file.
    NextFile,
    /// Go to the file before.
    PreviousFile,
    /// Go to the first conflict.
    First,
    /// Go to the last conflict.
    Last,
    /// Scroll by so many lines.
    Scroll(i8),
    /// Scroll sideways by so many columns.
    Aside(i8),
    /// Show all conflicts as a table, or one beside the other again.
    Table,
    /// Show why it is a conflict.
    Why,
    /// Show all keys.
    Keys,
    /// Finish: put it into the files.
    Finish,
    /// Yes, finish.
    Confirm,
    /// Leave.
    Leave,
    /// Back to the conflicts.
    Back,
    /// Stop until the shell says to go on.
    Suspend,
    /// Draw all anew.
    Redraw,
    /// Keep what was written.
    Keep,
    /// Insert the lines of this side, the first at 0.
    InsertSide(u8),
    /// Insert the lines that there were before.
    InsertBase,
    /// Change what is being written, or where.
    Text(Stroke),
}

/// Which way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// To the one before.
    Back,
    /// To the next one.
    On,
    /// To the first one.
    First,
    /// To the last one.
    Last,
}

/// What a key does to a text that is being written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stroke {
    /// Ends a line.
    Enter,
    /// Writes a tab.
    Tab,
    /// Takes away the letter before.
    Backspace,
    /// Takes away the letter behind.
    Delete,
    /// A line up.
    Up,
    /// A line down.
    Down,
    /// A letter back.
    Left,
    /// A letter on.
    Right,
    /// To the beginning of the line.
    Home,
    /// To the end of the line.
    End,
}

/// What is on the screen, as far as keys go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// The conflicts.
    Conflicts,
    /// A text that is being written.
    Writing,
    /// The lines of a conflict, chosen one by one.
    Lines,
    /// The question what to decide many at once by.
    Sweeping,
    /// The question what to look for.
    Searching,
    /// A page to read, over the conflicts.
    Page,
    /// The question whether to finish.
    Finishing,
}
