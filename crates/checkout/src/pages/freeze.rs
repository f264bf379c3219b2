//! Stopping a voucher that is lost or whose PIN somebody else knows.

use askama::Template;
use money::amount::Amount;
use web::amount_text::amount_text;
use web::frame::Frame;
use web::language::Language;
use web::texts::Texts;

use super::Emblem;
use super::pin_problem::{PinProblem, PinPurpose};
use crate::texts::texts;

/// The two forms: by PIN, and by serial with the details of the purchase.
#[derive(Default)]
pub struct FreezeView {
    /// What was typed into the second form, given back when it has a problem. A PIN is never given back.
    pub purchase: PurchaseDetails,
    pub problem: Option<FreezeProblem>,
}

/// As typed.
#[derive(Default)]
pub struct PurchaseDetails {
    pub serial: String,
    pub date: String,
    pub amount: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreezeProblem {
    Pin(PinProblem),
    SerialMissing,
    SerialLength {
        digits: usize,
    },
    DateMissing,
    AmountMissing,
    /// One sentence for an unknown serial, wrong details, and a voucher that is used up or has ended.
    NoMatch,
}

/// A voucher that has just been frozen.
pub struct FrozenView {
    pub serial_last_four: String,
    /// What stays on it.
    pub value: Amount,
    /// By which the issuer finds the case.
    pub reference: String,
    /// The issuer's address for such letters, if it gave one.
    pub support_address: Option<String>,
}

pub fn render_form(view: &FreezeView, language: Language) -> String {
    let texts = texts(language);
    super::rendered(&FreezePage {
        frame: Frame::new(texts.text("freeze-title"), language, ADDRESS.to_owned()),
        texts,
        pin_problem: view
            .problem
            .filter(|problem| field_at_fault(*problem) == "pin")
            .map(|problem| problem_text(problem, &texts)),
        summary: view.problem.map(|problem| problem_text(problem, &texts)),
        purchase_fields: purchase_fields(view, &texts),
        problem: view.problem,
    })
}

pub fn render_frozen(view: &FrozenView, language: Language) -> String {
    let texts = texts(language);
    super::rendered(&FrozenPage {
        frame: Frame::new(texts.text("frozen-title"), language, ADDRESS.to_owned()),
        texts,
        value: amount_text(view.value, language),
        release: match &view.support_address {
            Some(address) => texts.with("frozen-release-contact", "contact", address),
            None => texts.text("frozen-release-shop"),
        },
        view,
    })
}

const ADDRESS: &str = "/freeze";

#[derive(Template)]
#[template(path = "freeze.html")]
struct FreezePage {
    frame: Frame,
    texts: Texts,
    pin_problem: Option<String>,
    summary: Option<String>,
    purchase_fields: Vec<PurchaseField>,
    problem: Option<FreezeProblem>,
}

impl FreezePage {
    fn field_at_fault(&self) -> &'static str {
        self.problem.map_or("pin", field_at_fault)
    }
}

#[derive(Template)]
#[template(path = "frozen.html")]
struct FrozenPage<'a> {
    frame: Frame,
    texts: Texts,
    value: String,
    release: String,
    view: &'a FrozenView,
}

impl FrozenPage<'_> {
    fn emblem(&self) -> Emblem {
        Emblem::Lock
    }
}

struct PurchaseField {
    name: &'static str,
    kind: &'static str,
    input_mode: Option<&'static str>,
    label: String,
    hint: Option<String>,
    value: String,
    problem: Option<String>,
}

impl PurchaseField {
    fn described_by(&self) -> Option<String> {
        let problem = self
            .problem
            .is_some()
            .then(|| format!("{}-problem", self.name));
        let hint = self.hint.is_some().then(|| format!("{}-hint", self.name));
        let ids: Vec<String> = problem.into_iter().chain(hint).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

fn purchase_fields(view: &FreezeView, texts: &Texts) -> Vec<PurchaseField> {
    let typed = &view.purchase;
    let field = |name: &'static str, value: &str| PurchaseField {
        name,
        kind: "text",
        input_mode: None,
        label: texts.text(&format!("freeze-{name}")),
        hint: None,
        value: value.to_owned(),
        problem: view
            .problem
            .filter(|problem| field_at_fault(*problem) == name)
            .map(|problem| problem_text(problem, texts)),
    };
    vec![
        PurchaseField {
            input_mode: Some("numeric"),
            ..field("serial", &typed.serial)
        },
        PurchaseField {
            kind: "date",
            ..field("date", &typed.date)
        },
        PurchaseField {
            input_mode: Some("decimal"),
            hint: Some(texts.text("freeze-amount-hint")),
            ..field("amount", &typed.amount)
        },
    ]
}

/// Details that fit nothing are shown at the serial: it is what all the others belong to.
fn field_at_fault(problem: FreezeProblem) -> &'static str {
    match problem {
        FreezeProblem::Pin(_) => "pin",
        FreezeProblem::SerialMissing
        | FreezeProblem::SerialLength { .. }
        | FreezeProblem::NoMatch => "serial",
        FreezeProblem::DateMissing => "date",
        FreezeProblem::AmountMissing => "amount",
    }
}

fn problem_text(problem: FreezeProblem, texts: &Texts) -> String {
    match problem {
        FreezeProblem::Pin(problem) => problem.text(PinPurpose::Freeze, texts),
        FreezeProblem::SerialMissing => texts.text("serial-missing"),
        FreezeProblem::SerialLength { digits } => {
            texts.count("serial-length", "digits", digits as u64)
        }
        FreezeProblem::DateMissing => texts.text("freeze-date-missing"),
        FreezeProblem::AmountMissing => texts.text("freeze-amount-missing"),
        FreezeProblem::NoMatch => texts.text("freeze-no-match"),
    }
}
