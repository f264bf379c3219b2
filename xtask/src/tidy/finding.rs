//! What a check found, and where.

use std::fmt;

use thiserror::Error;

/// One broken rule. Displays as `path:line: what is wrong and what to do`.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub path: String,
    pub line: Option<usize>,
    pub violation: Violation,
}

/// Each text says what is wrong and, where that is not plain, what to do.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Violation {
    #[error("{line_count} lines, at most {line_count_max}: split the file")]
    FileTooLong {
        line_count: usize,
        line_count_max: usize,
    },
    #[error("{byte_count} bytes, at most {byte_count_max}: build it instead of keeping it")]
    FileTooLarge {
        byte_count: usize,
        byte_count_max: usize,
    },
    #[error("white space at the end of the line")]
    TrailingWhitespace,
    #[error("a marker for unfinished work: finish it")]
    FixMeMarker,
    #[error("`{term}` says where the author worked: leave it out")]
    ForbiddenTerm { term: &'static str },
    #[error("function `{name}` has {line_count} lines, at most {line_count_max}")]
    FunctionTooLong {
        name: String,
        line_count: usize,
        line_count_max: usize,
    },
    #[error("begins without `//!`: say what the crate is")]
    CrateRootWithoutDocs,
    #[error("silences a lint without `reason = \"...\"`")]
    LintSilencedWithoutReason,
    #[error("`{word}` in `{crate_name}`: floors 0 and 1 are pure and count in integers")]
    ImpureOnLowFloor {
        crate_name: String,
        word: &'static str,
    },
    #[error("`{dependency}` must be taken with `workspace = true`: versions live in one place")]
    VersionOutsideWorkspace { dependency: String },
    #[error("lacks `[lints] workspace = true`")]
    LintsNotInherited,
    #[error("belongs to `{source_path}`, which does not exist: delete the snapshot")]
    SnapshotWithoutSource { source_path: String },
    #[error("no test called `{name}` and no snapshot name like it: delete the snapshot")]
    SnapshotUnreferenced { name: String },
    #[error("crate `{crate_name}` stands on no floor of the table")]
    CrateNotInTable { crate_name: String },
    #[error("the floor table names `{crate_name}`, which is not in the workspace")]
    TableRowWithoutCrate { crate_name: String },
    #[error("`{user}` uses `{used}`, which stands on a higher floor")]
    EdgeUpwards { user: String, used: String },
    #[error("`{user}` uses `{used}` on its own floor, which its row in the table does not allow")]
    EdgeOnSameFloor { user: String, used: String },
    #[error("`{user}` uses `{used}`, which stands beside the floors: tests alone may")]
    EdgeToBeside { user: String, used: String },
    #[error(
        "`{user}` uses `{used}`: it judges the others from outside and shares no code with them"
    )]
    EdgeOfIndependent { user: String, used: String },
    #[error("`{user}` depends on `{used}`: floors 0 and 1 take only listed external crates")]
    ExternalDependency { user: String, used: String },
}

impl Finding {
    pub fn on_file(path: &str, violation: Violation) -> Self {
        Self {
            path: path.to_owned(),
            line: None,
            violation,
        }
    }

    /// `line` counts from 1.
    pub fn on_line(path: &str, line: usize, violation: Violation) -> Self {
        Self {
            path: path.to_owned(),
            line: Some(line),
            violation,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{}:{line}: {}", self.path, self.violation),
            None => write!(formatter, "{}: {}", self.path, self.violation),
        }
    }
}
