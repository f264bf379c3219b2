//! Reads the floor table out of ARCHITECTURE.md, so that the page people read is the rule that is enforced.

use std::collections::BTreeMap;

use anyhow::{Context, bail};

use super::DependencyKind;

const HEADING: &str = "## Floors";
const COLUMNS: [&str; 4] = ["floor", "crate", "owns", "uses on its own floor"];

/// Where a crate stands. The lower floors of the house are the lower numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor {
    Number(u8),
    /// Outside the house: may use every crate, is used by tests alone.
    Beside,
}

impl Floor {
    /// Floors 0 and 1 have no async, no I/O, no clock, no randomness and no floating point.
    pub fn is_pure(self) -> bool {
        match self {
            Self::Number(number) => number <= 1,
            Self::Beside => false,
        }
    }
}

struct Row {
    floor: Floor,
    uses_on_same_floor: Vec<String>,
    /// Used by its tests and not by what is delivered.
    uses_in_tests: Vec<String>,
    /// It judges the others from outside, and so uses none of them.
    is_independent: bool,
}

/// What the last column says of a crate that shares no code with the others.
const INDEPENDENT: &str = "nothing of ours";
/// How the last column ends where it speaks of tests: of all that it names, or of what stands behind a semicolon.
const IN_TESTS: &str = "in tests";

pub struct FloorTable {
    rows: BTreeMap<String, Row>,
}

impl FloorTable {
    /// Takes the first table below the heading "Floors". An empty floor cell repeats the floor above it; a row may name
    /// several crates.
    pub fn parse(markdown: &str) -> anyhow::Result<Self> {
        let below_heading = markdown
            .lines()
            .skip_while(|line| line.trim() != HEADING)
            .skip(1);
        let mut lines = below_heading
            .skip_while(|line| !line.starts_with('|'))
            .take_while(|line| line.starts_with('|'))
            .map(cells);
        let header = lines
            .next()
            .with_context(|| format!("no table below the heading `{HEADING}`"))?;
        if header != COLUMNS {
            bail!("the floor table needs the columns {COLUMNS:?}, found {header:?}");
        }
        let mut rows = BTreeMap::new();
        let mut floor = None;
        for row in lines.skip(1) {
            let [floor_cell, crate_cell, _owns, same_floor_cell] = row.as_slice() else {
                bail!("a row of the floor table has {} cells: {row:?}", row.len());
            };
            if !floor_cell.is_empty() {
                floor = Some(parse_floor(floor_cell)?);
            }
            let floor = floor.context("the first row of the floor table names no floor")?;
            for crate_name in quoted_names(crate_cell) {
                let (always, in_tests) = match same_floor_cell.strip_suffix(IN_TESTS) {
                    None => (*same_floor_cell, ""),
                    Some(named) => named.rsplit_once(';').unwrap_or(("", named)),
                };
                if rows
                    .insert(
                        crate_name.clone(),
                        Row {
                            floor,
                            uses_on_same_floor: quoted_names(always),
                            uses_in_tests: quoted_names(in_tests),
                            is_independent: *same_floor_cell == INDEPENDENT,
                        },
                    )
                    .is_some()
                {
                    bail!("the floor table names `{crate_name}` twice");
                }
            }
        }
        Ok(Self { rows })
    }

    pub fn floor(&self, crate_name: &str) -> Option<Floor> {
        self.rows.get(crate_name).map(|row| row.floor)
    }

    pub fn allows_on_same_floor(&self, user: &str, used: &str, kind: DependencyKind) -> bool {
        self.rows.get(user).is_some_and(|row| {
            let is_in = |names: &[String]| names.iter().any(|name| name == used);
            let in_tests = kind == DependencyKind::Test && is_in(&row.uses_in_tests);
            is_in(&row.uses_on_same_floor) || in_tests
        })
    }

    /// Whether the row says that the crate shares no code with any other of the workspace.
    pub fn is_independent(&self, crate_name: &str) -> bool {
        self.rows
            .get(crate_name)
            .is_some_and(|row| row.is_independent)
    }

    pub fn crates(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.trim()
        .trim_matches('|')
        .split('|')
        .map(str::trim)
        .collect()
}

/// `3 shell` is floor 3; `beside` is beside.
fn parse_floor(cell: &str) -> anyhow::Result<Floor> {
    let word = cell.split_whitespace().next().unwrap_or_default();
    if word == "beside" {
        return Ok(Floor::Beside);
    }
    let number = word
        .parse()
        .with_context(|| format!("`{cell}` begins neither with a number nor with `beside`"))?;
    Ok(Floor::Number(number))
}

/// The names between backticks.
fn quoted_names(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}
