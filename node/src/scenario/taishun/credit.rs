//! S0.6: the credit file of a household, and who is lent nothing any more.

use anyhow::Context as _;
use lika_core::{
    loan::credit,
    log::Kind,
    record::{Body, Record},
    value::{Date, Fen, RecordId},
};

use super::{Planned, Scene, Taishun, YEAR, loans::Loans};
use crate::scenario::{
    Figure, Row,
    scene::loans::{Asked, LOAN, body},
};

/// The township of those who borrow.
const SECOND: usize = 1;
const AMOUNT: Fen = Fen(500_000);

/// Households that kept their loans or did not; each asks again.
pub struct Credit {
    keeper: Asked,
    cheat: Asked,
    diverter: Asked,
    defaulter: Asked,
    /// One that could not help it.
    excused: Asked,
    blacklisted_cheat: RecordId,
    expires: Date,
}

/// What some of them have borrowed; the cheat has not, yet.
pub struct Borrowed {
    asked: Vec<Asked>,
    loans: Vec<Record>,
}

/// Four households borrow.
pub fn borrow(scene: &mut Scene, planned: &[Planned], loans: &Loans) -> anyhow::Result<Borrowed> {
    let of_township = *loans.funds.get(SECOND).context("no second township")?;
    let mut asked = of_township.asked(scene, planned, AMOUNT)?;
    asked.truncate(5);
    let (today, borrowers) = (scene.today(), asked.get(1..).context("too few households")?);
    let mut lent = loans.lender.ask(scene, borrowers, today)?;
    scene.evaluate_in(LOAN, &of_township.area)?;
    loans.lender.lend(scene, &mut lent, today)?;
    Ok(Borrowed { asked, loans: lent })
}

impl Credit {
    /// On the last day one pays, one is found to have spent it on something else, and two do not pay.
    pub fn tell(scene: &mut Scene, borrowed: Borrowed, loans: &Loans) -> anyhow::Result<Self> {
        let Borrowed { asked, loans: lent } = borrowed;
        let (&[cheat, keeper, diverter, defaulter, excused], [kept, diverted, left, lost]) = (
            &asked[..],
            <[Record; 4]>::try_from(lent)
                .ok()
                .context("not four loans")?,
        ) else {
            anyhow::bail!("not five households")
        };
        let lender = &loans.lender;
        lender.take_back(scene, &mut [kept])?;
        scene.go_to(Date::new(YEAR + 1, 6, 1)?);
        let mut overdue = [left, lost];
        lender.remind(scene, &mut overdue)?;
        scene.go_to(Date::new(YEAR + 1, 7, 1)?);
        let [left, lost] = &mut overdue;
        lender.give_up(scene, left, None)?;
        lender.give_up(scene, lost, Some("disaster"))?;
        let expires = Date::new(YEAR + 4, 7, 1)?;
        let mut blacklist = |asked: &Asked, why| {
            let whom = (asked.household, asked.village);
            lender.blacklist(scene, whom, why, expires)
        };
        let blacklisted_cheat = blacklist(&cheat, ("fraud", None))?;
        blacklist(&diverter, ("diversion", Some(diverted.id)))?;
        blacklist(&defaulter, ("unexcused-default", Some(left.id)))?;
        Ok(Self {
            keeper,
            cheat,
            diverter,
            defaulter,
            excused,
            blacklisted_cheat,
            expires,
        })
    }
}

/// S0.6.
pub fn rows() -> Vec<Row<Taishun>> {
    let again = |what, read, change, falsify| {
        let source = Figure::shown("blacklisted");
        Row::<Taishun>::new(("S0.6", what), source, read, change, falsify)
    };
    vec![
        Row::<Taishun>::new(
            (
                "S0.6",
                "credit file of a household that has borrowed 5,000 yuan once",
            ),
            Figure::shown("5000.00 on-time, 0.00 owed"),
            Taishun::credit_file,
            "it borrows a second time",
            |taishun| {
                let (keeper, today) = (taishun.credit.keeper, taishun.scene.today());
                let (lender, scene) = (&taishun.loans.lender, &mut taishun.scene);
                let mut loans = lender.ask(scene, &[keeper], today)?;
                scene.evaluate_in(LOAN, &keeper.village)?;
                lender.lend(scene, &mut loans, today)
            },
        )
        .remark("from its loans, kept nowhere"),
        again(
            "a household asks for a loan after a fraud",
            |taishun| taishun.ask_again(taishun.credit.cheat),
            "it appeals, and is found to be right",
            |taishun| {
                let blacklisted = taishun.credit.blacklisted_cheat;
                let (lender, scene) = (&taishun.loans.lender, &mut taishun.scene);
                lender.uphold(scene, &blacklisted)
            },
        ),
        again(
            "a household asks again after it has not repaid",
            |taishun| taishun.ask_again(taishun.credit.defaulter),
            "it is one whose default is excused: its harvest was lost",
            |taishun| {
                taishun.credit.defaulter = taishun.credit.excused;
                Ok(())
            },
        ),
        again(
            "a household asks again after it has diverted its loan",
            |taishun| taishun.ask_again(taishun.credit.diverter),
            "the three years of its blacklisting are over",
            |taishun| {
                taishun.scene.go_to(taishun.credit.expires);
                Ok(())
            },
        ),
    ]
}

impl Taishun {
    /// As `lika loan credit` finds it.
    fn credit_file(&mut self) -> anyhow::Result<Figure> {
        let Asked {
            household, village, ..
        } = self.credit.keeper;
        let loans = self.scene.list(Kind::Loan, &village)?;
        let loans = loans
            .iter()
            .map(|record| Ok((record.id, body(record)?)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let own = loans
            .into_iter()
            .filter(|(_, loan)| loan.household == household);
        let listed = self.scene.list(Kind::Blacklisting, &village)?;
        let listed = listed.iter().filter_map(|record| match &record.body {
            Body::Blacklisting(it) if it.household == household => Some((record.id, it)),
            _ => None,
        });
        let file = credit(own, listed, self.scene.today());
        let lines = file.loans.iter();
        let lines: Vec<String> = lines
            .map(|line| format!("{} {}", line.amount, line.kept.code()))
            .collect();
        Ok(Figure::Shown(format!(
            "{}, {} owed",
            lines.join(", "),
            file.owed
        )))
    }

    fn ask_again(&mut self, asked: Asked) -> anyhow::Result<Figure> {
        let today = self.scene.today();
        let (lender, scene) = (&self.loans.lender, &mut self.scene);
        Figure::of_attempt(lender.ask(scene, &[asked], today).map(drop))
    }
}
