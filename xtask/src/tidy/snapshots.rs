//! Snapshot files that no test compares with any more.
//!
//! insta names a file `<module path>__<snapshot name>.snap` and writes into it which source made it. The snapshot is
//! used when that source still holds the name: as a function for automatic names, in quotes for chosen ones.

use super::finding::{Finding, Violation};
use crate::workspace::ProjectFile;

pub fn check(files: &[ProjectFile]) -> Vec<Finding> {
    let snapshots = files.iter().filter(|file| file.has_extension("snap"));
    snapshots
        .filter_map(|snapshot| check_snapshot(snapshot, files))
        .collect()
}

fn check_snapshot(snapshot: &ProjectFile, files: &[ProjectFile]) -> Option<Finding> {
    let source = named_source(snapshot.text()?).unwrap_or_default();
    let Some(source_text) = files
        .iter()
        .find(|file| file.path == source)
        .and_then(ProjectFile::text)
    else {
        let violation = Violation::SnapshotWithoutSource {
            source_path: source.to_owned(),
        };
        return Some(Finding::on_file(&snapshot.path, violation));
    };
    let name = snapshot_name(&snapshot.path);
    (!is_referenced(name, source_text)).then(|| {
        Finding::on_file(
            &snapshot.path,
            Violation::SnapshotUnreferenced {
                name: name.to_owned(),
            },
        )
    })
}

fn named_source(snapshot: &str) -> Option<&str> {
    snapshot
        .lines()
        .find_map(|line| line.strip_prefix("source:"))
        .map(|source| source.trim().trim_matches('"'))
}

/// `crates/a/tests/it/snapshots/it__b__name@suffix.snap` belongs to `name`.
fn snapshot_name(path: &str) -> &str {
    let file_name = path
        .rsplit('/')
        .next()
        .unwrap_or(path)
        .trim_end_matches(".snap");
    let without_suffix = file_name.split('@').next().unwrap_or(file_name);
    without_suffix.rsplit("__").next().unwrap_or(without_suffix)
}

fn is_referenced(name: &str, source: &str) -> bool {
    let mentions = |name: &str| {
        [
            format!("fn {name}("),
            format!("fn test_{name}("),
            format!("\"{name}\""),
        ]
        .iter()
        .any(|mention| source.contains(mention.as_str()))
    };
    // The second and later automatic names of one function end in a number.
    let numbered = name
        .rsplit_once('-')
        .filter(|(_, number)| number.parse::<u32>().is_ok());
    mentions(name) || numbered.is_some_and(|(stem, _)| mentions(stem))
}

#[cfg(test)]
mod tests;
