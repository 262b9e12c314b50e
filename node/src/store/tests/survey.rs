use super::*;
use crate::store::Survey;

const KINDS: [Kind; 3] = [Kind::Household, Kind::Member, Kind::Cadre];
/// With their heads so many that the whole county is not looked up one by one, and a village is.
const HOUSEHOLDS: u32 = 2_100;

/// What a survey finds, in the order of ids.
fn surveyed(reader: &Reader, area: &AreaCode, at: &BTreeMap<NodeId, Position>) -> Vec<Record> {
    let survey = Survey {
        kinds: &KINDS,
        area,
        at,
    };
    let shares = reader.survey(&survey, Vec::new, Vec::push).unwrap();
    let mut found: Vec<Record> = shares.into_iter().flatten().collect();
    found.sort_unstable_by_key(|record| record.id);
    found
}

/// The same, record by record.
fn looked_up(reader: &Reader, area: &AreaCode, at: &BTreeMap<NodeId, Position>) -> Vec<Record> {
    let ids = (0..=HOUSEHOLDS).flat_map(|number| {
        [
            id("household", number),
            id("member", number * 100),
            id("cadre", number),
        ]
    });
    let stored = ids.filter_map(|id| reader.get_open(&id, at).unwrap());
    let records = stored.filter_map(crate::store::Stored::into_record);
    let mut open: Vec<Record> = records
        .filter(|record| !record.closed && area.contains(&record.area))
        .collect();
    open.sort_unstable_by_key(|record| record.id);
    open
}

fn ends(reader: &Reader) -> BTreeMap<NodeId, Position> {
    let tails = reader.heads().into_iter();
    tails.map(|tail| (tail.node, tail.position)).collect()
}

#[test]
fn a_survey_reads_what_stood_there_whatever_was_written_since() {
    let world = World::real();
    let store = world.open().unwrap();
    let reader = store.reader();
    store.submit_blocking(begin()).unwrap();
    let households = (0..HOUSEHOLDS).flat_map(register);
    let registered = command("all", households.collect());
    store.submit_blocking(registered).unwrap();
    for number in [1, 2, 3] {
        store.submit_blocking(cadre(number)).unwrap();
    }
    let at = ends(&reader);
    let edit = |name: &str, record: RecordId, action| {
        let edited = change(name, &reader, &record, action, |body| match body {
            Body::Household(household) => household.willing = Some(true),
            Body::Cadre(cadre) => cadre.until = Some(date(2026, 1, 1)),
            other => panic!("{other:?}"),
        });
        store.submit_blocking(edited).unwrap();
    };
    let everywhere = area(COUNTY);
    let village = area(VILLAGES[0]);
    let before = surveyed(&reader, &everywhere, &at);
    let all = 2 * HOUSEHOLDS as usize + 3;
    assert_eq!(before.len(), all);
    assert_eq!(before, looked_up(&reader, &everywhere, &at));
    assert_eq!(surveyed(&reader, &village, &at).len(), all / 2);

    edit("changed", id("household", 4), Action::Change);
    edit("changed again", id("household", 4), Action::Change);
    edit("closed", id("cadre", 2), Action::Close);
    store
        .submit_blocking(super::registered(HOUSEHOLDS))
        .unwrap();
    for area in [everywhere, area(TOWNSHIP), village] {
        let found = surveyed(&reader, &area, &at);
        assert_eq!(found, looked_up(&reader, &area, &at), "then, {area}");
        let now = ends(&reader);
        let found = surveyed(&reader, &area, &now);
        assert_eq!(found, looked_up(&reader, &area, &now), "now, {area}");
    }
    assert_eq!(surveyed(&reader, &everywhere, &at), before);
    let now = surveyed(&reader, &everywhere, &ends(&reader));
    assert_eq!(now.len(), all - 1 + 2);
    assert_eq!(surveyed(&reader, &everywhere, &BTreeMap::new()), []);
}

#[test]
fn a_survey_names_the_entry_that_is_damaged() {
    let world = World::real();
    let store = world.open().unwrap();
    let reader = store.reader();
    store.submit_blocking(begin()).unwrap();
    for number in 0..20 {
        store.submit_blocking(registered(number)).unwrap();
    }
    let at = ends(&reader);
    // The record of a household in the middle, flipped in the middle.
    let bytes = std::fs::read(world.segment()).unwrap();
    let record = id("household", 10).0;
    let mut places = bytes.windows(record.len()).enumerate();
    let (offset, _) = places.find(|(_, window)| *window == record).unwrap();
    let mut damaged = bytes;
    damaged[offset] ^= 0x10;
    std::fs::write(world.segment(), damaged).unwrap();
    let one_by_one = reader.get(&id("household", 10)).unwrap_err().to_string();
    assert!(one_by_one.contains("checksum"), "{one_by_one}");
    for area in [area(COUNTY), area(TOWNSHIP)] {
        let survey = Survey {
            kinds: &KINDS,
            area: &area,
            at: &at,
        };
        let found = reader.survey(&survey, Vec::new, Vec::<Record>::push);
        assert_eq!(found.unwrap_err().to_string(), one_by_one, "{area}");
    }
    // The file ends before it: still each entry says for itself.
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(world.segment());
    file.unwrap().set_len(offset as u64).unwrap();
    let one_by_one = reader.get(&id("household", 10)).unwrap_err().to_string();
    assert!(one_by_one.contains("ends inside"), "{one_by_one}");
    let survey = Survey {
        kinds: &KINDS,
        area: &area(COUNTY),
        at: &at,
    };
    let found = reader.survey(&survey, Vec::new, Vec::<Record>::push);
    assert_eq!(found.unwrap_err().to_string(), one_by_one);
}
