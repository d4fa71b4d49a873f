//! Any bytes as a message.

use selkie_store::{Coded, decode, encode};
use selkie_sync::{
    Announcement, Control, Delegation, Errand, Frames, GossipMessage, Lane, MembershipMessage,
    Mend, NodeRecord, Presence, Reply,
};

/// Any bytes as every message: what can be read is spelled so and not otherwise, and keeps its lane's limit.
pub(crate) fn message(bytes: &[u8]) {
    fn spelled<T: Coded>(bytes: &[u8]) {
        if let Ok(value) = decode::<T>(bytes) {
            assert!(bytes.len() <= T::LEN_MAX);
            assert_eq!(encode(&value).expect("what was read keeps the rules"), bytes);
        }
    }
    spelled::<Control>(bytes);
    spelled::<GossipMessage>(bytes);
    spelled::<MembershipMessage>(bytes);
    spelled::<Mend>(bytes);
    spelled::<NodeRecord>(bytes);
    spelled::<Delegation>(bytes);
    spelled::<Announcement>(bytes);
    spelled::<Presence>(bytes);
    spelled::<Errand>(bytes);
    spelled::<Reply>(bytes);
    for lane in Lane::ALL {
        let mut frames = Frames::of(lane);
        for mut piece in bytes.chunks(7) {
            while let Some(message) = frames.cut(&mut piece) {
                assert!(message.map_or(0, |message| message.len()) <= lane.len_max());
            }
        }
    }
}
