//! What a node counts of its own work.

use std::sync::Arc;

use engine::core::Engine;
use engine::figures::BatchOutcome;
use engine::figures::deliveries::{Delivered, Deliveries};
use engine::guard::{Guard, TryOutcome};
use engine::lease::HeldLeases;
use engine::limits::QUEUE_LENGTH_MAX;
use engine::risk::Risk;
use ids::time::Timestamp;
use risk::model::window::Standing;
use store::lease::LeaseName;
use store::outbox::Queue;
use store_postgres::store::PostgresStore;

use crate::family::{Distribution, Family, label};
use crate::http_figures::HttpFigures;
use crate::lines::Severity;
use crate::process;

/// The parts of a node that count.
pub struct Node {
    pub version: &'static str,
    pub started_at: Timestamp,
    pub http: Arc<HttpFigures>,
    pub engine: Arc<Engine>,
    pub guard: Arc<Guard>,
    pub risk: Arc<Risk>,
    pub deliveries: Arc<Deliveries>,
    pub leases: Arc<HeldLeases>,
    /// None with the embedded store.
    pub database: Option<Arc<PostgresStore>>,
}

impl Node {
    pub fn families(&self) -> Vec<Family> {
        let version = vec![(label("version", self.version), 1.0)];
        let build = Family::gauges("scrip_build_info", "1, and the version.", version);
        let mut families = vec![build];
        families.extend(self.http.families());
        families.extend(commands(&self.engine));
        families.extend(batches(&self.engine));
        families.push(tries(&self.guard));
        families.extend(decisions(&self.risk));
        families.extend(learning(&self.risk));
        families.push(deliveries(&self.deliveries));
        families.push(leases(&self.leases));
        families.push(logged());
        let database = self.database.as_deref();
        families.extend(database.into_iter().flat_map(connections));
        families.extend(process::families(self.started_at));
        families
    }
}

fn commands(engine: &Engine) -> [Family; 3] {
    let counts = engine.figures().commands.read();
    let counts = counts.into_iter().map(|((command, outcome), count)| {
        let labels = vec![
            ("command", command.to_owned()),
            ("outcome", outcome.word().to_owned()),
        ];
        (labels, count as f64)
    });
    [
        Family::counters(
            "scrip_commands",
            "Commands by what became of them.",
            counts.collect(),
        ),
        Family::gauge(
            "scrip_commands_waiting",
            "Commands that wait for a batch.",
            engine.waiting() as f64,
        ),
        Family::gauge(
            "scrip_commands_waiting_max",
            "As many may wait; more are turned away.",
            QUEUE_LENGTH_MAX as f64,
        ),
    ]
}

fn batches(engine: &Engine) -> [Family; 5] {
    let figures = engine.figures();
    let outcomes = BatchOutcome::ALL.map(|outcome| {
        let count = figures.batches.of(&outcome);
        (label("outcome", outcome.word()), count as f64)
    });
    let times = |name, help, times| {
        let samples = vec![(Vec::new(), Distribution::of(times))];
        Family::times(name, help, samples)
    };
    [
        Family::counters("scrip_batches", "Batches of commands.", outcomes.to_vec()),
        Family::gauge(
            "scrip_batch_under_way_seconds",
            "For how long the batch that is under way is.",
            figures.under_way.time().as_secs_f64(),
        ),
        times(
            "scrip_batch_load_duration_seconds",
            "Until the storage has answered with the rows of a batch.",
            &figures.load_times,
        ),
        times(
            "scrip_batch_commit_duration_seconds",
            "Until a batch is on stable storage.",
            &figures.commit_times,
        ),
        Family::counter(
            "scrip_rows_differing",
            "Rows that are not what their entries say.",
            figures.rows_differing.read() as f64,
        ),
    ]
}

fn tries(guard: &Guard) -> Family {
    let outcomes = TryOutcome::ALL.map(|outcome| {
        let count = guard.tries().of(&outcome);
        (label("outcome", outcome.word()), count as f64)
    });
    Family::counters(
        "scrip_pin_tries",
        "PINs that payers typed.",
        outcomes.to_vec(),
    )
}

