//! What a crash leaves of a disk.

use crate::disk::sim::step::{Image, Step, folder_of};

/// What a crash takes away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Loss {
    /// Nothing: the process died, the machine went on.
    Nothing,
    /// Everything that was not synced.
    Unsynced,
    /// Of what was not synced, parts drawn with this seed: a later write may be there without an
    /// earlier one, a write only in part, a hole reads as zeros.
    Some(u64),
}

/// What is on the disk when power fails after `steps`.
pub(super) fn left_by(origin: &Image, steps: &[Step], loss: Loss) -> Image {
    let mut image = origin.clone();
    let mut fates = Fates::new(loss);
    for (at, step) in steps.iter().enumerate() {
        let later = &steps[at..];
        let fate = if is_synced(step, later) { Fate::Whole } else { fates.draw() };
        image.replay(step, fate, &mut fates);
    }
    // A folder that is lost takes along what is in it, synced or not.
    let Image { folders, names, .. } = &mut image;
    names.retain(|path, _| folder_of(path).is_empty() || folders.contains(folder_of(path)));
    image
}

/// What becomes of one change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Whole,
    Part,
    Lost,
}

/// Whether a sync among `later` covers `step`.
fn is_synced(step: &Step, later: &[Step]) -> bool {
    let file_synced = |wanted: usize| {
        later.iter().any(|step| matches!(step, Step::SyncFile { file } if *file == wanted))
    };
    let folder_synced = |wanted: &str| {
        later.iter().any(|step| matches!(step, Step::SyncFolder { folder } if folder == wanted))
    };
    match step {
        Step::CreateFolder { folder: path } | Step::Link { path, .. } | Step::Unlink { path } => {
            folder_synced(folder_of(path))
        }
        Step::Rename { to, .. } => folder_synced(folder_of(to)),
        Step::Write { file, .. } | Step::Truncate { file, .. } => file_synced(*file),
        Step::SyncFile { .. } | Step::SyncFolder { .. } => true,
    }
}

impl Image {
    fn replay(&mut self, step: &Step, fate: Fate, fates: &mut Fates) {
        // A file exists as soon as it has a number, so that numbers stay what they are.
        if let Step::Link { file, .. } = step {
            self.files.resize_with(self.files.len().max(file + 1), Vec::new);
        }
        if fate == Fate::Lost {
            return;
        }
        match step {
            Step::CreateFolder { folder } => {
                self.folders.insert(folder.clone());
            }
            Step::Link { path, file } => {
                self.names.insert(path.clone(), *file);
            }
            Step::Rename { from, to, file } => {
                self.names.remove(from);
                self.names.insert(to.clone(), *file);
            }
            Step::Unlink { path } => {
                self.names.remove(path);
            }
            Step::Write { file, offset, bytes } => {
                let count = if fate == Fate::Part { fates.below(bytes.len()) } else { bytes.len() };
                let content = &mut self.files[*file];
                content.resize(content.len().max(offset + count), 0);
                content[*offset..offset + count].copy_from_slice(&bytes[..count]);
            }
            Step::Truncate { file, size } => self.files[*file].resize(*size, 0),
            Step::SyncFile { .. } | Step::SyncFolder { .. } => {}
        }
    }
}

/// A seeded source of fates.
struct Fates {
    loss: Loss,
    state: u64,
}

impl Fates {
    const fn new(loss: Loss) -> Self {
        let state = match loss {
            Loss::Some(seed) => seed,
            Loss::Nothing | Loss::Unsynced => 0,
        };
        Self { loss, state }
    }

    fn draw(&mut self) -> Fate {
        match self.loss {
            Loss::Nothing => Fate::Whole,
            Loss::Unsynced => Fate::Lost,
            Loss::Some(_) => [Fate::Whole, Fate::Part, Fate::Lost][self.below(3)],
        }
    }

    /// A number below `bound`, or 0 if there is none.
    fn below(&mut self, bound: usize) -> usize {
        // SplitMix64: every seed, even 0, gives a good sequence.
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound = bound.max(1) as u64;
        usize::try_from((mixed ^ (mixed >> 31)) % bound).expect("a remainder of a usize is one")
    }
}
