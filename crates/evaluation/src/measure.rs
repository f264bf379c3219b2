//! What the engine reaches on streams, as figures with a name, a value and a unit; judged by other seeds than the engine
//! was tuned with.

mod foreign;
mod guessing;
mod handbook;
mod novelty;

use std::path::{Path, PathBuf};
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

/// The parts of the measurement, by the names under which they can be asked for.
pub const PARTS: [&str; 5] = ["guessing", "new-kind", "retraining", "handbook", "foreign"];

/// Pythons with foreign packages; what needs one that is not there is left out.
#[derive(Clone, Debug, Default)]
pub struct Pythons {
    /// With LightGBM, for the baseline.
    pub trees: Option<PathBuf>,
    /// With `synccfd` and `fraudtwin`.
    pub streams: Option<PathBuf>,
}

/// Measures the wanted ones of [`PARTS`] with one seed. Takes minutes and about 3 GB.
pub fn measure(
    seed: u64,
    wants: impl Fn(&str) -> bool,
    pythons: &Pythons,
    put: Put,
) -> Result<(), MeasureError> {
    if wants("guessing") {
        guessing::measure(seed, put)?;
    }
    if wants("new-kind") {
        novelty::measure(seed, put)?;
    }
    if wants("retraining") {
        handbook::measure_retraining(seed, put)?;
    }
    if wants("handbook") {
        handbook::measure(seed, pythons.trees.as_deref(), put)?;
    }
    match &pythons.streams {
        Some(python) if wants("foreign") => foreign::measure(seed, python, put),
        Some(_) | None => Ok(()),
    }
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
