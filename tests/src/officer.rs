//! Officers of a node.

use lika_proto::{
    log::v1::{self as log, Action},
    v1::{self, record::Body},
};

use crate::{Client, Node, lika, request};

/// An officer with a certificate.
pub struct Officer {
    /// The record, 16 bytes.
    pub id: Vec<u8>,
    /// Calls the node as this officer.
    pub client: Client,
}

impl Officer {
    /// Registers an officer with a role in an area, and issues the certificate.
    #[track_caller]
    pub fn appoint(node: &Node, login: &str, role: &str, area: &str) -> Self {
        let officer = log::Officer {
            open: Some(open(role, area)),
            identity: Some(log::officer::Identity {
                login: login.to_owned(),
                name: "王春".to_owned(),
            }),
            credential: None,
        };
        let applied = node
            .client()
            .apply(request(), vec![create(area, Body::Officer(officer))])
            .unwrap();
        let id = applied.applied[0].id.clone();
        let config = node.config();
        lika([
            "ca".as_ref(),
            "issue-client".as_ref(),
            "--config".as_ref(),
            config.as_os_str(),
            "--officer".as_ref(),
            uuid::Uuid::from_slice(&id).unwrap().to_string().as_ref(),
            "--name".as_ref(),
            login.as_ref(),
        ])
        .done();
        Self {
            id,
            client: node.client_as(login),
        }
    }

    /// Gives the officer another role in another area, and no other.
    #[track_caller]
    pub fn reappoint(&self, node: &Node, role: &str, area: &str) {
        self.change(node, open(role, area), None);
    }

    /// Locks the officer.
    #[track_caller]
    pub fn lock(&self, node: &Node) {
        let locked = log::officer::Open {
            locked: true,
            ..self.current(node)
        };
        self.change(node, locked, None);
    }

    /// Sets the hash of a password.
    #[track_caller]
    pub fn set_password_hash(&self, node: &Node, hash: &str) {
        let credential = log::officer::Credential {
            password_hash: hash.to_owned(),
        };
        self.change(node, self.current(node), Some(credential));
    }

    fn current(&self, node: &Node) -> log::officer::Open {
        match node.client().get(&self.id).unwrap().body {
            Some(Body::Officer(officer)) => officer.open.unwrap(),
            other => panic!("not an officer: {other:?}"),
        }
    }

    #[track_caller]
    fn change(
        &self,
        node: &Node,
        open: log::officer::Open,
        credential: Option<log::officer::Credential>,
    ) {
        let office = node.client();
        let record = office.get(&self.id).unwrap();
        let officer = log::Officer {
            open: Some(open),
            identity: None,
            credential,
        };
        let change = v1::Change {
            action: Action::Change.into(),
            expected_revision: record.revision,
            record: Some(v1::Record {
                body: Some(Body::Officer(officer)),
                ..record
            }),
        };
        office.apply(request(), vec![change]).unwrap();
    }
}

/// A change that registers a record in an area.
pub fn create(area: &str, body: Body) -> v1::Change {
    v1::Change {
        action: Action::Create.into(),
        expected_revision: 0,
        record: Some(v1::Record {
            area: area.to_owned(),
            body: Some(body),
            ..v1::Record::default()
        }),
    }
}

fn open(role: &str, area: &str) -> log::officer::Open {
    log::officer::Open {
        grants: vec![log::officer::Grant {
            role: role.to_owned(),
            area: area.to_owned(),
        }],
        ..log::officer::Open::default()
    }
}
