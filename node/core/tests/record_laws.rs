//! Laws of records and entries: what is written can be read back, and what is withheld breaks nothing.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test a panic is the report, in helpers too"
)]

#[path = "record_laws/supervision.rs"]
mod supervision;

use std::convert::Infallible;

use bytes::Bytes;
use lika_core::{
    codes,
    log::{Action, Class, Draft, Entry, Kind, Part, Place, Salt, Sealer},
    record::{Body, BodyMessage, Parts, Record},
    value::{ActorId, AreaCode, Digest, NodeId, RecordId, RequestId},
};
use lika_proto::log::v1::{self as message, decision::Outcome};
use proptest::{collection::vec, option, prelude::*, sample::select};

type Any<T> = BoxedStrategy<T>;

fn id() -> Any<Vec<u8>> {
    any::<[u8; 16]>().prop_map(Vec::from).boxed()
}

fn digest() -> Any<Vec<u8>> {
    any::<[u8; 32]>().prop_map(Vec::from).boxed()
}

fn or_empty<T: Clone + Default + std::fmt::Debug + 'static>(some: Any<T>) -> Any<T> {
    prop_oneof![1 => Just(T::default()), 3 => some].boxed()
}

fn list_codes(list: &str) -> Vec<String> {
    let entries = codes::list(list).unwrap().entries;
    entries.iter().map(|entry| entry.code.to_owned()).collect()
}

fn code(list: &'static str) -> Any<String> {
    select(list_codes(list)).boxed()
}

fn code_set(list: &'static str, most: usize) -> Any<Vec<String>> {
    let codes = list_codes(list);
    let most = most.min(codes.len());
    proptest::sample::subsequence(codes, 0..=most)
        .prop_shuffle()
        .boxed()
}

fn plain_code() -> Any<String> {
    "[a-z][a-z0-9-]{0,20}".boxed()
}

fn text() -> Any<String> {
    "[一-龥a-z0-9]([一-龥a-z0-9 \n]{0,20}[一-龥a-z0-9])?".boxed()
}

fn label() -> Any<String> {
    "[一-龥A-Za-z0-9]{1,20}".boxed()
}

fn name() -> Any<String> {
    "[一-龥]{2,4}".boxed()
}

fn phone() -> Any<String> {
    "1[0-9]{10}".boxed()
}

fn area() -> Any<String> {
    prop_oneof![
        "",
        "36",
        "3603",
        "360323",
        "360323[1-9]{3}",
        "360323[1-9]{6}"
    ]
    .boxed()
}

fn date() -> Any<u32> {
    (1900u32..2100, 1u32..=12, 1u32..=28)
        .prop_map(|(year, month, day)| year * 10_000 + month * 100 + day)
        .boxed()
}

/// A first day, and a later one or none.
fn period() -> Any<(u32, u32)> {
    (date(), any::<bool>())
        .prop_map(|(from, ends)| (from, if ends { from + 10_000 } else { 0 }))
        .boxed()
}

fn year() -> Any<u32> {
    (1900u32..=2100).boxed()
}

fn fen() -> Any<i64> {
    (0i64..=100_000_000_000).boxed()
}

fn kind() -> Any<u32> {
    (1u32..=40).boxed()
}

fn approval() -> Any<message::enactment::Approval> {
    (id(), or_empty(id()))
        .prop_map(|(officer, cadre)| message::enactment::Approval { officer, cadre })
        .boxed()
}

fn area_message() -> Any<BodyMessage> {
    let key_village = vec(
        period().prop_map(|(from, until)| message::Period { from, until }),
        0..3,
    );
    (
        area(),
        label(),
        key_village,
        or_empty(date()),
        or_empty(date()),
        vec(area(), 0..3),
    )
        .prop_map(|(code, name, key_village, from, until, successors)| {
            let open = message::area::Open {
                code,
                name,
                key_village,
                from,
                until,
                successors,
            };
            message::Area { open: Some(open) }.into()
        })
        .boxed()
}

fn household_message() -> Any<BodyMessage> {
    let causes = (
        or_empty(code_set("cause", 3)),
        or_empty(code("identification-standard")),
    );
    let flags = [(); 4].map(|()| option::of(any::<bool>()));
    let open = (
        code("household-type"),
        causes,
        or_empty(date()),
        or_empty(year()),
        flags,
    );
    let open = open.prop_map(
        |(r#type, (mut causes, standard), identified_on, exit_year, [a, b, c, d])| {
            let main_cause = causes.pop().unwrap_or_default();
            message::household::Open {
                r#type,
                standard,
                main_cause,
                other_causes: causes,
                identified_on,
                exit_year,
                risk_removed: a,
                dangerous_house: b,
                safe_water: c,
                willing: d,
            }
        },
    );
    let identity = [text(), text(), text(), phone(), text()].map(or_empty);
    let identity = identity.prop_map(|[number, hamlet, address, phone, bank_account]| {
        message::household::Identity {
            number,
            hamlet,
            address,
            phone,
            bank_account,
        }
    });
    let free_text = or_empty(text()).prop_map(|note| message::household::FreeText { note });
    (open, option::of(identity), option::of(free_text))
        .prop_map(|(open, identity, free_text)| {
            message::Household {
                open: Some(open),
                identity,
                free_text,
            }
            .into()
        })
        .boxed()
}

fn document() -> Any<message::Document> {
    let of = |r#type: &'static str, text: &'static str| {
        text.prop_map(move |text| message::Document {
            r#type: r#type.to_owned(),
            text,
            none_reason: String::new(),
        })
    };
    prop_oneof![
        of("id-card", "11010519491231002X"),
        of("disability-card", "11010519491231002X43"),
        of("id-card", "[0-9]{5,9}"),
        of("other", "[A-Z][0-9]{8}"),
        code("no-document-reason").prop_map(|none_reason| message::Document {
            none_reason,
            ..message::Document::default()
        }),
    ]
    .boxed()
}

fn member_open() -> Any<message::member::Open> {
    let end = (period(), code("member-end-reason"));
    let lists = [
        "sex",
        "ethnic-group",
        "political",
        "education",
        "schooling",
        "labour",
        "work-region",
    ];
    let lists = lists.map(|list| or_empty(code(list)));
    let flags = [(); 4].map(|()| option::of(any::<bool>()));
    let rest = (or_empty(year()), option::of(0u32..=12), or_empty(date()));
    (
        id(),
        end,
        code("relation"),
        lists,
        flags,
        rest,
        code_set("measure", 10),
    )
        .prop_map(
            |(household, ((from, until), reason), relation, lists, flags, rest, measures)| {
                let [
                    sex,
                    ethnic_group,
                    political,
                    education,
                    schooling,
                    labour,
                    work_region,
                ] = lists;
                let [
                    allowance,
                    medical_insurance,
                    illness_insurance,
                    pension_insurance,
                ] = flags;
                let (birth_year, work_months, identified_on) = rest;
                let end_reason = if until == 0 { String::new() } else { reason };
                message::member::Open {
                    household,
                    from,
                    until,
                    end_reason,
                    sex,
                    birth_year,
                    relation,
                    ethnic_group,
                    political,
                    education,
                    schooling,
                    labour,
                    work_region,
                    work_months,
                    allowance,
                    medical_insurance,
                    illness_insurance,
                    pension_insurance,
                    identified_on,
                    measures,
                }
            },
        )
        .boxed()
}

