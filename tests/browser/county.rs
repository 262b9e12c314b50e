//! A small county with its console.

use std::{fs::File, sync::Arc};

use lika::{
    clock::{Clock as _, System},
    config::Config,
    files::Format,
    gateway::{Caller, Import, What},
    policy::HostProgram,
    sample::{self, SampleHousehold},
    serve::Node,
    setup,
};
use lika_core::{
    record::area_id,
    value::{AreaCode, Label, RequestId},
};
use tempfile::TempDir;

pub const LOGIN: &str = "office";
pub const PASSWORD: &str = "芦溪-二〇一六";

/// A node that serves, and what was imported into it.
pub struct County {
    pub households: Vec<SampleHousehold>,
    pub node: Node,
    _folder: TempDir,
}

impl County {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let new = setup::NewNode {
            folder: folder.path().join("county"),
            name: Label::parse("芦溪县").unwrap(),
            area: AreaCode::parse("360323").unwrap(),
            hosts: vec!["127.0.0.1".to_owned()],
            grpc: "127.0.0.1:0".to_owned(),
            console: "127.0.0.1:0".to_owned(),
            login: LOGIN.to_owned(),
            password: PASSWORD.to_owned(),
            scenario: None,
        };
        // It writes the first entries of the log, which blocks.
        let made = tokio::task::spawn_blocking(move || setup::create(&new, Arc::new(System)))
            .await
            .unwrap()
            .unwrap();
        let config = Config::read(&made.config).unwrap();
        let program = HostProgram::At(lika_tests::built::binary());
        let node = Node::start(&config, Arc::new(System), program, &mut |_| ())
            .await
            .unwrap();
        let sample = sample::County::generate(&sample::Settings {
            seed: 7,
            households: 40,
            as_of: System.today(),
        });
        let sheet = folder.path().join("households.csv");
        sample.write(&sheet, Format::Csv).unwrap();
        let caller = Caller::node(config.node, config.area).unwrap();
        let known = area_id(&sample::County::area());
        let areas = sample
            .area_changes
            .into_iter()
            .filter(|change| change.id != known)
            .collect();
        node.gateway()
            .apply(&caller, RequestId([1; 16]), areas)
            .await
            .unwrap();
        let import = Import {
            what: What::Households { income_year: None },
            request: RequestId([2; 16]),
            dry_run: false,
            valid_rows: false,
            as_of: None,
        };
        let file = File::open(&sheet).unwrap();
        let imported = node
            .gateway()
            .import(&caller, import, "households".to_owned(), file, |_| ())
            .await
            .unwrap();
        assert!(imported.receipt.is_some(), "{:?}", imported.plan);
        Self {
            households: sample.households,
            node,
            _folder: folder,
        }
    }
}
