//! What a rule would have done, in an answer.

use ids::object::PaymentId;
use money::amount::Amount;
use money::currency::Currency;
use risk::backtest::{Label, Report};
use risk::verdict::Verdict;
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::{Decimal, Shown};

/// What the rule would have done to past payments. An alarm is a payment that it challenges, reviews or blocks.
#[derive(Serialize, ToSchema)]
pub struct Backtest {
    pub payments: u64,
    /// Payments that the rule matches.
    pub hits: u64,
    /// Payments of which the rule could not be judged, because a fact was unknown.
    pub not_judged: u64,
    pub alarms: u64,
    /// Frauds with an alarm.
    pub caught: u64,
    /// Frauds without one.
    pub missed: u64,
    /// Good payments with an alarm.
    pub false_alarms: u64,
    /// Good payments without one.
    pub left_alone: u64,
    /// Alarms of which nobody knows yet what they were.
    pub unlabelled_alarms: u64,
    pub money: Vec<BacktestMoney>,
    /// What happened against what would have, each with how many payments it was; pairs without any are left out.
    pub verdicts: Vec<BacktestVerdicts>,
    /// Some of those who would have been hit, drawn evenly.
    pub sample: Vec<BacktestHit>,
}

#[derive(Serialize, ToSchema)]
pub struct BacktestMoney {
    #[schema(value_type = String, example = "EUR")]
    pub currency: Shown<Currency>,
    /// Frauds with an alarm.
    pub caught: Decimal,
    /// Frauds without one.
    pub lost: Decimal,
    /// Good payments that would have been blocked.
    pub blocked_wrongly: Decimal,
    /// Good payments that would have been challenged or reviewed.
    pub delayed_wrongly: Decimal,
}

#[derive(Serialize, ToSchema)]
pub struct BacktestVerdicts {
    /// What was decided then.
    #[schema(example = "allow")]
    pub happened: &'static str,
    /// What would have been decided with the rule.
    #[schema(example = "block")]
    pub would: &'static str,
    pub payments: u64,
}

#[derive(Serialize, ToSchema)]
pub struct BacktestHit {
    #[schema(value_type = String)]
    pub payment_id: Shown<PaymentId>,
    /// What the payment turned out to be, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "fraud")]
    pub label: Option<&'static str>,
    /// What was decided then.
    #[schema(example = "allow")]
    pub happened: &'static str,
    #[schema(example = "block")]
    pub would: &'static str,
}

impl From<Report<PaymentId>> for Backtest {
    fn from(report: Report<PaymentId>) -> Backtest {
        Backtest {
            payments: report.payments,
            hits: report.hits,
            not_judged: report.not_judged,
            alarms: report.alarms,
            caught: report.caught,
            missed: report.missed,
            false_alarms: report.false_alarms,
            left_alone: report.left_alone,
            unlabelled_alarms: report.unlabelled_alarms,
            money: report.money.iter().map(BacktestMoney::of).collect(),
            verdicts: BacktestVerdicts::of(&report),
            sample: report.sample.iter().map(BacktestHit::of).collect(),
        }
    }
}

impl BacktestVerdicts {
    fn of(report: &Report<PaymentId>) -> Vec<BacktestVerdicts> {
        let pairs = Verdict::ALL.into_iter().flat_map(|happened| {
            Verdict::ALL.map(|would| BacktestVerdicts {
                happened: happened.word(),
                would: would.word(),
                payments: report.agreement[happened as usize][would as usize],
            })
        });
        pairs.filter(|pair| 0 < pair.payments).collect()
    }
}

impl BacktestMoney {
    fn of(money: &risk::backtest::Money) -> BacktestMoney {
        let decimal = |minor: i128| {
            let minor = i64::try_from(minor).unwrap_or(i64::MAX);
            Decimal(Amount::new(minor, money.currency))
        };
        BacktestMoney {
            currency: Shown(money.currency),
            caught: decimal(money.caught),
            lost: decimal(money.lost),
            blocked_wrongly: decimal(money.blocked_wrongly),
            delayed_wrongly: decimal(money.delayed_wrongly),
        }
    }
}

impl BacktestHit {
    fn of(hit: &risk::backtest::Hit<PaymentId>) -> BacktestHit {
        BacktestHit {
            payment_id: Shown(hit.id),
            label: hit.label.map(|label| match label {
                Label::Fraud => "fraud",
                Label::Good => "good",
            }),
            happened: hit.happened.word(),
            would: hit.would.word(),
        }
    }
}
