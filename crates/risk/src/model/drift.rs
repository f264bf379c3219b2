//! Drift of inputs and scores: whether attempts still look like those from which a model learnt.
//!
//! The measure is the population stability index, PSI: over bins of equal share in the reference, the sum of
//! (p - q) ln (p / q), where p is a bin's share now and q its share then.

use serde::{Deserialize, Serialize};

use super::window::{Ring, Standing};

/// Limits between the bins of a feature; a thirteenth bin counts unknown values.
pub const EDGES_MAX: usize = QUANTILES.len();
/// Where the limits lie among the values of the reference. The last two are for scores, whose upper end matters most.
const QUANTILES: [f64; 11] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];
/// From this PSI on, a shift is worth a look; below it is what samples do. The usual reading of the index.
pub const PSI_WATCH: f64 = 0.1;
/// From this PSI on, the model works on attempts that it does not know.
pub const PSI_ALARM: f64 = 0.25;
/// Attempts from which a PSI says anything: with fewer, chance alone comes near [`PSI_WATCH`].
pub const ROWS_MIN: u64 = 500;
/// The least share that a bin of the reference counts for, so that a new value does not make the index infinite.
const SHARE_FLOOR: f64 = 1e-4;

/// How values were spread when the model was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    /// Rising limits; a bin holds what is at least its lower and less than its upper limit.
    edges: Vec<f32>,
    /// The share of each bin, and last that of unknown values; together 1.
    shares: Vec<f64>,
}

/// The spread of every feature, and of the scores before calibration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// In the order of the model's features.
    pub features: Vec<Histogram>,
    pub scores: Histogram,
}

impl Histogram {
    /// The spread of values, each counted with its weight.
    pub fn of(values: &[(f32, f64)]) -> Histogram {
        let mut known: Vec<f32> = values
            .iter()
            .map(|(value, _)| *value)
            .filter(|value| value.is_finite())
            .collect();
        known.sort_by(f32::total_cmp);
        let mut histogram = Histogram {
            edges: edges(&known),
            shares: Vec::new(),
        };
        let mut weights = vec![0.0; histogram.bins()];
        for (value, weight) in values {
            weights[histogram.bin(*value)] += weight;
        }
        let total: f64 = weights.iter().sum();
        let share = |weight: &f64| if 0.0 < total { weight / total } else { 0.0 };
        histogram.shares = weights.iter().map(share).collect();
        histogram
    }

    /// How many bins there are, with the one for unknown values.
    fn bins(&self) -> usize {
        self.edges.len() + 2
    }

    fn bin(&self, value: f32) -> usize {
        if value.is_finite() {
            self.edges.partition_point(|edge| *edge <= value)
        } else {
            self.edges.len() + 1
        }
    }

    /// The index for counts of bins; none before there are enough.
    fn psi(&self, counts: &[u64]) -> Option<f64> {
        let rows: u64 = counts.iter().sum();
        if rows < ROWS_MIN {
            return None;
        }
        let term = |(count, share): (&u64, &f64)| {
            let now = (*count as f64 / rows as f64).max(SHARE_FLOOR);
            let then = share.max(SHARE_FLOOR);
            (now - then) * (now / then).ln()
        };
        Some(counts.iter().zip(&self.shares).map(term).sum())
    }

    /// Whether this can be a spread. One from a file may not.
    pub fn is_sound(&self) -> bool {
        let rises = |pair: &[f32]| pair[0] < pair[1];
        self.edges.len() <= EDGES_MAX
            && self.shares.len() == self.bins()
            && self.edges.iter().all(|edge| edge.is_finite())
            && self.edges.windows(2).all(rises)
            && self.shares.iter().all(|share| (0.0..=1.0).contains(share))
    }
}

/// Limits that part sorted values at the quantiles, as far as they differ.
fn edges(sorted: &[f32]) -> Vec<f32> {
    let Some(least) = sorted.first() else {
        return Vec::new();
    };
    let mut edges: Vec<f32> = QUANTILES
        .iter()
        .map(|quantile| sorted[((sorted.len() - 1) as f64 * quantile) as usize])
        .filter(|edge| least < edge)
        .collect();
    edges.dedup();
    if edges.is_empty() {
        // Nearly all are the same: part those from the others.
        edges.extend(sorted.iter().find(|value| least < *value));
    }
    edges
}

/// Counts the newest attempts and compares them with a reference. Bounded: it remembers counts alone.
#[derive(Clone, Debug)]
pub struct Drift {
    reference: Reference,
    /// Where each histogram's counts begin; the scores come last.
    starts: Vec<usize>,
    counts: Ring<Vec<u64>>,
}

/// A PSI and what it means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// None before there are [`ROWS_MIN`] attempts.
    pub psi: Option<f64>,
    pub standing: Standing,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DriftReport {
    /// Attempts in the window.
    pub rows: u64,
    pub scores: Shift,
    /// In the order of the model's features.
    pub features: Vec<Shift>,
}

impl Drift {
    /// Compares about the newest `rows` attempts. Counting attempts instead of hours makes clocks that jump harmless.
    pub fn new(reference: Reference, rows: u64) -> Drift {
        let histograms = reference.features.iter().chain([&reference.scores]);
        let mut starts = Vec::new();
        let mut next = 0;
        for histogram in histograms {
            starts.push(next);
            next += histogram.bins();
        }
        Drift {
            counts: Ring::new(rows, vec![0; next]),
            reference,
            starts,
        }
    }

    /// Takes an attempt, with the values of the model's features and its score before calibration.
    pub fn observe(&mut self, row: &[f32], score: f32) {
        assert_eq!(
            row.len(),
            self.reference.features.len(),
            "a value for each feature"
        );
        let (reference, starts) = (&self.reference, &self.starts);
        let counts = self.counts.next_row();
        for (feature, value) in row.iter().enumerate() {
            counts[starts[feature] + reference.features[feature].bin(*value)] += 1;
        }
        counts[starts[row.len()] + reference.scores.bin(score)] += 1;
    }

    pub fn report(&self) -> DriftReport {
        let mut counts = self.counts.empty();
        for slot in self.counts.slots() {
            for (sum, count) in counts.iter_mut().zip(slot) {
                *sum += count;
            }
        }
        let shift = |at: usize, histogram: &Histogram| {
            let start = self.starts[at];
            Shift::of(histogram.psi(&counts[start..start + histogram.bins()]))
        };
        let features = &self.reference.features;
        DriftReport {
            rows: self.counts.rows(),
            scores: shift(features.len(), &self.reference.scores),
            features: features
                .iter()
                .enumerate()
                .map(|(at, histogram)| shift(at, histogram))
                .collect(),
        }
    }
}

impl Shift {
    fn of(psi: Option<f64>) -> Shift {
        let standing = match psi {
            None => Standing::TooFew,
            Some(psi) if PSI_ALARM <= psi => Standing::Alarm,
            Some(psi) if PSI_WATCH <= psi => Standing::Watch,
            Some(_) => Standing::Fine,
        };
        Shift { psi, standing }
    }
}

impl DriftReport {
    /// The worst of all.
    pub fn standing(&self) -> Standing {
        let features = self.features.iter().map(|shift| shift.standing);
        features.fold(self.scores.standing, Standing::max)
    }
}

#[cfg(test)]
mod tests;
