//! Imports a git repository, or exports to one, without the rest of the program:
//!
//!     cargo run --release -p selkie-vcs --example bridge -- import GIT FOLDER
//!     cargo run --release -p selkie-vcs --example bridge -- export GIT FOLDER

use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use selkie_store::{Author, SecretKey};
use selkie_vcs::bundling::Names;
use selkie_vcs::git_export::{Conflicts, GitExport, Losses, give};
use selkie_vcs::git_import::{GitImport, GitRefs, Incomplete, bring};
use selkie_vcs::{Doer, GitPlace, Keys, Workspace};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [verb, git, folder] = args.as_slice() else {
        return Err("import GIT FOLDER, or export GIT FOLDER".into());
    };
    let (git, folder) = (Path::new(git), Path::new(folder));
    let begun = Instant::now();
    match &**verb {
        "import" => import(git, folder)?,
        "export" => export(git, folder)?,
        other => return Err(format!("nobody knows how to {other}").into()),
    }
    println!("{} ms", begun.elapsed().as_millis());
    Ok(())
}

fn import(git: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let now_ms = u64::try_from(now.as_millis())?;
    let doer = Doer { author: Author::default(), now_ms, zone_minutes: 0 };
    let keys = Keys::Held(SecretKey::from_bytes(&[7; 32]));
    let mut workspace = Workspace::forge(folder, "main", keys, &doer, || 0)?;
    let place = GitPlace::open(git)?;
    let wanted = GitImport { place, refs: GitRefs::Usual, incomplete: Incomplete::LeftOut };
    let told = |_| ControlFlow::Continue(());
    let brought = bring(&mut workspace, &doer, "import".to_owned(), &wanted, told)?;
    let (commits, left) = (brought.commits, brought.left_out.len());
    println!("{commits} commits, {left} problems, {} refs passed over", brought.passed_over);
    Ok(())
}

fn export(git: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let workspace = Workspace::open(folder, &[], Keys::Nowhere, || 0)?;
    let place = GitPlace::open_or_begin(git, "main")?;
    let (conflicts, losses) = (Conflicts::Refused, Losses::Refused);
    let wanted = GitExport { place, names: Names::All, conflicts, losses };
    let given = give(&workspace, &wanted, |_| ControlFlow::Continue(()))?;
    println!("{} commits, {} refs new, {} the same", given.commits, given.new.len(), given.same);
    Ok(())
}
