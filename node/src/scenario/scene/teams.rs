//! Who leaves a village team.

use lika_core::{log::Kind, record::Body};

use super::Scene;

impl Scene {
    /// Somebody with a role leaves the team of a village.
    pub fn vacate(&mut self, role: &str) -> anyhow::Result<()> {
        let today = self.today();
        for record in self.list(Kind::VillageTeam, &self.area())? {
            let Body::VillageTeam(team) = &record.body else {
                continue;
            };
            let mut team = team.clone();
            let mut held = team.seats.iter_mut();
            let seat = held.find(|seat| seat.role.as_str() == role && seat.until.is_none());
            if let Some(seat) = seat {
                seat.until = Some(today);
                return self.change(&record, team);
            }
        }
        anyhow::bail!("no team has a {role}")
    }
}
