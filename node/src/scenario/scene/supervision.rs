//! Supervision of a scene: posts, duties and what was done of them, findings and what follows from them, letters.

use std::collections::BTreeMap;

use lika_core::{
    command::Change,
    duties::{self, Rhythm},
    log::{Action, Kind},
    record::{
        Answerable, Assessment, Award, Basis, Body, Finding, Post, Record, ResponsibilityLetter,
        Sanction, Signature, Task, area_id,
    },
    value::{AreaCode, Code, Date, Label, RecordId, Year},
};
use lika_proto::v1::{self, supervision_client::SupervisionClient};

use super::Scene;
use crate::{duties as shipped, wire::status::Refused};

/// An area that answers for something.
pub fn area(code: &AreaCode) -> Answerable {
    Answerable {
        kind: Kind::Area,
        id: area_id(code),
    }
}

/// A cadre who answers for something.
pub fn cadre(id: RecordId) -> Answerable {
    Answerable {
        kind: Kind::Cadre,
        id,
    }
}

/// A letter of an area to the one above it, signed by a cadre of each side on a day.
pub fn signed_letter(
    lower: &AreaCode,
    year: Year,
    goals: &[(&str, i64)],
    sides: [RecordId; 2],
    on: Date,
) -> anyhow::Result<Change> {
    let goal = |(item, target): &(&str, i64)| Ok((Code::parse(item)?, *target));
    let signature = |(side, cadre): (&str, RecordId)| {
        let side = Code::parse(side)?;
        anyhow::Ok(Signature { side, cadre, on })
    };
    let letter = ResponsibilityLetter {
        year,
        upper: lower.parent().unwrap_or(*lower),
        lower: area(lower),
        goals: goals.iter().map(goal).collect::<anyhow::Result<_>>()?,
        signatures: ["upper", "lower"]
            .into_iter()
            .zip(sides)
            .map(signature)
            .collect::<anyhow::Result<_>>()?,
    };
    let id = ResponsibilityLetter::id_for(&letter.lower.id, year);
    Ok(Change::create(id, *lower, letter))
}

/// An assessment whose score was entered as a document says.
pub fn entered_assessment(
    of: Answerable,
    stands_in: AreaCode,
    (rhythm, first): (Rhythm, Date),
    (score, grade): (i64, &str),
) -> anyhow::Result<Change> {
    let assessment = Assessment {
        subject: of,
        rhythm,
        period: first,
        score,
        grade: Code::parse(grade)?,
        basis: Basis::Entered(Label::parse("考核验收结果")?),
    };
    let id = Assessment::id_for(&of.id, rhythm, first);
    Ok(Change::create(id, stands_in, assessment))
}

/// Who is commended in a year, of so many at most.
pub fn award(
    stands_in: AreaCode,
    year: Year,
    (category, most): (&str, u32),
    recipients: Vec<RecordId>,
) -> anyhow::Result<Change> {
    let award = Award {
        year,
        category: Code::parse(category)?,
        most,
        recipients,
    };
    Ok(Change::create(award.id_in(&stands_in), stands_in, award))
}

/// What an inspection found about somebody on a day, to be put right within the month after it.
pub fn finding(
    about: Answerable,
    (kind, inspection): (&str, &str),
    found_on: Date,
) -> anyhow::Result<Finding> {
    Ok(Finding {
        subject: about,
        kind: Code::parse(kind)?,
        inspection: Code::parse(inspection)?,
        found_on,
        deadline: found_on.plus_days(30).unwrap_or(found_on),
        duty: None,
        settled: None,
        texts: None,
    })
}

/// A sanction of somebody on a day that rests on a finding.
pub fn sanction(
    of: Answerable,
    kind: &str,
    finding: RecordId,
    on: Date,
) -> anyhow::Result<Sanction> {
    Ok(Sanction {
        subject: of,
        kind: Code::parse(kind)?,
        on,
        findings: vec![finding],
        lapses_on: None,
        deadline: None,
        lifted_on: None,
        penalty: None,
        decision: None,
        note: None,
    })
}

impl Scene {
    /// Puts shipped duties in force for the node's area from a day on; their records.
    pub fn install_duties(&mut self, name: &str, from: Date) -> anyhow::Result<Vec<Record>> {
        let area = self.area();
        let mut changes = Vec::new();
        for message in shipped::shipped(name, from)? {
            if let Body::Duty(duty) = Body::parse(message.into())? {
                changes.push(Change::create(duty.id_in(&area), area, duty));
            }
        }
        self.apply(changes)?;
        self.list(Kind::Duty, &area)
    }

    /// A cadre takes an office in an area on a day.
    pub fn appointment(
        &mut self,
        area: AreaCode,
        role: &str,
        cadre: RecordId,
        from: Date,
    ) -> anyhow::Result<Change> {
        let post = Post {
            cadre,
            role: Code::parse(role)?,
            from,
            until: None,
        };
        Ok(Change::create(self.new_id("post"), area, post))
    }

