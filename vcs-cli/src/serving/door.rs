//! The door of a node that serves a clone: a socket in the clone, for its owner alone.
//!
//! Whoever finds nobody behind it knows that nothing runs: no file says so, so none can be wrong after a crash.

use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use selkie_store::{CodecError, Coded, decode, encode};
use thiserror::Error;

#[cfg(unix)]
pub(crate) use self::unix::Door;
#[cfg(unix)]
use self::unix::Stream;

/// A connection between a command and a node, either end.
#[derive(Debug)]
pub(crate) struct Talk(Stream);

/// Why nothing can be said or heard.
#[derive(Debug, Error)]
pub(crate) enum TalkError {
    /// The other end is gone, or the socket can not be used.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What came is nothing that this version says.
    #[error("the other end speaks otherwise: it is of another version")]
    Codec(#[from] CodecError),
    /// The process at the other end is another user's.
    #[error("a process of another user answers at '{0}'")]
    Foreign(String),
}

/// Who connects says what it wants at once, and whoever reads takes it at once.
const PATIENCE: Duration = Duration::from_secs(10);

impl Talk {
    /// Says something.
    pub(crate) fn say<T: Coded>(&mut self, value: &T) -> Result<(), TalkError> {
        let bytes = encode(value)?;
        let length = u32::try_from(bytes.len()).expect("the codec sets a lower limit");
        Ok(self.0.write_all(&[&length.to_le_bytes(), &bytes[..]].concat())?)
    }

    /// Hears the next that the other end says; nothing if it has hung up, or was killed.
    pub(crate) fn hear<T: Coded>(&mut self) -> Result<Option<T>, TalkError> {
        let mut length = [0; size_of::<u32>()];
        match self.0.read_exact(&mut length) {
            Err(error) if is_end(&error) => return Ok(None),
            read => read?,
        }
        let found = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        if found > T::LEN_MAX {
            return Err(CodecError::Long { found, max: T::LEN_MAX }.into());
        }
        let mut bytes = vec![0; found];
        self.0.read_exact(&mut bytes)?;
        Ok(Some(decode(&bytes)?))
    }
}

/// Whether the other end is gone.
pub(crate) fn is_end(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::{Duration, PATIENCE, Path, Talk, TalkError, io};

    pub(super) type Stream = UnixStream;

    /// A door that is open.
    #[derive(Debug)]
    pub(crate) struct Door {
        listener: UnixListener,
        path: PathBuf,
    }

    /// Where it is, in what is the clone's own.
    const DOOR: &str = "local/node.socket";

    /// Systems differ in how long the path of a socket may be; this is allowed everywhere.
    const PATH_LEN_MAX: usize = 100;

    /// Who waits for an answer looks now and then whether it is still wanted.
    const LOOK: Duration = Duration::from_millis(1);

    impl Door {
        /// Opens the door of a clone. One that nobody is behind any more is replaced: whoever opens holds the lock of the network.
        pub(crate) fn open(control: &Path) -> io::Result<Self> {
            let path = control.join(DOOR);
            // Nobody else may enter this folder, so that nobody gets in before the socket itself says who may.
            let hall = TempDir::with_prefix_in(".door", control.join("local"))?;
            let made = hall.path().join("door");
            let listener = shortly(&made, |path| UnixListener::bind(path))?;
            fs::set_permissions(&made, fs::Permissions::from_mode(0o600))?;
            fs::rename(&made, &path)?;
            Ok(Self { listener, path })
        }

        /// The next who comes, if it is a process of the same user; none for one that is sent away.
        pub(crate) fn next(&self) -> io::Result<Option<Talk>> {
            let (stream, _) = self.listener.accept()?;
            if !is_ours(&stream)? {
                return Ok(None);
            }
            ready(&stream)?;
            Ok(Some(Talk(stream)))
        }

        /// Has whoever waits for the next one look up.
        pub(crate) fn ring(&self) {
            // Where that does not work nobody waits, since nothing can be accepted.
            let _dead = shortly(&self.path, |path| UnixStream::connect(path));
        }
    }

    impl Drop for Door {
        fn drop(&mut self) {
            // What is left of it leads nowhere.
            let _left = fs::remove_file(&self.path);
        }
    }

    impl Talk {
        /// Goes to the door of a clone. None if nobody is behind it.
        pub(crate) fn with(control: &Path) -> Result<Option<Self>, TalkError> {
            let path = control.join(DOOR);
            // In a folder that came from somewhere else, a link might lead to another program's socket.
            let is_socket = fs::symlink_metadata(&path).is_ok_and(|it| it.file_type().is_socket());
            if !is_socket {
                return Ok(None);
            }
            let stream = match shortly(&path, |path| UnixStream::connect(path)) {
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
                    ) =>
                {
                    return Ok(None);
                }
                stream => stream?,
            };
            if !is_ours(&stream)? {
                return Err(TalkError::Foreign(path.to_string_lossy().into_owned()));
            }
            ready(&stream)?;
            Ok(Some(Self(stream)))
        }

        /// From here on answers may take as long as they do.
        pub(crate) fn be_patient(&self) -> Result<(), TalkError> {
            Ok(self.0.set_read_timeout(None)?)
        }

        /// Whether the other end, which has nothing more to say, is still there.
        pub(crate) fn is_wanted(&mut self) -> bool {
            let looked = self.0.set_read_timeout(Some(LOOK));
            let read = looked.and_then(|()| io::Read::read(&mut self.0, &mut [0]));
            read.is_err_and(|error| {
                matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
            })
        }
    }

