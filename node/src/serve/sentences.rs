//! The sentences of policies, for the console: from the manifest of the component that a decision names.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use lika_core::value::{Code, Digest};
use tokio::{runtime::Handle, task::block_in_place};

use crate::{
    console::{Sentence, Sentences},
    gateway::Gateway,
    policy::{Manifest, manifest::Label},
};

/// Sentences from the manifests of the components that are kept here; a node above keeps none and shows codes.
pub struct ManifestSentences {
    gateway: Gateway,
    known: Mutex<BTreeMap<Digest, Manifest>>,
}

impl ManifestSentences {
    /// Sentences of the policies of this gateway.
    pub fn new(gateway: Gateway) -> Self {
        Self {
            gateway,
            known: Mutex::default(),
        }
    }

    /// A component is asked once in the life of a node; from then on its manifest is at hand.
    fn manifest(&self, component: &Digest) -> Option<Manifest> {
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(component)
            .cloned();
        if known.is_some() {
            return known;
        }
        let manifest =
            block_in_place(|| Handle::current().block_on(self.gateway.manifest(component))).ok()?;
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(*component, manifest.clone());
        Some(manifest)
    }

    fn label(
        &self,
        component: &Digest,
        code: &str,
        of: impl Fn(&Manifest) -> Vec<&Label>,
    ) -> Option<Sentence> {
        let manifest = self.manifest(component)?;
        let label = of(&manifest).into_iter().find(|label| label.code == code)?;
        Some(Sentence {
            zh: label.zh.clone(),
            en: label.en.clone(),
        })
    }
}

impl Sentences for ManifestSentences {
    fn reason(&self, component: &Digest, code: &str, arguments: &[String]) -> Option<Sentence> {
        let code = Code::parse(code).ok()?;
        let sentences = self.gateway.sentences(component, &code, arguments);
        let (zh, en) = block_in_place(|| Handle::current().block_on(sentences)).ok()??;
        Some(Sentence { zh, en })
    }

    fn category(&self, component: &Digest, code: &str) -> Option<Sentence> {
        self.label(component, code, |manifest| {
            manifest.categories.iter().collect()
        })
    }

    fn role(&self, component: &Digest, code: &str) -> Option<Sentence> {
        self.label(component, code, |manifest| {
            manifest.roles.iter().map(|role| &role.label).collect()
        })
    }
}
