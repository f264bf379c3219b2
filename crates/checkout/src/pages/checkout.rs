//! The page on which a person pays.

use askama::Template;
use ids::time::Timestamp;
use ids::voucher::Country;
use money::amount::Amount;
use money::currency::Currency;
use payment::decide;
use web::amount_text::amount_text;
use web::frame::Frame;
use web::language::Language;
use web::texts::Texts;
use web::time_text::Moment;

use super::VoucherShare;
use super::notes::Notes;
use super::pin_problem::{PinProblem, PinPurpose};
use crate::texts::texts;

/// With this many tries left, a page says so.
const TRIES_LEFT_TOLD: u8 = 2;

pub struct CheckoutView {
    pub links: CheckoutLinks,
    pub shop_name: String,
    /// The amount of the whole payment.
    pub amount: Amount,
    pub open_until: Timestamp,
    /// What is left of the time to pay, by the server's clock.
    pub seconds_left: u64,
    /// In the order in which they were entered.
    pub vouchers: Vec<VoucherShare>,
    /// What the vouchers do not cover yet.
    pub still_to_pay: Amount,
    /// How many wrong PINs the payment still forgives before it is cancelled.
    pub tries_left: u8,
    /// The entered vouchers as the server wants them back: opaque, and sealed against change.
    pub sealed_vouchers: String,
    /// What the payer has to prove before the payment can go on.
    pub challenge: Option<ChallengeView>,
    pub problem: Option<CheckoutProblem>,
}

/// One more proof: the serial numbers that are printed on the vouchers.
pub struct ChallengeView {
    /// The end of each serial number, in the order of the fields.
    pub serials_last_four: Vec<String>,
    /// The time to think first; nothing where there is none.
    pub seconds_to_wait: u64,
    pub tries_left: u8,
    pub notes: Notes,
}

/// Local addresses with the payment's key. `page` is read, the others take forms.
pub struct CheckoutLinks {
    pub page: String,
    /// `vouchers`, `pin`: adds the PIN if there is one, and pays if that covers the amount.
    pub pay: String,
    /// `vouchers`, `remove`: takes out the voucher at this place, counted from 0.
    pub remove: String,
    pub cancel: String,
}

/// Why the form comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckoutProblem {
    Pin(PinProblem),
    AlreadyEntered,
    OtherCurrency {
        voucher: Currency,
    },
    OtherCountry {
        expected: Country,
    },
    AccountRequired,
    TooManyVouchers,
    BalanceChanged,
    NotCovered,
    /// The issuer checks the voucher.
    Stopped,
    /// Not the serial numbers that were asked for, or too early.
    WrongAnswer,
}

pub fn render(view: &CheckoutView, language: Language) -> String {
    let texts = texts(language);
    let amount = amount_text(view.amount, language);
    let title = texts.with_all(
        "checkout-title",
        &[("amount", &amount), ("shop", &view.shop_name)],
    );
    super::rendered(&CheckoutPage {
        frame: Frame::new(title, language, view.links.page.clone()),
        texts,
        open_until: Moment::clock(view.open_until),
        problem: view
            .problem
            .map(|problem| problem_text(problem, view, &texts)),
        view,
    })
}

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage<'a> {
    frame: Frame,
    texts: Texts,
    open_until: Moment,
    problem: Option<String>,
    view: &'a CheckoutView,
}

impl CheckoutPage<'_> {
    fn amount(&self, amount: &Amount) -> String {
        amount_text(*amount, self.frame.language)
    }

    fn is_covered(&self) -> bool {
        self.view.still_to_pay.minor <= 0
    }

    fn takes_pin(&self) -> bool {
        self.view.challenge.is_none()
            && !self.is_covered()
            && self.view.vouchers.len() < decide::VOUCHERS_MAX
    }

    fn label_key(&self) -> &'static str {
        if self.view.vouchers.is_empty() {
            "checkout-first-pin"
        } else {
            "checkout-next-pin"
        }
    }

    /// Whoever has to wait reads why, also where no rule says so.
    fn warns_of_swindlers(&self, asked: &ChallengeView) -> bool {
        asked.notes.warns_of_swindlers || 0 < asked.seconds_to_wait
    }

    /// The first field that a problem is about.
    fn problem_field(&self) -> &'static str {
        if self.view.challenge.is_some() {
            "serial-0"
        } else {
            "pin"
        }
    }

    /// A warning after wrong PINs, once few tries are left.
    fn warning(&self) -> Option<String> {
        let is_due = self.view.problem == Some(CheckoutProblem::Pin(PinProblem::Refused))
            && self.view.tries_left <= TRIES_LEFT_TOLD;
        is_due.then(|| {
            let tries = u64::from(self.view.tries_left);
            self.texts.count("checkout-tries-left", "count", tries)
        })
    }

    fn progress(&self) -> String {
        if self.is_covered() {
            return self.texts.text("checkout-covered");
        }
        self.texts.with(
            "checkout-added",
            "amount",
            self.amount(&self.view.still_to_pay),
        )
    }

    fn problem_is_at_field(&self) -> bool {
        if self.view.challenge.is_some() {
            return self.view.problem == Some(CheckoutProblem::WrongAnswer);
        }
        let at_field = match self.view.problem {
            Some(
                CheckoutProblem::Pin(_)
                | CheckoutProblem::AlreadyEntered
                | CheckoutProblem::OtherCurrency { .. }
                | CheckoutProblem::OtherCountry { .. }
                | CheckoutProblem::AccountRequired
                | CheckoutProblem::Stopped
                | CheckoutProblem::NotCovered,
            ) => true,
            Some(
                CheckoutProblem::TooManyVouchers
                | CheckoutProblem::BalanceChanged
                | CheckoutProblem::WrongAnswer,
            )
            | None => false,
        };
        at_field && self.takes_pin()
    }

    /// Whoever combines PINs goes on typing at once. On the first view nothing is focused: a keyboard that opens by
    /// itself would cover the amount on a phone.
    fn field_has_focus(&self) -> bool {
        self.problem.is_none() && !self.view.vouchers.is_empty()
    }
}

fn problem_text(problem: CheckoutProblem, view: &CheckoutView, texts: &Texts) -> String {
    match problem {
        CheckoutProblem::Pin(problem) => problem.text(PinPurpose::Payment, texts),
        CheckoutProblem::AlreadyEntered => texts.text("checkout-already-entered"),
        CheckoutProblem::OtherCurrency { voucher } => {
            let values = [
                ("voucher", voucher.code()),
                ("payment", view.amount.currency.code()),
            ];
            texts.with_all("checkout-other-currency", &values)
        }
        CheckoutProblem::OtherCountry { expected } => {
            texts.with("checkout-other-country", "country", expected.as_str())
        }
        CheckoutProblem::AccountRequired => texts.text("checkout-account-required"),
        CheckoutProblem::TooManyVouchers => texts.text("checkout-too-many"),
        CheckoutProblem::BalanceChanged => texts.text("checkout-balance-changed"),
        CheckoutProblem::NotCovered => texts.text("checkout-not-covered"),
        CheckoutProblem::Stopped => texts.text("checkout-voucher-stopped"),
        CheckoutProblem::WrongAnswer => match &view.challenge {
            Some(asked) if 0 < asked.seconds_to_wait => texts.text("challenge-too-early"),
            Some(asked) => texts.count("challenge-wrong", "count", u64::from(asked.tries_left)),
            None => texts.text("checkout-balance-changed"),
        },
    }
}
