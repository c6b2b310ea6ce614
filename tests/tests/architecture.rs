//! spec/architecture.md and the crates' dependencies, held against each other and against the tree.

use std::collections::{BTreeMap, BTreeSet};

use codex_tests::root;

/// The rows of the map's table: crate → (folder, crates that it may see).
fn map() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let text = std::fs::read_to_string(root().join("spec/architecture.md")).expect("the map");
    let mut rooms = BTreeMap::new();
    for line in text.lines().filter(|l| l.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [folder, name, _, sees] = cells[..] else { continue };
        let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        let folder = quoted(folder).remove(0);
        assert!(root().join(&folder).is_dir(), "the map names {folder}, which is not there");
        if name == "–" {
            continue;
        }
        let mut allowed: BTreeSet<String> = quoted(sees).into_iter().collect();
        if sees.contains("all of the compiler") {
            allowed.extend(["jobs", "diagnostics", "syntax", "types", "core", "passes"].map(|c| format!("codex-{c}")));
        }
        if sees == "everything" {
            allowed.insert("*".to_owned());
        }
        rooms.insert(quoted(name).remove(0), (folder, allowed));
    }
    rooms
}

fn manifest(folder: &str) -> toml::Table {
    let path = root().join(folder).join("Cargo.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.parse().expect("TOML")
}

#[test]
fn every_room_is_on_the_map_and_sees_only_what_the_map_allows() {
    let rooms = map();
    let workspace = manifest("");
    let members: BTreeSet<String> = workspace["workspace"]["members"]
        .as_array()
        .expect("members")
        .iter()
        .map(|m| format!("{}/", m.as_str().expect("a path")))
        .collect();
    let mapped: BTreeSet<String> = rooms.values().map(|(folder, _)| folder.clone()).collect();
    assert_eq!(members, mapped, "workspace members and the map's crates");
    for (name, (folder, allowed)) in &rooms {
        let manifest = manifest(folder);
        assert_eq!(manifest["package"]["name"].as_str(), Some(name.as_str()));
        let dependencies = manifest.get("dependencies").and_then(|d| d.as_table()).cloned().unwrap_or_default();
        for dependency in dependencies.keys().filter(|d| rooms.contains_key(*d)) {
            let fine = allowed.contains("*") || allowed.contains(dependency);
            assert!(fine, "{name} depends on {dependency}, which spec/architecture.md does not allow");
        }
    }
}

#[test]
fn files_that_the_map_names_are_there() {
    let text = std::fs::read_to_string(root().join("spec/architecture.md")).expect("the map");
    let mut checked = 0;
    for quoted in text.split('`').skip(1).step_by(2) {
        let is_path = quoted.ends_with(".rs") || quoted.ends_with(".md") || quoted.ends_with('/');
        if is_path && !quoted.contains('{') {
            assert!(root().join(quoted).exists(), "the map names {quoted}, which is not there");
            checked += 1;
        }
    }
    assert!(checked > 15, "only {checked} paths were found in the map");
}
