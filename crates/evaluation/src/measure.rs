//! What the engine reaches on streams, as figures with a name, a value and a unit; judged by other seeds than the engine
//! was tuned with.

pub mod foreign;
pub mod guessing;
pub mod handbook;
pub mod novelty;

use std::path::Path;
use std::process::Command;

use ids::time::Span;
use risk::model::settings::Settings;
use risk::profile::store::ProfileSettings;

use crate::evaluate::{ENTITIES_MAX, EvaluateError};
use crate::run::{RunError, RunSettings};

/// Takes a figure: its name, value and unit.
pub type Put<'a> = &'a mut dyn FnMut(&str, f64, &'static str);

#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    #[error("the stream could not be played")]
    Run(#[from] RunError),
    #[error("the stream could not be evaluated")]
    Evaluate(#[from] EvaluateError),
    #[error("a file or a program of the measurement cannot be used")]
    File(#[from] std::io::Error),
    #[error("a file of the measurement cannot be written")]
    Csv(#[from] csv::Error),
    #[error("the shipped rules cannot be used")]
    Rules(#[from] risk::rule_set::EditError),
    #[error("the facts cannot be written down")]
    Facts(#[from] risk::decision::values::TooManyFacts),
    #[error("{peer} failed: {words}")]
    Peer { peer: &'static str, words: String },
    #[error("{peer} gave {found} lines in place of {wanted}")]
    PeerLines {
        peer: &'static str,
        wanted: usize,
        found: usize,
    },
}

/// The settings that serve every stream.
fn run_settings() -> RunSettings {
    RunSettings {
        profiles: ProfileSettings {
            entities_max: ENTITIES_MAX,
            ahead_of_utc: Span(0),
        },
        training: Settings {
            threads: 2,
            ..Settings::default()
        },
        seed: 1,
    }
}

/// Runs a script of ours with a Python that has what it needs.
fn run_peer(
    peer: &'static str,
    python: &Path,
    script: &str,
    arguments: &[String],
) -> Result<(), MeasureError> {
    let mut command = Command::new(python);
    let output = command.args(["-c", script]).args(arguments).output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(MeasureError::Peer {
            peer,
            words: String::from_utf8_lossy(&output.stderr).into_owned(),
        }),
    }
}
