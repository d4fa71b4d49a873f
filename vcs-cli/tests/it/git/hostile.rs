//! Repositories that can not be kept as they are, or that were made to harm.

use std::fs;

use super::Yard;

/// What an import says that brings nothing.
fn refused(yard: &Yard, from: &str) -> String {
    yard.forged(&format!("of-{from}"));
    let (said, code) = yard.tried(&format!("of-{from}"), &["git", "import", &format!("../{from}")]);
    assert_eq!(code, 1, "{said}");
    let timelines = yard.selkie(&format!("of-{from}"), &["timeline", "list"]);
    assert_eq!(timelines.trim(), "* main");
    said
}

#[test]
fn names_that_no_tree_holds_are_told_and_nothing_is_brought() {
    let names: [&[u8]; 9] = [
        b"40000 .git",
        b"40000 .GIT",
        b"40000 ..",
        b"100644 a\\b",
        b"100644 a/b",
        b"100644 \xff",
        b"100644 git~1",
        b"100644 line\nend",
        b"40000 .g\xe2\x80\x8cit",
    ];
    let yard = Yard::new();
    yard.small("good");
    let file = yard.git("good", &["rev-parse", "HEAD:a.txt"]);
    let folder = yard.git("good", &["rev-parse", "HEAD^{tree}"]);
    for (number, name) in names.into_iter().enumerate() {
        let repository = format!("bad{number}");
        yard.git(".", &["clone", "-q", "good", &repository]);
        let id = if name.starts_with(b"4") { &folder } else { &file };
        let tree = yard.object(&repository, "tree", &Yard::tree(&[name], id));
        let outer = yard.object(&repository, "tree", &Yard::tree(&[b"40000 inner"], &tree));
        let commit = yard.git(&repository, &["commit-tree", "-m", "bad", "-p", "HEAD", &outer]);
        yard.git(&repository, &["update-ref", "refs/heads/bad", &commit]);
        let said = refused(&yard, &repository);
        assert!(said.contains(&format!("commit {commit}, 'inner/")), "{said}");
        // Whoever wants the rest gets it.
        let clone = format!("of-{repository}");
        let said =
            yard.selkie(&clone, &["git", "import", "--incomplete", &format!("../{repository}")]);
        assert!(said.contains("left out branch 'bad'"), "{said}");
        yard.selkie(&clone, &["git", "export", "../back.git"]);
        assert_eq!(yard.refs("back.git"), yard.refs("good"));
        fs::remove_dir_all(yard.at("back.git")).expect("it is there");
    }
}

#[test]
fn what_is_no_history_is_told_by_name() {
    let yard = Yard::new();
    yard.small("old");
    let file = yard.git("old", &["rev-parse", "HEAD:a.txt"]);
    yard.git("old", &["tag", "blob", &file]);
    yard.git("old", &["tag", "-a", "-m", "tree", "tree", "HEAD^{tree}"]);
    yard.git("old", &["update-ref", "refs/heads/refs/x", "HEAD"]);
    yard.git("old", &["update-ref", "refs/heads/a\"b", "HEAD"]);
    let twice = yard.object("old", "tree", &Yard::tree(&[b"100644 a", b"100644 a"], &file));
    let mode = yard.object("old", "tree", &Yard::tree(&[b"010644 a"], &file));
    let gone = yard.object("old", "tree", &Yard::tree(&[b"100644 a"], &"1".repeat(40)));
    let swapped = yard.object("old", "tree", &Yard::tree(&[b"40000 a"], &file));
    let senseless = yard.object("old", "tree", b"100644 a");
    for (name, tree) in
        [("twice", twice), ("mode", mode), ("gone", gone), ("swapped", swapped), ("cut", senseless)]
    {
        let commit =
            format!("tree {tree}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\n{name}\n");
        let commit = yard.object("old", "commit", commit.as_bytes());
        yard.git("old", &["update-ref", &format!("refs/heads/{name}"), &commit]);
    }
    let commit = yard.object("old", "commit", b"no commit\n");
    yard.write("old/.git/refs/heads/none", format!("{commit}\n").as_bytes());
    let said = refused(&yard, "old");
    for told in [
        "refs/tags/blob: it stands at a blob",
        "refs/tags/tree: it stands at a tree",
        "refs/heads/refs/x: the name of a branch does not begin with `refs/`",
        "refs/heads/a\"b: a name has no `\"`",
    ] {
        assert!(said.contains(told), "{told}\n{said}");
    }
    // Names are told before anything is translated, so what is wrong behind them is told once they are gone.
    assert!(!said.contains("'a': "), "{said}");
    yard.git("old", &["tag", "-d", "blob", "tree"]);
    yard.git("old", &["update-ref", "-d", "refs/heads/refs/x"]);
    yard.git("old", &["update-ref", "-d", "refs/heads/a\"b"]);
    let (said, code) = yard.tried("of-old", &["git", "import", "../old"]);
    assert_eq!(code, 1, "{said}");
    for told in [
        "'a': the name stands there twice",
        "'a': mode 010644 means nothing",
        "is missing there",
        "is no tree",
        "makes no sense",
    ] {
        assert!(said.contains(told), "{told}\n{said}");
    }
}

