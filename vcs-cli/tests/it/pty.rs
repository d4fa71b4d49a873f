//! A command of the real binary at a pseudo-terminal, and what it shows there.
//!
//! `script` of util-linux makes the terminal, since making one takes code that we forbid ourselves.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::clone::Clone;

/// Longer than anything takes on a machine with much else to do.
const WAIT_MAX: Duration = Duration::from_secs(120);

/// A command at a terminal of 80 columns and 24 rows.
pub(crate) struct Pty<'c> {
    clone: &'c Clone,
    child: Child,
    keys: ChildStdin,
    output: Receiver<Vec<u8>>,
    screen: Screen,
}

/// What is left when the command has ended.
pub(crate) struct Left {
    /// What stands in the terminal.
    pub(crate) text: String,
    /// How the shell says it ended.
    pub(crate) code: i32,
}

impl<'c> Pty<'c> {
    /// Begins a command of the binary in the clone. None where there is nothing to make a terminal with.
    pub(crate) fn begin(clone: &'c Clone, command: &str) -> Option<Self> {
        Self::run(clone, &format!("{} {command}", env!("CARGO_BIN_EXE_selkie")))
    }

    /// Begins a program in the clone. None where there is nothing to make a terminal with.
    pub(crate) fn run(clone: &'c Clone, program: &str) -> Option<Self> {
        let is_here = Command::new("script").arg("--version").output().is_ok();
        if !is_here || !cfg!(target_os = "linux") {
            eprintln!("skipped: there is no `script` of util-linux here");
            return None;
        }
        let inner = format!("echo $$ > \"$HOME/pid\"; exec {program}");
        let outer = format!(
            "stty rows 24 cols 80; stty -a > \"$HOME/before\"; tty > \"$HOME/tty\"; \
             sh -c '{inner}'; echo $? > \"$HOME/code\"; stty -a > \"$HOME/after\""
        );
        for name in ["pid", "before", "after", "code", "tty"] {
            let _ = fs::remove_file(clone.root.join(name));
        }
        let mut script = Command::new("script");
        script.args(["-qfec", &outer, "/dev/null"]).current_dir(&clone.folder).env_clear();
        script.env("HOME", &clone.root).env("TERM", "xterm-256color").env("SHELL", "/bin/sh");
        script.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = script.spawn().expect("it was here");
        let keys = child.stdin.take().expect("it is piped");
        let mut stdout = child.stdout.take().expect("it is piped");
        let (told, output) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut bytes) {
                if told.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Some(Self { clone, child, keys, output, screen: Screen::default() })
    }

    /// Presses keys, as a terminal sends them.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("somebody reads keys");
        self.keys.flush().expect("somebody reads keys");
    }

    /// Waits until the screen shows all of this.
    pub(crate) fn shows(&mut self, texts: &[&str]) {
        self.until(|screen| texts.iter().all(|text| screen.text().contains(text)), texts);
    }

    /// What the screen shows now.
    pub(crate) fn seen(&self) -> String {
        self.screen.text()
    }

    /// Waits until there is no screen, but the shell's lines.
    pub(crate) fn gives_back(&mut self) {
        self.until(|screen| !screen.is_alternate, &["the terminal back"]);
    }

    fn until(&mut self, is_so: impl Fn(&Screen) -> bool, wanted: &[&str]) {
        let end = Instant::now() + WAIT_MAX;
        while !is_so(&self.screen) {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.screen.take(&bytes),
                Err(mpsc::RecvTimeoutError::Timeout | mpsc::RecvTimeoutError::Disconnected) => {
                    panic!("{wanted:?} never came:\n{}", self.screen.text())
                }
            }
        }
    }

    /// Has the command go on, once it has stopped: it gives the terminal back a moment before.
    pub(crate) fn goes_on(&self) {
        let pid = fs::read_to_string(self.clone.root.join("pid")).expect("it told its number");
        let state = || {
            let told = Command::new("ps").args(["-o", "stat=", "-p", pid.trim()]).output();
            String::from_utf8(told.expect("there is a ps").stdout).expect("letters")
        };
        let end = Instant::now() + WAIT_MAX;
        while !state().trim_start().starts_with('T') {
            assert!(Instant::now() < end, "it never stopped: {}", state());
        }
        self.signal("-CONT");
    }

    /// Sends the command a signal.
    pub(crate) fn signal(&self, name: &str) {
        assert!(self.sends(name), "{name}");
    }

    /// Kills the command outright, if it has not come to its end already.
    pub(crate) fn kill(&self) {
        self.sends("-KILL");
    }

    /// If there is somebody to take the signal.
    fn sends(&self, name: &str) -> bool {
        let pid = fs::read_to_string(self.clone.root.join("pid")).expect("it told its number");
        let sent = Command::new("kill").args([name, pid.trim()]).stderr(Stdio::null()).status();
        sent.expect("there is a kill").success()
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, rows: u16, columns: u16) {
        let tty = fs::read_to_string(self.clone.root.join("tty")).expect("it told its name");
        let size = format!("rows {rows} cols {columns}");
        let args = ["-F", tty.trim()].into_iter().chain(size.split(' '));
        assert!(Command::new("stty").args(args).status().expect("there is a stty").success());
    }

    /// Waits until the command has ended. The terminal has to be as it was.
    pub(crate) fn ends(mut self) -> Left {
        let end = Instant::now() + WAIT_MAX;
        loop {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.screen.take(&bytes),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    panic!("it does not end:\n{}", self.screen.text())
                }
            }
        }
        self.child.wait().expect("it is ours");
        let [before, after, code] = ["before", "after", "code"].map(|name| {
            fs::read_to_string(self.clone.root.join(name)).expect("the shell wrote it")
        });
        let code = code.trim().parse().expect("it is a number");
        // A process that is killed outright can give nothing back; the shell does that.
        if code != 128 + 9 {
            assert_eq!(before, after, "the terminal has other modes");
            assert!(!self.screen.is_alternate && self.screen.has_cursor, "the screen is left");
        }
        Left { text: self.screen.text(), code }
    }
}

