//! New projects hold what they need.

use std::{collections::BTreeSet, fs, path::Path};

use toml::Value;

use crate::author::{
    project::{self, Language, Project, World},
    template,
};

const ALL: [(Language, World); 6] = [
    (Language::Rust, World::Subject),
    (Language::Rust, World::Group),
    (Language::Python, World::Subject),
    (Language::Python, World::Group),
    (Language::Js, World::Subject),
    (Language::Js, World::Group),
];

#[test]
fn a_new_project_is_one() {
    let folder = tempfile::tempdir().unwrap();
    for (language, family) in ALL {
        let own = folder.path().join(format!("{language}-{family}"));
        template::write(&own, "visits", language, family).unwrap();
        let project = Project::open(&own).unwrap();
        assert_eq!((project.language, project.family), (language, family));
        let examples = fs::read_dir(project.folder.join("examples"))
            .unwrap()
            .count();
        assert!(examples >= 2, "an example and its answer");
        let left = files(&own).into_iter().find(|file| {
            let text = fs::read_to_string(file).unwrap();
            text.contains("{{name}}")
        });
        assert_eq!(left, None, "a name that was not filled in");
    }
}

#[test]
fn a_folder_that_is_there_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let written = template::write(folder.path(), "visits", Language::Js, World::Subject);
    assert!(matches!(written, Err(template::Error::Exists(_))));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_name_is_a_code_and_a_package() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["", "Visits", "2-visits", "visits-", "../visits", "走访"] {
        let own = folder.path().join("project");
        let written = template::write(&own, name, Language::Js, World::Subject);
        assert!(matches!(written, Err(template::Error::Name(_))), "{name}");
        assert!(!own.exists());
    }
}

#[test]
fn a_project_file_with_an_unknown_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = "language = \"rust\"\nfamily = \"subject\"\ncolour = \"red\"\n";
    fs::write(folder.path().join(project::FILE), text).unwrap();
    let opened = Project::open(folder.path());
    assert!(matches!(opened, Err(project::Error::Faulty { .. })));
}

/// The SDK takes its versions from the workspace that it stands in: here from this one, in a project from the project's.
#[test]
fn a_rust_project_gives_the_sdk_the_versions_that_it_was_tested_with() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("visits");
    template::write(&own, "visits", Language::Rust, World::Subject).unwrap();
    let read = |path: &Path| toml::from_str::<Value>(&fs::read_to_string(path).unwrap()).unwrap();
    let here = read(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../Cargo.toml"
    )));
    let there = read(&own.join("Cargo.toml"));
    let [here, there] = [&here, &there].map(|file| file["workspace"]["dependencies"].as_table());
    let (here, there) = (here.unwrap(), there.unwrap());
    for (name, dependency) in there {
        if !name.starts_with("lika-") {
            assert_eq!(here.get(name), Some(dependency), "{name}");
        }
    }
    let mut asked = BTreeSet::new();
    for manifest in ["sdk/Cargo.toml", "sdk/derive/Cargo.toml"] {
        let manifest = read(&own.join(manifest));
        asked.extend(manifest["dependencies"].as_table().unwrap().keys().cloned());
    }
    assert!(
        asked.iter().all(|name| there.contains_key(name)),
        "{asked:?}"
    );
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files
}
