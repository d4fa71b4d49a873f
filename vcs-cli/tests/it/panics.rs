//! A screen that breaks off gives the terminal back, whichever of its threads panics.
//!
//! No key of the product panics. So this binary plays a screen at a pseudo-terminal itself, with work that does.

use std::env;
use std::sync::Arc;

use selkie_store::RepoPath;
use selkie_tui::{Effect, Message, Palette, Settle, Stage};
use selkie_vcs::Versions;
use selkie_vcs::settling::{Case, Draft, Open, PartId, Piece, Shape};

use crate::clone::Clone;
use crate::pty::Pty;

/// Says to the binary of the tests which thread is to panic.
const WHICH: &str = "SELKIE_TEST_PANIC";

#[test]
fn a_panic_of_any_thread_gives_the_terminal_back() {
    let clone = Clone::forge();
    let own = env::current_exe().expect("it runs");
    for (which, key) in [("screen", "E"), ("work", "0")] {
        let test = "--exact panics::a_screen_that_panics_if_it_is_told_to --nocapture";
        let command = format!("env {WHICH}={which} {} {test}", own.display());
        let Some(mut pty) = Pty::run(&clone, &command) else { return };
        pty.shows(&["a.txt", "1 open"]);
        pty.press(key);
        let left = pty.ends();
        assert_eq!(left.code, 101, "{which}: {}", left.text);
        assert!(left.text.contains(&format!("the {which} panics")), "{which}: {}", left.text);
    }
}

/// What the test above plays. Where nobody says which thread it is, there is nothing to play.
#[test]
fn a_screen_that_panics_if_it_is_told_to() {
    let Ok(which) = env::var(WHICH) else { return };
    let [base, ours, theirs] = [&b"b\n"[..], b"o\n", b"t\n"].map(<[u8]>::to_vec);
    let open = Open {
        id: PartId::from_bytes([1; PartId::LEN]),
        versions: Versions { base, ours, theirs },
    };
    let shape = Shape::Text(vec![Piece::Open(Arc::new(open))]);
    let case = Case::unfiled(RepoPath::new("a.txt").expect("it is one"), Vec::new(), shape);
    let mut settle = Settle::new(vec![case], Draft::default()).expect("something is open");
    let work = |effect| {
        if let Effect::Ask { number, open, .. } = effect {
            return Some(Message::Offered { number, part: open.id, offers: Vec::new() });
        }
        assert_ne!(which, "work", "the work panics");
        Some(Message::Kept)
    };
    let edit = |_: &RepoPath, _: &[u8]| -> Result<Vec<u8>, String> { panic!("the screen panics") };
    let later = |tell: &mut dyn FnMut(Message)| {
        tell(Message::Near(Err("there is no history".to_owned())));
    };
    let ending = Stage { palette: Palette::Plain }.play(&mut settle, work, edit, later);
    panic!("it ends: {ending:?}");
}
