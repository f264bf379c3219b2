//! How the platform stands, asked of its storage: the same on every node.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use accounting::chart;
use engine::clock::Clock;
use engine::liabilities::{self, LiabilitiesError};
use engine::risk::Risk;
use ids::command::Sequence;
use ids::time::Timestamp;
use ledger::account::AccountCode;
use ledger::balances::Balances;
use store::failure::Failure;
use store::log::{LogState, LogStorage, Standing};
use store::outbox::{MessageStatus, Outbox, Queue};
use store::port::Store;
use tokio::time::Instant;

use crate::family::{Family, Labels, label};
use crate::look::{Look, Patience, WhenLate};

/// How long the storage may take.
const ANSWER_MAX: Duration = Duration::from_secs(1);
/// For what stands on few rows.
const STANDING: Patience = Patience {
    wait_max: ANSWER_MAX,
    kept_for_times: 1,
    when_late: WhenLate::TellNothing,
};
/// For what is read from a row of each merchant and distributor.
const MONEY: Patience = Patience {
    wait_max: Duration::from_millis(500),
    kept_for_times: 50,
    when_late: WhenLate::TellLastAnswer,
};

/// What is asked.
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub outbox: Arc<dyn Outbox>,
    pub clock: Arc<dyn Clock>,
    /// None where attempts are not judged.
    pub risk: Option<Arc<Risk>>,
    /// None where there is no transparency log.
    pub log: Option<ShownLog>,
}

/// The transparency log and what is stated in it.
pub struct ShownLog {
    pub origin: String,
    pub storage: Arc<dyn LogStorage>,
    pub liabilities: liabilities::Ports,
}

/// Looks for whoever asks, and seldom more than once a second.
pub struct Platform {
    ports: Arc<Ports>,
    standing: Look,
    money: Look,
}

/// Who reads the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Messages,
    Risk,
    Log,
    /// It has read what the newest statement counts, and that statement.
    Liabilities,
}

const READERS: [Reader; 4] = [
    Reader::Messages,
    Reader::Risk,
    Reader::Log,
    Reader::Liabilities,
];

impl Reader {
    fn word(self) -> &'static str {
        match self {
            Reader::Messages => "messages",
            Reader::Risk => "risk",
            Reader::Log => "log",
            Reader::Liabilities => "liabilities",
        }
    }
}

/// How far behind the journal a reader is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Lag {
    entries: u64,
    /// The age of the oldest entry that it has not read.
    seconds: f64,
}

impl Platform {
    pub fn new(ports: Ports) -> Platform {
        Platform {
            ports: Arc::new(ports),
            standing: Look::new(STANDING),
            money: Look::new(MONEY),
        }
    }

    /// What the storage told; where it did not, that alone. Money is older where the storage takes long to read it.
    pub async fn families(&self) -> Vec<Family> {
        let ports = Arc::clone(&self.ports);
        let standing = self
            .standing
            .get(async move { ports.standing().await })
            .await;
        let up = Family::gauge(
            "scrip_storage_up",
            "1 if the storage answered.",
            f64::from(u8::from(standing.is_some())),
        );
        let mut families = vec![up];
        if standing.is_some() {
            let ports = Arc::clone(&self.ports);
            let money = self.money.get(async move { ports.money().await });
            families.extend(money.await.into_iter().flatten());
        }
        families.extend(standing.into_iter().flatten());
        families
    }
}

impl Ports {
    /// None where not even the head can be read. What cannot be told beyond that is left out, each by itself.
    async fn standing(&self) -> Option<Vec<Family>> {
        // Before the cursors: what a reader has read since would count as lag otherwise.
        let head = told(self.store.head().await)?;
        let now = self.clock.now();
        let mut families = vec![Family::gauge(
            "scrip_journal_head",
            "The number of the last entry.",
            head.0 as f64,
        )];
        let end = Instant::now() + ANSWER_MAX / 2;
        families.extend(in_time(end, self.overdue(now)).await);
        families.extend(self.risk.iter().flat_map(|risk| reviews(risk, now)));
        let state = match &self.log {
            Some(log) => in_time(end, log.storage.log_state(&log.origin)).await,
            None => None,
        };
        families.extend(state.iter().flat_map(standing));
        let mut lags = Vec::new();
        for reader in READERS {
            let asked = async {
                match self.read_by(reader, state.as_ref()).await? {
                    Some(read) => self.lag(read, head, now).await.map(Some),
                    None => Ok(None),
                }
            };
            let lag = in_time(end, asked).await.flatten();
            lags.extend(lag.map(|lag| (reader.word(), lag)));
        }
        families.extend(readers(&lags));
        Some(families)
    }

    async fn money(&self) -> Option<Vec<Family>> {
        let balances = told(self.store.balances().await)?;
        Some(money(&balances).to_vec())
    }

    /// None where nobody reads, or where it is not known.
    async fn read_by(
        &self,
        reader: Reader,
        log_state: Option<&LogState>,
    ) -> Result<Option<Sequence>, Failure> {
        match (reader, &self.risk, &self.log) {
            (Reader::Messages, _, _) => self.outbox.cursor().await.map(Some),
            (Reader::Risk, risk, _) => Ok(risk.as_ref().map(|risk| risk.read())),
            (Reader::Log, _, _) => Ok(log_state.map(|state| Sequence(shown(state)))),
            (Reader::Liabilities, _, None) => Ok(None),
            (Reader::Liabilities, _, Some(log)) => match log.liabilities.newest().await {
                Ok(newest) => {
                    let counted = newest.map(|shown| shown.entry.sequence());
                    Ok(Some(counted.unwrap_or(Sequence(0))))
                }
                Err(LiabilitiesError::Storage(failure)) => Err(failure),
                // Whoever states finds that too, and says why.
                Err(_) => Ok(None),
            },
        }
    }