#[test]
fn a_history_that_is_not_all_there_is_refused() {
    let yard = Yard::new();
    yard.small("old");
    yard.commit("old", "second");
    let from = format!("file://{}", yard.at("old").display());
    yard.git(".", &["clone", "-q", "--depth", "1", &from, "shallow"]);
    assert!(refused(&yard, "shallow").contains("it is shallow"));
    yard.git("old", &["config", "uploadpack.allowFilter", "true"]);
    yard.git(".", &["clone", "-q", "--filter=blob:none", "--no-checkout", &from, "partial"]);
    assert!(refused(&yard, "partial").contains("it is a partial clone"));
    yard.git(".", &["init", "-q", "--object-format=sha256", "other"]);
    assert!(refused(&yard, "other").contains("named by sha256"));
    yard.git(".", &["clone", "-q", "old", "grafted"]);
    let head = yard.git("old", &["rev-parse", "HEAD"]);
    yard.write("grafted/.git/info/grafts", head.as_bytes());
    assert!(refused(&yard, "grafted").contains("it has grafts"));
    yard.git(".", &["init", "-q", "empty"]);
    assert!(refused(&yard, "empty").contains("there is nothing to bring"));
    fs::create_dir(yard.at("folder")).expect("it is free");
    assert!(refused(&yard, "folder").contains("is no repository of git"));
}

#[test]
fn a_repository_is_found_wherever_its_parts_are() {
    let yard = Yard::new();
    yard.small("old");
    yard.commit("old", "second");
    let head = yard.git("old", &["rev-parse", "HEAD"]);
    yard.git("old", &["worktree", "add", "-q", "../beside", "-b", "beside"]);
    yard.git(".", &["clone", "-q", "--shared", "old", "borrowing"]);
    // What is told in the place of an object changes nothing of what it is.
    let other = yard.git("old", &["commit-tree", "-m", "other", "HEAD^{tree}"]);
    yard.git("old", &["replace", &head, &other]);
    for from in ["beside", "borrowing", "old/.git"] {
        let name = from.replace('/', "-");
        yard.forged(&format!("of-{name}"));
        yard.selkie(&format!("of-{name}"), &["git", "import", &format!("../{from}")]);
        yard.selkie(&format!("of-{name}"), &["git", "export", &format!("../{name}.git")]);
        assert_eq!(yard.git(&format!("{name}.git"), &["rev-parse", "main"]), head);
    }
}

/// Trees of trees that would be without number if each were looked at each time it is named.
#[test]
fn a_tree_that_holds_itself_many_times_takes_no_time() {
    let yard = Yard::new();
    yard.small("bomb");
    let mut tree = yard.git("bomb", &["rev-parse", "HEAD^{tree}"]);
    for _ in 0..40 {
        let names: Vec<_> =
            (b'a'..=b'j').map(|name| [b"40000 ".as_slice(), &[name]].concat()).collect();
        let names: Vec<_> = names.iter().map(Vec::as_slice).collect();
        tree = yard.object("bomb", "tree", &Yard::tree(&names, &tree));
    }
    let commit = yard.git("bomb", &["commit-tree", "-m", "boom", &tree]);
    yard.git("bomb", &["update-ref", "refs/heads/boom", &commit]);
    yard.forged("clone");
    yard.selkie("clone", &["git", "import", "../bomb"]);
    yard.selkie("clone", &["git", "export", "../back.git"]);
    assert_eq!(yard.refs("back.git"), yard.refs("bomb"));
}

#[test]
fn a_tree_that_is_deeper_than_any_path_is_refused() {
    let yard = Yard::new();
    yard.small("deep");
    let mut tree = yard.git("deep", &["rev-parse", "HEAD^{tree}"]);
    for _ in 0..600 {
        tree = yard.object("deep", "tree", &Yard::tree(&[b"40000 d"], &tree));
    }
    let commit = yard.git("deep", &["commit-tree", "-m", "deep", &tree]);
    yard.git("deep", &["update-ref", "refs/heads/deep", &commit]);
    assert!(refused(&yard, "deep").contains("a path has at most 512 names"));
}

#[test]
fn a_damaged_object_is_told_and_not_brought() {
    let yard = Yard::new();
    yard.small("old");
    let file = yard.git("old", &["rev-parse", "HEAD:a.txt"]);
    let other = yard.object("old", "blob", b"other\n");
    let loose = |id: &str| format!("old/.git/objects/{}/{}", &id[..2], &id[2..]);
    let bytes = fs::read(yard.at(&loose(&other))).expect("it is there");
    fs::remove_file(yard.at(&loose(&file))).expect("it is there");
    yard.write(&loose(&file), &bytes);
    let said = refused(&yard, "old");
    assert!(said.contains(&format!("object {file} is damaged there")), "{said}");
}
