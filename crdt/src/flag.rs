//! A flag that is up or down.
//!
//! State: the dots of the enables (and, where disabling wins, of the disables) that nobody ended.
//! Each change ends what its author saw, so only concurrent changes meet, and the two flags
//! differ in which of them they favour.

use core::cmp::Ordering;

use crate::causal::Causal;
use crate::causal::Join;
use crate::contest::never_contested;
use crate::delegate::delegate_causal;
use crate::edit::Edit;
use crate::leaf::Content;
use crate::leaf::Leaf;
use crate::mark::Mark;
use crate::observe::FlagChange;
use crate::observe::Observe;

/// A flag that is up if somebody raised it while another lowered it.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, EwFlag};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<EwFlag> = Doc::new(east);
/// let mut west: Doc<EwFlag> = Doc::new(west);
/// east.edit().enable();
/// west.merge(&east)?;
/// east.edit().disable();
/// west.edit().enable();
/// east.merge(&west)?;
/// assert!(east.root().is_enabled());
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EwFlag(Leaf<()>);

/// A flag that is down if somebody lowered it while another raised it.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, DwFlag};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<DwFlag> = Doc::new(east);
/// let mut west: Doc<DwFlag> = Doc::new(west);
/// east.edit().enable();
/// west.merge(&east)?;
/// east.edit().disable();
/// west.edit().enable();
/// east.merge(&west)?;
/// assert!(!east.root().is_enabled());
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DwFlag(Leaf<bool>);

delegate_causal!("enable-wins flag", EwFlag, Leaf<()>);
delegate_causal!("disable-wins flag", DwFlag, Leaf<bool>);

impl EwFlag {
    /// Whether the flag is up.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        !self.0.is_bottom()
    }
}

impl Edit<'_, EwFlag> {
    /// Raises the flag. If it is up, it is raised anew, so that a concurrent lowering spares it.
    pub fn enable(&mut self) {
        self.at.0.write((), self.cx);
    }

    /// Lowers the flag.
    pub fn disable(&mut self) {
        self.at.0.erase(self.cx);
    }
}

impl DwFlag {
    /// Whether the flag is up: raised, and lowered by nobody at the same time.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        !self.0.is_bottom() && self.0.contents().all(|raised| *raised)
    }
}

impl Edit<'_, DwFlag> {
    /// Raises the flag.
    pub fn enable(&mut self) {
        self.at.0.write(true, self.cx);
    }

    /// Lowers the flag, also one that is down: a concurrent raising then loses.
    pub fn disable(&mut self) {
        self.at.0.write(false, self.cx);
    }
}

impl Content for () {
    fn rank(&self, _other: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl Content for bool {
    fn rank(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

macro_rules! observe_flag {
    ($($flag:ident)*) => {$(
        impl Observe for $flag {
            type Change = FlagChange;

            fn change(
                &self,
                delta: Option<&Self::Delta>,
                ended: &[Mark],
                join: &Join<'_>,
            ) -> Option<FlagChange> {
                let is_enabled = Self(self.0.after(delta, ended, join)?).is_enabled();
                (is_enabled != self.is_enabled()).then_some(FlagChange { is_enabled })
            }
        }
    )*};
}

observe_flag! { EwFlag DwFlag }

never_contested! { [] EwFlag, [] DwFlag }
