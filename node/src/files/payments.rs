//! The list of whom to pay, the file that tells a bank so, and the one in which it answers.

use std::{collections::BTreeMap, io::Write as _, ops::ControlFlow};

use lika_core::{
    codes,
    record::Problem,
    value::{Code, Fen},
};

use super::table::{self, FIRST_ROWS, Row, Table, escaped};

/// Headings of what goes to the bank: place, name, account, amount in yuan, what for.
const SENT: [&str; 5] = ["序号", "户名", "账号", "金额", "用途"];
/// Headings of what comes back: place, account, amount, result and, where it failed, why.
const RETURNED: [&str; 5] = ["序号", "账号", "金额", "结果", "失败原因"];

/// Headings of a list: number of the household, amount in yuan.
const LISTED: [&str; 2] = ["户编号", "金额"];

/// Whom to pay.
#[derive(Clone, PartialEq, Eq)]
pub struct BankRow {
    /// Whose account it is.
    pub name: String,
    /// The account.
    pub account: String,
    /// The amount.
    pub amount: Fen,
}

/// What a bank says of one payment; none where it was paid, or why not: code list payment-fault.
pub type Answer = Option<Code>;

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error(transparent)]
    Table(#[from] table::Error),
    /// There is no row of headings.
    #[error("none of the first rows has the headings {}", .0.join(" "))]
    NoHeadings(&'static [&'static str]),
    /// A row is wrong.
    #[error("row {row}, column {column}: {what}")]
    Row {
        /// The row, from 1.
        row: u32,
        /// The heading.
        column: &'static str,
        /// What is wrong; nothing personal.
        what: String,
    },
    /// A payment that no row answers for.
    #[error("no row answers for payment {0} of the batch")]
    Unanswered(usize),
}

/// The bytes of a bank's file: the same rows give the same bytes.
pub fn write(rows: &[BankRow], used_for: &str) -> Result<Vec<u8>, csv::Error> {
    let mut bytes = Vec::new();
    bytes.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(bytes);
    writer.write_record(SENT)?;
    for (place, row) in (1..).zip(rows) {
        let BankRow {
            name,
            account,
            amount,
        } = row;
        let (place, amount): (usize, _) = (place, amount.to_string());
        let (name, account, used_for) = (escaped(name), escaped(account), escaped(used_for));
        writer.write_record([&place.to_string(), &*name, &*account, &amount, &*used_for])?;
    }
    writer.into_inner().map_err(|error| {
        let error = error.into_error();
        csv::Error::from(error)
    })
}

/// The households of a list by their numbers, each with what it is to get.
pub fn read_list(table: Table) -> Result<Vec<(String, Fen)>, Error> {
    let mut listed = Vec::new();
    let headings = |row: &Row| {
        let [number, amount] = LISTED.map(|heading| place_of(row, heading));
        Some((number?, amount?))
    };
    read_rows(table, &LISTED, headings, |row, (number, amount)| {
        let amount = Fen::parse_yuan(row.text(*amount));
        let amount = amount.map_err(|error| fault(row, LISTED[1], error))?;
        let number = row.text(*number).trim();
        if number.is_empty() {
            return Err(fault(row, LISTED[0], "must be given"));
        }
        listed.push((number.to_owned(), amount));
        Ok(())
    })?;
    Ok(listed)
}

/// What a bank answers to these rows, in their order. Each is answered once, with its account and its amount.
pub fn read(table: Table, sent: &[BankRow]) -> Result<Vec<Answer>, Error> {
    let mut answers: BTreeMap<usize, Answer> = BTreeMap::new();
    read_rows(table, &RETURNED[..4], headings, |row, places| {
        let (place, answer) = answer(row, *places, sent)?;
        match answers.insert(place, answer) {
            None => Ok(()),
            Some(_) => Err(fault(row, RETURNED[0], "stands twice; remove one row")),
        }
    })?;
    let answer_of = |place| answers.remove(&place).ok_or(Error::Unanswered(place + 1));
    (0..sent.len()).map(answer_of).collect()
}

