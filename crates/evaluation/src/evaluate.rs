//! `scrip risk evaluate`: a file of labelled payments through the engine as if live, scores and figures out of it.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ids::time::{Span, Timestamp};
use risk::fact::Kind;
use risk::metrics::{Figures, Judged, by_scenario, figures};
use risk::model::settings::Settings;
use risk::profile::store::ProfileSettings;

use crate::input::mapping::{Mapping, MappingError};
use crate::input::{InputError, Stream, read};
use crate::run::{Periods, Run, RunError, RunSettings, run};

/// Where nothing else is said, a model is trained from this long before the end of the training period.
pub const TRAINED_FROM: Span = Span(60 * Span::DAY.0);

/// Entities that an evaluation tracks at once.
pub const ENTITIES_MAX: usize = 2_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub events: PathBuf,
    pub mapping: PathBuf,
    /// [`TRAINED_FROM`] before `train_until` if not given.
    pub train_from: Option<Timestamp>,
    pub train_until: Timestamp,
    pub test_from: Timestamp,
    pub test_until: Option<Timestamp>,
    pub label_delay: Span,
    /// Where the scores of the test period go.
    pub scores: PathBuf,
    pub threads: usize,
    pub seed: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    #[error("the training period must end before the test period begins, and begin before it ends")]
    Periods,
    #[error("the label delay must not be negative")]
    Delay,
    #[error("the mapping {path} cannot be read")]
    MappingUnreadable {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("the mapping {path} does not hold")]
    Mapping {
        path: String,
        #[source]
        source: MappingError,
    },
    #[error("the stream cannot be read")]
    Input(#[from] InputError),
    #[error("the stream could not be evaluated")]
    Run(#[from] RunError),
    #[error("the scores cannot be written to {path}")]
    Scores {
        path: String,
        #[source]
        source: io::Error,
    },
}

/// What came out. Shows itself as lines of `name: value unit`.
#[derive(Clone, Debug)]
pub struct Evaluation {
    pub payments: usize,
    pub features: usize,
    pub trained_rows: usize,
    pub trees: usize,
    pub figures: Figures,
    /// By the name that the file gives each kind of fraud.
    pub scenarios: Vec<(String, Figures)>,
}

/// Reads, plays, trains, tests, and writes one line for each attempt of the test period.
pub fn evaluate(request: &Request) -> Result<Evaluation, EvaluateError> {
    let periods = periods(request)?;
    let mapping = read_mapping(&request.mapping)?;
    let stream = read(&request.events, &mapping)?;
    let settings = RunSettings {
        profiles: ProfileSettings {
            entities_max: ENTITIES_MAX,
            ahead_of_utc: Span(0),
        },
        training: Settings {
            threads: request.threads,
            ..Settings::default()
        },
        seed: request.seed,
    };
    let scenario = |place: usize| stream.scenarios[place];
    let run = run(stream.events.iter(), scenario, &periods, &settings)?;
    write_scores(&request.scores, &stream, &run).map_err(|source| EvaluateError::Scores {
        path: request.scores.display().to_string(),
        source,
    })?;
    Ok(evaluation(&stream, &run))
}

fn periods(request: &Request) -> Result<Periods, EvaluateError> {
    let train_from = request.train_from;
    let periods = Periods {
        train_from: train_from.unwrap_or(request.train_until.minus(TRAINED_FROM)),
        train_until: request.train_until,
        test_from: request.test_from,
        test_until: request.test_until.unwrap_or(Timestamp::NEVER),
        label_delay: request.label_delay,
        retrain_every: None,
    };
    if request.label_delay < Span(0) {
        return Err(EvaluateError::Delay);
    }
    let is_ordered = periods.train_from < periods.train_until
        && periods.train_until <= periods.test_from
        && periods.test_from < periods.test_until;
    match is_ordered {
        true => Ok(periods),
        false => Err(EvaluateError::Periods),
    }
}

fn read_mapping(path: &Path) -> Result<Mapping, EvaluateError> {
    let name = || path.display().to_string();
    let text = fs::read_to_string(path).map_err(|source| EvaluateError::MappingUnreadable {
        path: name(),
        source,
    })?;
    Mapping::parse(&text).map_err(|source| EvaluateError::Mapping {
        path: name(),
        source,
    })
}

fn write_scores(path: &Path, stream: &Stream, run: &Run) -> io::Result<()> {
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(["row", "score", "fraud", "scenario"])?;
    for tested in &run.tested {
        let judged = &tested.judged;
        let scenario = judged.scenario.checked_sub(1);
        let name = scenario.and_then(|place| stream.scenario_names.get(place as usize));
        writer.write_record([
            stream.rows[tested.place].to_string().as_str(),
            judged.score.to_string().as_str(),
            if judged.is_fraud { "1" } else { "0" },
            name.map_or("", String::as_str),
        ])?;
    }
    writer.flush()
}

fn evaluation(stream: &Stream, run: &Run) -> Evaluation {
    let judged: Vec<Judged> = run.tested.iter().map(|tested| tested.judged).collect();
    let name = |scenario: u32| {
        let place = scenario.checked_sub(1).map(|place| place as usize);
        let name = place.and_then(|place| stream.scenario_names.get(place));
        name.cloned().unwrap_or_default()
    };
    let catalogue = risk::feature::catalogue();
    let seen = catalogue
        .types()
        .iter()
        .filter(|fact| fact.kind != Kind::Text);
    Evaluation {
        payments: stream.events.len(),
        features: seen.count(),
        trained_rows: run.trained.report.known.rows,
        trees: run.trained.report.trees,
        figures: figures(&judged),
        scenarios: by_scenario(&judged)
            .into_iter()
            .map(|(scenario, figures)| (name(scenario), figures))
            .collect(),
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "payments: {}", self.payments)?;
        writeln!(f, "features: {}", self.features)?;
        writeln!(f, "trained from: {} payments", self.trained_rows)?;
        writeln!(f, "model: {} trees", self.trees)?;
        writeln!(f, "{}", self.figures)?;
        for (name, figures) in &self.scenarios {
            writeln!(f, "scenario: {name}")?;
            writeln!(f, "{figures}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
