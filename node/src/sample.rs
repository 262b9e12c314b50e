//! A synthetic county for demonstrations, tests and benchmarks.
//!
//! The structure is that of Luxi (360323): its nine townships have their public names, everything below is made up.
//! Identity numbers carry the unassigned county 360399 and telephone numbers a prefix that is nobody's. Of 3,906
//! households it has exactly the figures of S4.1 and S4.10; other sizes keep the shares. The same settings give the same
//! county.
//!
//! The counts by measure are not written anywhere: they follow from the ordinary columns when the spreadsheet is imported
//! (see [`lika_core::measure`]).

mod composition;
mod dice;
mod households;
mod labelling;
mod naming;
mod office;
mod places;
mod sheet;
mod surveys;
mod targets;

use std::path::Path;

use lika_core::{
    command::Change,
    record::Body,
    value::{AreaCode, Date},
};

use self::{dice::Dice, naming::Naming, targets::Targets};
pub use self::{
    households::{SampleHousehold, SampleMember},
    surveys::{Registered, surveys},
};
use crate::files::{
    areas::HEADINGS,
    writer::{Error, Format},
};

/// The households of Luxi (S4.1).
pub const HOUSEHOLDS_OF_LUXI: usize = 3_906;

/// Which county to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The same seed gives the same county.
    pub seed: u64,
    /// How many households.
    pub households: usize,
    /// The day on which ages and key villages are right.
    pub as_of: Date,
}

/// A made-up county.
#[derive(Clone, Debug)]
pub struct County {
    /// The county, its townships and its villages; to be applied first.
    pub area_changes: Vec<Change>,
    /// The sponsoring units; before the cadres, who belong to them.
    pub unit_changes: Vec<Change>,
    /// The cadres.
    pub cadre_changes: Vec<Change>,
    /// The households, by village.
    pub households: Vec<SampleHousehold>,
    as_of: Date,
}

impl County {
    /// The townships and villages as CSV, under the headings that `lika area import` reads.
    pub fn areas_csv(&self) -> String {
        let mut csv = format!("{}\n", HEADINGS.join(","));
        for change in &self.area_changes {
            if let Body::Area(area) = &change.body
                && change.area != Self::area()
            {
                let key = if area.is_key_village(self.as_of) {
                    "是"
                } else {
                    "否"
                };
                csv += &format!("{},{},{key}\n", area.code, area.name);
            }
        }
        csv
    }

    /// Makes a county.
    pub fn generate(settings: &Settings) -> Self {
        let Settings {
            seed,
            households,
            as_of,
        } = *settings;
        let mut dice = Dice::new(seed);
        let targets = Targets::of(households);
        let villages = places::villages(&mut dice, as_of);
        let mut naming = Naming::default();
        let mut households =
            households::generate(&targets, &villages, as_of, &mut naming, &mut dice);
        labelling::label(&mut households, &targets, &mut dice);
        let units = office::units(&mut dice);
        let cadres = office::cadres(&targets, &villages, &units, as_of, &mut dice);
        Self {
            area_changes: places::changes(&villages),
            unit_changes: units.into_iter().map(|unit| unit.change).collect(),
            cadre_changes: cadres,
            households,
            as_of,
        }
    }

    /// The area code of the county.
    pub fn area() -> AreaCode {
        places::county()
    }

    /// How many people it has.
    pub fn people(&self) -> usize {
        self.households
            .iter()
            .map(|household| household.members.len())
            .sum()
    }

    /// Writes the households as a workbook with the national headings.
    pub fn write_xlsx(&self, path: &Path) -> Result<(), Error> {
        self.write(path, Format::Xlsx)
    }

    /// Writes the households as CSV with the national headings.
    pub fn write_csv(&self, path: &Path) -> Result<(), Error> {
        self.write(path, Format::Csv)
    }

    /// Writes the households in a format.
    pub fn write(&self, path: &Path, format: Format) -> Result<(), Error> {
        sheet::write(&self.households, path, format, self.as_of)
    }
}
