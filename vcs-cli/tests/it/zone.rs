//! The clock on the wall of whoever seals.

use std::process::Command;

/// What the program says, where the zone is this one.
fn said(folder: &std::path::Path, zone: Option<&str>, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_selkie"));
    command.args(args).current_dir(folder).env_clear().env("HOME", folder).env("APPDATA", folder);
    command.envs(zone.map(|zone| ("TZ", zone)));
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("the binary says text")
}

#[test]
fn a_seal_keeps_the_zone_of_whoever_made_it() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    said(folder, None, &["config", "set", "user.name", "Ann"]);
    said(folder, None, &["forge"]);
    for (zone, ahead) in [("AHEAD-5:30", "+0530"), ("BEHIND3", "-0300"), ("UTC", "+0000")] {
        std::fs::write(folder.join("a"), zone).unwrap();
        said(folder, Some(zone), &["gather", "a"]);
        said(folder, Some(zone), &["seal", "-m", zone]);
        // Whoever looks at it may be elsewhere, and may name no zone at all.
        for elsewhere in [None, Some("AHEAD-9")] {
            let shown = said(folder, elsewhere, &["show"]);
            let time = shown.lines().find(|line| line.starts_with("time")).unwrap();
            assert!(time.ends_with(ahead), "{time}");
        }
    }
}
