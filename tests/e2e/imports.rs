//! Lists that a county keeps besides its households: what is imported, what is refused, and in whose name.

use std::path::{Path, PathBuf};

use lika::clock::{Clock as _, System};
use lika_proto::{
    log::v1::{self as log, Kind},
    v1::record::Body,
};
use lika_tests::{Client, Node, Officer, Ran, create, lika, request};
use tempfile::TempDir;

/// The lists in the order in which a county imports them.
const LISTS: [&str; 7] = [
    "villages", "units", "cadres", "pairings", "projects", "accounts", "loans",
];
/// A village of the templates.
const VILLAGE: &str = "360323104201";

/// A county with one township, and a folder for its files.
struct Office {
    county: Node,
    folder: TempDir,
}

impl Office {
    fn open() -> Self {
        let county = Node::luxi();
        let open = log::area::Open {
            code: "360323104".to_owned(),
            name: "银河镇".to_owned(),
            ..log::area::Open::default()
        };
        let township = Body::AreaRecord(log::Area { open: Some(open) });
        let client = county.client();
        client
            .apply(request(), vec![create("360323104", township)])
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { county, folder }
    }

    /// A county into which the templates are imported.
    fn filled() -> Self {
        let office = Self::open();
        for list in LISTS {
            if list == "pairings" {
                office.fit();
            }
            office.import(list, &office.template(list)).done();
        }
        office
    }

    /// What the templates name and no list brings: two households, a lender and a guarantee fund.
    fn fit(&self) {
        let households = format!(
            "行政区划代码,户编号,姓名,证件号码,与户主关系,户类型\n\
             {VILLAGE},A00000001,张三,,户主,五保户\n{VILLAGE},A00000002,李四,360399197001010019,户主,五保户\n"
        );
        self.county
            .import(&self.file("households", &households))
            .done();
        let client = self.county.client();
        let lender = log::enterprise::Open {
            name: "农村信用社".to_owned(),
            r#type: "lender".to_owned(),
        };
        let lender = Body::Enterprise(log::Enterprise { open: Some(lender) });
        let lender = created(&client, "360323", lender);
        let account = log::account::Open {
            name: "担保金".to_owned(),
            side: "internal".to_owned(),
            channel: "county-budget".to_owned(),
            purpose: "guarantee".to_owned(),
            ..log::account::Open::default()
        };
        let account = Body::Account(log::Account {
            open: Some(account),
        });
        let account = created(&client, "360323104", account);
        let fund = log::guarantee_fund::Open {
            name: "银河镇担保基金".to_owned(),
            lender,
            accounts: vec![account],
            leverage: 5_000_000,
        };
        let fund = Body::GuaranteeFund(log::GuaranteeFund { open: Some(fund) });
        created(&client, "360323104", fund);
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(format!("{name}.csv"));
        std::fs::write(&file, text).unwrap();
        file
    }

    fn template(&self, list: &str) -> PathBuf {
        let file = self.folder.path().join(format!("{list}.xlsx"));
        let arguments = ["template", list, "--out"].map(AsRef::as_ref);
        lika(arguments.into_iter().chain([file.as_os_str()])).done();
        file
    }

    fn import(&self, list: &str, file: &Path) -> Ran {
        self.county
            .run(&["import", "--json", "--kind", list], &[file])
    }

    /// Imports a list of these lines, which must change nothing, and answers what is wrong in it: code, row and column.
    #[track_caller]
    fn refused(&self, list: &str, text: &str) -> String {
        let client = self.county.client();
        let head = client.status().head;
        let ran = self.import(list, &self.file(list, text));
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_eq!(ran.json()["applied"], false, "{ran:?}");
        assert_eq!(client.status().head, head, "something was written");
        faults(&ran)
    }
}

fn created(client: &Client, area: &str, body: Body) -> Vec<u8> {
    let applied = client.apply(request(), vec![create(area, body)]).unwrap();
    applied.applied[0].id.clone()
}

/// Code, row and column of each fault.
fn faults(ran: &Ran) -> String {
    let faults = ran.stderr.lines().filter_map(|line| {
        let (code, rest) = line.strip_prefix("fault ")?.split_once(": ")?;
        let mut words = rest.split(' ').skip_while(|word| *word != "row").skip(1);
        let (row, column) = (words.next()?, words.next()?);
        Some(format!("{code} {row} {column}").trim_end().to_owned())
    });
    faults.collect::<Vec<_>>().join("\n")
}

fn counts(ran: &Ran) -> [u64; 4] {
    let records = &ran.json()["records"];
    ["new", "changed", "unchanged", "absent"].map(|class| records[class].as_u64().unwrap())
}

/// The one body of a kind in the county that fits.
#[track_caller]
fn one<T>(office: &Office, kind: Kind, fits: impl Fn(Body) -> Option<T>) -> T {
    let records = office.county.client().list(kind, "360323").unwrap();
    let mut fitting = records.into_iter().filter_map(|it| fits(it.body?));
    let one = fitting.next().unwrap();
    assert!(fitting.next().is_none());
    one
}

