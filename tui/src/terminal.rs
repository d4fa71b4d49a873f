//! The terminal: taken for a screen, and given back as it was, whatever happens.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use crossterm::style::ResetColor;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::terminal::Terminal as Cells;
use ratatui_crossterm::CrosstermBackend;

use crate::key::{Code, Key, With};

/// A terminal that belongs to a screen until this is dropped.
pub(crate) struct Terminal {
    cells: Cells<CrosstermBackend<BufWriter<File>>>,
}

/// Whether the terminal is ours. Asked where something panics.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);
/// What another thread than that of the screen said when it panicked. It can not say it itself: whoever has the screen may
/// hold the streams.
static LAST_WORDS: Mutex<Option<String>> = Mutex::new(None);
static HOOK: Once = Once::new();

impl Terminal {
    /// Takes the terminal.
    pub(crate) fn take() -> io::Result<Self> {
        let own = thread::current().id();
        HOOK.call_once(|| give_back_in_panic(own));
        begin()?;
        // What is drawn from here on needs a terminal that is ours, and leaving it is for `drop`.
        let cells = out().and_then(|out| Cells::new(CrosstermBackend::new(BufWriter::new(out))));
        match cells {
            Ok(cells) => Ok(Self { cells }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Draws what changed.
    pub(crate) fn draw(&mut self, view: impl FnOnce(Rect, &mut Buffer)) -> io::Result<()> {
        queue!(self.cells.backend_mut(), BeginSynchronizedUpdate)?;
        self.cells.draw(|frame| view(frame.area(), frame.buffer_mut()))?;
        execute!(self.cells.backend_mut(), EndSynchronizedUpdate)
    }

    /// Draws all anew next time.
    ///
    /// Not by the `clear` of the cells: that asks the terminal where the cursor is, and the answer would go to whoever reads
    /// keys.
    pub(crate) fn forget(&mut self) -> io::Result<()> {
        let out = out()?;
        execute!(&out, Clear(ClearType::All))?;
        self.cells = Cells::new(CrosstermBackend::new(BufWriter::new(out)))?;
        Ok(())
    }

    /// Gives the terminal to something else, and takes it back.
    pub(crate) fn lend<T>(&mut self, other: impl FnOnce() -> T) -> io::Result<T> {
        give_back();
        let answer = other();
        begin()?;
        self.forget()?;
        Ok(answer)
    }

    /// Takes again what somebody else may have changed while this program was stopped.
    pub(crate) fn retake(&mut self) -> io::Result<()> {
        begin()?;
        self.forget()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn begin() -> io::Result<()> {
    enable_raw_mode()?;
    IS_TAKEN.store(true, Ordering::SeqCst);
    execute!(out()?, EnterAlternateScreen, EnableBracketedPaste, Hide).inspect_err(|_| give_back())
}

/// The terminal as it was. That can fail only where there is no terminal any more, and then nobody can be told.
pub(crate) fn give_back() {
    if !IS_TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    if let Ok(mut out) = out() {
        let _ = execute!(out, ResetColor, DisableBracketedPaste, Show, LeaveAlternateScreen);
        let _ = out.flush();
    }
    let _ = disable_raw_mode();
}

/// Standard output without its lock, which a thread that panics could not get.
#[cfg(unix)]
fn out() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// Standard output without its lock, which a thread that panics could not get.
#[cfg(windows)]
fn out() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}

fn give_back_in_panic(own: ThreadId) {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if IS_TAKEN.load(Ordering::SeqCst) && thread::current().id() != own {
            *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic.to_string());
            return;
        }
        give_back();
        before(panic);
    }));
}

/// What a thread said when it panicked.
pub(crate) fn last_words() -> Option<String> {
    LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The key that was pressed, if the event is one.
pub(crate) fn pressed(event: &KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let with = if event.modifiers.contains(KeyModifiers::CONTROL) {
        With::Control
    } else if event.modifiers.contains(KeyModifiers::ALT) {
        With::Alt
    } else {
        With::Nothing
    };
    let code = match event.code {
        KeyCode::Char(letter) => Code::Letter(letter),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Escape,
        KeyCode::Tab => Code::Tab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    };
    Some(Key { code, with })
}