    fn ready(stream: &UnixStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))
    }

    /// Whether the process at the other end is of the same user.
    #[cfg(target_os = "linux")]
    fn is_ours(stream: &UnixStream) -> io::Result<bool> {
        let other = rustix::net::sockopt::socket_peercred(stream)?;
        Ok(other.uid == rustix::process::geteuid())
    }

    /// Here the rights of the socket alone say who may.
    #[cfg(not(target_os = "linux"))]
    fn is_ours(_stream: &UnixStream) -> io::Result<bool> {
        Ok(true)
    }

    /// Uses the path of a socket; where it is too long, by a link to its folder.
    fn shortly<T>(path: &Path, use_it: impl Fn(&Path) -> io::Result<T>) -> io::Result<T> {
        if path.as_os_str().len() <= PATH_LEN_MAX {
            return use_it(path);
        }
        let (folder, name) = path.parent().zip(path.file_name()).ok_or(io::ErrorKind::NotFound)?;
        let near = tempfile::tempdir()?;
        let link = near.path().join("local");
        symlink(folder, &link)?;
        use_it(&link.join(name))
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::serving::message::Ask;

        fn clone(name: &str) -> (TempDir, PathBuf) {
            let folder = tempfile::tempdir().unwrap();
            let control = folder.path().join(name);
            fs::create_dir_all(control.join("local")).unwrap();
            (folder, control)
        }

        #[test]
        fn who_knocks_is_heard_in_a_folder_of_any_depth() {
            for name in ["near", &"deep/".repeat(60)] {
                let (_folder, control) = clone(name);
                assert!(Talk::with(&control).unwrap().is_none(), "nobody is there yet");
                let door = Door::open(&control).unwrap();
                let mut caller = Talk::with(&control).unwrap().unwrap();
                caller.say(&Ask::Status).unwrap();
                let mut called = door.next().unwrap().unwrap();
                assert_eq!(called.hear::<Ask>().unwrap(), Some(Ask::Status));
                drop(caller);
                assert_eq!(called.hear::<Ask>().unwrap(), None);
            }
        }

        #[test]
        fn a_door_that_nobody_is_behind_is_none() {
            let (_folder, control) = clone("clone");
            let door = Door::open(&control).unwrap();
            let path = door.path.clone();
            // As a process leaves it that was killed.
            let Door { listener, .. } = &door;
            let _killed = listener.try_clone().unwrap();
            std::mem::forget(door);
            assert!(path.exists());
            let (_folder, other) = clone("other");
            fs::rename(&path, other.join(DOOR)).unwrap();
            fs::remove_file(other.join(DOOR)).unwrap();
            drop(UnixListener::bind(other.join(DOOR)).unwrap());
            assert!(Talk::with(&other).unwrap().is_none());
            assert!(Door::open(&other).is_ok(), "another one may open it");
        }

        /// Where tests run as root and there is what it takes to be somebody else.
        #[cfg(target_os = "linux")]
        #[test]
        fn another_user_is_sent_away_even_if_the_rights_let_him_in() {
            let (folder, control) = clone("clone");
            let door = Door::open(&control).unwrap();
            let open = |path: &Path, mode| {
                fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
            };
            let local = control.join("local");
            let ways =
                [(folder.path(), 0o755), (&control, 0o755), (&local, 0o755), (&door.path, 0o666)];
            ways.into_iter().for_each(|(path, mode)| open(path, mode));
            let knock = "use IO::Socket::UNIX; IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $!";
            let mut stranger = std::process::Command::new("setpriv");
            stranger.args(["--reuid=65534", "--clear-groups", "perl", "-e", knock]).arg(&door.path);
            if !rustix::process::geteuid().is_root()
                || !stranger.status().is_ok_and(|it| it.success())
            {
                eprintln!("skipped: nobody else can be had here");
                return;
            }
            assert!(door.next().unwrap().is_none());
            let _friend = Talk::with(&control).unwrap().unwrap();
            assert!(door.next().unwrap().is_some());
        }

        #[test]
        fn nobody_else_may_use_it_and_no_link_is_followed() {
            let (_folder, control) = clone("clone");
            let door = Door::open(&control).unwrap();
            let mode = fs::metadata(&door.path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let (_folder, other) = clone("other");
            symlink(&door.path, other.join(DOOR)).unwrap();
            assert!(Talk::with(&other).unwrap().is_none());
            drop(door);
            assert!(!control.join(DOOR).exists());
        }
    }
}

#[cfg(not(unix))]
pub(crate) use self::elsewhere::Door;
#[cfg(not(unix))]
use self::elsewhere::Stream;

/// Where there are no such sockets, a node that serves has no door, and ends by Ctrl-C.
#[cfg(not(unix))]
mod elsewhere {
    use super::{Path, Talk, TalkError, io};

    pub(super) type Stream = std::net::TcpStream;

    #[derive(Debug)]
    pub(crate) enum Door {}

    impl Door {
        pub(crate) fn open(_control: &Path) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(crate) fn next(&self) -> io::Result<Option<Talk>> {
            match *self {}
        }

        pub(crate) fn ring(&self) {
            match *self {}
        }
    }

    impl Talk {
        pub(crate) fn with(_control: &Path) -> Result<Option<Self>, TalkError> {
            Ok(None)
        }

        pub(crate) fn be_patient(&self) -> Result<(), TalkError> {
            Ok(())
        }

        pub(crate) fn is_wanted(&mut self) -> bool {
            false
        }
    }
}
