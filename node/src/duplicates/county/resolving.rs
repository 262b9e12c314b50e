//! What a county says about its alerts, in its own log first.

use std::sync::Arc;

use lika_core::{
    command::{Change, Command},
    log::Action,
    record::{Body, KeeperSignature, OwnershipTransfer, Record},
    value::{ActorId, NodeId, RecordId, RequestId, Text},
};

use super::{ComparingNode, County, Failed, Heard, HeardAlert, at};
use crate::{
    duplicates::{Refusal, statement::Statement},
    gateway::{self, Caller, alerts::Finding},
    store::{Receipt, Stored},
};

impl County {
    /// Writes down, in the name of an officer, that the person stays here or there. The comparing node hears of it in the
    /// next round; until the other county says the same, an officer may think again.
    pub async fn resolve(
        &self,
        caller: &Caller,
        request: RequestId,
        alert: &RecordId,
        keep_here: bool,
        reason: Option<Text>,
    ) -> Result<(RecordId, Receipt), gateway::Error> {
        let node = self.node();
        let heard = self
            .heard
            .borrow()
            .alerts
            .iter()
            .find(|it| it.id == *alert)
            .cloned();
        let refused = |refusal: Refusal| gateway::Error::Other {
            code: refusal.code(),
            message: refusal.to_string(),
        };
        let heard = heard.ok_or_else(|| refused(Refusal::UnknownAlert(*alert)))?;
        let (own, other) = heard
            .seen_by(&node)
            .ok_or_else(|| refused(Refusal::UnknownAlert(*alert)))?;
        if heard.is_settled() {
            return Err(refused(Refusal::Settled(*alert)));
        }
        let member = self.member(&own.side).filter(|_| !heard.lapsed);
        let member = member.ok_or_else(|| refused(Refusal::Lapsed(*alert)))?;
        let keeps = if keep_here { node } else { other.side.node };
        let statement = Statement::that_keeps(keeps, heard.id, heard.pair());
        let statement = statement.ok_or_else(|| refused(Refusal::UnknownAlert(*alert)))?;
        let transfer = OwnershipTransfer {
            alert: heard.id,
            keeps: statement.keeps,
            closes: statement.closes,
            signatures: vec![statement.sign(&self.signing)],
            member: Some(member),
            reason: Some(reason),
        };
        let actor = ActorId(caller.officer.0);
        let receipt = self.put(actor, request, transfer).await?;
        Ok((OwnershipTransfer::id_for(&node, alert), receipt))
    }

    /// Hands on what officers have said and the comparing node does not show yet.
    pub(super) async fn speak<C: ComparingNode>(&self, comparing: &C) -> Result<(), Failed> {
        let node = self.node();
        let alerts = self.heard.borrow().alerts.clone();
        let waits = |alert: &&HeardAlert| !alert.lapsed && !alert.is_settled();
        for alert in alerts.iter().filter(waits) {
            let Some((own, _)) = alert.seen_by(&node) else {
                continue;
            };
            let Some(transfer) = self.transfer(&alert.id)? else {
                continue;
            };
            let signed = transfer.signatures.iter().find(|it| it.node == node);
            let Some(signed) = signed else { continue };
            let keeps = transfer.keeps.node;
            let is_known = own.said.as_ref().is_some_and(|said| said.keeps == keeps);
            if !is_known {
                let said = comparing.agree(&alert.id, &keeps, &signed.signature).await;
                said.map_err(at("comparing node"))?;
            }
        }
        Ok(())
    }

    /// Takes what the comparing node says: raises what is new for the people here, and writes down what both have signed.
    pub(super) async fn hear(self: &Arc<Self>, heard: Heard) -> Result<(), Failed> {
        let mut alerts = heard.alerts;
        alerts.retain(HeardAlert::is_genuine);
        self.heard
            .send_modify(|standing| standing.alerts.clone_from(&alerts));
        self.apart(move |county| {
            let node = county.node();
            let waits = |alert: &&HeardAlert| !alert.lapsed && !alert.is_settled();
            let waiting = alerts.iter().filter(waits);
            let findings = waiting.filter_map(|alert| county.finding(alert, &node));
            county.gateway.raise(&findings.collect::<Vec<_>>());
            for alert in alerts.iter().filter(|alert| alert.is_settled()) {
                county.settle(alert)?;
            }
            Ok(())
        })
        .await
    }

