//! A county below a prefecture below a province.

use lika_proto::v1;

use crate::{Door, Node, wait};

/// The county of Luxi below the prefecture of Pingxiang below the province of Jiangxi.
pub struct Tiers {
    /// The county.
    pub county: Node,
    /// The prefecture.
    pub prefecture: Node,
    /// The province.
    pub province: Node,
    to_prefecture: Door,
    to_province: Door,
}

/// One of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The county.
    County,
    /// The prefecture.
    Prefecture,
    /// The province.
    Province,
}

impl Tiers {
    /// Makes all, joins them from the top down and starts them.
    #[track_caller]
    pub fn start() -> Self {
        let province = Node::create("36", "江西省");
        let prefecture = Node::create("3603", "萍乡市");
        let county = Node::create("360323", "芦溪县");
        let (to_province, to_prefecture) = (Door::new(), Door::new());
        let mut tiers = Self {
            county,
            prefecture,
            province,
            to_prefecture,
            to_province,
        };
        tiers.start_one(Tier::Province);
        let above = tiers.to_province.address();
        tiers.prefecture.enrol(&tiers.province, &above);
        tiers.start_one(Tier::Prefecture);
        let above = tiers.to_prefecture.address();
        tiers.county.enrol(&tiers.prefecture, &above);
        tiers.start_one(Tier::County);
        tiers
    }

    /// One of the nodes.
    pub fn node(&mut self, tier: Tier) -> &mut Node {
        match tier {
            Tier::County => &mut self.county,
            Tier::Prefecture => &mut self.prefecture,
            Tier::Province => &mut self.province,
        }
    }

    /// Starts one, and leads those below to it.
    #[track_caller]
    pub fn start_one(&mut self, tier: Tier) {
        self.node(tier).start();
        match tier {
            Tier::County => {}
            Tier::Prefecture => self.to_prefecture.lead_to(self.prefecture.address()),
            Tier::Province => self.to_province.lead_to(self.province.address()),
        }
    }

    /// Waits until every tier has every log below it, and compares the heads and the totals of the county.
    #[track_caller]
    pub fn must_agree(&self) {
        let county = self.county.client().status().head.unwrap();
        let prefecture = self.prefecture.client().status().head.unwrap();
        for (upper, lower, head) in [
            (&self.prefecture, &self.county, &county),
            (&self.province, &self.county, &county),
            (&self.province, &self.prefecture, &prefecture),
        ] {
            let what = format!(
                "{} has the log of {} up to {head:?}",
                upper.area(),
                lower.area()
            );
            let client = upper.client();
            let found = wait::until(&what, || {
                let peer = below(&client.status(), lower)?;
                peer.head.filter(|found| found.seq >= head.seq)
            });
            assert_eq!(&found, head, "{what}");
        }
        let totals = self.county.client().totals(self.county.area());
        assert!(!totals.is_empty());
        for upper in [&self.prefecture, &self.province] {
            assert_eq!(upper.client().totals(self.county.area()), totals);
        }
    }
}

/// What a node says of the log of one below it.
pub fn below(status: &v1::StatusResponse, node: &Node) -> Option<v1::PeerStatus> {
    let id = uuid::Uuid::parse_str(node.id()).unwrap();
    let mut below = status.below.iter();
    below.find(|peer| peer.node == id.as_bytes()).cloned()
}
