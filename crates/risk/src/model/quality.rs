//! How well scores tell fraud from good attempts.

/// One scored row whose label is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    pub score: f32,
    pub is_fraud: bool,
    pub weight: f64,
}

/// Rows from the highest score down, with the weight of frauds and of good rows at or above each distinct score.
#[derive(Clone, Debug)]
pub struct Ranking {
    steps: Vec<Step>,
}

/// A distinct score and the weight of all rows that score at least as high.
#[derive(Clone, Copy, Debug)]
struct Step {
    score: f32,
    frauds: f64,
    goods: f64,
}

impl Ranking {
    /// Scores must be numbers.
    pub fn new(mut rows: Vec<Scored>) -> Ranking {
        rows.sort_by(|one, other| other.score.total_cmp(&one.score));
        let mut steps: Vec<Step> = Vec::new();
        let (mut frauds, mut goods) = (0.0, 0.0);
        for row in rows {
            if row.is_fraud {
                frauds += row.weight;
            } else {
                goods += row.weight;
            }
            let step = Step {
                score: row.score,
                frauds,
                goods,
            };
            match steps.last_mut() {
                Some(last) if last.score == row.score => *last = step,
                _ => steps.push(step),
            }
        }
        Ranking { steps }
    }

    pub fn frauds(&self) -> f64 {
        self.steps.last().map_or(0.0, |step| step.frauds)
    }

    pub fn goods(&self) -> f64 {
        self.steps.last().map_or(0.0, |step| step.goods)
    }

    /// The chance that a fraud scores higher than a good row, ties counted half; none without either.
    pub fn auc(&self) -> Option<f64> {
        let area: f64 = self
            .pairs()
            .map(|(before, step)| (step.goods - before.goods) * (step.frauds + before.frauds) / 2.0)
            .sum();
        ratio(area, self.frauds() * self.goods())
    }

    /// The mean of the precision at each fraud; none without frauds. Ties are judged together.
    pub fn average_precision(&self) -> Option<f64> {
        let sum: f64 = self
            .pairs()
            .map(|(before, step)| {
                (step.frauds - before.frauds) * step.frauds / (step.frauds + step.goods)
            })
            .sum();
        ratio(sum, self.frauds())
    }

    /// The share of frauds found when at most this share of the good rows is alarmed; none without frauds.
    pub fn recall_at(&self, false_alarm_share: f64) -> Option<f64> {
        let found = self
            .last_within(false_alarm_share)
            .map_or(0.0, |step| step.frauds);
        ratio(found, self.frauds())
    }

    /// The share of good rows that score at least as high; none without good rows.
    pub fn false_alarm_share(&self, threshold: f32) -> Option<f64> {
        ratio(self.reaching(threshold).goods, self.goods())
    }

    /// The share of frauds that score at least as high; none without frauds.
    pub fn recall_from(&self, threshold: f32) -> Option<f64> {
        ratio(self.reaching(threshold).frauds, self.frauds())
    }

    /// The share of frauds among the rows that score at least as high; none if there are no such rows.
    pub fn precision_from(&self, threshold: f32) -> Option<f64> {
        let step = self.reaching(threshold);
        ratio(step.frauds, step.frauds + step.goods)
    }

    /// The lowest score from which at most this share of the good rows is alarmed. If even the highest score belongs to
    /// more of them, the threshold lies above every score.
    pub fn threshold_at(&self, false_alarm_share: f64) -> f32 {
        match self.last_within(false_alarm_share) {
            Some(step) => step.score,
            None => self.steps.first().map_or(1.0, |step| step.score.next_up()),
        }
    }

    fn last_within(&self, false_alarm_share: f64) -> Option<&Step> {
        let allowed = false_alarm_share * self.goods();
        let within = self.steps.partition_point(|step| step.goods <= allowed);
        within.checked_sub(1).map(|last| &self.steps[last])
    }

    fn reaching(&self, threshold: f32) -> Step {
        let reaching = self.steps.partition_point(|step| threshold <= step.score);
        match reaching.checked_sub(1) {
            Some(last) => self.steps[last],
            None => NOTHING,
        }
    }

    /// Each step with the one before it.
    fn pairs(&self) -> impl Iterator<Item = (&Step, &Step)> {
        std::iter::once(&NOTHING)
            .chain(&self.steps)
            .zip(&self.steps)
    }
}

const NOTHING: Step = Step {
    score: f32::INFINITY,
    frauds: 0.0,
    goods: 0.0,
};

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (0.0 < whole).then(|| part / whole)
}

#[cfg(test)]
mod tests;
