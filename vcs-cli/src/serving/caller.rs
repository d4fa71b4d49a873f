//! A command that has something done by the node of its clone.

use std::path::Path;

use selkie_vcs::Workspace;

use crate::error::network::NetworkError;
use crate::serving::around::Around;
use crate::serving::door::{Talk, TalkError, is_end};
use crate::serving::message::{Answer, Ask, Status};
use crate::serving::topology::Topology;

/// A command at the door of a node that runs.
#[derive(Debug)]
pub(crate) struct Caller(Talk);

impl Caller {
    /// At the door of this clone. None if no node runs there.
    pub(crate) fn to(control: &Path) -> Result<Option<Self>, NetworkError> {
        Ok(Talk::with(control)?.map(Self))
    }

    /// How it goes.
    pub(crate) fn status(mut self) -> Result<Status, NetworkError> {
        self.say(&Ask::Status)?;
        match self.hear()? {
            Answer::Status(status) => Ok(status),
            other => Err(unexpected(&other)),
        }
    }

    /// Who was heard of near it; nothing if it looks for nobody.
    pub(crate) fn around(mut self) -> Result<Option<Around>, NetworkError> {
        self.say(&Ask::Around)?;
        match self.hear()? {
            Answer::Around(around) => Ok(around),
            other => Err(unexpected(&other)),
        }
    }

    /// Who is connected with whom, as far as it knows.
    pub(crate) fn topology(mut self) -> Result<Topology, NetworkError> {
        self.say(&Ask::Topology)?;
        match self.hear()? {
            Answer::Topology(topology) => Ok(topology),
            other => Err(unexpected(&other)),
        }
    }

    /// Has something done, and waits until it is.
    pub(crate) fn have(mut self, ask: &Ask) -> Result<(), NetworkError> {
        self.say(ask)?;
        match self.hear()? {
            Answer::Done => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks for something that takes its time.
    pub(crate) fn begin(mut self, ask: &Ask) -> Result<Self, NetworkError> {
        self.say(ask)?;
        self.0.be_patient()?;
        Ok(self)
    }

    /// The next answer.
    pub(crate) fn hear(&mut self) -> Result<Answer, NetworkError> {
        match self.0.hear()? {
            Some(Answer::Refused(why)) => Err(NetworkError::Declined(why)),
            Some(answer) => Ok(answer),
            None => Err(NetworkError::Gone),
        }
    }

    fn say(&mut self, ask: &Ask) -> Result<(), NetworkError> {
        match self.0.say(ask) {
            Err(TalkError::Io(error)) if is_end(&error) => Err(NetworkError::Gone),
            said => Ok(said?),
        }
    }
}

/// Has the node of the clone around `here`, if one runs, look what was written: who asks its peers from now on is told of it.
pub(crate) fn ring(here: &Path) {
    let Some(folder) = Workspace::find(here) else { return };
    let caller = Caller::to(&Workspace::control(&folder));
    // It looks by itself a moment later, whatever becomes of this.
    let _later = caller.map(|caller| caller.map(|caller| caller.have(&Ask::Look)));
}

/// An answer to something else: the other end is none that this version knows.
pub(crate) fn unexpected(answer: &Answer) -> NetworkError {
    NetworkError::Declined(format!("it answers {answer:?}"))
}
