//! From a raw score to a probability that holds: of all attempts with 3 %, three in a hundred are frauds.

use serde::{Deserialize, Serialize};

use super::quality::Scored;

/// Fewest frauds for a curve of many steps; with fewer, two numbers are fitted.
pub const ISOTONIC_FRAUDS_MIN: usize = 100;
/// Points of a curve.
pub const KNOTS_MAX: usize = 256;
/// Nothing is certain: calibrated probabilities stay this far from 0 and 1.
const CERTAINTY_GAP: f64 = 1e-6;
/// Rounds in which two numbers are fitted; it takes about ten.
const PLATT_ROUNDS: usize = 100;

/// A rule that turns scores into probabilities and never turns their order round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Calibration {
    /// The score is taken as it is.
    Identity,
    /// A straight line over log-odds.
    Platt { slope: f64, offset: f64 },
    /// Straight lines between points, level before the first and behind the last.
    Isotonic { knots: Vec<Knot> },
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knot {
    pub score: f64,
    pub probability: f64,
}

impl Calibration {
    /// The rule that fits scored rows; the identity if they are all frauds or all good.
    pub fn fit(rows: &[Scored]) -> Calibration {
        let frauds = rows.iter().filter(|row| row.is_fraud).count();
        if frauds == 0 || frauds == rows.len() {
            Calibration::Identity
        } else if frauds < ISOTONIC_FRAUDS_MIN {
            platt(rows)
        } else {
            isotonic(rows)
        }
    }

    /// The probability for a score of 0 to 1.
    pub fn apply(&self, score: f32) -> f64 {
        let score = f64::from(score);
        match self {
            Calibration::Identity => score,
            Calibration::Platt { slope, offset } => sigmoid(slope * log_odds(score) + offset),
            Calibration::Isotonic { knots } => interpolate(knots, score),
        }
    }

    /// Whether the rule keeps the order of scores and gives probabilities. One from a file may not.
    pub fn is_sound(&self) -> bool {
        match self {
            Calibration::Identity => true,
            Calibration::Platt { slope, offset } => {
                (0.0..=1e6).contains(slope) && (-1e6..=1e6).contains(offset)
            }
            Calibration::Isotonic { knots } => {
                let is_sound = |knot: &Knot| {
                    (0.0..=1.0).contains(&knot.score) && (0.0..=1.0).contains(&knot.probability)
                };
                let rises = |pair: &[Knot]| {
                    pair[0].score < pair[1].score && pair[0].probability <= pair[1].probability
                };
                (1..=KNOTS_MAX).contains(&knots.len())
                    && knots.iter().all(is_sound)
                    && knots.windows(2).all(rises)
            }
        }
    }
}

/// The straight line between the two knots around a score.
fn interpolate(knots: &[Knot], score: f64) -> f64 {
    let after = knots.partition_point(|knot| knot.score <= score);
    match (
        after.checked_sub(1).map(|before| knots[before]),
        knots.get(after),
    ) {
        (Some(before), Some(after)) => {
            let way = (score - before.score) / (after.score - before.score);
            let risen = before.probability + (after.probability - before.probability) * way;
            // Rounding may not lift the end of one line over the start of the next.
            risen.min(after.probability)
        }
        (Some(last), None) => last.probability,
        (None, Some(first)) => first.probability,
        (None, None) => score,
    }
}

/// Rows next to each other that get one probability.
#[derive(Clone, Copy)]
struct Block {
    weight: f64,
    frauds: f64,
    scores: f64,
}

impl Block {
    fn share(&self) -> f64 {
        self.frauds / self.weight
    }

    fn with(&self, other: &Block) -> Block {
        Block {
            weight: self.weight + other.weight,
            frauds: self.frauds + other.frauds,
            scores: self.scores + other.scores,
        }
    }
}

