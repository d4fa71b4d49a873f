//! Those who look for each other, among those who say anything.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use selkie_store::{PublicKey, decode};
use selkie_sync::{
    ChannelId, Discovery, DiscoveryInput, DiscoveryOutput, DiscoverySecret, Door, Errand, Manner,
    Moment, NetworkId, Notary, Presence, PresenceMatter, Register, Reply, Signed, Spot, Visits,
    VisitsInput, VisitsOutput, WordPacket,
};

use super::script::{Script, id, key};

const HOME: ChannelId = ChannelId::from_bytes([1; 16]);

/// A node that looks around, among those who know its channel and those who do not: it never panics, says little, and its memory
/// has an end.
pub(crate) fn discovery(script: &[u8]) {
    let mut script = Script(script);
    let network = NetworkId::named("town");
    let notary = Notary::new(Arc::new(key(9)), network, PublicKey::verifies);
    let manner = [Manner::Tells(7_355), Manner::Asks, Manner::Listens];
    let mut discovery = Discovery::new(notary, manner[usize::from(script.below(3))], 1);
    let secret = DiscoverySecret::of(&network, &HOME);
    let (mut now_us, mut said, mut begun) = (0, 0_u64, 0_u64);
    let mut last = Vec::new();
    let mut tell = |now_us: u64, input| {
        let (now, time_ms) = (Moment::from_us(now_us), (1 << 40) + now_us / 1_000);
        let begins = matches!(input, DiscoveryInput::Doors(_) | DiscoveryInput::Opened(_));
        begun += u64::from(begins);
        for output in discovery.handle(now, time_ms, input) {
            match output {
                DiscoveryOutput::Say(_, packet) => {
                    assert_eq!(packet.len(), DiscoverySecret::PACKET_LEN);
                    said += 1;
                }
                DiscoveryOutput::WakeAt(at) => assert!(at > now),
                DiscoveryOutput::Found(..)
                | DiscoveryOutput::Appeared(..)
                | DiscoveryOutput::Lost(..) => {}
            }
        }
        assert!(discovery.sightings(now).len() <= 256);
        // A beat in 25 s, an answer in a second, and three questions of who has come somewhere, in two subnets.
        assert!(said <= 2 * (now_us / 900_000 + 8 * (begun + 2)), "{said} packets");
    };
    tell(now_us, DiscoveryInput::Opened(HOME));
    while let Some(step) = script.byte() {
        let from = SocketAddr::new(nearby(&mut script), 7_356);
        let input = match step % 6 {
            0 => {
                let doors = [door(0), door(1)].into_iter().take(usize::from(script.below(3)));
                DiscoveryInput::Doors(doors.collect())
            }
            1 => DiscoveryInput::Came(from, script.bytes()),
            2 => {
                let (at, port) = (nearby(&mut script), u16::from(script.below(4)));
                let matter = [PresenceMatter::Here, PresenceMatter::Asks, PresenceMatter::Leaves];
                let time_ms = match script.below(4) {
                    0 => script.number(),
                    _ => (1 << 40) + now_us / 1_000 + u64::from(script.below(255)),
                };
                let matter = matter[usize::from(script.below(3))];
                let presence = Presence { matter, time_ms, address: SocketAddr::new(at, port) };
                let signed = Signed::new(&presence, &network, &key(script.below(12))).ok();
                last = signed.and_then(|signed| secret.seal(signed).ok()).unwrap_or_default();
                DiscoveryInput::Came(from, last.clone())
            }
            3 => DiscoveryInput::Came(from, last.clone()),
            4 => {
                now_us += u64::from(script.below(255)) << script.below(28);
                DiscoveryInput::Tick
            }
            _ => match script.below(3) {
                0 => DiscoveryInput::Opened(HOME),
                1 => DiscoveryInput::Again,
                _ => DiscoveryInput::Closed(HOME),
            },
        };
        tell(now_us, input);
    }
}

fn door(number: u8) -> Door {
    Door { address: IpAddr::from([10, 0, number, 1]), bits: 24, zone: 2 }
}

