//! S3.3 and S3.4: how many the round reached, what they had in the end, and who stays with them.

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, IncomeStatement, Seat},
    value::{Date, Fen},
};

use super::{Figure, Guangdong, HOUSEHOLDS, PEOPLE, Row, Scale, VILLAGES, YEAR};

/// The target of the round, in fen a head.
const TARGET: Fen = Fen(250_000);

/// S3.3: the extent of the round.
pub(super) fn extent(scale: Scale) -> Vec<Row<Guangdong>> {
    let remark = match scale {
        Scale::Hundredth => "1:100",
        Scale::Whole => "",
    };
    let villages = |source| {
        Row::<Guangdong>::new(
            ("S3.3", "key villages of the first round"),
            scale.count(source),
            |guangdong: &mut Guangdong| Ok(Figure::Count(guangdong.scene.key_villages()?)),
            "a village never was one",
            |guangdong| guangdong.scene.correct_a_key_village(),
        )
    };
    vec![
        villages(VILLAGES).remark(remark),
        villages(3_047).misprint("box 5 has 3,047 villages where all else says 3,407"),
        Row::<Guangdong>::new(
            ("S3.3", "households"),
            scale.count(HOUSEHOLDS),
            |guangdong| guangdong.count("households", 0),
            "a household moves away",
            |guangdong| {
                let village = guangdong.first(Kind::Household)?.area;
                guangdong.scene.let_a_household_go(&village)
            },
        )
        .remark(remark),
        Row::<Guangdong>::new(
            ("S3.3", "people"),
            scale.count(PEOPLE),
            |guangdong| guangdong.count("people", 0),
            "somebody dies",
            |guangdong| {
                let village = guangdong.first(Kind::Household)?.area;
                guangdong.scene.let_somebody_go(&village)
            },
        )
        .remark(remark),
    ]
}

/// S3.3: what they had in 2012.
pub(super) fn incomes(scale: Scale) -> Vec<Row<Guangdong>> {
    let per_head = |what, source, read, falsify| {
        let change = "a village has earned 10,000 yuan a head more";
        Row::<Guangdong>::new(("S3.3", what), Figure::Count(source), read, change, falsify)
    };
    vec![
        per_head(
            "net income a head, in yuan",
            7_762,
            |guangdong| guangdong.per_head("income/net"),
            |guangdong| guangdong.earn_more(|income| &mut income.business),
        )
        .remark("wages of 5,744 yuan are 74 % of it"),
        per_head(
            "wages a head, in yuan",
            5_744,
            |guangdong| guangdong.per_head("income/wages"),
            |guangdong| guangdong.earn_more(|income| &mut income.wages),
        ),
        Row::<Guangdong>::new(
            ("S3.3", "the share of wages in it"),
            Figure::Shown("74 %".to_owned()),
            Guangdong::share_of_wages,
            "a village has earned 200,000 yuan a head more",
            |guangdong| (0..20).try_for_each(|_| guangdong.earn_more(|it| &mut it.transfers)),
        ),
        Row::<Guangdong>::new(
            ("S3.3", "households with 2,500 yuan a head or more"),
            scale.count(HOUSEHOLDS),
            Guangdong::reached_the_target,
            "a household turns out to have had nothing",
            Guangdong::let_one_have_nothing,
        )
        .remark("the target of the round"),
    ]
}

/// S3.4: the unit that helped a village follows it for three more years.
pub(super) fn followed(scale: Scale) -> Row<Guangdong> {
    Row::<Guangdong>::new(
        (
            "S3.4",
            "villages still bound to the same unit three years later",
        ),
        scale.count(VILLAGES),
        |guangdong| {
            let area = guangdong.scene.area();
            let teams = guangdong.scene.list(Kind::VillageTeam, &area)?;
            let first_day = Date::new(YEAR, 1, 4)?;
            let stays = |seat: &Seat| {
                seat.role.as_str() == "sponsor" && seat.from == first_day && seat.until.is_none()
            };
            let stayed = teams.iter().filter(|record| match &record.body {
                Body::VillageTeam(team) => team.seats.iter().any(stays),
                _ => false,
            });
            Ok(Figure::Count(i64::try_from(stayed.count())?))
        },
        "a unit leaves its village",
        |guangdong| guangdong.scene.vacate("sponsor"),
    )
}

impl Guangdong {
    /// Whole yuan a head in the year, rounded.
    fn per_head(&self, dimension: &str) -> anyhow::Result<Figure> {
        let fen = self.total(dimension, YEAR.into())?;
        let heads = self.total("income/persons", YEAR.into())? * 100;
        anyhow::ensure!(heads > 0, "nobody had an income");
        Ok(Figure::Count((fen + heads / 2).div_euclid(heads)))
    }

    fn share_of_wages(&mut self) -> anyhow::Result<Figure> {
        let wages = self.total("income/wages", YEAR.into())?;
        let net = self.total("income/net", YEAR.into())?;
        anyhow::ensure!(net > 0, "nobody had an income");
        let percent = (wages * 100 + net / 2).div_euclid(net);
        Ok(Figure::Shown(format!("{percent} %")))
    }

    fn reached_the_target(&mut self) -> anyhow::Result<Figure> {
        let incomes = self.scene.list(Kind::IncomeStatement, &self.scene.area())?;
        let reached = incomes.iter().filter(|record| match &record.body {
            Body::IncomeStatement(income) => income.net_per_head() >= TARGET,
            _ => false,
        });
        Ok(Figure::Count(i64::try_from(reached.count())?))
    }

    fn let_one_have_nothing(&mut self) -> anyhow::Result<()> {
        let record = self.first(Kind::IncomeStatement)?;
        let Body::IncomeStatement(income) = &record.body else {
            anyhow::bail!("not an income statement")
        };
        let nothing = IncomeStatement {
            wages: Fen(0),
            business: Fen(0),
            transfers: Fen(0),
            expenses: Fen(0),
            ..income.clone()
        };
        self.scene.change(&record, nothing)
    }

    /// Every household of a village has 10,000 yuan a head more of a source.
    fn earn_more(&mut self, source: fn(&mut IncomeStatement) -> &mut Fen) -> anyhow::Result<()> {
        let village = self.first(Kind::IncomeStatement)?.area;
        let mut changes = Vec::new();
        for record in self.scene.list(Kind::IncomeStatement, &village)? {
            if let Body::IncomeStatement(income) = &record.body {
                let mut more = income.clone();
                let heads = i64::from(more.persons);
                source(&mut more).0 += 1_000_000 * heads;
                changes.push(Change::of(&record, Action::Change, more));
            }
        }
        self.scene.apply(changes)
    }
}
