//! The monitor of models: whether attempts, scores and results are still as the champion's training promised, and whether a
//! challenger does better. Every node follows the journal for itself; what it knows is made again from the newest entries.
//!
//! Scores before calibration are taken anew from the facts that an entry holds: the same trees give the same bits. A
//! challenger counts where the entry says that it was asked, so that none is compared on what it was trained from.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::time::{Span, Timestamp};
use payment::label::Truth;
use payment::state::Change;
use risk::decision::Record;
use risk::decision::values::Schema;
use risk::model::artifact::ModelHash;
use risk::model::contest::{Contest, Evidence, PromotionRule};
use risk::model::data::Label;
use risk::model::drift::{Drift, DriftReport};
use risk::model::limits::FEATURES_MAX;
use risk::model::panel::{Opinions, Panel};
use risk::model::quality::Scored;
use risk::model::results::{Promise, Results, ResultsReport};
use risk::model::window::Standing;
use store::failure::Failure;
use store::port::Store;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::risk::Risk;
use crate::risk::learning::weight;

/// How often the journal is looked at.
pub const TICK: Duration = Duration::from_secs(1);
/// How many of the newest entries a start, or another champion, reads again.
pub const LOOK_BACK: u64 = 500_000;
/// Attempts over which drift and results are measured.
pub const WINDOW_ROWS: u64 = 20_000;
/// Attempts that wait for their label; of more, the oldest are given up.
pub const WAITING_MAX: usize = 100_000;
/// Entries in one look at most.
const ENTRIES_MAX: usize = 500;

/// What is known of the models on the bench.
#[derive(Debug, Default)]
pub struct Monitor {
    /// The last entry that is in here; none before the first look.
    read: Option<Sequence>,
    watch: Option<Watch>,
    /// Whether the journal was read to its end since the watch began.
    is_current: bool,
}

/// One champion with its challengers.
#[derive(Debug)]
struct Watch {
    champion: ModelHash,
    challengers: Vec<ModelHash>,
    contest: Contest,
    /// None for a model that came without a reference or thresholds.
    drift: Option<Drift>,
    results: Option<Results>,
    waiting: HashMap<PaymentId, Waiting>,
    /// From the oldest.
    order: VecDeque<(Timestamp, PaymentId)>,
}

/// An attempt whose label is not known yet.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    attempted_at: Timestamp,
    opinions: Opinions,
    weight: f32,
    /// Whether its value moved, so that silence will count as good.
    went_through: bool,
}

/// What the monitor has to say.
#[derive(Clone, Debug)]
pub struct MonitorReport {
    pub champion: ModelHash,
    pub drift: Option<DriftReport>,
    pub results: Option<ResultsReport>,
    pub is_current: bool,
}

impl MonitorReport {
    /// That of the inputs and scores.
    pub fn drift_standing(&self) -> Standing {
        let drift = self.drift.as_ref();
        drift.map_or(Standing::TooFew, DriftReport::standing)
    }

    /// That of alarms and labels.
    pub fn results_standing(&self) -> Standing {
        let results = self.results.as_ref();
        results.map_or(Standing::TooFew, ResultsReport::standing)
    }
}

impl Monitor {
    /// None without a champion.
    pub fn report(&self) -> Option<MonitorReport> {
        let watch = self.watch.as_ref()?;
        Some(MonitorReport {
            champion: watch.champion,
            drift: watch.drift.as_ref().map(Drift::report),
            results: watch.results.as_ref().map(Results::report),
            is_current: self.is_current,
        })
    }

    /// What speaks for each challenger; nothing before the journal was read.
    pub fn evidence(&self, rule: &PromotionRule, now: Timestamp) -> Vec<Evidence> {
        match &self.watch {
            Some(watch) if self.is_current => watch.contest.evidence(rule, now),
            _ => Vec::new(),
        }
    }

    /// Begins anew if other models sit on the panel.
    fn attend(&mut self, panel: Option<&Panel>) {
        let sitting = panel.map(|panel| (panel.champion().hash(), challengers(panel)));
        let watched = self.watch.as_ref();
        let watched = watched.map(|watch| (watch.champion, watch.challengers.clone()));
        if sitting != watched {
            *self = Monitor {
                watch: panel.map(Watch::new),
                ..Monitor::default()
            };
        }
    }
}

fn challengers(panel: &Panel) -> Vec<ModelHash> {
    panel.challengers().map(|it| it.hash()).collect()
}

