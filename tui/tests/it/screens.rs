//! The screens in `docs/screens` are drawn by the program and can not go stale.
//!
//! `SELKIE_WRITE_DOCS=1 cargo test -p selkie-tui --test it screens` draws them anew.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use selkie_vcs::conflicts::Did;
use selkie_vcs::settling::{Case, Stands, Would};

use crate::drawn;
use crate::toy::Bit::{Open, Same};
use crate::toy::{Person, apart, heads, near, text, whole};

const TOP: &str =
    "use crate::user::User;\n\npub fn login(u: &User) -> Session {\n    let ttl = cfg.ttl;\n";

/// What somebody meets on an ordinary day.
pub(crate) fn day() -> Vec<Case> {
    let session = Open(
        "    let s = Session::new(u);\n",
        "    let s = Session::new(u).ttl(ttl);\n    audit::log(\"login\", u.id);\n",
        "    let s = Session::web(u);\n",
    );
    let words = Open(
        "/// Ends the session of a user, if there is one.\n",
        "/// Closes the session of a user, if there is one.\n",
        "/// Ends the session of a user, if there is any.\n",
    );
    let removed = [("main", "Ana", Did::Removed), ("feature/auth", "Bo", Did::Changed)];
    vec![
        text(
            "src/auth.rs",
            &[Same(TOP), session, Same("    s\n}\n\n"), words, Same("fn logout() {}\n")],
        ),
        text("src/config.rs", &[Open("ttl = 60\n", "ttl = 90\n", "ttl = 30\n")]),
        whole("src/old/session_store.rs", &removed),
    ]
}

/// Letters of all widths, and what must not reach a terminal.
fn strangers() -> Vec<Case> {
    let open = Open(
        "name = \"海豹\"\n",
        "name = \"海豹 🦭\"\n\x1b]0;root\x07\n",
        "name = \"שלום\"\nsafe\u{202e}fdp.exe\tend\r\n",
    );
    vec![text(
        "docs/海豹.md",
        &[Same("# 日本語 한국어 é e\u{301}\n"), open, Same("👩\u{200d}🚀 end\n")],
    )]
}

#[test]
fn an_open_conflict() {
    holds("open", &Person::at(day()));
}

#[test]
fn a_decided_conflict() {
    holds("decided", Person::at(day()).press("b"));
}

#[test]
fn an_offer() {
    holds("offer", Person::at(day()).press("n"));
}

/// A file in conflict, and timelines that diverged: the one that one stands on, and another one.
pub(crate) fn parted() -> Vec<Case> {
    let here = [("Ana", 3), ("Bo", 1)];
    let there = [("Ana", 1), ("Bo", 2), ("Cy", 1)];
    let paths = ["src/auth.rs", "src/config.rs"];
    let conflicts = paths.map(|path| selkie_store::RepoPath::new(path).unwrap()).to_vec();
    vec![
        text("src/config.rs", &[Open("ttl = 60\n", "ttl = 90\n", "ttl = 30\n")]),
        heads("main", &here, Stands::Here, Some(Would::Clean)),
        heads("feature/auth", &there, Stands::Elsewhere, Some(Would::Conflicts(conflicts))),
    ]
}

#[test]
fn a_timeline_that_diverged() {
    holds("heads", Person::at(parted()).press("]"));
}

#[test]
fn timelines_that_diverged_in_the_table() {
    holds("heads-table", Person::at(parted()).press("t ] m ] 2 "));
}

#[test]
fn something_decided_as_a_whole() {
    holds("whole", Person::at(day()).press("G 2"));
}

#[test]
fn a_text_being_written() {
    holds("writing", Person::at(day()).press("e end backspace ? enter"));
}

#[test]
fn letters_of_strangers() {
    holds("strangers", &Person::at(strangers()));
}

#[test]
fn the_question_before_it_is_written() {
    holds("finishing", Person::at(day()).press("1 n n 2 W"));
}

#[test]
fn why_it_is_a_conflict() {
    holds("why", Person::at(day()).press("2 i"));
}

#[test]
fn lines_being_chosen() {
    holds("lines", Person::at(day()).press("v 2 j j space 1 j j space"));
}

#[test]
fn conflicts_that_were_put_off() {
    holds("later", Person::at(day()).press("d n n 1 J d"));
}

#[test]
fn many_decided_at_once() {
    let mut person = Person::at(day());
    person.press("1 s").press("ctrl-r down");
    for _ in 0..2 {
        person.press("backspace");
    }
    holds("many", person.write("*"));
}

#[test]
fn what_was_looked_for() {
    holds("find", Person::at(day()).press("/").write("session").press("enter ctrl-n ctrl-n"));
}

#[test]
fn what_was_merged_and_is_worth_a_look() {
    let mut cases = day();
    cases.push(near(
        "src/limits.rs",
        "use crate::cfg;\n\n",
        [
            "const TRIES: u32 = 3;\n// In seconds.\nconst WAIT: u32 = 1;\n",
            "const TRIES: u32 = 5;\n// In seconds.\nconst WAIT: u32 = 1;\n",
            "const TRIES: u32 = 3;\n// In seconds.\nconst WAIT: u32 = 30;\n",
            "const TRIES: u32 = 5;\n// In seconds.\nconst WAIT: u32 = 30;\n",
        ],
    ));
    holds("look", Person::at(cases).press("G"));
}

/// A file of keys, lines, and what is decided as a whole.
pub(crate) fn keyed() -> Vec<Case> {
    let port = Open("port = 80\n", "port = 8080\n", "port = 443\n");
    let names = Open("names = [\"a\"]\n", "names = [\"a\", \"b\"]\n", "names = [\n  \"c\",\n]\n");
    let new = Open("", "retry = 3\n", "retry = 5\nwait = 1\n");
    let moved = [("main", "Ana", Did::Mode), ("feature/auth", "Bo", Did::Removed)];
    let mut cases = day();
    cases.insert(
        0,
        text(
            "deploy.toml",
            &[
                Same("[server]\nhost = \"h\"\n"),
                port,
                Same("user = \"u\"\n"),
                names,
                Same("\n[client]\n"),
                new,
            ],
        ),
    );
    cases.push(whole("tool.sh", &moved));
    cases
}

#[test]
fn all_of_them_as_a_table() {
    holds("table", Person::at(keyed()).press("t 2 n 0 n"));
}

/// A file that both sides moved and changed, among others.
pub(crate) fn moved() -> Vec<Case> {
    let mut cases = day();
    let names = ["src/config.rs", "src/settings.rs", "src/setup/config.rs"];
    let case = apart(cases.remove(1), names);
    cases.insert(0, case);
    cases
}

#[test]
fn a_name_that_is_decided_apart() {
    holds("apart", Person::at(moved()).press("1 ] 2"));
}

#[test]
fn names_and_modes_in_the_table() {
    holds("apart-table", Person::at(moved()).press("t 1 ] 2 ]"));
}

#[test]
fn all_keys() {
    holds("keys", Person::at(day()).press("?"));
}

/// The page of this name shows this screen in every size.
fn holds(name: &str, person: &Person) {
    let mut page = String::new();
    for (width, height) in [(80, 24), (120, 40), (200, 50), (40, 12)] {
        writeln!(page, "{width} x {height}\n").unwrap();
        page.push_str(&drawn::text(&person.settle, width, height));
        page.push('\n');
    }
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/screens").join(format!("{name}.txt"));
    if env::var_os("SELKIE_WRITE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &page).unwrap();
    }
    let held = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(held, page, "{name} is stale: the doc of this file says how it is drawn anew");
}
