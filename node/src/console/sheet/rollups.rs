//! Commitments to totals.

use lika_core::{
    record::RollupCommitment,
    rollup::{
        Period,
        sum_tree::{Commitment, Subject},
    },
};

use super::{Line, Sheet};
use crate::console::words::Cell;

impl Sheet<'_> {
    pub(super) fn rollup_commitment(&self, said: &RollupCommitment) -> Vec<Line> {
        let Commitment {
            subject,
            order: _,
            leaves,
            totals,
            root,
        } = &said.commitment;
        let Subject {
            node,
            area: _,
            period,
            logs,
            dimensions,
        } = subject;
        let named = dimensions.as_slice().iter().zip(totals);
        let totals: Vec<String> = named
            .map(|(dimension, total)| format!("{} {total}", dimension.name))
            .collect();
        let logs: Vec<String> = logs
            .iter()
            .map(|log| format!("{} {}/{}", log.node, log.epoch, log.seq))
            .collect();
        let period = match *period {
            Period::NOW => self.words.t("当时", "as it stood").to_owned(),
            period => period.number().to_string(),
        };
        vec![
            self.line("节点", "Node", Cell::of(node.to_string())),
            self.line("期间", "Time", Cell::of(period)),
            self.line("户数", "Households", Cell::of(leaves.to_string())),
            self.line("汇总", "Totals", Cell::of(totals.join(" · "))),
            self.line("日志位置", "Logs", Cell::of(logs.join(" · "))),
            self.line("根", "Root", Cell::of(root.to_string())),
        ]
    }
}