    async fn lag(&self, read: Sequence, head: Sequence, now: Timestamp) -> Result<Lag, Failure> {
        let entries = head.0.saturating_sub(read.0);
        if entries == 0 {
            return Ok(Lag {
                entries,
                seconds: 0.0,
            });
        }
        let oldest = self.store.entries_at(&[read.next()]).await?;
        let seconds = oldest.first().map(|entry| seconds(entry.at(), now));
        Ok(Lag {
            entries,
            seconds: seconds.unwrap_or_default(),
        })
    }

    async fn overdue(&self, now: Timestamp) -> Result<Family, Failure> {
        let mut samples = Vec::with_capacity(Queue::ALL.len());
        for queue in Queue::ALL {
            let due = self.outbox.due(queue, now, 1).await?;
            let late = due.first().map_or(0.0, |message| match message.status {
                MessageStatus::Pending { next_attempt_at } => seconds(next_attempt_at, now),
                MessageStatus::Delivered | MessageStatus::GaveUp => 0.0,
            });
            samples.push((label("queue", queue.as_str()), late));
        }
        let (name, help) = (
            "scrip_outbox_overdue_seconds",
            "For how long the oldest message is due.",
        );
        Ok(Family::gauges(name, help, samples))
    }
}

async fn in_time<T>(end: Instant, asked: impl Future<Output = Result<T, Failure>>) -> Option<T> {
    let answer = tokio::time::timeout_at(end, asked).await;
    answer.ok().and_then(told)
}

/// What failed is seen by whoever needs it; here it is left out.
fn told<T>(answer: Result<T, Failure>) -> Option<T> {
    let failed = |failure: &Failure| {
        tracing::debug!(error = %failure, "the storage tells nothing for metrics");
    };
    answer.inspect_err(failed).ok()
}

fn readers(lags: &[(&'static str, Lag)]) -> [Family; 2] {
    let samples = |of: fn(&Lag) -> f64| {
        let samples = lags
            .iter()
            .map(|(reader, lag)| (label("reader", *reader), of(lag)));
        samples.collect()
    };
    [
        Family::gauges(
            "scrip_reader_lag_entries",
            "Entries that a reader of the journal has not read.",
            samples(|lag| lag.entries as f64),
        ),
        Family::gauges(
            "scrip_reader_lag_seconds",
            "The age of the oldest entry that it has not read.",
            samples(|lag| lag.seconds),
        ),
    ]
}

fn money(balances: &Balances) -> [Family; 2] {
    let mut accounts: BTreeMap<(&str, &str), i128> = BTreeMap::new();
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for (account, minor) in balances.iter() {
        let currency = account.currency.code();
        *accounts.entry((word(account.code), currency)).or_default() += i128::from(minor);
        *sums.entry(currency).or_default() += i128::from(minor);
    }
    let accounts = accounts.into_iter().map(|((account, currency), minor)| {
        let labels: Labels = vec![
            ("account", account.to_owned()),
            ("currency", currency.to_owned()),
        ];
        (labels, minor as f64)
    });
    let sums = sums.into_iter();
    let sums = sums.map(|(currency, minor)| (label("currency", currency), minor as f64));
    [
        Family::gauges(
            "scrip_ledger_balance_minor",
            "Accounts of the chart, minor units, debit above zero.",
            accounts.collect(),
        ),
        Family::gauges(
            "scrip_ledger_imbalance_minor",
            "The sum of all accounts, minor units; anything but 0 is a bug.",
            sums.collect(),
        ),
    ]
}

/// The account in one word; the chart's own names are sentences for reports.
fn word(code: AccountCode) -> &'static str {
    match code {
        chart::STOCK => "stock",
        chart::DISTRIBUTOR_RECEIVABLE => "distributor_receivable",
        chart::VOUCHERS_REMAINING => "vouchers_remaining",
        chart::VOUCHERS_HELD => "vouchers_held",
        chart::MERCHANT_PAYABLE => "merchant_payable",
        chart::MAINTENANCE_FEES => "maintenance_fees",
        chart::MERCHANT_FEES => "merchant_fees",
        chart::EXPIRED_VALUE => "expired_value",
        _ => "other",
    }
}

fn reviews(risk: &Risk, now: Timestamp) -> [Family; 2] {
    let waiting = risk.reviews();
    let oldest = waiting.iter().map(|(_, at)| *at).min();
    [
        Family::gauge(
            "scrip_reviews_waiting",
            "Payments that wait for a person.",
            waiting.len() as f64,
        ),
        Family::gauge(
            "scrip_reviews_oldest_seconds",
            "For how long the oldest of them waits.",
            oldest.map_or(0.0, |at| seconds(at, now)),
        ),
    ]
}

fn standing(state: &LogState) -> [Family; 2] {
    let is_open = state.standing == Standing::Open;
    [
        Family::gauge(
            "scrip_log_open",
            "1 if the transparency log goes on.",
            f64::from(u8::from(is_open)),
        ),
        Family::gauge(
            "scrip_log_entries",
            "Entries below the checkpoint that the log shows.",
            shown(state) as f64,
        ),
    ]
}

fn shown(state: &LogState) -> u64 {
    state
        .published
        .as_ref()
        .map_or(0, |published| published.size)
}

/// From one moment to another, and never below zero: clocks of nodes differ.
fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    (to.0 - from.0).max(0) as f64 / 1_000.0
}

#[cfg(test)]
mod tests;