fn member_message() -> Any<BodyMessage> {
    let identity = (or_empty(text()), name(), document(), or_empty(phone())).prop_map(
        |(number, name, document, phone)| message::member::Identity {
            number,
            name,
            document: Some(document),
            phone,
        },
    );
    let sensitive = code_set("health", 3).prop_map(|health| message::member::Sensitive { health });
    (member_open(), option::of(identity), option::of(sensitive))
        .prop_map(|(open, identity, sensitive)| {
            message::Member {
                open: Some(open),
                identity,
                sensitive,
            }
            .into()
        })
        .boxed()
}

fn income_message() -> Any<BodyMessage> {
    (id(), year(), [(); 5].map(|()| fen()), 1u32..=99)
        .prop_map(|(household, year, fen, persons)| {
            let [wages, business, property, transfers, expenses] = fen;
            let open = message::income_statement::Open {
                household,
                year,
                wages,
                business,
                property,
                transfers,
                expenses,
                persons,
            };
            message::IncomeStatement { open: Some(open) }.into()
        })
        .boxed()
}

fn cadre_message() -> Any<BodyMessage> {
    let identity =
        (or_empty(text()), name(), or_empty(phone())).prop_map(|(number, name, phone)| {
            message::cadre::Identity {
                number,
                name,
                phone,
            }
        });
    (code("rank"), or_empty(id()), period(), option::of(identity))
        .prop_map(|(rank, unit, (from, until), identity)| {
            let open = message::cadre::Open {
                rank,
                unit,
                from,
                until,
            };
            message::Cadre {
                open: Some(open),
                identity,
            }
            .into()
        })
        .boxed()
}