/// Hands on the rows below the headings of a file's first sheet, until one is wrong.
fn read_rows<H>(
    mut table: Table,
    needed: &'static [&'static str],
    headings: impl Fn(&Row) -> Option<H>,
    mut each: impl FnMut(&Row, &H) -> Result<(), Error>,
) -> Result<(), Error> {
    let sheet = table.sheets().into_iter().next().unwrap_or_default();
    let mut found = None;
    let mut wrong = None;
    table.read(&sheet, &mut |row| {
        let Some(found) = &found else {
            found = headings(row);
            let is_hopeless = found.is_none() && row.number >= FIRST_ROWS;
            return match is_hopeless {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            };
        };
        if row.is_blank() {
            return ControlFlow::Continue(());
        }
        match each(row, found) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                wrong = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    match (wrong, found) {
        (Some(error), _) => Err(error),
        (None, None) => Err(Error::NoHeadings(needed)),
        (None, Some(_)) => Ok(()),
    }
}

fn place_of(row: &Row, heading: &str) -> Option<usize> {
    row.texts().position(|text| text.trim() == heading)
}

/// Where the headings stand; a bank that paid everything needs no column for reasons.
fn headings(row: &Row) -> Option<[usize; 5]> {
    let [place, account, amount, result, reason] = RETURNED.map(|it| place_of(row, it));
    Some([
        place?,
        account?,
        amount?,
        result?,
        reason.unwrap_or(usize::MAX),
    ])
}

fn answer(row: &Row, columns: [usize; 5], sent: &[BankRow]) -> Result<(usize, Answer), Error> {
    let [place, account, amount, result, reason] = columns.map(|column| row.text(column).trim());
    let place: Option<usize> = place.parse().ok();
    let place = place.and_then(|place| place.checked_sub(1));
    let payment = place.and_then(|place| Some((place, sent.get(place)?)));
    let (place, payment) =
        payment.ok_or_else(|| fault(row, RETURNED[0], "is no payment of the batch"))?;
    if account != payment.account {
        return Err(fault(row, RETURNED[1], "is not the account that was sent"));
    }
    match Fen::parse_yuan(amount) {
        Ok(amount) if amount == payment.amount => {}
        Ok(_) => return Err(fault(row, RETURNED[2], "is not the amount that was sent")),
        Err(error) => return Err(fault(row, RETURNED[2], error)),
    }
    let answer = match result {
        "成功" => None,
        "失败" => {
            let reason = reason_of(reason).map_err(|problem| fault(row, RETURNED[4], problem))?;
            Some(reason)
        }
        _ => return Err(fault(row, RETURNED[3], "must be 成功 or 失败")),
    };
    Ok((place, answer))
}

/// Banks word their reasons as they like: what is not in the list is another reason.
fn reason_of(text: &str) -> Result<Code, Problem> {
    let list = codes::list("payment-fault");
    match list.and_then(|list| list.by_label(text)) {
        Some(entry) => Ok(entry.to_code()),
        None => codes::listed("payment-fault", "other"),
    }
}

fn fault(row: &Row, column: &'static str, what: impl ToString) -> Error {
    Error::Row {
        row: row.number,
        column,
        what: what.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn sent() -> Vec<BankRow> {
        let row = |name: &str, account: &str, fen| BankRow {
            name: name.to_owned(),
            account: account.to_owned(),
            amount: Fen(fen),
        };
        vec![
            row("张三", "6222000000000000001", 200_000),
            row("李四", "6222000000000000002", 100_050),
        ]
    }

    fn read_text(text: &str) -> Result<Vec<Answer>, Error> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("returned.csv");
        fs::write(&file, text).unwrap();
        read(Table::open(&file)?, &sent())
    }

    #[test]
    fn a_bank_gets_a_row_for_each_payment() {
        let file = String::from_utf8(write(&sent(), "产业发展").unwrap()).unwrap();
        expect_test::expect![[r#"
            序号,户名,账号,金额,用途
            1,张三,6222000000000000001,2000.00,产业发展
            2,李四,6222000000000000002,1000.50,产业发展
        "#]]
        .assert_eq(&file.trim_start_matches('\u{feff}').replace('\r', ""));
    }

    #[test]
    fn what_would_be_a_formula_goes_out_escaped_and_comes_back_as_it_was() {
        let row = BankRow {
            name: "=1+1".to_owned(),
            account: "-62".to_owned(),
            amount: Fen(100),
        };
        let rows = [row];
        let file = String::from_utf8(write(&rows, "@x").unwrap()).unwrap();
        assert!(file.contains("1,'=1+1,'-62,1.00,'@x"), "{file}");
        let folder = tempfile::tempdir().unwrap();
        let returned = folder.path().join("returned.csv");
        for account in ["'-62", "-62"] {
            fs::write(
                &returned,
                format!("序号,账号,金额,结果\n1,{account},1.00,成功\n"),
            )
            .unwrap();
            let answers = read(Table::open(&returned).unwrap(), &rows).unwrap();
            assert_eq!(answers, [None]);
        }
    }

    #[test]
    fn a_bank_answers_in_any_order_and_in_its_own_words() {
        let answers = read_text(
            "代发结果,,,,\n结果,序号,账号,金额,失败原因\n\
             失败,2,6222000000000000002,\"1,000.50\",账户冻结\n成功,1,6222000000000000001,2000,\n",
        );
        let codes: Vec<_> = answers
            .unwrap()
            .into_iter()
            .map(|answer| answer.map(|code| code.to_string()))
            .collect();
        assert_eq!(codes, [None, Some("account-blocked".to_owned())]);
        let unknown = read_text(
            "序号,账号,金额,结果,失败原因\n\
             1,6222000000000000001,2000,失败,系统异常\n2,6222000000000000002,1000.5,成功,\n",
        );
        let first = unknown.unwrap().into_iter().next().flatten().unwrap();
        assert_eq!(first.as_str(), "other");
    }

    #[test]
    fn a_list_names_households_by_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("list.csv");
        let told = |text: &str| {
            fs::write(&file, text).unwrap();
            match read_list(Table::open(&file).unwrap()) {
                Ok(listed) => format!("{listed:?}"),
                Err(error) => error.to_string(),
            }
        };
        expect_test::expect![[r#"
            [("0001", Fen(200000)), ("0002", Fen(100050))]
            none of the first rows has the headings 户编号 金额
            row 2, column 户编号: must be given
            row 3, column 金额: amount is not readable; expected yuan as in 1,234.50"#]]
        .assert_eq(
            &[
                told("到户资金,\n金额,户编号\n2000,0001\n1000.5元,0002\n"),
                told("户主,金额\n张三,1\n"),
                told("户编号,金额\n,1\n"),
                told("户编号,金额\n1,1\n2,一\n"),
            ]
            .join("\n"),
        );
    }

    #[test]
    fn what_is_not_an_answer_to_what_was_sent_is_named_by_row_and_column() {
        let told = |rows: &str| {
            let text = format!("序号,账号,金额,结果\n{rows}");
            read_text(&text).unwrap_err().to_string()
        };
        let first = "1,6222000000000000001,2000,成功\n";
        expect_test::expect![[r#"
            none of the first rows has the headings 序号 账号 金额 结果
            row 2, column 序号: is no payment of the batch
            row 2, column 账号: is not the account that was sent
            row 2, column 金额: is not the amount that was sent
            row 2, column 结果: must be 成功 or 失败
            row 3, column 序号: stands twice; remove one row
            no row answers for payment 2 of the batch"#]]
        .assert_eq(
            &[
                read_text("户名,结果\n张三,成功\n").unwrap_err().to_string(),
                told("3,6222000000000000001,2000,成功\n"),
                told("1,6222000000000000002,2000,成功\n"),
                told("1,6222000000000000001,2000.01,成功\n"),
                told("1,6222000000000000001,2000,也许\n"),
                told(&format!("{first}{first}")),
                told(first),
            ]
            .join("\n"),
        );
    }
}
