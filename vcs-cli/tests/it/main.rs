//! The real binary, as people use it: each test is a session in `tests/sessions`.

#[cfg(unix)]
mod apply;
#[cfg(unix)]
mod archive;
#[cfg(unix)]
mod beside_git;
mod camera;
mod clone;
mod clones;
mod collect;
mod diverge;
mod fork;
#[cfg(unix)]
mod git;
mod guide;
#[cfg(unix)]
mod hooks;
mod kill;
mod mend;
mod nearby;
mod network;
mod node;
#[cfg(unix)]
mod occasions;
mod page;
mod pages;
#[cfg(unix)]
mod panics;
#[cfg(unix)]
mod pty;
mod rendezvous;
#[cfg(unix)]
mod resolve;
#[cfg(unix)]
mod screen;
mod script;
mod session;
mod setting;
#[cfg(unix)]
mod tool;
mod topology;
mod two_laptops;
mod voice;
mod weather;
mod zone;

use crate::session::play;

macro_rules! sessions {
    ($($name:ident: $sentence:literal),* $(,)?) => {
        $(#[test]
        fn $name() {
            play($sentence, include_str!(concat!("../sessions/", stringify!($name), ".session")));
        })*

        #[test]
        fn every_session_is_played() {
            let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sessions");
            let mut files: Vec<_> = std::fs::read_dir(here).expect("the folder is there")
                .map(|entry| entry.expect("it can be listed").file_name())
                .collect();
            files.sort();
            assert_eq!(files, [$(concat!(stringify!($name), ".session")),*]);
        }
    };
}

sessions! {
    archive: "the files of a seal are packed into one",
    attributes: "what git is told of files holds here too",
    begin: "a repository begins, and what is chosen is sealed",
    bisect: "the seal with which it went wrong is found by halves",
    blame: "each line of a file tells who brought it",
    bundle: "history is carried in a file",
    care: "what a clone holds is checked, counted, mended and let go",
    choose: "changes are chosen one by one",
    clone: "a repository is cloned from a folder",
    compare: "seals are compared with each other and with the files",
    config: "settings are read, set and explained",
    conflicts: "what is in conflict is told, settled, and sealed as it is",
    differences: "what is changed, gathered and sealed can be looked at",
    discard: "changes are thrown away, and come back",
    diverged: "a timeline with several newest seals is left, come back to and brought together",
    draft_of_all: "what was decided of one file stays while another one is looked at alone",
    find: "text is found in files and history, and files by name",
    fuse: "timelines are brought together",
    git: "history goes to git, and comes back as it was",
    git_link: "git and a clone in one folder go along with each other",
    heads: "timelines that diverged are settled as conflicts are",
    history: "the history is told, cut, searched and drawn",
    hooks: "programs run where their user let them",
    ignore: "what is ignored is said, and why it is",
    json: "what a person is told, a program is told",
    keys: "what is in conflict is told key by key, and found by its text",
    merge_file: "one file is merged, without a repository",
    move_remove: "known files are moved and removed",
    name_apart: "where a file is, is decided apart from what is in it",
    names: "seals are named, and stood on",
    near: "what was merged, and stands close together, is told",
    operations: "what was done is shown, and gone back to",
    p2p: "a node is asked for that does not run",
    past: "a repository is looked at as it was",
    picked: "single lines are taken, conflicts put off, and many decided at once",
    plain: "what is open is settled in a dialogue",
    pluck: "changes are made elsewhere as well, and taken back",
    private: "a timeline stays in its clone until its owner says otherwise",
    program: "the program tells what it is and can do",
    rebase: "seals are moved onto others",
    remembered: "what was settled once settles itself",
    resolve: "what is open is settled by name",
    seal: "what is sealed has words, and is rewritten",
    settled_apart: "two who settle one fuse keep what either did, and see where they differ",
    shelf: "unfinished work is laid aside, and comes back",
    slips: "what is mistyped is not passed over, and what was meant is told",
    squash: "seals are put together and taken apart",
    strategy: "rules settle what both sides changed",
    templates: "seals are told as somebody wants, and files followed",
    timeline_care: "timelines are renamed, removed, described and protected",
    timelines: "timelines begin, and files come and go with them",
    trust: "keys are known by what was said of them",
    undo: "what was done is taken back, and that too",
}
