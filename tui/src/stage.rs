//! Where a screen plays: its terminal, its keys, its signals, and a thread for what takes time.

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{Event, poll, read};
use selkie_store::RepoPath;
use selkie_vcs::settling::Finished;
use thiserror::Error;

use crate::paint::Palette;
use crate::settle::Settle;
use crate::settle::message::{Effect, Message};
use crate::stage::signals::{Signal, Signals, end, stop};
use crate::terminal::{Terminal, last_words, pressed};

#[cfg(unix)]
mod signals;
#[cfg(not(unix))]
#[path = "stage/no_signals.rs"]
mod signals;

/// A terminal on which a screen can be shown.
///
/// Whatever ends the screen, the terminal is as it was: also after a panic and where the system ends the process.
/// Nothing is drawn and nothing runs while nothing happens.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// How it looks.
    pub palette: Palette,
}

/// How a screen ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ending {
    /// Somebody left.
    Left,
    /// What was decided came into the files.
    Wrote(Finished),
    /// The system ends the process. What was decided is kept.
    Told(i32),
}

/// Why there is no screen. What was decided before is kept.
#[derive(Debug, Error)]
pub enum StageError {
    /// The terminal can not be used.
    #[error("the terminal can not be used")]
    Terminal(#[from] io::Error),
    /// What works beside the screen broke off.
    #[error("the screen broke off: {0}")]
    Broken(String),
}

/// Something that happened.
enum Happened {
    AtTerminal(Event),
    Deaf(io::Error),
    Done(Message),
    Broken,
    Told(Signal),
}

/// Rings if the thread that has it panics.
struct Bell(Sender<Happened>);

impl Drop for Bell {
    fn drop(&mut self) {
        if thread::panicking() {
            // Where nobody listens any more, nobody waits.
            let _ = self.0.send(Happened::Broken);
        }
    }
}

/// Says so if what was merged is not found because finding it panics: the screen goes on without.
struct Finding(Sender<Happened>);

impl Drop for Finding {
    fn drop(&mut self) {
        if thread::panicking() {
            let why = "finding it broke off".to_owned();
            let _ = self.0.send(Happened::Done(Message::Near(Err(why))));
        }
    }
}

/// How long a frame waits for an answer that is on its way: less than anybody sees.
const PATIENCE: Duration = Duration::from_millis(5);

/// What a screen has while it plays.
struct Play<'a, E> {
    settle: &'a mut Settle,
    jobs: Sender<Effect>,
    /// Whoever gets one reads one event from the terminal. So nobody reads while an editor does.
    tickets: Sender<()>,
    inbox: Receiver<Happened>,
    edit: E,
    wrote: Option<Finished>,
    /// Answers that were asked for since the last frame.
    awaited: usize,
    waits: Waits,
}

impl Stage {
    /// Shows the conflict screen until it ends. `work` keeps notes, answers questions and writes files, in a thread of its own;
    /// `edit` lets somebody write a text while the screen is away. `later` finds what was merged close to each other and what fuses of
    /// heads would be: that may take long, so no note waits for it, and neither does who leaves.
    ///
    /// # Errors
    ///
    /// See [`StageError`].
    pub fn play(
        self,
        settle: &mut Settle,
        mut work: impl FnMut(Effect) -> Option<Message> + Send,
        edit: impl FnMut(&RepoPath, &[u8]) -> Result<Vec<u8>, String>,
        later: impl FnOnce(&mut dyn FnMut(Message)) + Send + 'static,
    ) -> Result<Ending, StageError> {
        let (happened, inbox) = mpsc::channel();
        let signals = Signals::listen(happened.clone(), Happened::Told)?;
        let tickets = reader(happened.clone())?;
        let terminal = Terminal::take()?;
        // From here on a new size is heard of: one that came between the first frame and the first reading would be lost.
        poll(Duration::ZERO)?;
        let finding = Finding(happened.clone());
        thread::Builder::new().name("later".to_owned()).spawn(move || {
            later(&mut |message| {
                // Nobody is left to be told where the screen is gone.
                let _ = finding.0.send(Happened::Done(message));
            });
        })?;
        let ending = thread::scope(|scope| {
            let (jobs, queue) = mpsc::channel::<Effect>();
            let bell = Bell(happened);
            let worker = scope.spawn(move || {
                for message in queue.into_iter().filter_map(&mut work) {
                    // What is left to do is done also where nobody waits for it any more.
                    let _ = bell.0.send(Happened::Done(message));
                }
            });
            let (wrote, awaited, waits) = (None, 0, Waits::ForNothing);
            let play = Play { settle, jobs, tickets, inbox, edit, wrote, awaited, waits };
            let ending = play.run(self.palette, terminal);
            // What was decided last is on its way to the disk.
            match worker.join() {
                Ok(()) => ending,
                Err(_) => Err(StageError::Broken(last_words().unwrap_or_default())),
            }
        })?;
        drop(signals);
        if let Ending::Told(signal) = ending {
            end(signal)?;
        }
        Ok(ending)
    }
}