impl Watch {
    fn new(panel: &Panel) -> Watch {
        let manifest = panel.champion().manifest();
        let reference = manifest.reference.clone();
        let results = manifest.thresholds.map(|thresholds| {
            let promise = Promise::new(&manifest.budget, manifest.quality.as_ref());
            Results::new(promise, thresholds.challenge, WINDOW_ROWS)
        });
        let (champion, challengers) = (panel.champion().hash(), challengers(panel));
        Watch {
            contest: Contest::new(champion, &challengers),
            champion,
            challengers,
            drift: reference.map(|reference| Drift::new(reference, WINDOW_ROWS)),
            results,
            waiting: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    fn note(&mut self, entry: &Entry, panel: &Panel, schema: &Schema, maturity: Span) {
        self.ripen(entry.at().minus(maturity));
        let Fact::PaymentChanged {
            id,
            change,
            attempt,
            ..
        } = entry.fact()
        else {
            return;
        };
        let judgement = attempt.as_ref().and_then(|it| it.judgement.as_ref());
        if let Some(judgement) = judgement
            && let Ok(record) = Record::decode(&judgement.record)
            && schema.understands(&record.facts)
        {
            let went_through = matches!(change, Change::Authorize { .. });
            self.attempt(*id, entry.at(), &record, panel, went_through);
        }
        match change {
            Change::Release { .. } => {
                if let Some(waiting) = self.waiting.get_mut(id) {
                    waiting.went_through = true;
                }
            }
            Change::Label { label } => self.label(
                id,
                match label.truth {
                    Truth::Fraud => Label::Fraud,
                    Truth::Good => Label::Good,
                },
            ),
            _ => {}
        }
    }

    fn attempt(
        &mut self,
        id: PaymentId,
        at: Timestamp,
        record: &Record,
        panel: &Panel,
        went_through: bool,
    ) {
        let is_ours = record
            .answer
            .is_ok_and(|answer| answer.model == self.champion);
        if !is_ours {
            return;
        }
        let mut opinions = panel.judge(&record.facts);
        for opinion in &mut opinions.challengers {
            let beside = &record.decision.challengers;
            let was_asked = |model: ModelHash| beside.iter().any(|it| it.answer.model == model);
            *opinion = opinion.filter(|opinion| was_asked(opinion.model));
        }
        let score = opinions.champion.judged.score;
        if let Some(drift) = &mut self.drift {
            let mut room = [0.0; FEATURES_MAX];
            drift.observe(panel.row(&record.facts, &mut room), score);
        }
        if let Some(results) = &mut self.results {
            results.observe_attempt(score);
        }
        let waiting = Waiting {
            attempted_at: at,
            opinions,
            weight: weight(record),
            went_through,
        };
        self.waiting.insert(id, waiting);
        self.order.push_back((at, id));
        if WAITING_MAX < self.order.len() {
            self.give_up_oldest();
        }
    }

    fn give_up_oldest(&mut self) {
        if let Some((at, id)) = self.order.pop_front()
            && self
                .waiting
                .get(&id)
                .is_some_and(|it| it.attempted_at == at)
        {
            self.waiting.remove(&id);
        }
    }

    /// Attempts up to a moment that went through and of which nobody complained are good.
    fn ripen(&mut self, until: Timestamp) {
        while let Some((at, id)) = self.order.front().copied()
            && at <= until
        {
            let waiting = self.waiting.get(&id);
            let is_good = waiting.is_some_and(|it| it.attempted_at == at && it.went_through);
            if is_good {
                self.label(&id, Label::Good);
            }
            self.give_up_oldest();
        }
    }

    fn label(&mut self, id: &PaymentId, label: Label) {
        let Some(waiting) = self.waiting.remove(id) else {
            return;
        };
        let Waiting {
            attempted_at,
            opinions,
            weight,
            ..
        } = waiting;
        self.contest.observe(attempted_at, &opinions, label, weight);
        if let Some(results) = &mut self.results {
            results.observe_label(Scored {
                score: opinions.champion.judged.score,
                is_fraud: label == Label::Fraud,
                weight: f64::from(weight),
            });
        }
    }
}

impl Risk {
    /// Takes what is new in the journal to the monitor, up to a bound; answers how many entries were read.
    pub async fn watch(&self, store: &dyn Store, now: Timestamp) -> Result<usize, Failure> {
        let bench = self.bench();
        let read = {
            let mut monitor = self.monitor.write();
            monitor.attend(bench.panel.as_ref());
            monitor.read
        };
        let Some(panel) = &bench.panel else {
            return Ok(0);
        };
        let read = match read {
            Some(read) => read,
            None => Sequence(store.head().await?.0.saturating_sub(LOOK_BACK)),
        };
        let entries = store.entries_after(read, ENTRIES_MAX).await?;
        let is_at_end = entries.len() < ENTRIES_MAX;
        let maturity = bench.settings.training.maturity();
        let mut monitor = self.monitor.write();
        let monitor = &mut *monitor;
        if let Some(watch) = &mut monitor.watch {
            for entry in &entries {
                watch.note(entry, panel, &self.schema, maturity);
            }
            // Before the end, a complaint of long ago may still be to be read.
            if is_at_end {
                watch.ripen(now.minus(maturity));
            }
        }
        monitor.read = Some(entries.last().map_or(read, |last| last.sequence()));
        monitor.is_current |= is_at_end;
        Ok(entries.len())
    }

    /// Tells whoever watches what has become worse.
    fn warn(&self) {
        let report = self.monitor.read().report();
        let (drift, results) = report
            .as_ref()
            .map_or((Standing::TooFew, Standing::TooFew), |it| {
                (it.drift_standing(), it.results_standing())
            });
        let learning = &self.figures.learning;
        for (what, before, now) in [
            ("inputs and scores", learning.drift.put(drift), drift),
            ("results", learning.results.put(results), results),
        ] {
            if Standing::Watch <= now && before < now {
                learning.warnings.add();
                tracing::warn!(what, standing = ?now, "the model in force meets what it was not trained for");
            }
        }
    }
}

/// Follows the journal until the stop.
pub async fn follow(
    risk: Arc<Risk>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        match risk.watch(store.as_ref(), clock.now()).await {
            Ok(ENTRIES_MAX..) => {
                tokio::task::yield_now().await;
                continue;
            }
            Ok(_) => risk.warn(),
            Err(failure) => {
                tracing::warn!(error = %failure, "the monitor of models could not read the journal");
            }
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}
