//! Supervision: what is due for whom, which findings wait, and rankings.

use std::collections::{BTreeMap, btree_map::Entry};

use lika_core::{
    authority::Permission,
    duties::{self, Owed, Rhythm},
    ranking::{self, Ranked},
    record::{Body, Duty, Finding, Index, Record},
    value::{AreaCode, Code, Date, RecordId},
};

use super::{
    Caller, Error, Gateway,
    cases::{MOST, Stored},
};

/// The tasks of an area as of a day.
#[derive(Clone, Debug)]
pub struct TaskAccount {
    /// Those that are neither done nor excused, those due first; at most [`MOST`].
    pub open: Vec<Owed>,
    /// There are more.
    pub has_more: bool,
    /// All of them by the code of the duty.
    pub counts: BTreeMap<Code, Count>,
    /// The duties of all of them, by their records.
    pub duties: BTreeMap<RecordId, Duty>,
}

/// The tasks of one duty, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All that are owed.
    pub owed: u32,
    /// Those that were done, late or not.
    pub done: u32,
    /// Of the done those that were done late.
    pub done_late: u32,
    /// Those that were excused.
    pub excused: u32,
    /// Those that are neither, and late.
    pub late: u32,
}

impl Gateway {
    /// The tasks of an area as of a day, of the periods that begin since another; blocks.
    pub fn tasks(
        &self,
        caller: &Caller,
        area: &AreaCode,
        since: Date,
        on: Date,
    ) -> Result<TaskAccount, Error> {
        caller.must(Permission::ReadOpen, area)?;
        let owed = duties::account(&Stored(&self.inner.reader), area, since, on)?;
        let mut counts: BTreeMap<Code, Count> = BTreeMap::new();
        let mut duties = BTreeMap::new();
        for task in &owed {
            counts.entry(task.code.clone()).or_default().add(task, on);
            if let Entry::Vacant(unknown) = duties.entry(task.duty)
                && let Some(stored) = self.inner.reader.get(&task.duty)?
                && let Ok(Body::Duty(duty)) = stored.body
            {
                unknown.insert(duty);
            }
        }
        let mut open: Vec<Owed> = owed
            .into_iter()
            .filter(|owed| owed.task.is_none())
            .collect();
        let has_more = open.len() > MOST;
        open.truncate(MOST);
        Ok(TaskAccount {
            open,
            has_more,
            counts,
            duties,
        })
    }

    /// The findings of an area that are not settled and are to be by a day, those due first; and whether there are more.
    pub fn findings_due(
        &self,
        caller: &Caller,
        area: &AreaCode,
        by: Date,
    ) -> Result<(Vec<(Record, Finding)>, bool), Error> {
        caller.must(Permission::ReadOpen, area)?;
        let (records, has_more) = self.due_under(Index::FindingsDue, area, by)?;
        let findings = records.into_iter().filter_map(|record| {
            let Body::Finding(finding) = record.body.clone() else {
                return None;
            };
            Some((record, finding))
        });
        Ok((findings.collect(), has_more))
    }

    /// The assessments of a category's subjects in an area, of a rhythm and of the period that a day is in; blocks.
    pub fn ranking(
        &self,
        caller: &Caller,
        area: &AreaCode,
        rhythm: Rhythm,
        on: Date,
        of: &Code,
    ) -> Result<Vec<Ranked>, Error> {
        caller.must(Permission::ReadOpen, area)?;
        // Three years are counted from the first of the ranking that is asked for.
        let period = rhythm.period_of(on, on.year());
        let Some(period) = period else {
            return Ok(Vec::new());
        };
        let records = Stored(&self.inner.reader);
        Ok(ranking::ranking(&records, area, rhythm, period.first, of)?)
    }
}

impl Count {
    fn add(&mut self, owed: &Owed, on: Date) {
        self.owed += 1;
        match &owed.task {
            Some(task) if task.is_excused() => self.excused += 1,
            Some(task) => {
                self.done += 1;
                self.done_late += u32::from(task.is_late());
            }
            None => self.late += u32::from(owed.is_late_on(on)),
        }
    }
}
