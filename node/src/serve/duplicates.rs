//! What a node does about people whom two counties have registered, as its configuration says.

use std::sync::Arc;

use lika_core::{
    command::{Change, Command},
    log::Action,
    record::{Alert as AlertRecord, Body, Resolution},
    rollup::Period,
    value::{ActorId, Code, NodeId, RecordId, RequestId},
};
use tokio::{
    sync::{Mutex, watch},
    task::{JoinHandle, block_in_place},
};

use crate::{
    clock::{Clock, System},
    config::{
        Config,
        duplicates::{CountySettings, Place},
    },
    duplicates::{Comparing, County, Error, KeyHolder, Roles, alerts::Alert, comparing::Known},
    enrolment::Peer,
    evidence::SigningKey,
    gateway::{Gateway, alerts::Finding},
    store::Stored,
    wire::duplicates::Other,
};

/// Code list alert.
const CODE: &str = "person-in-two-counties";

/// Opens what the configuration asks for, and starts the county's rounds, which end with the node.
pub fn start(
    config: &Config,
    gateway: &Gateway,
    signing: &Arc<SigningKey>,
    stopped: watch::Receiver<bool>,
) -> Result<(Roles, Option<JoinHandle<()>>), Error> {
    let roles = block_in_place(|| open(config, gateway, signing))?;
    let county = roles.county.clone().zip(config.duplicates.county.as_ref());
    let rounds = county.map(|(county, settings)| {
        let CountySettings {
            key_holder,
            comparing,
            settings: _,
        } = settings;
        let holder = other(config, Peer::KeyHolder, key_holder);
        let comparing = other(config, Peer::Comparing, comparing);
        tokio::spawn(county.keep(holder, comparing, stopped))
    });
    Ok((roles, rounds))
}

fn open(config: &Config, gateway: &Gateway, signing: &Arc<SigningKey>) -> Result<Roles, Error> {
    let clock: Arc<dyn Clock> = Arc::new(System);
    let data = &config.data;
    let holder = config.duplicates.holder.clone().map(|settings| {
        let counted = gateway.clone();
        let people = Box::new(move |area: &_| {
            let totals = counted.reader().totals(area, Period::NOW);
            let people = totals.ok().and_then(|totals| totals.get("people").copied());
            people
                .and_then(|people| u64::try_from(people).ok())
                .unwrap_or(0)
        });
        KeyHolder::open(
            settings,
            data,
            &config.certificates,
            Arc::clone(&clock),
            people,
        )
    });
    let comparing = config.duplicates.compares.then(|| {
        let known = Box::new(KnownHere(gateway.clone()));
        Comparing::open(data, Arc::clone(&clock), known)
    });
    let county = config.duplicates.county.clone().map(|county| {
        let (gateway, signing) = (gateway.clone(), Arc::clone(signing));
        County::open(county.settings, data, gateway, signing, Arc::clone(&clock))
    });
    Ok(Roles {
        holder: holder.transpose()?.map(Arc::new),
        comparing: comparing.transpose()?.map(Arc::new),
        county: county.transpose()?.map(Arc::new),
    })
}

fn other(config: &Config, peer: Peer, place: &Place) -> Other {
    let upper = || config.upper.clone().unwrap_or_default();
    let (peer, address) = match place {
        Place::Upper => (Peer::Upper, upper()),
        Place::At(address) => (peer, address.clone()),
    };
    Other {
        peer,
        address,
        area: config.area,
        certificates: config.certificates.clone(),
        clock: Arc::new(System),
        channel: Mutex::new(None),
    }
}

/// What the registry of a comparing node says.
struct KnownHere(Gateway);

impl KnownHere {
    fn finding(&self, alert: &Alert) -> Finding {
        let ([one, other], [one_area, other_area]) = (&alert.sides, &alert.areas);
        Finding::new(CODE, self.0.area(), None)
            .with("alert", alert.id)
            .with("one-county", one_area)
            .with("one-handle", one.handle)
            .with("other-county", other_area)
            .with("other-handle", other.handle)
    }

    fn close(&self, alert: &Alert) -> Result<(), crate::gateway::Error> {
        let Some(record) = self.0.raised(&self.finding(alert))? else {
            return Ok(());
        };
        let (Body::Alert(body), false) = (&record.body, record.closed) else {
            return Ok(());
        };
        let node = self.0.reader().node();
        let finding = Code::parse("as-expected");
        let body = AlertRecord {
            resolution: finding.ok().map(|finding| Resolution {
                officer: RecordId(node.0),
                finding,
            }),
            ..body.clone()
        };
        let command = Command {
            request: RequestId::derived("lika.duplicate-settled", &alert.id.0),
            actor: ActorId(node.0),
            changes: vec![Change::of(&record, Action::Close, body)],
        };
        self.0.store().submit_blocking(command)?;
        Ok(())
    }
}

impl Known for KnownHere {
    fn signing_key(&self, node: &NodeId) -> Option<[u8; 32]> {
        let stored = self.0.reader().get(&RecordId(node.0)).ok().flatten();
        let record = stored.filter(|stored| stored.header.node == *node);
        match record.and_then(Stored::into_record)?.body {
            Body::Node(node) => node.public_key.try_into().ok(),
            _ => None,
        }
    }

    fn found(&self, alerts: &[Alert]) {
        let findings: Vec<Finding> = alerts.iter().map(|alert| self.finding(alert)).collect();
        self.0.raise(&findings);
    }

    fn settled(&self, alert: &Alert) {
        if let Err(error) = self.close(alert) {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, alert = %alert.id, "the settled alert stays open in the registry");
        }
    }
}
