//! A seed is a run, whenever and wherever it is run.

use std::env;
use std::process::Command as Program;
use std::time::Duration;

use selkie_tests::members::{Command, Swarm};
use selkie_tests::net::Link;

/// Tells a process of this test that it only has to print the trace.
const ASKED: &str = "MEMBERSHIP_TRACE";

fn trace_of(seed: u64) -> String {
    let link = Link { doubled_ppm: 10_000, held_ppm: 10_000, ..Link::WAN.losing(10) };
    let mut swarm = Swarm::strangers(seed, 15, link);
    (1..15).for_each(|place| swarm.ask(place, Command::Meet(place / 2)));
    swarm.run_for(Duration::from_secs(20));
    swarm.stop(3);
    swarm.part(&[&[], &[4, 5, 6]]);
    swarm.run_for(Duration::from_secs(20));
    swarm.restart(3);
    swarm.mend();
    swarm.run_for(Duration::from_secs(20));
    swarm.trace().to_string()
}

#[test]
fn a_seed_delivers_the_same_in_every_process() {
    let trace = trace_of(1);
    if env::var_os(ASKED).is_some() {
        println!("trace {trace}");
        return;
    }
    assert_eq!(trace_of(1), trace, "in one process");
    assert_ne!(trace_of(2), trace, "another seed is another run");
    let name = "replay::a_seed_delivers_the_same_in_every_process";
    let this = env::current_exe().unwrap();
    let other =
        Program::new(this).args([name, "--exact", "--nocapture"]).env(ASKED, "1").output().unwrap();
    let printed = String::from_utf8(other.stdout).unwrap();
    assert!(printed.contains(&format!("trace {trace}")), "another process says {printed}");
}
