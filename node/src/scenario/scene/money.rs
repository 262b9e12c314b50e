//! Money of a scene: accounts, and transfers that two people approve.

use lika_core::{
    command::Change,
    log::Action,
    record::{Account, Direction, Fund, Side, Transfer},
    value::{AreaCode, Code, Fen, Label, RecordId},
};

use super::Scene;

/// An account of somebody whom money comes from or goes to.
pub fn outside(name: &str) -> anyhow::Result<Account> {
    Ok(Account {
        name: Label::parse(name)?,
        side: Side::External,
    })
}

/// A fund that is kept here: money of a channel for a purpose.
pub fn fund(channel: &str, purpose: &str) -> anyhow::Result<Account> {
    let fund = Fund {
        channel: Code::parse(channel)?,
        purpose: Code::parse(purpose)?,
        year: None,
        barred_from_living_expenses: false,
    };
    Ok(Account {
        name: Label::parse(&format!("{channel} {purpose}"))?,
        side: Side::Internal(fund),
    })
}

/// As [`fund`], never for living expenses.
pub fn barred_fund(channel: &str, purpose: &str) -> anyhow::Result<Account> {
    let mut account = fund(channel, purpose)?;
    if let Side::Internal(fund) = &mut account.side {
        fund.barred_from_living_expenses = true;
    }
    Ok(account)
}

impl Scene {
    /// Opens an account in an area.
    pub fn open_account(&mut self, area: AreaCode, account: Account) -> anyhow::Result<RecordId> {
        let id = self.new_id("account");
        self.apply(vec![Change::create(id, area, account)])?;
        Ok(id)
    }

    /// Money from one account to another today.
    pub fn transfer(
        &self,
        (from, to): (RecordId, RecordId),
        amount: Fen,
        direction: Direction,
        channel: &str,
    ) -> anyhow::Result<Transfer> {
        Ok(Transfer {
            from,
            to,
            amount,
            on: self.today(),
            direction,
            channel: Code::parse(channel)?,
            evidence: None,
            reverses: None,
            settles: None,
            approvals: Vec::new(),
        })
    }

    /// Moves money: the office proposes and approves, the approver approves after it.
    pub fn move_money(&mut self, transfers: Vec<(AreaCode, Transfer)>) -> anyhow::Result<()> {
        let transfers: Vec<_> = transfers
            .into_iter()
            .map(|(area, transfer)| (self.new_id("transfer"), area, transfer))
            .collect();
        self.post_transfers(&transfers)
    }

    /// As [`Scene::move_money`], by transfers whose ids something else names.
    pub fn post_transfers(
        &mut self,
        transfers: &[(RecordId, AreaCode, Transfer)],
    ) -> anyhow::Result<()> {
        let proposals = transfers.iter().cloned();
        let proposals = proposals.map(|(id, area, transfer)| Change::create(id, area, transfer));
        self.apply(proposals.collect())?;
        let (office, approver) = (self.office(), self.approver.clone());
        let mut approvals = Vec::new();
        for officer in [office, approver] {
            approvals.push(officer.approval());
            let approved = |(id, area, transfer): &(RecordId, AreaCode, Transfer)| Change {
                action: Action::Change,
                expected_revision: u32::try_from(approvals.len()).unwrap_or_default(),
                id: *id,
                area: *area,
                body: Transfer {
                    approvals: approvals.clone(),
                    ..transfer.clone()
                }
                .into(),
            };
            let approved: Vec<Change> = transfers.iter().map(approved).collect();
            self.apply_as(&officer, &approved)?;
        }
        Ok(())
    }

    /// Proposes one transfer, which moves nothing yet.
    pub fn propose_transfer(&mut self, area: AreaCode, transfer: Transfer) -> anyhow::Result<()> {
        let id = self.new_id("transfer");
        self.apply(vec![Change::create(id, area, transfer)])
    }
}