fn nearby(script: &mut Script<'_>) -> IpAddr {
    match script.below(8) {
        0 => IpAddr::from([198, 51, 100, 7]),
        1 => IpAddr::from([0; 16]),
        number => IpAddr::from([10, 0, number % 2, script.below(40)]),
    }
}

/// A node that goes to a server, and the server, among those who leave there what they like: neither panics, the node visits no more
/// than it should, and what both keep has an end.
pub(crate) fn rendezvous(script: &[u8]) {
    let mut script = Script(script);
    let network = NetworkId::named("town");
    let notary = Notary::new(Arc::new(key(9)), network, PublicKey::verifies);
    let port = (script.below(2) == 0).then_some(7_355);
    let mut visits = Visits::new(notary, port, 1, 1);
    let mut register = Register::new(Duration::from_secs(script.number().min(1 << 20)));
    let (secret, spot) = (DiscoverySecret::of(&network, &HOME), Spot::of(&network, &HOME));
    let (mut now_us, mut count, mut hurries, mut due) = (0, 0_u64, 0_u64, Vec::new());
    let mut inputs = vec![VisitsInput::Opened(HOME)];
    while let Some(step) = script.byte() {
        let now = Moment::from_us(now_us);
        let time_ms = (1 << 40) + now_us / 1_000;
        for input in inputs.drain(..) {
            let hurried = !matches!(input, VisitsInput::Came(..) | VisitsInput::Tick);
            hurries += u64::from(hurried);
            for output in visits.handle(now, time_ms, input) {
                match output {
                    VisitsOutput::Visit(_, errands) => {
                        count += 1;
                        due = errands;
                    }
                    VisitsOutput::WakeAt(at) => assert!(at > now),
                    VisitsOutput::Found(..)
                    | VisitsOutput::Appeared(..)
                    | VisitsOutput::Lost(..) => {}
                }
            }
        }
        assert!(visits.sightings(now).len() <= 256);
        let from = SocketAddr::new(nearby(&mut script), 9_000 + u16::from(script.below(4)));
        match step % 6 {
            // The server answers as it should.
            0 => {
                let mut answer = |errand| register.answer(now, id(9), from, errand);
                inputs.push(VisitsInput::Came(0, due.drain(..).map(&mut answer).collect()));
            }
            // Somebody says something to it, or it says something to the node.
            1 => {
                if let Ok(errand) = decode::<Errand>(&script.bytes()) {
                    register.answer(now, id(script.below(12)), from, errand);
                }
            }
            2 => inputs.push(match decode::<Reply>(&script.bytes()) {
                Ok(reply) => VisitsInput::Came(0, vec![reply]),
                Err(_) => VisitsInput::Missed(0),
            }),
            3 => {
                let (time_ms, address) = (time_ms + u64::from(script.below(255)), from);
                let said = Presence { matter: PresenceMatter::Here, time_ms, address };
                let by = script.below(12);
                let signed = Signed::new(&said, &network, &key(by)).ok();
                let packet = signed.and_then(|signed| secret.seal(signed).ok()?.try_into().ok());
                let word = packet.into_iter().map(WordPacket).collect();
                let seconds = 1 + u32::from(script.below(255));
                register.answer(now, id(by), from, Errand::Register { spot, seconds, word });
            }
            4 => {
                now_us += u64::from(script.below(255)) << script.below(28);
                inputs.push(VisitsInput::Tick);
            }
            _ => inputs.push(happens(&mut script, from)),
        }
        assert!(register.count(now).0 <= 8_192);
        // Half a second is the least between two, but where something happens here; and one more if the server sees the node elsewhere.
        assert!(count <= 2 * (hurries + 2 + now_us / 500_000), "{count} visits");
    }
}

/// What happens to a node that goes to a server.
fn happens(script: &mut Script<'_>, from: SocketAddr) -> VisitsInput {
    match script.below(5) {
        0 => VisitsInput::Opened(HOME),
        1 => VisitsInput::Again,
        2 => VisitsInput::At(vec![from]),
        3 => VisitsInput::Missed(0),
        _ => VisitsInput::Closed(HOME),
    }
}