#[test]
fn templates_fill_a_county_and_change_nothing_the_second_time() {
    let office = Office::open();
    let client = office.county.client();
    for list in LISTS {
        if list == "pairings" {
            office.fit();
        }
        let file = office.template(list);
        let head = client.status().head;
        let arguments = ["import", "--json", "--dry-run", "--kind", list];
        let dry = office.county.run(&arguments, &[&file]).done();
        assert_eq!(dry.json()["list"]["rows"].as_array().unwrap().len(), 2);
        assert_eq!(
            client.status().head,
            head,
            "{list}: a dry run writes nothing"
        );

        let first = office.import(list, &file).done();
        assert_eq!(counts(&first), [2, 0, 0, 0], "{list}: {first:?}");
        assert_eq!(first.json()["applied"], true, "{list}");

        let head = client.status().head;
        let second = office.import(list, &file).done();
        assert_eq!(counts(&second), [0, 0, 2, 0], "{list}: {second:?}");
        assert_eq!(
            client.status().head,
            head,
            "{list}: nothing is written twice"
        );
    }

    // What takes two people waits for the other ones.
    let officer = uuid::Uuid::parse_str(office.county.officer()).unwrap();
    let deposit = one(&office, Kind::Transfer, |body| match body {
        Body::Transfer(transfer) => transfer.open,
        _ => None,
    });
    assert_eq!((deposit.amount, deposit.on), (50_000_000, 20_160_115));
    assert_eq!(deposit.approvals, []);
    assert_eq!(client.balance(&deposit.to).unwrap().balance, 0);
    let road = one(&office, Kind::Project, |body| match body {
        Body::Project(project) => project.open.filter(|open| open.r#type == "road"),
        _ => None,
    });
    let [step] = &road.steps[..] else {
        panic!("{road:?}");
    };
    assert_eq!((step.stage.as_str(), step.on), ("proposed", 20_160_201));
    assert_eq!(step.officer, officer.into_bytes());
    let budget: Vec<_> = road
        .budget
        .iter()
        .map(|it| (&*it.channel, it.amount))
        .collect();
    assert_eq!(
        budget,
        [
            ("county-budget", 5_000_000),
            ("higher-government", 2_000_000)
        ]
    );
    let loan = one(&office, Kind::Loan, |body| match body {
        Body::Loan(loan) => loan.open.filter(|open| open.amount == 1_000_000),
        _ => None,
    });
    assert_eq!((loan.rate, loan.months, loan.steps.len()), (43_500, 24, 1));
    assert!(!loan.member.is_empty() && !loan.fund.is_empty() && !loan.guarantor.is_empty());
    let key_village = one(&office, Kind::Area, |body| match body {
        Body::AreaRecord(area) => area.open.filter(|open| !open.key_village.is_empty()),
        _ => None,
    });
    assert_eq!(key_village.key_village[0].from, 20_140_601);
    assert_eq!(client.totals(VILLAGE)["households-paired"], 1);
}

#[test]
fn a_wrong_row_of_each_list_is_named_and_nothing_is_written() {
    let office = Office::filled();
    let said = [
        office.refused(
            "villages",
            "区划代码,名称,重点村认定日期\n360323104203,丙村,\n360323105201,丁村,\n360323104204,戊村,2014-02-30\n",
        ),
        office.refused(
            "units",
            "单位名称,单位类型,区划\n县教育局,政府部门,芦溪县\n县林业局,部门,芦溪县\n县水利局,政府部门,上栗县\n",
        ),
        office.refused(
            "cadres",
            "姓名,职级,单位,区划\n王春,正科级,县农业局,芦溪县\n王夏,正科级,县教育局,芦溪县\n王春,正科级,县农业局,芦溪县\n",
        ),
        office.refused(
            "pairings",
            "户编号,帮扶干部姓名,帮扶方式\nA00000002,刘明,重点帮扶\nA00000002,孙悟空,重点帮扶\nA00000009,刘明,重点帮扶\n",
        ),
        office.refused(
            "projects",
            "项目名称,项目类型,实施地点,计划年度,计划投资,受益户数\n\
             村道,道路,泉江村,2016,县级财政 0,1\n水渠,道路,泉江村,2016,县级财政 5,9999999\n",
        ),
        office.refused(
            "accounts",
            "账户名称,账户性质,资金渠道,资金用途,资金年度,区划,期初存入,存入来源账户,存入日期\n\
             2016年产业资金,本账,县级财政,产业发展,2015,芦溪县,,,\n\
             新账户,本账,县级财政,产业发展,,芦溪县,100,省财政厅,2016-01-01\n",
        ),
        office.refused(
            "loans",
            "户编号,贷款机构,担保人,贷款用途,贷款金额,期限(月),年利率(%),申请日期\n\
             A00000001,农村信用社,,养殖业,3000,12,6%,2016-04-01\n\
             A00000002,农村信用社,,养殖业,3000,999,6%,2016-04-01\n\
             A00000002,农村信用社,,养殖业,3000,12,0.06,2016-04-02\n\
             A00000002,工商银行,,养殖业,3000,12,6%,2016-04-03\n",
        ),
    ];
    expect_test::expect![[r#"
        unknown-area 3
        bad-date 4 重点村认定日期

        unknown-label 3 单位类型
        no-such-area 4 区划

        not-registered 3 单位
        row-twice 4

        not-registered 3 帮扶干部姓名
        not-registered 4 户编号

        invalid-field 2 计划投资
        invalid-field 3 受益户数

        invalid-field 2 账户性质
        not-registered 3 存入来源账户

        invalid-field 3 期限(月)
        bad-rate 4 年利率(%)
        not-registered 5 贷款机构"#]]
    .assert_eq(&said.join("\n\n"));
}

#[test]
fn what_stands_in_the_registry_speaks_against_a_row() {
    let office = Office::filled();
    let client = office.county.client();
    let households = client.ids(Kind::Household, "360323");
    let xia = Officer::appoint(&office.county, "xia", "county-office", "360323");
    for household in &households {
        let arguments = [
            "loan",
            "blacklist",
            household,
            "--reason",
            "fraud",
            "--until",
            "2099-01-01",
        ];
        office.county.run(&arguments, &[]).done();
    }
    for project in client.ids(Kind::Project, "360323") {
        let arguments = ["project", "advance", &project, "approved", "--as", "xia"];
        office.county.run(&arguments, &[]).done();
    }
    drop(xia);
    let said = [
        office.refused(
            "loans",
            &format!(
                "户编号,贷款机构,贷款用途,贷款金额,期限(月),年利率(%),申请日期\n\
             A00000001,农村信用社,养殖业,3000,12,6%,{}\n",
                System.today()
            ),
        ),
        // The loan that was applied for before stays what it was.
        office.refused(
            "loans",
            "户编号,贷款机构,贷款用途,贷款金额,期限(月),年利率(%),申请日期\n\
             A00000001,农村信用社,养殖业,5000,24,6%,2016-03-01\n",
        ),
        office.refused(
            "projects",
            "项目名称,项目类型,实施地点,计划年度,计划投资\n银河镇村道,道路,泉江村,2016,县级财政 1\n\
             泉江村道硬化,道路,泉江村,2016,县级财政 1\n",
        ),
        office.refused(
            "accounts",
            "账户名称,账户性质,区划\n2016年产业资金,往来,芦溪县\n",
        ),
    ];
    expect_test::expect![[r#"
        blacklisted 2

        invalid-field 2 期限(月)

        invalid-field 3 计划投资

        invalid-field 2 账户性质"#]]
    .assert_eq(&said.join("\n\n"));

    // Those without a fault can be taken alone.
    let text = "项目名称,项目类型,实施地点,计划年度,计划投资\n银河镇村道,道路,泉江村,2016,县级财政 1\n\
        泉江村道硬化,道路,泉江村,2016,县级财政 1\n";
    let file = office.file("projects", text);
    let arguments = ["import", "--json", "--valid-rows", "--kind", "projects"];
    let ran = office.county.run(&arguments, &[&file]);
    assert_eq!((ran.code, counts(&ran)), (Some(1), [1, 0, 0, 0]), "{ran:?}");
    assert_eq!(ran.json()["left_out"], 1);
    assert_eq!(client.list(Kind::Project, "360323").unwrap().len(), 3);
}

#[test]
fn nobody_imports_or_finds_what_they_may_not() {
    let office = Office::filled();
    let township = Officer::appoint(&office.county, "qiu", "township-officer", "360323104");
    let as_qiu = |list: &str, file: &Path| {
        let arguments = ["import", "--json", "--as", "qiu", "--kind", list];
        office.county.run(&arguments, &[file])
    };
    as_qiu("cadres", &office.template("cadres")).refused("denied");
    as_qiu("accounts", &office.template("accounts")).refused("denied");
    // A cadre of the county is nobody to a township that may not read there.
    let pairings = "户编号,帮扶干部姓名,帮扶方式\nA00000002,刘明,重点帮扶\n";
    let ran = as_qiu("pairings", &office.file("pairings", pairings));
    assert_eq!(faults(&ran), "not-registered 2 帮扶干部姓名");
    let own = "项目名称,项目类型,实施地点,计划年度,计划投资\n银河镇水渠,饮水水利,银河镇,2016,乡镇筹集 3000\n";
    as_qiu("projects", &office.file("projects", own)).done();
    let beside = own.replace("银河镇,2016", "芦溪县,2016");
    as_qiu("projects", &office.file("projects", &beside)).refused("denied");
    drop(township);
}