impl<E: FnMut(&RepoPath, &[u8]) -> Result<Vec<u8>, String>> Play<'_, E> {
    fn run(mut self, palette: Palette, mut terminal: Terminal) -> Result<Ending, StageError> {
        let first = self.settle.begin();
        self.perform(first, &mut terminal)?;
        loop {
            if let Some(ending) = self.meet_answers(&mut terminal)? {
                return Ok(ending);
            }
            terminal.draw(|area, buffer| self.settle.view(palette, area, buffer))?;
            if self.waits == Waits::ForNothing {
                // A reader that is gone said so in the inbox.
                let _ = self.tickets.send(());
                self.waits = Waits::ForReader;
            }
            let Ok(next) = self.inbox.recv() else { return Ok(Ending::Left) };
            let mut next = Some(next);
            while let Some(happened) = next {
                if let Some(ending) = self.meet(happened, &mut terminal)? {
                    return Ok(ending);
                }
                next = self.inbox.try_recv().ok();
            }
        }
    }

    /// Meets the answers to what was just handed on, if they come at once: each would be one more frame.
    fn meet_answers(&mut self, terminal: &mut Terminal) -> Result<Option<Ending>, StageError> {
        let until = Instant::now() + PATIENCE;
        while self.awaited > 0 {
            let left = until.saturating_duration_since(Instant::now());
            // What is left out of a frame comes with the next one.
            let Ok(happened) = self.inbox.recv_timeout(left) else { break };
            if let Some(ending) = self.meet(happened, terminal)? {
                return Ok(Some(ending));
            }
        }
        self.awaited = 0;
        Ok(None)
    }

    /// Meets what happened. Answers with how it ends, if it ends.
    fn meet(
        &mut self,
        happened: Happened,
        terminal: &mut Terminal,
    ) -> Result<Option<Ending>, StageError> {
        if matches!(happened, Happened::AtTerminal(_)) {
            self.waits = Waits::ForNothing;
        }
        let message = match happened {
            Happened::AtTerminal(Event::Key(key)) => pressed(&key).map(Message::Pressed),
            Happened::AtTerminal(Event::Paste(text)) => Some(Message::Pasted(text)),
            // The next frame has the size that the terminal has by then.
            Happened::AtTerminal(_) => None,
            Happened::Done(message) => {
                self.awaited = self.awaited.saturating_sub(1);
                if let Message::Wrote(Ok(finished)) = &message {
                    self.wrote = Some(finished.clone());
                }
                Some(message)
            }
            Happened::Deaf(error) => return Err(error.into()),
            Happened::Broken => return Ok(Some(Ending::Left)),
            Happened::Told(Signal::End(signal)) => return Ok(Some(Ending::Told(signal))),
            Happened::Told(Signal::Stop) => {
                terminal.lend(stop)??;
                None
            }
            Happened::Told(Signal::GoOn) => {
                terminal.retake()?;
                None
            }
        };
        let effects = message.map(|message| self.settle.update(message)).unwrap_or_default();
        self.perform(effects, terminal)
    }

    fn perform(
        &mut self,
        effects: Vec<Effect>,
        terminal: &mut Terminal,
    ) -> Result<Option<Ending>, StageError> {
        for effect in effects {
            match effect {
                Effect::Leave => {
                    let wrote = self.wrote.take();
                    return Ok(Some(wrote.map_or(Ending::Left, Ending::Wrote)));
                }
                Effect::Suspend => terminal.lend(stop)??,
                Effect::Redraw => terminal.forget()?,
                Effect::Edit { path, part, text } => {
                    let outcome = terminal.lend(|| (self.edit)(&path, &text))?;
                    let effects = self.settle.update(Message::Edited { part, outcome });
                    self.hand_on(effects);
                }
                effect => self.hand_on(vec![effect]),
            }
        }
        Ok(None)
    }

    /// Gives effects to the thread that does them.
    fn hand_on(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.awaited += usize::from(matches!(effect, Effect::Keep(_) | Effect::Ask { .. }));
            // One that is gone has rung its bell.
            let _ = self.jobs.send(effect);
        }
    }
}

/// For what the reader of the terminal is waited.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Waits {
    /// It read what it was asked for.
    ForNothing,
    /// It is asked, and reads.
    ForReader,
}

/// Reads one event from the terminal for each ticket.
fn reader(to: Sender<Happened>) -> io::Result<Sender<()>> {
    let (tickets, asked) = mpsc::channel();
    thread::Builder::new().name("keys".to_owned()).spawn(move || {
        for () in asked {
            let event = read();
            let is_over = event.is_err();
            let sent = to.send(match event {
                Ok(event) => Happened::AtTerminal(event),
                Err(error) => Happened::Deaf(error),
            });
            if is_over || sent.is_err() {
                return;
            }
        }
    })?;
    Ok(tickets)
}
