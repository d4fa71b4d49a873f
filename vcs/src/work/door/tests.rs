//! Both doors, by the same sentences.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::symlink;

use super::*;
use crate::work::door::entry::{Exchange, Listed, Replace, Run};
use crate::work::stat::Form;

macro_rules! sentences {
    ($module:ident, $door:path) => {
        mod $module {
            use super::*;
            use $door as Opened;

            fn opened() -> (tempfile::TempDir, Opened) {
                let place = tempfile::tempdir().unwrap();
                let door = Opened::open(place.path()).unwrap();
                (place, door)
            }

            #[test]
            fn a_file_is_made_renamed_read_and_removed() {
                let (_place, door) = opened();
                door.create(b"new", Run::MayNot).unwrap().write_all(b"text").unwrap();
                assert!(door.create(b"new", Run::MayNot).is_err());
                door.rename(b"new", b"file", Replace::MayNot).unwrap();
                let (mut file, stat) = door.read(b"file").unwrap();
                let mut text = String::new();
                file.read_to_string(&mut text).unwrap();
                assert_eq!((text.as_str(), stat.size, stat.form), ("text", 4, Form::File));
                assert_eq!(door.look(b"file").unwrap(), Some(stat));
                door.remove_file(b"file").unwrap();
                assert_eq!(door.look(b"file").unwrap(), None);
            }

            #[test]
            fn a_rename_replaces_only_what_it_may() {
                let (place, door) = opened();
                fs::write(place.path().join("a"), "a").unwrap();
                fs::write(place.path().join("b"), "b").unwrap();
                let error = door.rename(b"a", b"b", Replace::MayNot).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::AlreadyExists);
                assert_eq!(fs::read(place.path().join("b")).unwrap(), b"b");
                door.rename(b"a", b"b", Replace::May).unwrap();
                assert_eq!(fs::read(place.path().join("b")).unwrap(), b"a");
            }

            #[test]
            fn an_exchange_is_whole_or_not_done() {
                let (place, door) = opened();
                fs::write(place.path().join("a"), "a").unwrap();
                fs::write(place.path().join("b"), "b").unwrap();
                let b = match door.exchange(b"a", b"b").unwrap() {
                    Exchange::Done => "a",
                    Exchange::CanNot => "b",
                };
                assert_eq!(fs::read_to_string(place.path().join("b")).unwrap(), b);
                assert_ne!(fs::read_to_string(place.path().join("a")).unwrap(), b);
            }

            #[test]
            fn no_link_is_followed() {
                let (place, door) = opened();
                let outside = tempfile::tempdir().unwrap();
                fs::write(outside.path().join("canary"), "alive").unwrap();
                symlink(outside.path(), place.path().join("way")).unwrap();
                symlink(outside.path().join("canary"), place.path().join("file")).unwrap();
                symlink(outside.path().join("born"), place.path().join("nowhere")).unwrap();
                assert!(door.enter(b"way").is_err());
                assert!(door.read(b"file").is_err());
                assert!(door.set_run(b"file", Run::May).is_err());
                assert!(door.create(b"nowhere", Run::MayNot).is_err());
                assert_eq!(door.look(b"way").unwrap().unwrap().form, Form::Symlink);
                door.remove_file(b"file").unwrap();
                assert!(door.remove_directory(b"way").is_err());
                assert_eq!(fs::read(outside.path().join("canary")).unwrap(), b"alive");
                assert!(!outside.path().join("born").exists());
            }

            #[test]
            fn directories_are_made_listed_entered_and_removed() {
                let (place, door) = opened();
                door.make_directory(b"in").unwrap();
                fs::write(place.path().join("in/file"), "").unwrap();
                symlink("file", place.path().join("in/link")).unwrap();
                let inner = door.again().unwrap().enter(b"in").unwrap();
                assert_eq!(inner.stat().unwrap(), door.look(b"in").unwrap().unwrap());
                let mut names: Vec<_> = inner.list().unwrap();
                names.sort_by(|one, two| one.name.cmp(&two.name));
                let listed = |name: &[u8], form| Listed { name: name.to_vec(), form };
                assert_eq!(
                    names,
                    [listed(b"file", Some(Form::File)), listed(b"link", Some(Form::Symlink))]
                );
                assert_eq!(inner.target(b"link").unwrap(), b"file");
                assert!(door.remove_directory(b"in").is_err());
                inner.remove_file(b"file").unwrap();
                inner.remove_file(b"link").unwrap();
                door.remove_directory(b"in").unwrap();
                assert!(door.enter(b"in").is_err());
            }

            #[test]
            fn a_pipe_is_not_waited_for() {
                let (place, door) = opened();
                let made = rustix::fs::mknodat(
                    rustix::fs::CWD,
                    place.path().join("pipe"),
                    rustix::fs::FileType::Fifo,
                    rustix::fs::Mode::RWXU,
                    0,
                );
                made.unwrap();
                assert_eq!(door.look(b"pipe").unwrap().unwrap().form, Form::Other);
                assert!(door.read(b"pipe").is_err());
            }
        }
    };
}

sentences!(by_descriptor, crate::work::door::unix::Door);
sentences!(by_name, crate::work::door::by_path::Door);

#[test]
fn the_executable_bit_follows_the_bit_for_reading() {
    use std::os::unix::fs::PermissionsExt;

    let place = tempfile::tempdir().unwrap();
    let door = Door::open(place.path()).unwrap();
    let path = place.path().join("tool");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o4640)).unwrap();
    assert_eq!(door.set_run(b"tool", Run::May).unwrap().form, Form::Executable);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o750);
    assert_eq!(door.set_run(b"tool", Run::MayNot).unwrap().form, Form::File);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
}

#[test]
fn a_name_that_is_a_path_is_no_name() {
    let place = tempfile::tempdir().unwrap();
    let door = by_path::Door::open(place.path()).unwrap();
    for name in [&b"../x"[..], b"a/b", b"..", b".", b"", b"a\\b", b"\xff"] {
        assert!(door.create(name, Run::MayNot).is_err(), "{name:?}");
    }
}

#[test]
fn a_symlink_is_made_where_the_system_keeps_it() {
    let place = tempfile::tempdir().unwrap();
    Door::open(place.path()).unwrap().symlink(b"far/away", b"link").unwrap();
    let target = fs::read_link(place.path().join("link")).unwrap();
    assert_eq!(target.to_str(), Some("far/away"));
    by_path::Door::open(place.path()).unwrap().symlink(b"far/away", b"file").unwrap();
    assert_eq!(fs::read(place.path().join("file")).unwrap(), b"far/away");
}
