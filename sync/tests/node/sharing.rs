//! The example of two programs that share a model, played by both.

use std::io::{BufRead, BufReader, Lines, PipeReader, PipeWriter, Write, pipe};
use std::thread::{self, JoinHandle};

#[path = "../../examples/voters.rs"]
mod voters;

/// One of the programs, and what it is told and says.
struct Program {
    _folder: tempfile::TempDir,
    input: Option<PipeWriter>,
    said: Lines<BufReader<PipeReader>>,
    thread: JoinHandle<()>,
}

impl Program {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (reads, input) = pipe().unwrap();
        let (said, writes) = pipe().unwrap();
        let path = folder.path().to_owned();
        let thread =
            thread::spawn(move || voters::run(&path, BufReader::new(reads), writes).unwrap());
        let said = BufReader::new(said).lines();
        Self { _folder: folder, input: Some(input), said, thread }
    }

    fn type_in(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    fn says(&mut self) -> String {
        self.said.next().unwrap().unwrap()
    }

    fn end(mut self) {
        drop(self.input.take());
        self.thread.join().unwrap();
    }
}

#[test]
fn two_programs_share_a_model() {
    let [mut east, mut west] = [Program::start(), Program::start()];
    let [at_east, at_west] = [east.says(), west.says()];
    east.type_in(&format!("meet {at_west}"));
    west.type_in(&format!("meet {at_east}"));
    east.type_in("set Ann town Ghent");
    west.type_in("set Ann telephone 555-0100");
    west.type_in("get Ann town");
    east.type_in("get Ann telephone");
    assert_eq!((west.says(), east.says()), ("Ghent".to_owned(), "555-0100".to_owned()));
    east.end();
    west.end();
}
