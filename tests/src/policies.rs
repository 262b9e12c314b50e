//! Policies on a node, as an office puts them in force: packed, signed, admitted, previewed, proposed, approved by two.

use std::path::{Path, PathBuf};

use lika::policy::package::{KeyPair, Package};
use serde_json::Value;

use crate::{Node, Officer, Ran, lika};

/// A policy in force.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The policy's record.
    pub policy: String,
    /// The enactment's record.
    pub enactment: String,
}

/// Signs a package as somebody whose key is in a file that nobody else has.
pub(crate) fn sign(file: &Path, key: &KeyPair) {
    let mut package = Package::read(&std::fs::read(file).unwrap()).unwrap();
    package.sign(key).unwrap();
    std::fs::write(file, package.to_bytes().unwrap()).unwrap();
}

impl Node {
    /// Packs a component that passes the gates, without a signature; the package's file.
    #[track_caller]
    pub fn pack(&self, component: &Path) -> PathBuf {
        let name = component.file_stem().unwrap().to_owned();
        let file = self.folder().join(name).with_extension("lika");
        lika([
            "policy".as_ref(),
            "pack".as_ref(),
            component.as_os_str(),
            "--author".as_ref(),
            "芦溪县扶贫和移民办公室".as_ref(),
            "--legal-basis".as_ref(),
            "关于全面推进精准扶贫工作的实施意见".as_ref(),
            "--output".as_ref(),
            file.as_os_str(),
        ])
        .done();
        file
    }

    /// Packs a component and signs it with a key whose signature counts here.
    #[track_caller]
    pub fn pack_and_sign(&self, component: &Path) -> PathBuf {
        let file = self.pack(component);
        sign(&file, self.signer());
        file
    }

    /// Packs, signs and admits a component; the policy's record.
    #[track_caller]
    pub fn admit(&self, component: &Path) -> String {
        let file = self.pack_and_sign(component);
        let admitted = self.run(&["policy", "admit", "--json"], &[&file]);
        let admitted = admitted.done().json();
        admitted["policy"].as_str().unwrap().to_owned()
    }

    /// The digest of the preview of a policy for the node's area.
    #[track_caller]
    pub fn preview(&self, policy: &str, settings: Option<&Path>, from: &str) -> String {
        let place = ["--area", self.area(), "--from", from];
        let mut arguments = vec!["policy", "preview", "--json", policy];
        arguments.extend(place);
        let settings = settings.map(|file| file.to_str().unwrap().to_owned());
        if let Some(settings) = &settings {
            arguments.extend(["--settings", settings]);
        }
        let previewed = self.run(&arguments, &[]).done().json();
        previewed["digest"].as_str().unwrap().to_owned()
    }

    /// Proposes a policy for the node's area.
    pub fn propose(&self, policy: &str, settings: Option<&Path>, from: &str, preview: &str) -> Ran {
        let place = ["--area", self.area(), "--from", from, "--preview", preview];
        let mut arguments = vec!["policy", "propose", "--json", policy];
        arguments.extend(place);
        let settings = settings.map(|file| file.to_str().unwrap().to_owned());
        if let Some(settings) = &settings {
            arguments.extend(["--settings", settings]);
        }
        self.run(&arguments, &[])
    }

    /// Approves an enactment as an officer who has a certificate of this name.
    pub fn approve(&self, enactment: &str, preview: &str, login: &str) -> Ran {
        let approve = ["policy", "approve", "--json", enactment];
        let as_whom = ["--preview", preview, "--as", login];
        self.run(&[&approve[..], &as_whom].concat(), &[])
    }

    /// An officer who approves besides the first one; the name of the certificate.
    #[track_caller]
    pub fn approver(&self) -> &'static str {
        const LOGIN: &str = "approver";
        if !self.certificates().join(format!("{LOGIN}.pem")).exists() {
            Officer::appoint(self, LOGIN, "approver", self.area());
        }
        LOGIN
    }

    /// Takes a component all the way, until it is in force for the node's area from a day on.
    #[track_caller]
    pub fn put_in_force(&self, component: &Path, settings: Option<&Path>, from: &str) -> InForce {
        let policy = self.admit(component);
        let enactment = self.enact(&policy, settings, from);
        InForce { policy, enactment }
    }

    /// Takes an admitted policy until it is in force; the enactment's record.
    #[track_caller]
    pub fn enact(&self, policy: &str, settings: Option<&Path>, from: &str) -> String {
        let preview = self.preview(policy, settings, from);
        let proposed = self.propose(policy, settings, from, &preview);
        let proposed = proposed.done().json();
        let enactment = proposed["enactment"].as_str().unwrap().to_owned();
        self.approve(&enactment, &preview, "admin").done();
        let approved = self.approve(&enactment, &preview, self.approver());
        assert_eq!(approved.done().json()["approvals"], 2);
        enactment
    }

    /// Runs what is in force for a purpose over the node's area; today without a day.
    #[track_caller]
    pub fn evaluate(&self, purpose: &str, on: Option<&str>) -> Value {
        let mut arguments = vec!["policy", "evaluate", "--json", purpose];
        arguments.extend(["--area", self.area()]);
        arguments.extend(on.into_iter().flat_map(|day| ["--on", day]));
        self.run(&arguments, &[]).done().json()
    }

    /// Accepts the open proposals for a purpose in the node's area, from a day on.
    #[track_caller]
    pub fn accept(&self, purpose: &str, from: &str) -> Value {
        let accept = ["policy", "accept", "--json", purpose];
        let place = ["--area", self.area(), "--from", from];
        self.run(&[accept, place].concat(), &[]).done().json()
    }

    /// Runs a recorded evaluation again, and fails unless it comes to the same.
    #[track_caller]
    pub fn replay(&self, evaluation: &str) -> Value {
        let replay = ["policy", "replay", "--json", evaluation];
        self.run(&replay, &[]).done().json()
    }
}