    /// For the people here. It leaves the county, so that it names the other county and no member; it waits for that name,
    /// since the same finding with another name would be another one.
    fn finding(&self, alert: &HeardAlert, node: &NodeId) -> Option<Finding> {
        let (own, other) = alert.seen_by(node)?;
        // A handle that is not ours is nobody here.
        self.member(&own.side).filter(|_| !other.name.is_empty())?;
        let finding = Finding::new("person-in-two-counties", self.area, None)
            .with("alert", alert.id)
            .with("other-area", &other.area)
            .with("other-name", &other.name);
        Some(finding)
    }

    /// Writes down what both have signed, once: also where an officer here thought again too late.
    fn settle(&self, alert: &HeardAlert) -> Result<(), Failed> {
        let node = self.node();
        let Some((own, other)) = alert.seen_by(&node) else {
            return Ok(());
        };
        let known = self.transfer(&alert.id)?;
        let is_known = known.as_ref().is_some_and(OwnershipTransfer::is_settled);
        let Some((ours, theirs)) = own.said.as_ref().zip(other.said.as_ref()) else {
            return Ok(());
        };
        let statement = Statement::that_keeps(theirs.keeps, alert.id, alert.pair());
        let Some(statement) = statement.filter(|_| !is_known) else {
            return Ok(());
        };
        let is_ours = ours.signed.key == self.signing.public().bytes;
        if !is_ours || !statement.is_signed(&ours.signed) || !statement.is_signed(&theirs.signed) {
            tracing::error!(alert = %alert.id, node = %other.side.node, "a signature is wrong; nothing is settled");
            return Ok(());
        }
        let mut signatures: Vec<KeeperSignature> = vec![ours.signed.clone(), theirs.signed.clone()];
        signatures.sort_by_key(|signed| signed.node);
        let settled = OwnershipTransfer {
            alert: alert.id,
            keeps: statement.keeps,
            closes: statement.closes,
            signatures,
            member: known
                .as_ref()
                .map_or_else(|| self.member(&own.side), |known| known.member),
            reason: known.and_then(|known| known.reason),
        };
        let command = Command {
            request: RequestId::derived("lika.ownership-settled", &alert.id.0),
            actor: ActorId(node.0),
            changes: vec![self.change(settled)?],
        };
        let store = self.gateway.store();
        store
            .submit_blocking(command)
            .map_err(gateway::Error::from)?;
        tracing::info!(alert = %alert.id, "both counties have signed");
        Ok(())
    }

    /// The own record about an alert.
    pub(super) fn transfer(
        &self,
        alert: &RecordId,
    ) -> Result<Option<OwnershipTransfer>, gateway::Error> {
        let record = self.record(alert)?;
        Ok(record.and_then(|record| match record.body {
            Body::OwnershipTransfer(transfer) => Some(transfer),
            _ => None,
        }))
    }

    fn record(&self, alert: &RecordId) -> Result<Option<Record>, gateway::Error> {
        let id = OwnershipTransfer::id_for(&self.node(), alert);
        let stored = self.gateway.reader().get(&id)?;
        Ok(stored.and_then(Stored::into_record))
    }

    fn change(&self, transfer: OwnershipTransfer) -> Result<Change, gateway::Error> {
        let known = self.record(&transfer.alert)?;
        Ok(match known {
            Some(record) => Change::of(&record, Action::Change, transfer),
            None => {
                let id = OwnershipTransfer::id_for(&self.node(), &transfer.alert);
                Change::create(id, self.area, transfer)
            }
        })
    }

    async fn put(
        &self,
        actor: ActorId,
        request: RequestId,
        transfer: OwnershipTransfer,
    ) -> Result<Receipt, gateway::Error> {
        let command = Command {
            request,
            actor,
            changes: vec![self.change(transfer)?],
        };
        Ok(self.gateway.store().submit(command).await?)
    }
}
