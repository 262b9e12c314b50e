//! The catalogue is what the documentation says and what rows hold.

use std::{collections::BTreeSet, fmt::Write as _};

use expect_test::expect_file;

use super::catalogue::{self, Entry, Table};

/// What a reader needs to know before the tables.
const PREFACE: &str = "\
# Facts

What a node can tell a policy.
This page is made from the one table in code (`node/src/policy/facts/catalogue.rs`); a test keeps them alike and rewrites
the page when it runs with `UPDATE_EXPECT=1`.

A policy declares the tables and facts that it reads, and gets no others.
Facts come from the open parts of records only: no name, number, address, telephone, account, health or remark can become
one. Keys are random ids by which rows can be told apart and put in order, and nothing else.
Withheld for that reason: what a household's identity and free text hold, what a member's identity holds, and health,
which is offered as `member.health` and always *withheld*. A policy that would do better with health takes it as a fact
with a state and does without.

A slot is *present*, *absent* (known to be without), *unknown* (nobody has recorded it) or *withheld* (known, and not for
a policy). A fact that a policy needs and that is not present makes its subject *undetermined*.

Groups are made by county, township, village or co-operative.
A policy can decide on the rows of the tables that say so.
";

fn page() -> String {
    let mut page = String::from(PREFACE);
    for table in catalogue::TABLES {
        let Table {
            name,
            parent,
            record,
            decidable,
            rows,
            facts,
        } = table;
        write!(page, "\n## {name}\n\nA row is {rows}").unwrap();
        if let Some(parent) = parent {
            write!(page, "; it belongs to a row of `{parent}`").unwrap();
        }
        write!(page, ". It stands for the record `{}`", record.label()).unwrap();
        page += if *decidable {
            ", on which a policy can decide.\n\n"
        } else {
            ".\n\n"
        };
        page += "| key | type | unit, list or table | from | meaning | version |\n|---|---|---|---|---|---|\n";
        for entry in *facts {
            let Entry {
                key,
                holds,
                source,
                meaning,
                version,
            } = entry;
            let (word, unit) = (holds.word(), holds.unit());
            writeln!(
                page,
                "| `{key}` | {word} | {unit} | {source} | {meaning} | {version} |"
            )
            .unwrap();
        }
    }
    page
}

#[test]
fn the_documentation_is_made_from_the_catalogue() {
    expect_file!["../../../../docs/facts.md"].assert_eq(&page());
}

#[test]
fn keys_are_unique_and_owners_come_first() {
    let mut keys = BTreeSet::new();
    let mut tables = BTreeSet::new();
    for table in catalogue::TABLES {
        assert!(table.parent.is_none_or(|parent| tables.contains(parent)));
        assert!(tables.insert(table.name), "{}", table.name);
        for fact in table.facts {
            assert!(keys.insert(fact.key), "{}", fact.key);
            assert!(fact.meaning.ends_with('.'), "{}", fact.key);
        }
    }
}