/// Pools neighbours until the share of frauds rises with the score.
fn isotonic(rows: &[Scored]) -> Calibration {
    let mut sorted: Vec<&Scored> = rows.iter().collect();
    sorted.sort_by(|one, other| one.score.total_cmp(&other.score));
    let mut blocks: Vec<Block> = Vec::new();
    for same in sorted.chunk_by(|one, other| one.score == other.score) {
        let mut block = Block {
            weight: 0.0,
            frauds: 0.0,
            scores: 0.0,
        };
        for row in same {
            block = block.with(&Block {
                weight: row.weight,
                frauds: if row.is_fraud { row.weight } else { 0.0 },
                scores: row.weight * f64::from(row.score),
            });
        }
        while let Some(before) = blocks.last() {
            if before.share() < block.share() {
                break;
            }
            block = before.with(&block);
            blocks.pop();
        }
        blocks.push(block);
    }
    while KNOTS_MAX < blocks.len() {
        blocks = blocks
            .chunks(2)
            .map(|pair| {
                pair.iter()
                    .skip(1)
                    .fold(pair[0], |sum, block| sum.with(block))
            })
            .collect();
    }
    let mut knots: Vec<Knot> = Vec::with_capacity(blocks.len());
    for block in &blocks {
        let knot = Knot {
            score: (block.scores / block.weight).clamp(0.0, 1.0),
            probability: block.share().clamp(CERTAINTY_GAP, 1.0 - CERTAINTY_GAP),
        };
        // Two means of rounded scores may meet.
        if knots.last().is_none_or(|last| last.score < knot.score) {
            knots.push(knot);
        }
    }
    Calibration::Isotonic { knots }
}

/// Fits two numbers by Newton's method, with targets a little short of 0 and 1 (Platt 1999; Lin, Lin and Weng 2007).
fn platt(rows: &[Scored]) -> Calibration {
    let frauds: f64 = rows
        .iter()
        .filter(|row| row.is_fraud)
        .map(|row| row.weight)
        .sum();
    let goods: f64 = rows
        .iter()
        .filter(|row| !row.is_fraud)
        .map(|row| row.weight)
        .sum();
    let (high, low) = ((frauds + 1.0) / (frauds + 2.0), 1.0 / (goods + 2.0));
    let points: Vec<Point> = rows
        .iter()
        .map(|row| Point {
            at: log_odds(f64::from(row.score)),
            target: if row.is_fraud { high } else { low },
            weight: row.weight,
        })
        .collect();
    let (mut slope, mut offset) = (0.0, ((frauds + 1.0) / (goods + 1.0)).ln());
    let mut loss = platt_loss(&points, slope, offset);
    for _ in 0..PLATT_ROUNDS {
        let (slope_step, offset_step) = newton_step(&points, slope, offset);
        let mut size = 1.0;
        let next = loop {
            let (s, o) = (slope - size * slope_step, offset - size * offset_step);
            let next = platt_loss(&points, s, o);
            if next < loss || size < 1e-9 {
                break (s, o, next);
            }
            size /= 2.0;
        };
        if loss <= next.2 + 1e-12 * loss.abs() {
            break;
        }
        (slope, offset, loss) = next;
    }
    if slope < 0.0 {
        // Higher scores for good rows: the order is no use, but it may not be turned round.
        (slope, offset) = (0.0, (frauds / goods).ln());
    }
    Calibration::Platt {
        slope: slope.min(1e6),
        offset: offset.clamp(-1e6, 1e6),
    }
}

struct Point {
    at: f64,
    target: f64,
    weight: f64,
}

fn platt_loss(points: &[Point], slope: f64, offset: f64) -> f64 {
    let loss = |point: &Point| {
        let z = slope * point.at + offset;
        // ln(1 + e^z) without overflow.
        let softplus = z.max(0.0) + (-z.abs()).exp().ln_1p();
        point.weight * (softplus - point.target * z)
    };
    points.iter().map(loss).sum()
}

fn newton_step(points: &[Point], slope: f64, offset: f64) -> (f64, f64) {
    let (mut g_slope, mut g_offset) = (0.0, 0.0);
    // A little on the diagonal keeps the system solvable when all scores are the same.
    let (mut h_slope, mut h_both, mut h_offset) = (1e-9, 0.0, 1e-9);
    for point in points {
        let p = sigmoid(slope * point.at + offset);
        let error = point.weight * (p - point.target);
        let curve = point.weight * p * (1.0 - p);
        g_slope += error * point.at;
        g_offset += error;
        h_slope += curve * point.at * point.at;
        h_both += curve * point.at;
        h_offset += curve;
    }
    let determinant = h_slope * h_offset - h_both * h_both;
    if determinant <= 0.0 {
        return (0.0, g_offset / h_offset);
    }
    (
        (h_offset * g_slope - h_both * g_offset) / determinant,
        (h_slope * g_offset - h_both * g_slope) / determinant,
    )
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

fn log_odds(score: f64) -> f64 {
    let score = score.clamp(CERTAINTY_GAP, 1.0 - CERTAINTY_GAP);
    (score / (1.0 - score)).ln()
}

#[cfg(test)]
mod tests;
