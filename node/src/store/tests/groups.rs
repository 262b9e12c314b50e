use lika_core::command::Command;
use proptest::prelude::*;

use super::*;

/// Something that somebody may ask for, sensible or not.
#[derive(Clone, Debug)]
enum Wish {
    Register(u32),
    AddMember(u32, u32),
    SecondHead(u32),
    Water(u32, u32),
    Cadre(u32),
    Pair(u32, u32, bool),
    Visit(u32, u32),
    Repeat(usize),
}

fn any_wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        3 => (0..6_u32).prop_map(Wish::Register),
        3 => (0..6_u32, 1..4_u32).prop_map(|(of, number)| Wish::AddMember(of, number)),
        1 => (0..6_u32).prop_map(Wish::SecondHead),
        3 => (0..6_u32, 1..4_u32).prop_map(|(of, revision)| Wish::Water(of, revision)),
        2 => (0..3_u32).prop_map(Wish::Cadre),
        3 => (0..6_u32, 0..3_u32, any::<bool>()).prop_map(|(of, with, responsible)| Wish::Pair(of, with, responsible)),
        2 => (0..6_u32, 0..3_u32).prop_map(|(of, by)| Wish::Visit(of, by)),
        1 => any::<prop::sample::Index>().prop_map(|index| Wish::Repeat(index.index(20))),
    ]
}

fn commands(wishes: &[Wish]) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for (number, wish) in (0_u32..).zip(wishes) {
        let changes = match wish {
            Wish::Register(number) => register(*number),
            Wish::AddMember(of, number) => {
                let number = of * 100 + number;
                vec![Change::create(
                    id("member", number),
                    village(*of),
                    member(number, *of, "10"),
                )]
            }
            Wish::SecondHead(of) => {
                let number = of * 100 + 50;
                vec![Change::create(
                    id("member", number),
                    village(*of),
                    member(number, *of, "02"),
                )]
            }
            Wish::Water(of, revision) => vec![Change {
                action: Action::Change,
                expected_revision: *revision,
                id: id("household", *of),
                area: village(*of),
                body: Body::from(Household {
                    safe_water: None,
                    exit_year: None,
                    ..household(*of)
                }),
            }],
            Wish::Cadre(number) => cadre(*number).changes,
            Wish::Pair(of, with, responsible) => pairing(number, *of, *with, *responsible).changes,
            Wish::Visit(of, by) => visit(number, *of, *by).changes,
            Wish::Repeat(index) => {
                commands.extend(commands.get(*index).cloned());
                continue;
            }
        };
        commands.push(command(&format!("wish {number}"), changes));
    }
    commands
}

/// What a caller is told, without what depends on the moment.
fn told(result: Result<Receipt, Error>) -> String {
    match result {
        Ok(Receipt {
            position,
            applied,
            repeated,
            ..
        }) => format!("{position} {applied:?} {repeated}"),
        Err(Error::Refused(refused)) => format!("{refused}"),
        Err(error) => error.to_string(),
    }
}

fn all_at_once(store: Store, commands: Vec<Command>) -> (Vec<String>, Store) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let store = Arc::new(store);
    let tasks: Vec<_> = commands
        .into_iter()
        .map(|command| {
            let store = Arc::clone(&store);
            runtime.spawn(async move { store.submit(command).await })
        })
        .collect();
    let told = runtime.block_on(async {
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(told(task.await.unwrap()));
        }
        answers
    });
    drop(runtime);
    (told, Arc::into_inner(store).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn together_is_the_same_as_one_by_one(wishes in prop::collection::vec(any_wish(), 1..60)) {
        let commands = commands(&wishes);
        let (alone_world, _) = World::simulated();
        let alone = alone_world.open().unwrap();
        alone.submit_blocking(begin()).unwrap();
        let told_alone: Vec<String> =
            commands.iter().map(|command| told(alone.submit_blocking(command.clone()))).collect();

        let (group_world, _) = World::simulated();
        let group = group_world.open().unwrap();
        group.submit_blocking(begin()).unwrap();
        let (told_together, group) = all_at_once(group, commands);

        prop_assert_eq!(told_alone, told_together);
        prop_assert_eq!(picture(&alone.reader()), picture(&group.reader()));
        prop_assert!(verified(&alone).is_sound());
        prop_assert!(verified(&group).is_sound());
    }
}

#[test]
fn many_callers_share_a_batch() {
    let world = World::real();
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    let (told, store) = all_at_once(store, (0..200).map(registered).collect());
    assert_eq!(told.len(), 200);
    let standing = store.reader().standing();
    assert!(
        standing.order < 100,
        "{} batches for 201 commands",
        standing.order
    );
    assert_eq!(stock(&store.reader(), COUNTY)["households"], 200);
    assert_sound(&store);
}

#[test]
fn a_full_disk_takes_with_it_what_was_decided_upon_the_lost_batch_and_nothing_else() {
    for room in [0, 3_000, 20_000, 60_000] {
        let (world, disk) = World::simulated();
        let store = world.open().unwrap();
        store.submit_blocking(begin()).unwrap();
        disk.fill_at(Some(disk.used() + room));
        let commands: Vec<Command> = (0..300).map(registered).collect();
        let (told, store) = all_at_once(store, commands.clone());
        let lost = told.iter().filter(|told| told.contains("disk is full"));
        let kept = 300 - lost.count();
        assert!(kept < 300, "{room}");
        let households = stock(&store.reader(), COUNTY).get("households").copied();
        assert_eq!(households.unwrap_or_default(), i64::try_from(kept).unwrap());
        assert_sound(&store);

        disk.fill_at(None);
        let (again, store) = all_at_once(store, commands);
        let repeated = again.iter().filter(|told| told.ends_with("true"));
        assert_eq!(repeated.count(), kept, "{room}");
        assert_eq!(stock(&store.reader(), COUNTY)["households"], 300);
        assert_sound(&store);
        store.close().unwrap();
        assert_sound(&world.open().unwrap());
    }
}
