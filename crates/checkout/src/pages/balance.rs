//! What is left on a voucher, and what became of the rest.

use askama::Template;
use ids::time::Timestamp;
use ids::voucher::Serial;
use money::amount::Amount;
use money::currency::Currency;
use web::amount_text::amount_text;
use web::frame::Frame;
use web::language::Language;
use web::texts::Texts;
use web::time_text::Moment;

use super::letters::LettersView;
use super::pin_problem::{PinProblem, PinPurpose};
use crate::texts::texts;

/// A voucher that can be spent. For any other PIN the form comes back with [`PinProblem::Refused`].
pub struct BalanceView {
    pub serial_last_four: String,
    /// What can be spent now.
    pub balance: Amount,
    pub face_value: Amount,
    /// Held for payments that are not finished.
    pub reserved: Amount,
    pub valid_until: Option<Timestamp>,
    /// The newest first.
    pub history: Vec<HistoryLine>,
    /// Whether its owner can be told what becomes of it.
    pub letters: Option<LettersView>,
    /// Whether it can be shown to be counted in what the issuer states that it owes.
    pub counted: Option<CountedView>,
}

/// With what the page asks whether its voucher is counted, and by what it checks the answer.
pub struct CountedView {
    /// Sealed: the right to ask about this voucher.
    pub page: String,
    pub serial: Serial,
    pub currency: Currency,
    /// What the voucher is worth now, held value included.
    pub value_minor: i64,
    /// The address of the verifier.
    pub verifier: &'static str,
}

pub struct HistoryLine {
    pub time: Timestamp,
    pub event: VoucherEvent,
    /// The change of the balance: negative for what went out, zero where it stayed.
    pub change: Amount,
    /// The balance after it.
    pub left: Amount,
}

/// What happened to a voucher, with the name of the shop where there is one.
pub enum VoucherEvent {
    Activated,
    Reserved {
        shop: String,
    },
    Released {
        shop: String,
    },
    Paid {
        shop: String,
    },
    /// What was reserved before has been taken; the balance stays.
    PaidFromReservation {
        shop: String,
    },
    Refunded {
        shop: String,
    },
    Fee,
    Frozen,
    Unfrozen,
}

/// The form that asks for a PIN.
pub fn render_form(problem: Option<PinProblem>, language: Language) -> String {
    let texts = texts(language);
    super::rendered(&BalanceFormPage {
        frame: Frame::new(texts.text("balance-title"), language, ADDRESS.to_owned()),
        texts,
        pin_problem: problem.map(|problem| problem.text(PinPurpose::Balance, &texts)),
    })
}

/// The balance and its history.
pub fn render(view: &BalanceView, language: Language) -> String {
    let texts = texts(language);
    super::rendered(&BalancePage {
        frame: Frame::new(
            texts.text("balance-shown-title"),
            language,
            ADDRESS.to_owned(),
        ),
        texts,
        valid_until: view.valid_until.map(|day| Moment::day(day, language)),
        history: view
            .history
            .iter()
            .map(|line| history_row(line, &texts))
            .collect(),
        view,
        letters_problem: None,
    })
}

const ADDRESS: &str = "/balance";

#[derive(Template)]
#[template(path = "balance_form.html")]
struct BalanceFormPage {
    frame: Frame,
    texts: Texts,
    pin_problem: Option<String>,
}

#[derive(Template)]
#[template(path = "balance.html")]
struct BalancePage<'a> {
    frame: Frame,
    texts: Texts,
    valid_until: Option<Moment>,
    history: Vec<HistoryRow>,
    view: &'a BalanceView,
    /// The form comes back on a page of its own, if it has a problem.
    letters_problem: Option<String>,
}

impl BalancePage<'_> {
    fn amount(&self, amount: &Amount) -> String {
        amount_text(*amount, self.frame.language)
    }
}

struct HistoryRow {
    time: Moment,
    event: String,
    /// Absent where the balance stayed.
    amount: Option<String>,
    left: String,
}

fn history_row(line: &HistoryLine, texts: &Texts) -> HistoryRow {
    let language = texts.language();
    HistoryRow {
        time: Moment::day_and_clock(line.time, language),
        event: event_text(&line.event, texts),
        amount: (line.change.minor != 0).then(|| signed_amount_text(line.change, language)),
        left: amount_text(line.left, language),
    }
}

fn signed_amount_text(change: Amount, language: Language) -> String {
    let sign = if 0 < change.minor { "+" } else { "" };
    format!("{sign}{}", amount_text(change, language))
}

fn event_text(event: &VoucherEvent, texts: &Texts) -> String {
    match event {
        VoucherEvent::Activated => texts.text("event-activated"),
        VoucherEvent::Reserved { shop } => texts.with("event-reserved", "shop", shop),
        VoucherEvent::Released { shop } => texts.with("event-released", "shop", shop),
        VoucherEvent::Paid { shop } => texts.with("event-paid", "shop", shop),
        VoucherEvent::PaidFromReservation { shop } => {
            texts.with("event-paid-reserved", "shop", shop)
        }
        VoucherEvent::Refunded { shop } => texts.with("event-refunded", "shop", shop),
        VoucherEvent::Fee => texts.text("event-fee"),
        VoucherEvent::Frozen => texts.text("event-frozen"),
        VoucherEvent::Unfrozen => texts.text("event-unfrozen"),
    }
}
