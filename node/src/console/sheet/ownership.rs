//! Transfers of ownership between counties.

use lika_core::record::OwnershipTransfer;

use super::{Line, Sheet};
use crate::console::words::Cell;

impl Sheet<'_> {
    pub(super) fn ownership_transfer(&self, transfer: &OwnershipTransfer) -> Vec<Line> {
        let OwnershipTransfer {
            alert,
            keeps,
            closes,
            signatures,
            member,
            reason,
        } = transfer;
        let signed: Vec<String> = signatures
            .iter()
            .map(|signed| signed.node.to_string())
            .collect();
        let member = member.map_or_else(String::new, |member| member.to_string());
        let reason = reason.iter().flatten().next();
        let reason = reason.map_or_else(String::new, ToString::to_string);
        vec![
            self.line("预警", "Alert", Cell::of(alert.to_string())),
            self.line(
                "保留登记的节点",
                "Stays at node",
                Cell::of(keeps.node.to_string()),
            ),
            self.line(
                "注销登记的节点",
                "Closed at node",
                Cell::of(closes.node.to_string()),
            ),
            self.line("已签字的节点", "Signed by", Cell::of(signed.join(" · "))),
            self.line("本县成员", "Own member", Cell::of(member)),
            self.line("理由", "Reason", Cell::of(reason)),
        ]
    }
}
