//! What a clone must not lose.

use selkie_crdt::Causal;
use thiserror::Error;

use crate::id::ObjectId;
use crate::operations::{Operations, OperationsError};
use crate::view::View;
use crate::view::error::ViewError;

/// Why it is not known what a clone must not lose. Nothing may be collected.
#[derive(Debug, Error)]
pub enum RootsError {
    /// What the view names.
    #[error("what the view names is not known")]
    View(#[from] ViewError),
    /// What operations keep.
    #[error("what operations keep is not known")]
    Operations(#[from] OperationsError),
}

/// Every object that the view of a clone names by now, or one of its operations: what [`gc`](crate::gc)
/// begins from, with whatever else its caller keeps. To be called when `gc` asks, and not before.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use selkie_crdt::AwSet;
/// use selkie_store::{Batch, Hint, Kind, Operations, SimDisk, Store, View, gc, roots};
/// let disk = Arc::new(SimDisk::default());
/// let store = Arc::new(Store::open(disk.clone())?);
/// let mut view: View<AwSet<String>> = View::open(store.clone(), |_, _| ())?;
/// let operations = Operations::new(disk);
/// let hold = store.hold()?;
/// let batch = Batch::new(&store);
/// let fish = batch.put(Kind::Blob, b"fish", Hint::NONE)?;
/// batch.put(Kind::Blob, b"used by nobody", Hint::NONE)?;
/// batch.finish()?;
/// operations.append(1_000, b"catch", &[fish])?;
/// drop(hold);
/// for at_ms in 0..2 {
///     let roots = || Ok(roots(&mut view, &operations)?);
///     gc(&store, Duration::ZERO, at_ms, roots, |_| ())?;
/// }
/// assert_eq!(store.ids()?, [(fish, Kind::Blob)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// A log can not be read to its end, or says what nobody understands.
pub fn roots<T: Causal + Clone>(
    view: &mut View<T>,
    operations: &Operations,
) -> Result<Vec<ObjectId>, RootsError> {
    view.refresh()?;
    let mut roots = view.roots()?;
    // The view first: a command records what it is about to take out of the view before it does, so an
    // object that moves meanwhile is seen here. One that moves the other way is put into the view by an
    // edit, which takes it back itself.
    roots.extend(operations.roots()?);
    roots.sort_unstable();
    roots.dedup();
    Ok(roots)
}
