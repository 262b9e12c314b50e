//! Running a recorded evaluation again.

use lika_core::{
    authority::Permission,
    record::{Body, Evaluation},
    value::{Digest, RecordId},
};

use super::{Caller, Error, Gateway, blocking, damaged, failures, not_admitted, refused, unusable};
use crate::policy::{Input, Settings};

/// What came out when an evaluation was run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Of the recorded output; of nothing where there was none.
    pub recorded: Digest,
    /// Of the new output.
    pub replayed: Digest,
    /// Whether it is the same: the output byte for byte, or the failure.
    pub same: bool,
}

impl Gateway {
    /// Runs a recorded evaluation again, from its recorded input, component and settings, in a process of its own.
    ///
    /// A policy that ran out of time or of instructions, or whose process ended, gave no answer of its own: such an
    /// attempt need not fail again, and the answer then is that it was not the same.
    pub async fn replay(&self, caller: &Caller, evaluation: &RecordId) -> Result<Replayed, Error> {
        let stored = self
            .inner
            .reader
            .get(evaluation)?
            .ok_or(Error::NotFound(*evaluation))?;
        let area = stored.header.area;
        if !caller.may(Permission::ReadOpen, &area) {
            return Err(Error::NotFound(*evaluation));
        }
        let Some(Body::Evaluation(recorded)) = stored.into_record().map(|record| record.body)
        else {
            return Err(Error::NotFound(*evaluation));
        };
        let gateway = self.clone();
        blocking(move || gateway.run_again(&recorded)).await
    }

    fn run_again(&self, recorded: &Evaluation) -> Result<Replayed, Error> {
        let component = self
            .inner
            .policies
            .components
            .get(&recorded.component)
            .map_err(|error| unusable(&error))?;
        let host = self.inner.policies.host.apart();
        let host = host.map_err(|error| refused(&error))?;
        let policy = host.admit(&component).map_err(|it| not_admitted(&it))?;
        let settings = Settings::accepted(&self.settings_of(recorded)?);
        let input = Input::from_bytes(&recorded.input);
        let input = input.map_err(|_| damaged("the input of the evaluation cannot be read"))?;
        let again = policy.evaluate(&settings, &input);
        let failure = again.result.as_ref().err().map(failures::code);
        let (was, is) = (
            Digest::of(&recorded.output),
            Digest(*again.output_digest.as_bytes()),
        );
        let same = was == is && failure == recorded.failure.as_deref();
        Ok(Replayed {
            recorded: was,
            replayed: is,
            same,
        })
    }

    /// The settings that the evaluation names, from whichever revision of its enactment has them.
    fn settings_of(&self, recorded: &Evaluation) -> Result<String, Error> {
        let revisions = self.inner.reader.history(&recorded.enactment)?;
        let settings = revisions
            .into_iter()
            .filter_map(|stored| match stored.body {
                Ok(Body::Enactment(enactment)) => Some(enactment.settings),
                _ => None,
            });
        let mut same =
            settings.filter(|settings| Digest::of(settings.as_bytes()) == recorded.settings);
        same.next()
            .ok_or_else(|| damaged("the enactment of the evaluation has other settings"))
    }
}