/// A terminal as small as our screens need it: letters of one column, places, and two pages.
#[derive(Default)]
struct Screen {
    rows: Vec<Vec<char>>,
    row: usize,
    column: usize,
    is_alternate: bool,
    has_cursor: bool,
    /// What is not understood yet: a letter or an escape of which the rest is to come.
    rest: Vec<u8>,
}

impl Screen {
    fn text(&self) -> String {
        let line = |row: &Vec<char>| row.iter().collect::<String>().trim_end().to_owned();
        self.rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn take(&mut self, bytes: &[u8]) {
        self.rest.extend(bytes);
        let all = std::mem::take(&mut self.rest);
        let mut at = 0;
        while at < all.len() {
            match self.step(&all[at..]) {
                Some(count) => at += count,
                None => break,
            }
        }
        self.rest = all[at..].to_vec();
    }

    /// Takes one letter or escape. None if it is not whole.
    fn step(&mut self, bytes: &[u8]) -> Option<usize> {
        match bytes[0] {
            0x1b => match bytes.get(1)? {
                b'[' => {
                    let count = bytes[2..].iter().position(|byte| (0x40..0x7f).contains(byte))?;
                    let said = String::from_utf8_lossy(&bytes[2..2 + count]).into_owned();
                    self.control(&said, bytes[2 + count]);
                    Some(count + 3)
                }
                _ => Some(2),
            },
            b'\r' => {
                self.column = 0;
                Some(1)
            }
            b'\n' => {
                self.row += 1;
                Some(1)
            }
            0..0x20 => Some(1),
            first => {
                let count = match first {
                    ..0x80 => 1,
                    0x80..0xe0 => 2,
                    0xe0..0xf0 => 3,
                    _ => 4,
                };
                let letter = str::from_utf8(bytes.get(..count)?).ok()?.chars().next()?;
                self.put(letter);
                Some(count)
            }
        }
    }

    fn put(&mut self, letter: char) {
        if self.rows.len() <= self.row {
            self.rows.resize(self.row + 1, Vec::new());
        }
        let row = &mut self.rows[self.row];
        if row.len() <= self.column {
            row.resize(self.column + 1, ' ');
        }
        row[self.column] = letter;
        self.column += 1;
    }

    fn control(&mut self, said: &str, what: u8) {
        match (said, what) {
            ("?1049", b'h') => (self.is_alternate, self.rows) = (true, Vec::new()),
            ("?1049", b'l') => {
                (self.is_alternate, self.rows) = (false, Vec::new());
                (self.row, self.column) = (0, 0);
            }
            ("?25", _) => self.has_cursor = what == b'h',
            (_, b'H') => {
                let mut place = said.split(';').map(|number| number.parse().unwrap_or(1));
                self.row = place.next().unwrap_or(1_usize).max(1) - 1;
                self.column = place.next().unwrap_or(1_usize).max(1) - 1;
            }
            (_, b'J') => self.rows.clear(),
            _ => {}
        }
    }
}
