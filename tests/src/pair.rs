//! A county below a province.

use lika_proto::v1;

use crate::{Door, Node, wait};

/// The county of Luxi below the province of Jiangxi, enrolled as an office would enrol it.
pub struct Pair {
    /// The county.
    pub county: Node,
    /// The province.
    pub province: Node,
    /// What stands between them.
    pub door: Door,
}

impl Pair {
    /// Makes both, enrols the county and starts it.
    #[track_caller]
    pub fn start() -> Self {
        let province = Node::create("36", "江西省");
        let county = Node::create("360323", "芦溪县");
        let mut pair = Self {
            county,
            province,
            door: Door::new(),
        };
        pair.start_province();
        pair.county.enrol(&pair.province, &pair.door.address());
        pair.county.start();
        pair
    }

    /// Starts the province and leads the county to it.
    #[track_caller]
    pub fn start_province(&mut self) {
        self.province.start();
        self.door.lead_to(self.province.address());
    }

    /// Waits until the province has the county's whole log, and says where it ends.
    #[track_caller]
    pub fn settle(&self) -> v1::Head {
        let county = self.county.client().status().head.unwrap();
        let province = self.province.client();
        let what = format!("the province has the county's log up to {county:?}");
        wait::until(&what, || {
            let below = province.status().below;
            let peer = below.into_iter().next()?;
            assert_eq!(below_id(&peer), self.county.id().replace('-', ""));
            peer.head.filter(|head| head.seq >= county.seq)
        })
    }

    /// Waits until the province has everything, and compares heads and every total of the county's area.
    #[track_caller]
    pub fn must_agree(&self) {
        let at_province = self.settle();
        let county = self.county.client();
        assert_eq!(county.status().head, Some(at_province));
        let totals = county.totals(self.county.area());
        assert!(!totals.is_empty());
        let theirs = self.province.client().totals(self.county.area());
        assert_eq!(theirs, totals);
    }
}

fn below_id(peer: &v1::PeerStatus) -> String {
    peer.node.iter().map(|byte| format!("{byte:02x}")).collect()
}