fn decisions(risk: &Risk) -> [Family; 5] {
    let figures = &risk.figures;
    let verdicts = figures.verdicts();
    let verdicts =
        verdicts.map(|(verdict, count)| (label("verdict", verdict.word()), count as f64));
    let absences = figures.absences();
    let absences = absences.map(|(absence, count)| (label("cause", absence.word()), count as f64));
    [
        Family::counters(
            "scrip_risk_decisions",
            "Attempts that were judged.",
            verdicts.collect(),
        ),
        Family::times(
            "scrip_risk_decision_duration_seconds",
            "Facts, rules, model and record together.",
            vec![(Vec::new(), Distribution::of(figures.times()))],
        ),
        Family::counters(
            "scrip_risk_scores_missing",
            "Attempts that no model scored.",
            absences.collect(),
        ),
        Family::counter(
            "scrip_risk_explored",
            "Blocks that were let through to learn from them.",
            figures.explored() as f64,
        ),
        Family::counter(
            "scrip_risk_rules_unknown",
            "Rules that could not be judged for want of a fact.",
            figures.unknown() as f64,
        ),
    ]
}

fn learning(risk: &Risk) -> [Family; 3] {
    let figures = &risk.figures.learning;
    let trainings = [
        ("trained", &figures.trainings),
        ("left_out", &figures.trainings_left_out),
        ("failed", &figures.trainings_failed),
    ];
    let trainings = trainings.map(|(word, count)| (label("outcome", word), count.read() as f64));
    let standings = [("drift", &figures.drift), ("results", &figures.results)];
    let standings = standings.map(|(of, gauge)| (label("of", of), grade(gauge.read())));
    [
        Family::counters(
            "scrip_risk_trainings",
            "Looks at whether to train a model that ended.",
            trainings.to_vec(),
        ),
        Family::counter(
            "scrip_risk_promotions",
            "Models that the rule promoted.",
            figures.promotions.read() as f64,
        ),
        Family::gauges(
            "scrip_risk_model_standing",
            "0 too little is known, 1 fine, 2 to be watched, 3 alarm.",
            standings.to_vec(),
        ),
    ]
}

fn grade(standing: Standing) -> f64 {
    match standing {
        Standing::TooFew => 0.0,
        Standing::Fine => 1.0,
        Standing::Watch => 2.0,
        Standing::Alarm => 3.0,
    }
}

fn deliveries(deliveries: &Deliveries) -> Family {
    let all = Queue::ALL
        .into_iter()
        .flat_map(|queue| Delivered::ALL.map(|outcome| (queue, outcome)));
    let counts = all.map(|(queue, outcome)| {
        let labels = vec![
            ("queue", queue.as_str().to_owned()),
            ("outcome", outcome.word().to_owned()),
        ];
        (labels, deliveries.of(&(queue, outcome)) as f64)
    });
    Family::counters(
        "scrip_messages",
        "Attempts to deliver a message.",
        counts.collect(),
    )
}

fn leases(held: &HeldLeases) -> Family {
    let held = LeaseName::ALL.map(|name| {
        let is_held = u8::from(held.contains(name));
        (label("lease", name.as_str()), f64::from(is_held))
    });
    Family::gauges(
        "scrip_leases_held",
        "1 for the work that this node does for all.",
        held.to_vec(),
    )
}

fn logged() -> Family {
    let counts = Severity::ALL.map(|severity| {
        let lines = severity.lines() as f64;
        (label("level", severity.word()), lines)
    });
    Family::counters(
        "scrip_lines_logged",
        "Lines of the program's own log.",
        counts.to_vec(),
    )
}

fn connections(database: &PostgresStore) -> [Family; 3] {
    let connections = database.connections();
    let states = [("idle", connections.idle), ("used", connections.used)];
    let states = states.map(|(state, count)| (label("state", state), count as f64));
    [
        Family::gauges(
            "scrip_database_connections",
            "Connections to the database.",
            states.to_vec(),
        ),
        Family::gauge(
            "scrip_database_connections_max",
            "As many are opened.",
            connections.most as f64,
        ),
        Family::gauge(
            "scrip_database_waiting",
            "Callers that wait for a connection.",
            connections.waiting as f64,
        ),
    ]
}