fn unit_message() -> Any<BodyMessage> {
    (label(), code("unit-type"))
        .prop_map(|(name, r#type)| {
            message::Unit {
                open: Some(message::unit::Open { name, r#type }),
            }
            .into()
        })
        .boxed()
}

fn pairing_message() -> Any<BodyMessage> {
    let codes = (code("pairing-role"), code("helper-level"));
    (id(), id(), codes, any::<bool>(), period(), or_empty(id()))
        .prop_map(
            |(household, cadre, (role, level), responsible, (from, until), decision)| {
                let open = message::pairing::Open {
                    household,
                    cadre,
                    role,
                    level,
                    responsible,
                    from,
                    until,
                    decision,
                };
                message::Pairing { open: Some(open) }.into()
            },
        )
        .boxed()
}

fn team_message() -> Any<BodyMessage> {
    let seat = (code("team-role"), id(), period()).prop_map(|(role, holder, (from, until))| {
        message::village_team::Seat {
            role,
            holder,
            from,
            until,
        }
    });
    (vec(seat, 0..4), period(), or_empty(id()))
        .prop_map(|(seats, (from, until), decision)| {
            let open = message::village_team::Open {
                seats,
                from,
                until,
                decision,
            };
            message::VillageTeam { open: Some(open) }.into()
        })
        .boxed()
}

fn visit_message() -> Any<BodyMessage> {
    let free_text = or_empty(text()).prop_map(|note| message::visit::FreeText { note });
    let open = (
        or_empty(id()),
        id(),
        date(),
        or_empty(code("visit-purpose")),
    );
    (open, option::of(free_text))
        .prop_map(|((household, cadre, on, purpose), free_text)| {
            let open = message::visit::Open {
                household,
                cadre,
                on,
                purpose,
            };
            message::Visit {
                open: Some(open),
                free_text,
            }
            .into()
        })
        .boxed()
}

fn statistic_message() -> Any<BodyMessage> {
    (code("statistic-series"), year(), any::<i64>(), label())
        .prop_map(|(series, year, value, source)| {
            let open = message::official_statistic::Open {
                series,
                year,
                value,
                source,
            };
            message::OfficialStatistic { open: Some(open) }.into()
        })
        .boxed()
}

fn officer_message() -> Any<BodyMessage> {
    let grant =
        (code("role"), area()).prop_map(|(role, area)| message::officer::Grant { role, area });
    let identity =
        (text(), name()).prop_map(|(login, name)| message::officer::Identity { login, name });
    let credential =
        text().prop_map(|password_hash| message::officer::Credential { password_hash });
    let open = (vec(grant, 0..3), or_empty(id()), any::<bool>());
    (open, option::of(identity), option::of(credential))
        .prop_map(|((grants, cadre, locked), identity, credential)| {
            let open = message::officer::Open {
                grants,
                cadre,
                locked,
            };
            message::Officer {
                open: Some(open),
                identity,
                credential,
            }
            .into()
        })
        .boxed()
}

fn policy_message() -> Any<BodyMessage> {
    let described = (label(), label(), plain_code(), digest(), any::<u64>());
    (described, digest(), vec(label(), 0..3))
        .prop_map(|(described, package, signed_with)| {
            let (name, version, purpose, component, size) = described;
            let open = message::policy::Open {
                name,
                version,
                purpose,
                component,
                size,
                package,
                signed_with,
            };
            message::Policy { open: Some(open) }.into()
        })
        .boxed()
}

fn enactment_message() -> Any<BodyMessage> {
    let proposed = (id(), plain_code(), any::<String>(), period(), digest());
    let state = (any::<(bool, bool)>(), or_empty(id()));
    (proposed, vec(approval(), 0..3), state)
        .prop_map(|(proposed, approvals, state)| {
            let (policy, purpose, settings, (from, until), preview) = proposed;
            let ((binding, suspended), brings_back) = state;
            let open = message::enactment::Open {
                policy,
                purpose,
                settings,
                from,
                until,
                preview,
                approvals,
                binding,
                suspended,
                brings_back,
            };
            message::Enactment { open: Some(open) }.into()
        })
        .boxed()
}

fn evaluation_message() -> Any<BodyMessage> {
    let table = (any::<String>(), vec(any::<[u8; 16]>(), 0..4)).prop_map(|(name, records)| {
        message::evaluation::Table {
            name,
            records: records.concat(),
        }
    });
    let texts = (any::<String>(), any::<String>(), or_empty(plain_code()));
    let blobs = (vec(any::<u8>(), 0..40), vec(any::<u8>(), 0..40));
    (
        id(),
        digest(),
        digest(),
        texts,
        any::<(u32, u64)>(),
        blobs,
        vec(table, 0..3),
    )
        .prop_map(
            |(enactment, component, settings, texts, as_of, blobs, tables)| {
                let (engine, scope, failure) = texts;
                let open = message::evaluation::Open {
                    enactment,
                    component,
                    settings,
                    engine,
                    as_of_epoch: as_of.0,
                    as_of_seq: as_of.1,
                    scope,
                    input: blobs.0,
                    output: blobs.1,
                    failure,
                    tables,
                };
                message::Evaluation { open: Some(open) }.into()
            },
        )
        .boxed()
}

fn decision_message() -> Any<BodyMessage> {
    let texts = || vec(any::<String>(), 0..3);
    let outcome = prop_oneof![
        plain_code().prop_map(|category| (Outcome::Granted, category, Vec::new())),
        Just((Outcome::Refused, String::new(), Vec::new())),
        texts().prop_map(|missing| (Outcome::Undetermined, String::new(), missing)),
    ];
    let reason = (plain_code(), texts(), texts()).prop_map(|(code, facts, arguments)| {
        message::decision::Reason {
            code,
            facts,
            arguments,
        }
    });
    let comparison = any::<(String, i64, i64, bool)>().prop_map(|(fact, value, threshold, met)| {
        message::decision::Comparison {
            fact,
            value,
            threshold,
            met,
        }
    });
    let proposal = (plain_code(), kind(), id()).prop_map(|(role, resource_kind, resource)| {
        message::decision::Proposal {
            role,
            resource_kind,
            resource,
        }
    });
    let lists = (
        vec(reason, 0..3),
        vec(comparison, 0..3),
        vec(proposal, 0..3),
    );
    (
        id(),
        plain_code(),
        kind(),
        id(),
        outcome,
        (option::of(any::<i64>()), option::of(any::<i64>())),
        lists,
    )
        .prop_map(
            |(evaluation, purpose, subject_kind, subject, outcome, (amount, score), lists)| {
                let (outcome, category, missing) = outcome;
                let (reasons, comparisons, proposals) = lists;
                let open = message::decision::Open {
                    evaluation,
                    purpose,
                    subject_kind,
                    subject,
                    outcome: outcome.into(),
                    category,
                    amount,
                    reasons,
                    missing,
                    comparisons,
                    proposals,
                    score,
                };
                message::Decision { open: Some(open) }.into()
            },
        )
        .boxed()
}

fn node_message() -> Any<BodyMessage> {
    (label(), or_empty(digest()), any::<bool>())
        .prop_map(|(name, public_key, scenario)| {
            let open = message::node::Open {
                name,
                public_key,
                scenario,
            };
            message::Node { open: Some(open) }.into()
        })
        .boxed()
}

fn living_message() -> Any<BodyMessage> {
    let flags = [(); 5].map(|()| option::of(any::<bool>()));
    let counts = [(); 5].map(|()| option::of(0u32..=1_000_000));
    let lists = [or_empty(code("house-structure")), or_empty(code("fuel"))];
    let land = (
        [(); 5].map(|()| 0u32..=1_000_000),
        option::of(0u32..=1_000_000),
    )
        .prop_map(|([arable, forest, orchard, pasture, water], irrigated)| {
            message::living_conditions::Land {
                arable,
                irrigated: irrigated.unwrap_or_default().min(arable),
                forest,
                orchard,
                pasture,
                water,
            }
        });
    let rest = (
        or_empty(year()),
        option::of(land),
        option::of(fen()),
        option::of(0u32..=1_000_000),
    );
    (id(), date(), flags, counts, lists, rest)
        .prop_map(|(household, surveyed_on, flags, counts, lists, rest)| {
            let [electricity, toilet, road, broadband, allowance_entitled] = flags;
            let [house_area, road_distance, dropouts, trained, skills] = counts;
            let [house_structure, fuel] = lists;
            let (house_year, land, hardship_expenses, admitted) = rest;
            let open = message::living_conditions::Open {
                household,
                surveyed_on,
                house_area,
                house_structure,
                house_year,
                electricity,
                fuel,
                toilet,
                road,
                road_distance,
                broadband,
                land,
                allowance_entitled,
                dropouts,
                admitted,
                admitted_supported: admitted.map(|admitted| admitted / 2),
                trained,
                skills,
                hardship_expenses,
            };
            message::LivingConditions { open: Some(open) }.into()
        })
        .boxed()
}

/// Fen of which there is at least one.
fn some_fen() -> Any<i64> {
    (1i64..=1_000_000_000_000).boxed()
}

fn cooperative_message() -> Any<BodyMessage> {
    (label(), some_fen())
        .prop_map(|(name, capital)| {
            let open = message::cooperative::Open { name, capital };
            message::Cooperative { open: Some(open) }.into()
        })
        .boxed()
}

fn shareholding_message() -> Any<BodyMessage> {
    (
        id(),
        code("holder"),
        id(),
        some_fen(),
        any::<bool>(),
        period(),
    )
        .prop_map(
            |(cooperative, holder, household, equity, poverty_fund, (from, until))| {
                let is_household = holder == "household";
                let open = message::shareholding::Open {
                    cooperative,
                    holder,
                    household: if is_household { household } else { Vec::new() },
                    equity,
                    poverty_fund,
                    from,
                    until,
                };
                message::Shareholding { open: Some(open) }.into()
            },
        )
        .boxed()
}

fn dividend_message() -> Any<BodyMessage> {
    let payment = (1i64..1_000_000_000, or_empty(id()));
    (id(), year(), vec(payment, 0..4), 0i64..1_000_000_000)
        .prop_map(|(cooperative, year, payments, kept)| {
            let payments: Vec<_> = (1u8..)
                .zip(payments)
                .map(|(number, (amount, decision))| message::dividend::Payment {
                    shareholding: vec![number; 16],
                    amount,
                    decision,
                })
                .collect();
            let paid: i64 = payments.iter().map(|payment| payment.amount).sum();
            let open = message::dividend::Open {
                cooperative,
                year,
                amount: paid + kept,
                payments,
            };
            message::Dividend { open: Some(open) }.into()
        })
        .boxed()
}

fn alert_message() -> Any<BodyMessage> {
    let details = vec(label(), 0..5).prop_map(|texts| {
        let details = (1..).zip(texts);
        let details = details.map(|(number, text)| message::alert::Detail {
            key: format!("key-{number}"),
            text,
        });
        details.collect::<Vec<_>>()
    });
    let resolution = (id(), code("alert-finding"))
        .prop_map(|(officer, finding)| message::alert::Resolution { officer, finding });
    let free_text = or_empty(text()).prop_map(|note| message::alert::FreeText { note });
    let found = (id(), plain_code(), or_empty(id()), details, date());
    (found, option::of(resolution), option::of(free_text))
        .prop_map(|(found, resolution, free_text)| {
            let (raised_by, code, about, details, raised_on) = found;
            let open = message::alert::Open {
                raised_by,
                code,
                about,
                details,
                raised_on,
                resolution,
            };
            message::Alert {
                open: Some(open),
                free_text,
            }
            .into()
        })
        .boxed()
}

fn procedure_message() -> Any<BodyMessage> {
    let act = select(
        list_codes("step-act")
            .into_iter()
            .filter(|act| act != "announcement")
            .collect::<Vec<_>>(),
    );
    let step = (act, code("step-level"), 1u32..30, 0u32..30, any::<bool>());
    let period = period();
    let whole = (
        code("case-kind"),
        label(),
        period,
        vec(step, 1..8),
        1u32..366,
    );
    whole
        .prop_map(|(kind, name, (from, until), steps, objection_days)| {
            let steps = (1..).zip(steps);
            let steps = steps.map(|(number, (act, level, least, more, working))| {
                message::procedure::Step {
                    code: format!("step-{number}"),
                    act,
                    level,
                    least,
                    most: if more == 0 { 0 } else { least + more },
                    working,
                }
            });
            let open = message::procedure::Open {
                kind,
                name,
                from,
                until,
                steps: steps.collect(),
                objection_days,
            };
            message::Procedure { open: Some(open) }.into()
        })
        .boxed()
}

fn calendar_message() -> Any<BodyMessage> {
    (1900u32..2100, 0usize..28, 0usize..28)
        .prop_map(|(year, holidays, workdays)| {
            let days = |month: u32, count: usize| {
                (1..=28)
                    .map(|day| year * 10_000 + month * 100 + day)
                    .take(count)
                    .collect()
            };
            let open = message::calendar::Open {
                year,
                holidays: days(10, holidays),
                workdays: days(2, workdays),
            };
            message::Calendar { open: Some(open) }.into()
        })
        .boxed()
}

fn case_message() -> Any<BodyMessage> {
    let votes = (0u32..50, 0u32..50, 0u32..50).prop_map(|(more, in_favour, against)| {
        message::case::Votes {
            present: more + in_favour + against,
            in_favour,
            against,
        }
    });
    let conditions = (
        code_set("exit-condition", 7),
        any::<bool>(),
        code("evidence"),
    )
        .prop_map(|(conditions, met, evidence)| {
            let condition = |condition| message::case::Condition {
                condition,
                met,
                evidence: evidence.clone(),
            };
            conditions.into_iter().map(condition).collect()
        });
    let taken = (
        plain_code(),
        date(),
        id(),
        code("step-result"),
        option::of(votes),
        or_empty(id()),
        conditions,
    )
        .prop_map(|(step, on, officer, result, votes, notice, conditions)| {
            message::case::Taken {
                step,
                on,
                officer,
                result,
                votes,
                notice,
                conditions,
            }
        });
    let subject = prop_oneof![Just((0, Vec::new())), (1u32..4, id()).boxed(),];
    let free_text = or_empty(text()).prop_map(|note| message::case::FreeText { note });
    let case = (
        id(),
        code("case-kind"),
        subject,
        date(),
        vec(taken, 0..4),
        or_empty(code("case-end")),
        or_empty(date()),
    );
    (case, option::of(free_text))
        .prop_map(|(case, free_text)| {
            let (procedure, kind, (subject_kind, subject), opened_on, steps, end, due) = case;
            let open = message::case::Open {
                procedure,
                kind,
                subject_kind,
                subject,
                opened_on,
                steps,
                end,
                due,
            };
            message::Case {
                open: Some(open),
                free_text,
            }
            .into()
        })
        .boxed()
}

fn notice_message() -> Any<BodyMessage> {
    let item = (
        or_empty(label()),
        0u32..20,
        or_empty(code("household-type")),
        or_empty(name()),
    );
    let whole = (
        code("case-kind"),
        label(),
        date(),
        vec(item, 1..5),
        or_empty(digest()),
        any::<bool>(),
    );
    whole
        .prop_map(|(kind, place, from, listed, digest, is_known)| {
            let (items, names) = (1u8..)
                .zip(listed)
                .map(|(number, (village, people, category, name))| {
                    let item = message::notice::Item {
                        case: vec![number; 16],
                        village,
                        people,
                        category,
                    };
                    (item, name)
                })
                .unzip();
            let open = message::notice::Open {
                kind,
                place,
                from,
                until: from + 10_000,
                items,
                digest,
            };
            message::Notice {
                open: Some(open),
                identity: is_known.then_some(message::notice::Identity { names }),
            }
            .into()
        })
        .boxed()
}

fn objection_message() -> Any<BodyMessage> {
    let finding = (date(), code("objection-finding"), id());
    let texts = (or_empty(text()), or_empty(text()))
        .prop_map(|(objection, answer)| message::objection::FreeText { objection, answer });
    let whole = (id(), id(), date(), or_empty(date()), option::of(finding));
    (whole, option::of(texts))
        .prop_map(|(whole, free_text)| {
            let (notice, case, received_on, answer_due, finding) = whole;
            let (answered_on, finding, officer) = finding.unwrap_or_default();
            let open = message::objection::Open {
                notice,
                case,
                received_on,
                answer_due,
                answered_on,
                finding,
                officer,
            };
            message::Objection {
                open: Some(open),
                free_text,
            }
            .into()
        })
        .boxed()
}

fn household_event_message() -> Any<BodyMessage> {
    let what = (code("household-event"), code("household-event-reason"));
    let whom = (id(), or_empty(id()), vec(id(), 0..=3), id());
    let texts = or_empty(text()).prop_map(|note| message::household_event::FreeText { note });
    (what, whom, date(), option::of(texts))
        .prop_map(|((r#type, reason), whom, on, free_text)| {
            let (household, other, members, case) = whom;
            let has_case = matches!(r#type.as_str(), "exited" | "relapsed");
            let open = message::household_event::Open {
                r#type,
                household,
                other,
                members,
                on,
                reason,
                case: if has_case { case } else { Vec::new() },
            };
            message::HouseholdEvent {
                open: Some(open),
                free_text,
            }
            .into()
        })
        .boxed()
}

fn account_message() -> Any<BodyMessage> {
    let fund = (
        code("fund-channel"),
        code("fund-purpose"),
        or_empty(year()),
        any::<bool>(),
    );
    (label(), option::of(fund))
        .prop_map(|(name, fund)| {
            let side = if fund.is_some() {
                "internal"
            } else {
                "external"
            };
            let (channel, purpose, year, barred_from_living_expenses) = fund.unwrap_or_default();
            let open = message::account::Open {
                name,
                side: side.to_owned(),
                channel,
                purpose,
                year,
                barred_from_living_expenses,
            };
            message::Account { open: Some(open) }.into()
        })
        .boxed()
}

fn transfer_message() -> Any<BodyMessage> {
    let moved = (id(), id(), some_fen(), date(), code("fund-channel"))
        .prop_filter("goes somewhere", |(from, to, ..)| from != to);
    let way = (code("transfer-direction"), code("fund-use"));
    let rest = (or_empty(digest()), or_empty(id()), or_empty(id()));
    (moved, way, rest, vec(approval(), 0..3))
        .prop_map(|(moved, (direction, used_for), rest, approvals)| {
            let (from, to, amount, on, channel) = moved;
            let (evidence, reverses, settles) = rest;
            let is_spent = direction == "out";
            let open = message::transfer::Open {
                from,
                to,
                amount,
                on,
                direction,
                channel,
                used_for: if is_spent { used_for } else { String::new() },
                evidence,
                reverses,
                settles,
                approvals,
            };
            message::Transfer { open: Some(open) }.into()
        })
        .boxed()
}

fn payment_batch_message() -> Any<BodyMessage> {
    let entitlement = prop_oneof![Just((Vec::new(), Vec::new())), (id(), id()),];
    let payment = (id(), some_fen(), entitlement, or_empty(id()));
    let payments = proptest::collection::hash_map(id(), payment, 1..4).prop_map(|payments| {
        let payments = payments.into_iter();
        payments
            .map(
                |(household, (payee, amount, (decision, evaluation), reissues))| {
                    message::payment_batch::Payment {
                        household,
                        payee,
                        amount,
                        decision,
                        evaluation,
                        reissues,
                    }
                },
            )
            .collect::<Vec<_>>()
    });
    let sent =
        (date(), digest(), 1u32..3, any::<u64>()).prop_map(|(on, file, as_of_epoch, as_of_seq)| {
            message::payment_batch::Sent {
                on,
                file,
                as_of_epoch,
                as_of_seq,
            }
        });
    let given = (id(), id(), code("fund-use"), date());
    (given, payments, vec(approval(), 0..3), option::of(sent))
        .prop_map(
            |((from, transit, used_for, on), payments, approvals, sent)| {
                let open = message::payment_batch::Open {
                    from,
                    transit,
                    used_for,
                    on,
                    payments,
                    approvals,
                    sent,
                };
                message::PaymentBatch { open: Some(open) }.into()
            },
        )
        .boxed()
}

fn payment_return_message() -> Any<BodyMessage> {
    let result = (id(), some_fen(), or_empty(code("payment-fault"))).prop_map(
        |(household, amount, fault)| message::payment_return::Result {
            household,
            amount,
            fault,
        },
    );
    let accounts = (id(), id(), id(), id());
    let given = (code("fund-channel"), code("fund-use"), date());
    (accounts, given, vec(result, 0..4))
        .prop_map(
            |((batch, from, transit, payees), (channel, used_for, on), results)| {
                let open = message::payment_return::Open {
                    batch,
                    from,
                    transit,
                    payees,
                    channel,
                    used_for,
                    on,
                    results,
                };
                message::PaymentReturn { open: Some(open) }.into()
            },
        )
        .boxed()
}

fn guarantee_fund_message() -> Any<BodyMessage> {
    (label(), id(), 1u8..20, 1_000_000i64..=100_000_000)
        .prop_map(|(name, lender, accounts, leverage)| {
            let open = message::guarantee_fund::Open {
                name,
                lender,
                accounts: (0..accounts).map(|number| vec![number; 16]).collect(),
                leverage,
            };
            message::GuaranteeFund { open: Some(open) }.into()
        })
        .boxed()
}

fn loan_message() -> Any<BodyMessage> {
    let who = (id(), or_empty(id()), id(), or_empty(id()), or_empty(id()));
    let terms = (
        code("loan-purpose"),
        some_fen(),
        1u32..=360,
        0i64..=1_000_000,
        code("loan-method"),
    );
    let (repayment, subsidy) = (
        (date(), some_fen(), fen(), id()),
        (date(), some_fen(), id(), or_empty(id()), id()),
    );
    let paid = (
        vec(loan_step(), 0..7),
        vec(repayment, 0..4),
        vec(subsidy, 0..4),
        option::of((some_fen(), id())),
    );
    (who, terms, paid)
        .prop_map(|(who, terms, paid)| {
            let (household, member, lender, fund, guarantor) = who;
            let (purpose, amount, months, rate, method) = terms;
            let (steps, repayments, subsidies, recourse) = paid;
            let repayment = |(on, principal, interest, officer)| message::loan::Repayment {
                on,
                principal,
                interest,
                officer,
            };
            let subsidy = |(on, amount, transfer, decision, officer)| message::loan::Subsidy {
                on,
                amount,
                transfer,
                decision,
                officer,
            };
            let open = message::loan::Open {
                household,
                member,
                lender,
                fund,
                guarantor,
                purpose,
                amount,
                months,
                rate,
                method,
                steps,
                repayments: repayments.into_iter().map(repayment).collect(),
                subsidies: subsidies.into_iter().map(subsidy).collect(),
                recourse: recourse
                    .map(|(amount, transfer)| message::loan::Recourse { amount, transfer }),
            };
            message::Loan { open: Some(open) }.into()
        })
        .boxed()
}

fn loan_step() -> Any<message::loan::Step> {
    let by = (id(), or_empty(id()), or_empty(id()));
    let excuse = or_empty(code("default-excuse"));
    (code("loan-stage"), date(), by, excuse)
        .prop_map(|(stage, on, (officer, cadre, decision), excuse)| {
            let of = |stage_of, given| match stage == stage_of {
                true => given,
                false => Vec::new(),
            };
            message::loan::Step {
                decision: of("approved", decision),
                excuse: if stage == "defaulted" {
                    excuse
                } else {
                    String::new()
                },
                stage,
                on,
                officer,
                cadre,
            }
        })
        .boxed()
}

fn blacklisting_message() -> Any<BodyMessage> {
    let who = (id(), or_empty(id()), or_empty(id()));
    let by = (id(), or_empty(id()));
    let answer = (date(), code("objection-finding"), id(), or_empty(id()));
    let appeal = option::of((date(), option::of(answer)));
    let texts = option::of((or_empty(text()), or_empty(text()), or_empty(text())));
    (who, code("blacklist-reason"), date(), by, appeal, texts)
        .prop_map(|(who, reason, from, (officer, cadre), appeal, texts)| {
            let (household, member, loan) = who;
            let answer = |(on, finding, officer, cadre)| message::blacklisting::Answer {
                on,
                finding,
                officer,
                cadre,
            };
            let appeal = appeal.map(
                |(on, given): (_, Option<_>)| message::blacklisting::Appeal {
                    on,
                    answer: given.map(answer),
                },
            );
            message::Blacklisting {
                open: Some(message::blacklisting::Open {
                    household,
                    member,
                    reason,
                    loan,
                    from,
                    until: from + 10_000,
                    officer,
                    cadre,
                    appeal,
                }),
                free_text: texts.map(|(ground, appeal, answer)| message::blacklisting::FreeText {
                    ground,
                    appeal,
                    answer,
                }),
            }
            .into()
        })
        .boxed()
}

fn closing_message() -> Any<BodyMessage> {
    year()
        .prop_map(|year| {
            let open = message::book_closing::Open { year };
            message::BookClosing { open: Some(open) }.into()
        })
        .boxed()
}

fn commitment_message() -> Any<BodyMessage> {
    (id(), some_fen(), date(), label(), or_empty(id()))
        .prop_map(|(account, amount, on, what_for, project)| {
            let open = message::commitment::Open {
                account,
                amount,
                on,
                what_for,
                project,
            };
            message::Commitment { open: Some(open) }.into()
        })
        .boxed()
}

fn budget_message() -> Any<BodyMessage> {
    (
        year(),
        code("fund-channel"),
        code("fund-purpose"),
        0..=1_000_000_000_000i64,
    )
        .prop_map(|(year, channel, purpose, amount)| {
            let open = message::budget::Open {
                year,
                channel,
                purpose,
                amount,
            };
            message::Budget { open: Some(open) }.into()
        })
        .boxed()
}

fn measure_message() -> Any<BodyMessage> {
    let whom = (id(), or_empty(id()), code("measure-kind"), any::<bool>());
    let what = (or_empty(id()), period(), option::of(fen()));
    (whom, what, code_set("measure-result", 3))
        .prop_map(|(whom, (project, (from, until), amount), results)| {
            let (household, member, measure, of_village) = whom;
            let names_nobody = of_village || lika_core::measure::tells_of_health(&measure);
            let open = message::measure::Open {
                household: if of_village { Vec::new() } else { household },
                member: if names_nobody { Vec::new() } else { member },
                measure,
                project,
                from,
                until,
                amount,
                results,
            };
            message::Measure { open: Some(open) }.into()
        })
        .boxed()
}

fn project_message() -> Any<BodyMessage> {
    let step = (
        code("project-stage"),
        date(),
        id(),
        or_empty(id()),
        or_empty(digest()),
    )
        .prop_map(
            |(stage, on, officer, cadre, evidence)| message::project::Step {
                stage,
                on,
                officer,
                cadre,
                evidence,
            },
        );
    let budget = (code_set("fund-channel", 4), some_fen()).prop_map(|(channels, amount)| {
        let budget = channels.into_iter();
        budget
            .map(|channel| message::project::Budget { channel, amount })
            .collect::<Vec<_>>()
    });
    let end =
        (code("project-end"), date()).prop_map(|(reason, on)| message::project::End { reason, on });
    let plan = (
        label(),
        code("project-type"),
        year(),
        budget,
        0u32..=1_000_000,
    );
    let costs = option::of((0i64..1_000_000, option::of(0i64..1_000_000)));
    (
        plan,
        vec(step, 0..=8),
        costs,
        option::of(end),
        or_empty(id()),
    )
        .prop_map(|(plan, steps, costs, end, village_batch)| {
            let (name, r#type, year, budget, households) = plan;
            let open = message::project::Open {
                name,
                r#type,
                year,
                budget,
                households,
                steps,
                actual: costs.map(|(left, paid)| left + paid.unwrap_or(0)),
                reimbursed: costs.and_then(|(_, paid)| paid),
                end,
                village_batch,
            };
            message::Project { open: Some(open) }.into()
        })
        .boxed()
}

fn enterprise_message() -> Any<BodyMessage> {
    (label(), code("enterprise-kind"))
        .prop_map(|(name, r#type)| {
            let open = message::enterprise::Open { name, r#type };
            message::Enterprise { open: Some(open) }.into()
        })
        .boxed()
}

fn contract_message() -> Any<BodyMessage> {
    let volume = option::of((1u64..=1_000_000_000_000, code("contract-unit")));
    let money = (option::of(fen()), option::of(fen()));
    let times = (period(), any::<bool>());
    let who = (id(), id(), code("contract-kind"), or_empty(label()));
    (who, volume, money, times)
        .prop_map(|(who, volume, (price, added_income), times)| {
            let (household, organisation, r#type, product) = who;
            let ((from, until), has_ended) = times;
            let (volume, unit) = volume.unwrap_or_default();
            let open = message::contract::Open {
                household,
                organisation,
                r#type,
                product,
                volume,
                unit,
                price,
                added_income,
                from,
                until,
                ended_on: if has_ended { from } else { 0 },
            };
            message::Contract { open: Some(open) }.into()
        })
        .boxed()
}

fn training_message() -> Any<BodyMessage> {
    let what = (code("training-kind"), code("training-audience"), label());
    let where_and_when = (date(), 1u32..=30, label());
    let who = (0u8..200, 0u32..1000, or_empty(id()));
    (what, where_and_when, who, option::of(0u32..1000))
        .prop_map(|(what, (on, days, place), who, questions_resolved)| {
            let (r#type, audience, title) = what;
            let (named, others, unit) = who;
            let open = message::training::Open {
                r#type,
                audience,
                title,
                on,
                days,
                place,
                attendances: u32::from(named) + others,
                questions_resolved,
                attendees: (0..named).map(|number| vec![number; 16]).collect(),
                unit,
            };
            message::Training { open: Some(open) }.into()
        })
        .boxed()
}

fn cover_message() -> Any<BodyMessage> {
    let what = (code("insurance-kind"), fen(), code("fund-channel"));
    (id(), or_empty(id()), id(), what, date())
        .prop_map(|(household, member, insurer, what, from)| {
            let (r#type, premium, paid_by) = what;
            let open = message::cover::Open {
                household,
                member,
                r#type,
                insurer,
                premium,
                paid_by,
                from,
                until: from + 10_000,
            };
            message::Cover { open: Some(open) }.into()
        })
        .boxed()
}

fn collective_income_message() -> Any<BodyMessage> {
    (year(), code_set("collective-source", 5), some_fen())
        .prop_map(|(year, sources, amount)| {
            let sources = sources.into_iter();
            let open = message::collective_income::Open {
                year,
                sources: sources
                    .map(|source| message::collective_income::Source { source, amount })
                    .collect(),
            };
            message::CollectiveIncome { open: Some(open) }.into()
        })
        .boxed()
}

fn comparison_message() -> Any<BodyMessage> {
    let counts = [0u64..100, 0u64..100, 0u64..100];
    (code("comparison-source"), date(), date(), counts, digest())
        .prop_map(|(source, listed_on, compared_on, [a, b, c], digest)| {
            let open = message::comparison::Open {
                source,
                listed_on,
                compared_on,
                rows: a + b + c,
                unreadable: a,
                hits: b + c,
                raised: c,
            };
            let sensitive = Some(message::comparison::Sensitive { digest });
            let open = Some(open);
            message::Comparison { open, sensitive }.into()
        })
        .boxed()
}

fn doubt_message() -> Any<BodyMessage> {
    let verified = option::of((code("doubt-finding"), id(), date()));
    let said = option::of(text().prop_map(|text| text.replace('\n', " ")));
    (
        id(),
        id(),
        date(),
        any::<bool>(),
        verified,
        said,
        or_empty(text()),
    )
        .prop_map(
            |(comparison, member, raised_on, name_differs, verified, said, note)| {
                let (finding, officer, verified_on) = verified.unwrap_or_default();
                let open = message::doubt::Open {
                    comparison,
                    member,
                    source: "vehicles".to_owned(),
                    raised_on,
                    name_differs,
                    finding,
                    officer,
                    verified_on,
                };
                let said = said.filter(|text| !text.trim().is_empty());
                let statements = said.map(|text| message::doubt::Statement {
                    field: "plate".to_owned(),
                    text: text.trim().to_owned(),
                });
                message::Doubt {
                    open: Some(open),
                    sensitive: Some(message::doubt::Sensitive {
                        statements: statements.into_iter().collect(),
                    }),
                    free_text: Some(message::doubt::FreeText { note }),
                }
                .into()
            },
        )
        .boxed()
}

fn reported_period() -> Any<u32> {
    prop_oneof![year(), date().prop_map(|day| day / 100)].boxed()
}

fn indicator_versions() -> Any<Vec<(String, u32)>> {
    prop::collection::btree_map(plain_code(), 1u32..5, 1..4)
        .prop_map(|all| all.into_iter().collect())
        .boxed()
}

fn window_message() -> Any<BodyMessage> {
    let areas = prop::collection::btree_set(area(), 1..4);
    (
        label(),
        reported_period(),
        period(),
        areas,
        indicator_versions(),
    )
        .prop_map(|(name, period, (from, until), areas, indicators)| {
            let indicators = indicators.into_iter();
            let version = |(indicator, version)| message::reporting_window::IndicatorVersion {
                indicator,
                version,
            };
            let open = message::reporting_window::Open {
                name,
                period,
                from,
                // Every window ends.
                until: until.max(from + 10_000),
                areas: areas.into_iter().collect(),
                indicators: indicators.map(version).collect(),
            };
            message::ReportingWindow { open: Some(open) }.into()
        })
        .boxed()
}

fn report_message() -> Any<BodyMessage> {
    let figures = (indicator_versions(), option::of(any::<i64>()));
    let turns = vec((id(), or_empty(id()), date()), 1..4);
    let reason = or_empty(text());
    (id(), area(), reported_period(), figures, turns, reason)
        .prop_map(
            |(window, area, period, (indicators, value), turns, reason)| {
                let figures = indicators.into_iter();
                let figure = |(indicator, version)| message::report::Figure {
                    indicator,
                    version,
                    value,
                };
                let acts = ["reported", "reopened"].into_iter().cycle();
                let turn = |(act, (officer, cadre, on)): (&str, _)| message::report::Turn {
                    act: act.to_owned(),
                    officer,
                    cadre,
                    on,
                };
                let open = message::report::Open {
                    window,
                    area,
                    period,
                    figures: figures.map(figure).collect(),
                    turns: acts.zip(turns).map(turn).collect(),
                };
                let free_text = Some(message::report::FreeText { reason });
                let open = Some(open);
                message::Report { open, free_text }.into()
            },
        )
        .boxed()
}

fn village_batch_message() -> Any<BodyMessage> {
    let villages = proptest::collection::btree_set("360323[1-9]{6}", 1..5);
    (label(), villages, period())
        .prop_map(|(name, villages, (from, until))| {
            let open = message::village_batch::Open {
                name,
                villages: villages.into_iter().collect(),
                from,
                until,
            };
            message::VillageBatch { open: Some(open) }.into()
        })
        .boxed()
}

fn rollup_commitment_message() -> Any<BodyMessage> {
    let digest = || any::<[u8; 32]>().prop_map(|bytes| bytes.to_vec());
    let log = (0u32..9, 0u64..1 << 40, digest());
    let logs = proptest::collection::btree_map(any::<[u8; 16]>(), log, 1..4);
    let figure = (1u64..1000, 0u64..1000);
    let figures = proptest::collection::btree_map("[a-z/]{1,20}", figure, 1..9);
    let period = prop_oneof![Just(0), 1900u32..2100, 201_601u32..=201_612];
    let leaves = 1000u64..1 << 40;
    let others = (any::<[u8; 16]>(), period, digest(), leaves, digest());
    (logs, figures, others)
        .prop_map(|(logs, figures, (node, period, order, leaves, root))| {
            let log =
                |(node, (epoch, seq, hash)): ([u8; 16], _)| message::rollup_commitment::LogEnd {
                    node: node.to_vec(),
                    epoch,
                    seq,
                    hash,
                };
            let figure =
                |(name, (most, total))| message::rollup_commitment::Dimension { name, most, total };
            let open = message::rollup_commitment::Open {
                node: node.to_vec(),
                area: "360323".to_owned(),
                period,
                logs: logs.into_iter().map(log).collect(),
                dimensions: figures.into_iter().map(figure).collect(),
                order,
                leaves,
                root,
            };
            message::RollupCommitment { open: Some(open) }.into()
        })
        .boxed()
}

fn ownership_transfer_message() -> Any<BodyMessage> {
    use message::ownership_transfer::{FreeText, Identity, Open, Side, Signature};
    let sides = any::<([u8; 16], [u8; 16], [u8; 16])>();
    let signatures = any::<([u8; 32], [u8; 32])>();
    let sealed = (option::of(any::<[u8; 16]>()), option::of("[一-龥]{1,9}"));
    (any::<[u8; 16]>(), sides, signatures, sealed, 0..3usize)
        .prop_map(
            |(alert, (node, own, other), (key, half), (member, reason), which)| {
                let mut away = node;
                away[0] ^= 1;
                let side = |node: [u8; 16], handle: [u8; 16]| Side {
                    node: node.to_vec(),
                    handle: handle.to_vec(),
                };
                let signature = |node: [u8; 16]| Signature {
                    node: node.to_vec(),
                    key: key.to_vec(),
                    signature: [half, key].concat(),
                };
                let mut signatures = vec![signature(node), signature(away)];
                signatures.sort_by(|one, next| one.node.cmp(&next.node));
                if which < 2 {
                    signatures.remove(which);
                }
                let open = Open {
                    alert: alert.to_vec(),
                    keeps: Some(side(node, own)),
                    closes: Some(side(away, other)),
                    signatures,
                };
                message::OwnershipTransfer {
                    open: Some(open),
                    identity: member.map(|member| Identity {
                        member: member.to_vec(),
                    }),
                    free_text: reason.map(|reason| FreeText { reason }),
                }
                .into()
            },
        )
        .boxed()
}

/// Messages of a kind as a client that follows the conventions writes them.
fn message_of(kind: Kind) -> Any<BodyMessage> {
    match kind {
        Kind::Area => area_message(),
        Kind::Household => household_message(),
        Kind::Member => member_message(),
        Kind::IncomeStatement => income_message(),
        Kind::Cadre => cadre_message(),
        Kind::Unit => unit_message(),
        Kind::Pairing => pairing_message(),
        Kind::VillageTeam => team_message(),
        Kind::Visit => visit_message(),
        Kind::OfficialStatistic => statistic_message(),
        Kind::Officer => officer_message(),
        Kind::Policy => policy_message(),
        Kind::Enactment => enactment_message(),
        Kind::Evaluation => evaluation_message(),
        Kind::Decision => decision_message(),
        Kind::Node => node_message(),
        Kind::LivingConditions => living_message(),
        Kind::Cooperative => cooperative_message(),
        Kind::Shareholding => shareholding_message(),
        Kind::Dividend => dividend_message(),
        Kind::Alert => alert_message(),
        Kind::Procedure => procedure_message(),
        Kind::Calendar => calendar_message(),
        Kind::Case => case_message(),
        Kind::Notice => notice_message(),
        Kind::GuaranteeFund => guarantee_fund_message(),
        Kind::Loan => loan_message(),
        Kind::Blacklisting => blacklisting_message(),
        Kind::VillageBatch => village_batch_message(),
        Kind::RollupCommitment => rollup_commitment_message(),
        Kind::OwnershipTransfer => ownership_transfer_message(),
        Kind::Objection => objection_message(),
        Kind::HouseholdEvent => household_event_message(),
        Kind::Account => account_message(),
        Kind::Transfer => transfer_message(),
        Kind::BookClosing => closing_message(),
        Kind::PaymentBatch => payment_batch_message(),
        Kind::PaymentReturn => payment_return_message(),
        Kind::Commitment => commitment_message(),
        Kind::Budget => budget_message(),
        Kind::Measure => measure_message(),
        Kind::Project => project_message(),
        Kind::Enterprise => enterprise_message(),
        Kind::Contract => contract_message(),
        Kind::Training => training_message(),
        Kind::Cover => cover_message(),
        Kind::CollectiveIncome => collective_income_message(),
        Kind::Comparison => comparison_message(),
        Kind::Doubt => doubt_message(),
        Kind::ReportingWindow => window_message(),
        Kind::Report => report_message(),
        Kind::Post => supervision::post(),
        Kind::Duty => supervision::duty(),
        Kind::Task => supervision::task(),
        Kind::Finding => supervision::finding(),
        Kind::Sanction => supervision::sanction(),
        Kind::ResponsibilityLetter => supervision::letter(),
        Kind::SatisfactionSurvey => supervision::survey(),
        Kind::Assessment => supervision::assessment(),
        Kind::Award => supervision::award(),
        Kind::Unknown(number) => panic!("no messages of kind {number}"),
    }
}

fn any_message() -> Any<(Kind, BodyMessage)> {
    select(Kind::ALL.to_vec())
        .prop_flat_map(|kind| (Just(kind), message_of(kind)))
        .boxed()
}

/// Salts that count; the cipher is the identity, since nothing here is secret.
#[derive(Default)]
struct Plain(u8);

impl Sealer for Plain {
    type Error = Infallible;

    fn salt(&mut self) -> Result<Salt, Infallible> {
        self.0 = self.0.wrapping_add(1);
        Ok(Salt([self.0; 32]))
    }

    fn seal(
        &mut self,
        _subject: &RecordId,
        _class: Class,
        salt: &Salt,
        content: &[u8],
        _commitment: &Digest,
    ) -> Result<Bytes, Infallible> {
        Ok([&salt.0, content].concat().into())
    }
}

fn entry_of(draft: Draft) -> Entry {
    let place = Place {
        node: NodeId([1; 16]),
        epoch: 1,
        seq: 7,
        previous: Digest([3; 32]),
        recorded_at: 1_456_790_400_000,
        actor: ActorId([4; 16]),
        request: RequestId([5; 16]),
    };
    match Entry::seal(draft, &place, &mut Plain::default()) {
        Ok(entry) => entry,
        Err(never) => match never {},
    }
}

fn any_draft() -> Any<Draft> {
    let class = select(vec![
        Class::Identity,
        Class::Sensitive,
        Class::FreeText,
        Class::Credential,
    ]);
    let part =
        (any::<[u8; 16]>(), class, vec(any::<u8>(), 0..40)).prop_map(|(id, class, content)| Part {
            subject: RecordId(id),
            class,
            content: content.into(),
        });
    let action = select(vec![Action::Create, Action::Change, Action::Close]);
    let header = (action, kind(), any::<[u8; 16]>(), 1u32..1000, area());
    (header, vec(any::<u8>(), 0..60), vec(part, 0..4))
        .prop_map(
            |((action, kind, record, revision, area), open, sealed)| Draft {
                action,
                kind: Kind::from_number(kind).unwrap(),
                record: RecordId(record),
                revision,
                area: AreaCode::parse(&area).unwrap(),
                open: open.into(),
                sealed,
            },
        )
        .boxed()
}

/// Whether every personal part of the message is unknown.
fn knows_nothing_personal(message: &BodyMessage) -> bool {
    match message {
        BodyMessage::Household(m) => m.identity.is_none() && m.free_text.is_none(),
        BodyMessage::Member(m) => m.identity.is_none() && m.sensitive.is_none(),
        BodyMessage::Cadre(m) => m.identity.is_none(),
        BodyMessage::Visit(m) => m.free_text.is_none(),
        BodyMessage::Alert(m) => m.free_text.is_none(),
        BodyMessage::Case(m) => m.free_text.is_none(),
        BodyMessage::Notice(m) => m.identity.is_none(),
        BodyMessage::Objection(m) => m.free_text.is_none(),
        BodyMessage::HouseholdEvent(m) => m.free_text.is_none(),
        BodyMessage::Officer(m) => m.identity.is_none() && m.credential.is_none(),
        _ => true,
    }
}

#[test]
fn every_kind_has_one_number_and_one_label() {
    for kind in Kind::ALL {
        assert_eq!(Kind::from_number(kind.number()), Some(*kind));
        let same = Kind::ALL
            .iter()
            .filter(|other| other.label() == kind.label());
        assert_eq!(same.count(), 1, "{}", kind.label());
        let number = i32::try_from(kind.number()).unwrap();
        let in_proto = message::Kind::try_from(number).unwrap().as_str_name();
        let label = format!("KIND_{}", kind.label().to_uppercase().replace('-', "_"));
        assert_eq!(in_proto, label);
    }
    assert_eq!(Kind::from_number(0), None);
}

proptest! {
    #[test]
    fn a_message_is_read_and_written_back((kind, message) in any_message()) {
        let body = Body::parse(message.clone()).unwrap();
        prop_assert_eq!(body.kind(), kind);
        prop_assert_eq!(body.message(), message);
    }

    #[test]
    fn a_body_is_cut_into_parts_and_put_together((kind, message) in any_message()) {
        let body = Body::parse(message).unwrap();
        let parts = body.parts();
        prop_assert!(parts.sealed.is_sorted_by(|a, b| a.0 < b.0), "one part a class, ascending");
        prop_assert_eq!(Body::from_parts(kind, &parts).unwrap(), body);
    }

    #[test]
    fn no_record_makes_or_loses_money((_, message) in any_message()) {
        let postings = Body::parse(message).unwrap().postings();
        prop_assert_eq!(postings.iter().map(|posting| posting.amount.0).sum::<i64>(), 0);
    }

    #[test]
    fn what_is_withheld_is_unknown_and_no_fault((kind, message) in any_message()) {
        let body = Body::parse(message).unwrap();
        let open = Parts { open: body.parts().open, sealed: Vec::new() };
        let left = Body::from_parts(kind, &open).unwrap();
        prop_assert!(knows_nothing_personal(&left.message()));
        prop_assert_eq!(left.parts(), open.clone());
        // Whoever knows less and writes back loses nothing.
        let mut again = open;
        again.inherit(&body.parts());
        prop_assert_eq!(again, body.parts());
    }

    #[test]
    fn a_record_is_what_its_entry_discloses((kind, message) in any_message()) {
        let body = Body::parse(message).unwrap();
        let record = Record {
            id: RecordId([6; 16]),
            area: AreaCode::parse("360323101201").unwrap(),
            revision: 1,
            closed: false,
            body,
        };
        let parts = record.body.parts();
        let entry = entry_of(record.draft(Action::Create, parts.clone()));
        let mut message = entry.to_message();
        for part in &mut message.sealed {
            let Some(message::sealed_part::State::Ciphertext(sealed)) = part.state.take() else {
                panic!("parts are encrypted at rest");
            };
            part.state = Some(message::sealed_part::State::Disclosed(message::Disclosed {
                salt: sealed.slice(..32),
                content: sealed.slice(32..),
            }));
        }
        let disclosed = Entry::try_from(message).unwrap();
        prop_assert_eq!(disclosed.hash(), entry.hash());
        let mut known = parts;
        known.sealed.retain(|(_, content)| !content.is_empty());
        prop_assert_eq!(&Parts::of_entry(&disclosed), &known);
        let subject = record.body.subject(record.id);
        prop_assert!(disclosed.sealed().iter().all(|part| part.subject == subject));
        prop_assert_eq!(disclosed.header().kind, kind);
    }

    #[test]
    fn an_entry_is_decoded_as_it_was_encoded(draft in any_draft()) {
        let entry = entry_of(draft);
        prop_assert_eq!(&Entry::decode(entry.encode().into()).unwrap(), &entry);
        let withheld = entry.clone().withhold();
        prop_assert_eq!(withheld.hash(), entry.hash());
        prop_assert_eq!(&Entry::decode(withheld.encode().into()).unwrap(), &withheld);
    }

    #[test]
    fn no_byte_of_a_withheld_entry_can_change_unnoticed(draft in any_draft(), flip in 1..=255u8) {
        let entry = entry_of(draft).withhold();
        let bytes = entry.encode();
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= flip;
            if let Ok(other) = Entry::decode(other.into()) {
                prop_assert_ne!(other.hash(), entry.hash(), "byte {}", at);
            }
        }
    }

    #[test]
    fn strange_bytes_are_refused_and_never_panic(bytes in vec(any::<u8>(), 0..200), kind in kind()) {
        let parts = Parts {
            open: bytes.clone().into(),
            sealed: vec![(Class::Identity, bytes.clone().into()), (Class::FreeText, bytes.clone().into())],
        };
        if let Ok(body) = Body::from_parts(Kind::from_number(kind).unwrap(), &parts) {
            prop_assert_eq!(Body::parse(body.message()).unwrap(), body);
        }
        if let Ok(entry) = Entry::decode(bytes.into()) {
            prop_assert_eq!(&Entry::decode(entry.encode().into()).unwrap(), &entry);
        }
    }
}
