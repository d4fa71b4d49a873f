//! Runs workloads, here or in a process each.

use std::process::{Command, Stdio};

use crate::peer::Peer;
use crate::record::{Line, Record};
use crate::workload::Workload;

/// What one peer did in one workload.
pub struct Outcome {
    pub peer: &'static Peer,
    pub workload: Workload,
    pub lines: Vec<Line>,
}

/// Lets a peer do a workload `runs` times in this process.
pub fn here(peer: &Peer, workload: Workload, runs: usize) -> impl Iterator<Item = Line> {
    let mut record = Record::new(workload.rows());
    for _ in 0..runs {
        (peer.run)(workload, &mut record);
    }
    record.lines().collect::<Vec<_>>().into_iter()
}

/// Lets each peer do each workload in a process of its own.
pub fn apart(peers: &[&'static Peer], workloads: &[Workload], runs: usize) -> Vec<Outcome> {
    let pairs = workloads.iter().flat_map(|&workload| peers.iter().map(move |&p| (p, workload)));
    pairs.map(|(peer, workload)| one_apart(peer, workload, runs)).collect()
}

fn one_apart(peer: &'static Peer, workload: Workload, runs: usize) -> Outcome {
    eprintln!("{} {}", workload.name(), peer.name);
    let program = std::env::current_exe().expect("a running program has a path");
    let output = Command::new(program)
        .args(["--one", peer.name, workload.name(), "--runs", &runs.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .expect("a program that runs can be started again");
    let lines = if output.status.success() {
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().filter_map(Line::from_text).collect()
    } else {
        let reason = "the run failed; its message is on the standard error".to_owned();
        vec![Line::Absent { row: String::new(), reason }]
    };
    Outcome { peer, workload, lines }
}