    /// The posts of a role that are held.
    pub fn posts(&self, role: &str) -> anyhow::Result<Vec<Record>> {
        let mut posts = self.list(Kind::Post, &self.area())?;
        posts.retain(|record| {
            matches!(&record.body, Body::Post(post) if post.role.as_str() == role && post.until.is_none())
        });
        Ok(posts)
    }

    /// The first holder of a role leaves the office today.
    pub fn leave_post(&mut self, role: &str) -> anyhow::Result<()> {
        let posts = self.posts(role)?;
        let Some((record, Body::Post(post))) = posts.first().map(|it| (it, &it.body)) else {
            anyhow::bail!("nobody is {role}")
        };
        let left = Post {
            until: Some(self.today()),
            ..post.clone()
        };
        self.change(record, left)
    }

    /// Whoever holds these posts has done, each time and in time, what duties bind them to since a day.
    pub fn fulfil(
        &mut self,
        duties: &[Record],
        posts: &[Record],
        since: Date,
    ) -> anyhow::Result<()> {
        let today = self.today();
        let mut tasks = Vec::new();
        for record in duties {
            let Body::Duty(duty) = &record.body else {
                continue;
            };
            for post in posts {
                let Some(span) = duties::bound(duty, &record.area, post) else {
                    continue;
                };
                for period in duties::periods(duty, &span, since, today) {
                    let task = Task {
                        duty: record.id,
                        holder: Answerable {
                            kind: Kind::Post,
                            id: post.id,
                        },
                        period: period.first,
                        result: Code::parse("done")?,
                        on: period.last.min(today),
                        code: None,
                        due: None,
                        note: None,
                    };
                    let id = Task::id_for(&record.id, &post.id, period.first);
                    tasks.push(Change::create(id, post.area, task));
                }
            }
        }
        self.apply(tasks)
    }

    /// The tasks of the node's area as of a day, of periods that begin since another, counted by the code of the duty.
    pub fn tasks(&self, since: Date, on: Date) -> anyhow::Result<BTreeMap<String, v1::DutyCount>> {
        let mut supervision = SupervisionClient::new(self.office.channel.clone());
        let request = v1::TasksRequest {
            area: self.area().digits().to_owned(),
            on: on.number(),
            since: since.number(),
        };
        let found = self.runtime.block_on(supervision.tasks(request));
        let counts = found.map_err(Refused::from)?.into_inner().counts;
        let by_code = counts.into_iter().map(|count| (count.code.clone(), count));
        Ok(by_code.collect())
    }

    /// The assessed of a category in the year of today, the best first.
    pub fn ranking(&self, of: &str) -> anyhow::Result<Vec<v1::Ranked>> {
        let mut supervision = SupervisionClient::new(self.office.channel.clone());
        let request = v1::RankingRequest {
            area: self.area().digits().to_owned(),
            rhythm: "year".to_owned(),
            on: 0,
            of: of.to_owned(),
        };
        let found = self.runtime.block_on(supervision.ranking(request));
        Ok(found.map_err(Refused::from)?.into_inner().ranked)
    }

    /// An inspection finds something about somebody; the finding's id.
    pub fn find(&mut self, stands_in: AreaCode, found: Finding) -> anyhow::Result<RecordId> {
        let id = self.new_id("finding");
        self.apply(vec![Change::create(id, stands_in, found)])?;
        Ok(id)
    }

    /// Imposes a sanction.
    pub fn impose(&mut self, stands_in: AreaCode, sanction: Sanction) -> anyhow::Result<()> {
        let id = self.new_id("sanction");
        self.apply(vec![Change::create(id, stands_in, sanction)])
    }

    /// The kinds of the sanctions of somebody, in the order of their days.
    pub fn sanctions(&self, stands_in: &AreaCode, of: Answerable) -> anyhow::Result<Vec<String>> {
        let records = self.list(Kind::Sanction, stands_in)?;
        let own = records.into_iter().filter_map(|record| match record.body {
            Body::Sanction(own) if own.subject == of => Some((own.on, own.kind.to_string())),
            _ => None,
        });
        let mut own: Vec<_> = own.collect();
        own.sort();
        Ok(own.into_iter().map(|(_, kind)| kind).collect())
    }

    /// The first record of a kind in the node's area that is such turns out never to have been.
    pub fn take_back(&mut self, kind: Kind, is_it: impl Fn(&Record) -> bool) -> anyhow::Result<()> {
        let record = self.first(kind, &self.area(), is_it)?;
        let closed = Change::of(&record, Action::Close, record.body.clone());
        self.apply(vec![closed])
    }
}
