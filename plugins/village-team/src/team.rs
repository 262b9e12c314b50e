//! How the team of one village stands.

use lika_sdk::decision::Cell;
use lika_sdk::{Date, Labels};

use crate::facts::{County, Rank, TeamMember, Village};
use crate::{Reason, Settings, TeamRole};

/// The team of one key village.
#[derive(Debug)]
pub struct Team {
    /// What is wrong, with the facts it rests on.
    pub violations: Vec<(Reason, Vec<Cell>)>,
    units: i64,
    leaders: i64,
    stationed_full: i64,
    stationed_deputy: i64,
}

/// Places to be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// With whom.
    pub role: TeamRole,
    /// Of which rank, for a stationed cadre.
    pub rank: Option<Rank>,
    /// How many.
    pub count: i64,
}

impl Team {
    /// Judges the team of a village; none where it is not a key village on the day.
    pub fn of(county: &County<'_>, settings: &Settings, village: u32) -> Option<Self> {
        let as_of = county.context.as_of;
        if !is_key_village(county.villages.get(village)?, as_of) {
            return None;
        }
        let mut team = Self {
            violations: Vec::new(),
            units: 0,
            leaders: 0,
            stationed_full: 0,
            stationed_deputy: 0,
        };
        let members: Vec<_> = county
            .members
            .iter()
            .filter(|(row, _)| county.members.parent(*row) == Some(village))
            .collect();
        for &(row, member) in &members {
            team.add(row, member, as_of, settings);
        }
        team.check_numbers(settings);
        team.check_visits(&members, as_of, settings);
        Some(team)
    }

    /// The places that nobody fills, in the order in which they are to be filled. A cadre who is
    /// due for relief no longer fills a place: the successor takes over (S4.2).
    pub fn needs(&self, settings: &Settings) -> Vec<Need> {
        let need = |role, rank, have: i64, need: i64| Need {
            role,
            rank,
            count: (need - have).max(0),
        };
        vec![
            need(TeamRole::Leader, None, self.leaders, settings.leaders),
            need(
                TeamRole::Stationed,
                Some(Rank::Full),
                self.stationed_full,
                settings.stationed_full,
            ),
            need(
                TeamRole::Stationed,
                Some(Rank::Deputy),
                self.stationed_deputy,
                settings.stationed_deputy,
            ),
            need(TeamRole::Unit, None, self.units, settings.units),
        ]
    }

    /// Says that a place cannot be filled from the tables.
    pub fn nobody_free(&mut self, need: Need) {
        let label = need.rank.map_or(need.role.label(), |rank| rank.label());
        self.violations.push((
            Reason::NobodyFree {
                role: label.zh.into(),
            },
            Vec::new(),
        ));
    }

    fn add(&mut self, row: u32, member: &TeamMember, as_of: Date, settings: &Settings) {
        match member.role {
            TeamRole::Leader => self.leaders += 1,
            TeamRole::Unit => self.units += 1,
            TeamRole::Stationed if member.since.plus_months(settings.rotation_months) <= as_of => {
                let months = settings.rotation_months;
                let cell = TeamMember::SINCE.of(row);
                self.violations.push((
                    Reason::RotationDue {
                        since: member.since,
                        months,
                    },
                    vec![cell],
                ));
            }
            TeamRole::Stationed => match member.rank {
                Some(Rank::Full) => self.stationed_full += 1,
                Some(Rank::Deputy) | None => self.stationed_deputy += 1,
            },
        }
    }

    fn check_numbers(&mut self, settings: &Settings) {
        let (have, need) = (self.leaders, settings.leaders);
        self.require(have, need, Reason::MissingLeader { have, need });
        let (have, need) = (self.stationed_full, settings.stationed_full);
        self.require(have, need, Reason::MissingStationedFull { have, need });
        let (have, need) = (self.stationed_deputy, settings.stationed_deputy);
        self.require(have, need, Reason::MissingStationedDeputy { have, need });
        let (have, need) = (self.units, settings.units);
        self.require(have, need, Reason::MissingUnit { have, need });
    }

    fn require(&mut self, have: i64, need: i64, reason: Reason) {
        if have < need {
            self.violations.push((reason, Vec::new()));
        }
    }

    /// It is the team that visits, so its visits count together; a team that has not been bound
    /// for a whole month cannot have failed to visit within one.
    fn check_visits(&mut self, members: &[(u32, &TeamMember)], as_of: Date, settings: &Settings) {
        let month_ago = as_of.plus_months(-1);
        let bound_for_a_month = members.iter().any(|(_, member)| member.since <= month_ago);
        let visits = members
            .iter()
            .fold(0_i64, |sum, (_, member)| sum.saturating_add(member.visits));
        let need = settings.visits_per_month;
        if bound_for_a_month && visits < need {
            let cells = members
                .iter()
                .map(|(row, _)| TeamMember::VISITS.of(*row))
                .collect();
            self.violations
                .push((Reason::NoVisit { visits, need }, cells));
        }
    }
}

fn is_key_village(village: &Village<'_>, as_of: Date) -> bool {
    village.key_from.is_some_and(|from| from <= as_of)
        && village.key_until.is_none_or(|until| as_of <= until)
}
