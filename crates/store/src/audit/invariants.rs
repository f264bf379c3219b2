//! What must hold of the rows whatever happened.

use std::collections::{BTreeMap, HashMap, HashSet};

use accounting::chart::{EXPIRED_VALUE, MAINTENANCE_FEES, VOUCHERS_HELD, VOUCHERS_REMAINING};
use ids::voucher::Serial;
use ledger::account::{AccountCode, AccountId};
use money::amount::Amount;
use money::currency::Currency;
use payment::payment::Payment;
use voucher::state::State;
use voucher::voucher::Voucher;

use crate::audit::AuditReport;
use crate::audit::model::Model;

/// Where the issued value of one currency is, minor units. Wide, so that the sums themselves cannot overflow.
#[derive(Clone, Copy, Debug, Default)]
struct Value {
    issued: i128,
    spent: i128,
    held: i128,
    remaining: i128,
    fees: i128,
    expired: i128,
    voided: i128,
}

pub(super) fn check(model: &Model, report: &mut AuditReport) {
    report.figure("vouchers", model.vouchers.len());
    report.figure("payments", model.payments.len());
    report.figure("orders", model.orders.len());
    report.figure("merchants", model.merchants.len());
    report.figure("distributors", model.distributors.len());
    report.figure("idempotency keys", model.commands.len());
    let mut values: BTreeMap<Currency, Value> = BTreeMap::new();
    for voucher in model.vouchers.values() {
        check_voucher(voucher, report);
        values.entry(voucher.currency).or_default().add(voucher);
    }
    check_pins(model, report);
    model
        .payments
        .values()
        .for_each(|payment| check_payment(payment, report));
    check_holds(model, report);
    for (currency, value) in &values {
        check_value(*currency, value, model, report);
    }
    let currencies: HashSet<Currency> = model
        .balances
        .iter()
        .map(|(account, _)| account.currency)
        .collect();
    for currency in currencies {
        let sum = model.balances.sum(currency);
        report.require(sum == 0, || {
            format!("all accounts in {currency} sum to {sum} minor units instead of zero")
        });
    }
}

impl Value {
    fn add(&mut self, voucher: &Voucher) {
        self.issued += i128::from(voucher.face);
        self.spent += i128::from(voucher.spent);
        self.held += i128::from(voucher.held);
        self.remaining += i128::from(voucher.remaining);
        self.fees += i128::from(voucher.fees);
        match voucher.state {
            State::Expired => self.expired += i128::from(voucher.written_off()),
            State::Voided => self.voided += i128::from(voucher.written_off()),
            State::Issued
            | State::Activated
            | State::PartlySpent
            | State::Spent
            | State::Frozen(_) => {}
        }
    }
}

fn check_voucher(voucher: &Voucher, report: &mut AuditReport) {
    let written_off = voucher.written_off();
    let parts = [
        voucher.remaining,
        voucher.held,
        voucher.spent,
        voucher.fees,
        written_off,
    ];
    report.require(parts.iter().all(|part| 0 <= *part), || {
        format!("voucher {} has a part below zero", voucher.serial)
    });
    let ended = matches!(voucher.state, State::Expired | State::Voided);
    report.require(ended || written_off == 0, || {
        format!(
            "of voucher {}, {written_off} minor units are nowhere",
            voucher.serial
        )
    });
}

fn check_pins(model: &Model, report: &mut AuditReport) {
    let mut pins = HashSet::with_capacity(model.vouchers.len());
    for voucher in model.vouchers.values() {
        report.require(pins.insert(voucher.pin), || {
            format!("voucher {} shares its PIN with another one", voucher.serial)
        });
    }
}

fn check_payment(payment: &Payment, report: &mut AuditReport) {
    let sound = payment.allocations.iter().all(|part| {
        0 <= part.refunded
            && part.refunded <= part.captured
            && 0 <= part.held
            && part.captured + part.held <= part.authorized
    });
    report.require(sound, || {
        format!(
            "payment {} breaks refunded <= captured <= authorised",
            payment.id
        )
    });
    let authorized: i64 = payment.allocations.iter().map(|part| part.authorized).sum();
    report.require(authorized <= payment.request.amount.minor, || {
        format!("payment {} holds more than was asked for", payment.id)
    });
    report.require(payment.held() == 0 || !payment.status.is_final(), || {
        format!("payment {} is over and holds value", payment.id)
    });
}

/// What vouchers have reserved is what payments hold on them.
fn check_holds(model: &Model, report: &mut AuditReport) {
    let mut holds: HashMap<Serial, i64> = HashMap::new();
    let parts = model
        .payments
        .values()
        .flat_map(|payment| &payment.allocations);
    for part in parts.filter(|part| part.held != 0) {
        *holds.entry(part.serial).or_default() += part.held;
    }
    for voucher in model.vouchers.values() {
        let held = holds.remove(&voucher.serial).unwrap_or(0);
        report.require(held == voucher.held, || {
            format!(
                "voucher {} has {} minor units held where payments hold {held}",
                voucher.serial, voucher.held
            )
        });
    }
    report.require(holds.is_empty(), || {
        "payments hold value of vouchers that do not exist".to_owned()
    });
}

fn check_value(currency: Currency, value: &Value, model: &Model, report: &mut AuditReport) {
    let parts = [
        ("issued", value.issued),
        ("spent", value.spent),
        ("held", value.held),
        ("remaining", value.remaining),
        ("fees", value.fees),
        ("expired", value.expired),
        ("voided", value.voided),
    ];
    for (name, minor) in parts {
        let shown = i64::try_from(minor).map_or_else(
            |_| format!("{minor} minor units"),
            |minor| Amount::new(minor, currency).to_string(),
        );
        report.figure(format!("{name} in {currency}"), shown);
    }
    let found: i128 = parts[1..].iter().map(|(_, minor)| minor).sum();
    report.require(found == value.issued, || {
        format!(
            "{} minor units were issued in {currency} and {found} are found",
            value.issued
        )
    });
    let accounts = [
        (VOUCHERS_REMAINING, "remaining value", value.remaining),
        (VOUCHERS_HELD, "held value", value.held),
        (MAINTENANCE_FEES, "maintenance fees", value.fees),
        (EXPIRED_VALUE, "expired value", value.expired),
    ];
    for (code, name, minor) in accounts {
        let balance = i128::from(model.balances.of(issuer(code, currency)));
        report.require(balance == -minor, || {
            format!(
                "the account of {name} in {currency} stands at {balance} where vouchers say {minor}"
            )
        });
    }
}

fn issuer(code: AccountCode, currency: Currency) -> AccountId {
    AccountId {
        code,
        owner: 0,
        currency,
    }
}
