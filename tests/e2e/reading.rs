//! What a node says of itself and of its records.

use lika_tests::{Pair, until};

#[test]
fn a_node_below_keeps_its_area_while_it_is_away() {
    let mut pair = Pair::start();
    pair.settle();
    let province = pair.province.client();
    let connected = &province.status().below[0];
    assert!(connected.connected);
    assert_eq!(connected.area, "360323");

    pair.county.kill();
    let away = until("the province notices", || {
        let below = province.status().below;
        below.into_iter().find(|peer| !peer.connected)
    });
    assert_eq!(away.area, "360323");
    // Also after a start in which it has never been connected.
    pair.province.stop();
    pair.province.start();
    let below = pair.province.client().status().below;
    assert_eq!(
        (below[0].area.as_str(), below[0].connected),
        ("360323", false)
    );
}
