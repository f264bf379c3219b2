//! Every page in every state, from made-up views.

use std::time::Duration;

use ids::time::Timestamp;
use money::amount::Amount;
use money::currency::Currency;
use secrecy::SecretString;
use web::language::Language;

use super::balance::{self, BalanceView, HistoryLine, VoucherEvent};
use super::checkout::{self, ChallengeView, CheckoutLinks, CheckoutProblem, CheckoutView};
use super::error::{self, ErrorView, PageError};
use super::freeze::{self, FreezeProblem, FreezeView, FrozenView, PurchaseDetails};
use super::letters::{self, AddressProblem, AddressView, LettersEnd, LettersView, Offer, Question};
use super::notes::Notes;
use super::pin_problem::PinProblem;
use super::receipts::{
    self, EntryLine, Happened, IsFull, LogStanding, Proof, ProofStanding, ReadyProof, ReceiptView,
    ReceiptsView,
};
use super::refund::{self, FreshVoucher, RefundView};
use super::result::{self, Blocked, FrozenVouchers, Outcome, Paid, ResultView, Reviewed};
use super::{QrCode, Shop, VoucherShare, home, privacy};

/// The pages by name.
pub fn every_page(language: Language) -> Vec<(&'static str, String)> {
    let mut pages = checkout_pages(language);
    pages.extend(result_pages(language));
    pages.extend(receipt_pages(language));
    pages.extend(balance_pages(language));
    pages.extend(letters_pages(language));
    pages.extend(freeze_pages(language));
    pages.extend(other_pages(language));
    pages
}

fn checkout_pages(language: Language) -> Vec<(&'static str, String)> {
    let two = || vec![share("4933", 250, 0), share("0071", 350, 0)];
    let covered = vec![share("4933", 250, 0), share("0071", 750, 1_750)];
    let ten = vec![share("4933", 50, 0); 10];
    let pin = |problem| Some(CheckoutProblem::Pin(problem));
    let currency = CheckoutProblem::OtherCurrency {
        voucher: Currency::PLN,
    };
    let country = CheckoutProblem::OtherCountry {
        expected: "AT".parse().unwrap(),
    };
    let states = [
        ("checkout-first", vec![], None),
        ("checkout-slip", vec![], pin(PinProblem::CheckDigit)),
        (
            "checkout-length",
            vec![],
            pin(PinProblem::Length { digits: 15 }),
        ),
        ("checkout-letters", vec![], pin(PinProblem::NotDigits)),
        ("checkout-missing", vec![], pin(PinProblem::Missing)),
        ("checkout-refused", two(), pin(PinProblem::Refused)),
        ("checkout-next", two(), None),
        ("checkout-covered", covered, None),
        ("checkout-ten", ten, Some(CheckoutProblem::TooManyVouchers)),
        (
            "checkout-changed",
            two(),
            Some(CheckoutProblem::BalanceChanged),
        ),
        ("checkout-currency", two(), Some(currency)),
        ("checkout-country", vec![], Some(country)),
        (
            "checkout-account",
            vec![],
            Some(CheckoutProblem::AccountRequired),
        ),
        (
            "checkout-again",
            two(),
            Some(CheckoutProblem::AlreadyEntered),
        ),
        (
            "checkout-not-covered",
            two(),
            Some(CheckoutProblem::NotCovered),
        ),
    ];
    let render = |(name, vouchers, problem)| {
        let view = checkout_view(vouchers, problem);
        (name, checkout::render(&view, language))
    };
    let mut pages: Vec<(&'static str, String)> = states.into_iter().map(render).collect();
    pages.extend(challenge_pages(language));
    pages
}

fn challenge_pages(language: Language) -> Vec<(&'static str, String)> {
    let asked = |seconds_to_wait, problem, notes| {
        let vouchers = vec![share("4933", 250, 0), share("0071", 750, 1_750)];
        let view = CheckoutView {
            challenge: Some(ChallengeView {
                serials_last_four: vec!["4933".to_owned(), "0071".to_owned()],
                seconds_to_wait,
                tries_left: 2,
                notes,
            }),
            ..checkout_view(vouchers, problem)
        };
        checkout::render(&view, language)
    };
    let wrong = Some(CheckoutProblem::WrongAnswer);
    vec![
        ("checkout-challenge", asked(0, None, Notes::default())),
        (
            "checkout-challenge-wrong",
            asked(0, wrong, Notes::default()),
        ),
        (
            "checkout-challenge-wait",
            asked(120, None, Notes::default()),
        ),
        (
            "checkout-challenge-early",
            asked(90, wrong, Notes::default()),
        ),
        ("checkout-challenge-notes", asked(0, None, notes())),
    ]
}

fn result_pages(language: Language) -> Vec<(&'static str, String)> {
    let paid = Outcome::Paid(Paid {
        amount: eur(1_000),
        vouchers: vec![share("4933", 250, 0), share("0071", 750, 1_750)],
    });
    let unseen = Outcome::Paid(Paid {
        amount: eur(1_000),
        vouchers: Vec::new(),
    });
    let without_shop = ResultView {
        shop: None,
        receipts: None,
        ..result_view(Outcome::Cancelled)
    };
    let states = [
        ("result-paid", result_view(paid)),
        ("result-paid-for-the-shop", result_view(unseen)),
        ("result-cancelled", result_view(Outcome::Cancelled)),
        ("result-expired", result_view(Outcome::Expired)),
        ("result-closed", result_view(Outcome::Closed)),
        ("result-tries", result_view(Outcome::TooManyTries)),
        ("result-risky", result_view(blocked(None))),
        ("result-frozen", result_view(blocked(Some(1)))),
        ("result-frozen-many", result_view(blocked(Some(2)))),
        ("result-unproven", result_view(Outcome::Unproven)),
        ("result-refused", result_view(Outcome::Refused)),
        ("result-review", result_view(reviewed(Notes::default()))),
        ("result-review-notes", result_view(reviewed(notes()))),
        ("result-no-shop", without_shop),
    ];
    let render = |(name, view)| (name, result::render(&view, language));
    states.into_iter().map(render).collect()
}

fn receipt_pages(language: Language) -> Vec<(&'static str, String)> {
    use ProofStanding::{Awaited, Late, Never, Shown, Stopped};
    let list = |log, standings: &[ProofStanding]| {
        let view = receipts_view(log, standings);
        receipts::render_list(&view, language)
    };
    let one = |proof| receipts::render(&receipt_view(proof), language);
    let ready = Proof::Ready(ReadyProof {
        size: 12_345,
        file: "/checkout/pay_1/receipts/42/tlog-proof?key=k".to_owned(),
        json: "/checkout/pay_1/receipts/42/json?key=k".to_owned(),
        explorer: "/log/#receipt=YzJzcA".to_owned(),
    });
    let without_log = ReceiptView {
        origin: None,
        is_full: IsFull::SharedOnly,
        qr: None,
        ..receipt_view(Proof::Not(Never))
    };
    vec![
        ("receipts", list(LogStanding::Open, &[Shown, Shown])),
        (
            "receipts-awaited",
            list(LogStanding::Open, &[Shown, Late, Awaited]),
        ),
        (
            "receipts-stopped",
            list(LogStanding::Stopped, &[Shown, Stopped]),
        ),
        (
            "receipts-closed",
            list(LogStanding::Closed, &[Shown, Never]),
        ),
        ("receipts-none", list(LogStanding::None, &[Never])),
        ("receipts-all", list(LogStanding::Open, &[Shown; 20])),
        ("receipt", one(ready)),
        ("receipt-awaited", one(Proof::Not(Awaited))),
        ("receipt-late", one(Proof::Not(Late))),
        ("receipt-stopped", one(Proof::Not(Stopped))),
        ("receipt-closed", one(Proof::Not(Never))),
        ("receipt-failed", one(Proof::Failed)),
        ("receipt-none", receipts::render(&without_log, language)),
    ]
}

/// One line for each standing, of a kind of entry each.
fn receipts_view(log: LogStanding, standings: &[ProofStanding]) -> ReceiptsView {
    let happened = [
        Happened::Created(eur(1_000)),
        Happened::Opened,
        Happened::Reserved(eur(1_000)),
        Happened::WrongPin,
        Happened::Paid(eur(1_000)),
        Happened::Captured(eur(1_000)),
        Happened::Cancelled,
        Happened::Expired,
        Happened::RefundChecked(eur(500)),
        Happened::Refunded(eur(500)),
        Happened::RefundLapsed,
        Happened::Duplicate,
        Happened::Stopped,
        Happened::Resumed,
        Happened::Challenged,
        Happened::WrongAnswer,
        Happened::Review,
        Happened::Approved,
        Happened::LetGo,
        Happened::PayerErased,
        Happened::Other,
    ];
    let line = |(happened, proof): (Happened, &ProofStanding)| EntryLine {
        happened,
        at: NOON,
        address: "/checkout/pay_1/receipts/42?key=k".to_owned(),
        proof: *proof,
    };
    ReceiptsView {
        page: "/checkout/pay_1/receipts?key=k".to_owned(),
        payment: "/checkout/pay_1/result?key=k".to_owned(),
        shop_name: "Kaffee & Söhne".to_owned(),
        log,
        entries: happened.into_iter().zip(standings).map(line).collect(),
    }
}

fn receipt_view(proof: Proof) -> ReceiptView {
    ReceiptView {
        page: "/checkout/pay_1/receipts/42?key=k".to_owned(),
        list: "/checkout/pay_1/receipts?key=k".to_owned(),
        shop_name: "Kaffee & Söhne".to_owned(),
        happened: Happened::Reserved(eur(1_000)),
        at: NOON,
        entry: 42,
        origin: Some("pay.example/log".to_owned()),
        is_full: IsFull::Yes,
        proof,
        qr: Some(QrCode {
            width: 3,
            path: "M1 1h1v1h-1z".to_owned(),
        }),
    }
}

/// What rules of an issuer say.
pub fn notes() -> Notes {
    Notes {
        warns_of_swindlers: true,
        issuer_says: vec!["Call <b>0800 1234</b> & ask.".to_owned()],
    }
}

fn blocked(frozen: Option<u64>) -> Outcome {
    Outcome::TooRisky(Blocked {
        notes: match frozen {
            Some(_) => notes(),
            None => Notes::default(),
        },
        frozen: frozen.map(|count| FrozenVouchers {
            count,
            reference: "2417".to_owned(),
        }),
    })
}

fn reviewed(notes: Notes) -> Outcome {
    Outcome::InReview(Reviewed {
        until: Timestamp(1_790_000_000_000),
        notes,
    })
}

fn balance_pages(language: Language) -> Vec<(&'static str, String)> {
    let unlimited = BalanceView {
        valid_until: None,
        reserved: eur(0),
        ..balance_view()
    };
    let refused = Some(PinProblem::Refused);
    let with_letters = |address, offer| BalanceView {
        letters: Some(letters_view(address, offer)),
        ..balance_view()
    };
    let none = with_letters(AddressView::None, Offer::Give);
    let confirmed = with_letters(AddressView::Confirmed, Offer::Give);
    let left_over = with_letters(AddressView::Unconfirmed, Offer::TakeAwayOnly);
    vec![
        ("balance-letters", balance::render(&none, language)),
        (
            "balance-letters-confirmed",
            balance::render(&confirmed, language),
        ),
        (
            "balance-letters-left-over",
            balance::render(&left_over, language),
        ),
        ("balance-form", balance::render_form(None, language)),
        ("balance-refused", balance::render_form(refused, language)),
        ("balance", balance::render(&balance_view(), language)),
        ("balance-unlimited", balance::render(&unlimited, language)),
    ]
}

fn letters_view(address: AddressView, offer: Offer) -> LettersView {
    LettersView {
        page: "00ff".to_owned(),
        address,
        offer,
    }
}

fn letters_pages(language: Language) -> Vec<(&'static str, String)> {
    let view = letters_view(AddressView::None, Offer::Give);
    let form = |problem| letters::render_form(&view, problem, language);
    let soon = AddressProblem::TooSoon(Timestamp(1_790_000_000_000));
    let question = |question| letters::render_question(question, "00ff", "4933", language);
    let end = |end| letters::render_end(end, language);
    vec![
        ("letters-no-address", form(AddressProblem::NoAddress)),
        ("letters-rests", form(AddressProblem::Rests)),
        ("letters-too-soon", form(soon)),
        ("letters-confirm", question(Question::Confirm)),
        ("letters-stop", question(Question::Stop)),
        ("letters-asked", end(LettersEnd::Asked)),
        ("letters-confirmed", end(LettersEnd::Confirmed)),
        ("letters-taken", end(LettersEnd::TakenAway)),
        ("letters-stale", end(LettersEnd::Stale)),
    ]
}

fn freeze_pages(language: Language) -> Vec<(&'static str, String)> {
    let form = |name, problem| (name, freeze::render_form(&freeze_view(problem), language));
    let frozen = |support_address| FrozenView {
        serial_last_four: "4933".to_owned(),
        value: eur(1_250),
        reference: "2417".to_owned(),
        support_address,
    };
    let by_letter = frozen(Some("support@issuer.example".to_owned()));
    let empty = FreezeView::default();
    vec![
        ("freeze", freeze::render_form(&empty, language)),
        form("freeze-pin", FreezeProblem::Pin(PinProblem::Refused)),
        form("freeze-serial", FreezeProblem::SerialLength { digits: 8 }),
        form("freeze-serial-missing", FreezeProblem::SerialMissing),
        form("freeze-date", FreezeProblem::DateMissing),
        form("freeze-amount", FreezeProblem::AmountMissing),
        form("freeze-no-match", FreezeProblem::NoMatch),
        ("frozen", freeze::render_frozen(&by_letter, language)),
        (
            "frozen-shop",
            freeze::render_frozen(&frozen(None), language),
        ),
    ]
}

fn other_pages(language: Language) -> Vec<(&'static str, String)> {
    let error = |name, error| (name, error::render(&error_view(error), language));
    let refund = |name, count| (name, refund::render(&refund_view(count), language));
    let wait = Duration::from_secs(250);
    let tries = ErrorView {
        back: Some("/checkout/pay_1?key=k".to_owned()),
        ..error_view(PageError::TooManyTries { wait })
    };
    vec![
        error("error-not-found", PageError::NotFound),
        error("error-foreign-form", PageError::ForeignForm),
        error("error-unreadable-form", PageError::UnreadableForm),
        error("error-unavailable", PageError::Unavailable),
        ("error-tries", error::render(&tries, language)),
        refund("refund", 2),
        refund("refund-one", 1),
        refund("refund-same", 0),
        ("home", home::render(language)),
        ("privacy", privacy::render(language)),
    ]
}

/// 2026-12-02T14:32:00Z.
pub const NOON: Timestamp = Timestamp(1_796_221_920_000);

pub fn eur(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR)
}

pub fn share(digits: &str, used: i64, left: i64) -> VoucherShare {
    VoucherShare {
        serial_last_four: digits.to_owned(),
        used: eur(used),
        left: eur(left),
    }
}

pub fn checkout_view(
    vouchers: Vec<VoucherShare>,
    problem: Option<CheckoutProblem>,
) -> CheckoutView {
    let used: i64 = vouchers.iter().map(|voucher| voucher.used.minor).sum();
    CheckoutView {
        links: CheckoutLinks {
            page: "/checkout/pay_1?key=k&lang=en".to_owned(),
            pay: "/checkout/pay_1/pay?key=k".to_owned(),
            remove: "/checkout/pay_1/vouchers/remove?key=k".to_owned(),
            cancel: "/checkout/pay_1/cancel?key=k".to_owned(),
        },
        shop_name: "Kaffee & Söhne <GmbH>".to_owned(),
        amount: eur(1_000),
        open_until: NOON,
        seconds_left: 1_694,
        vouchers,
        still_to_pay: eur(1_000 - used),
        tries_left: 1,
        sealed_vouchers: "c2VhbGVk".to_owned(),
        challenge: None,
        problem,
    }
}

fn result_view(outcome: Outcome) -> ResultView {
    let shop = Shop {
        name: "Kaffee & Söhne".to_owned(),
        address: "https://shop.example/ok?id=1&x=2".to_owned(),
    };
    ResultView {
        page: "/checkout/pay_1?key=k".to_owned(),
        receipts: Some("/checkout/pay_1/receipts?key=k".to_owned()),
        outcome,
        shop: Some(shop),
    }
}

fn balance_view() -> BalanceView {
    let shop = || "Kaffee & Söhne".to_owned();
    let line = |minutes: i64, event, change, left| HistoryLine {
        time: Timestamp(NOON.0 - minutes * 60_000),
        event,
        change: eur(change),
        left: eur(left),
    };
    BalanceView {
        serial_last_four: "4933".to_owned(),
        balance: eur(1_250),
        face_value: eur(2_500),
        reserved: eur(500),
        valid_until: Some(NOON),
        letters: None,
        counted: None,
        history: vec![
            line(
                0,
                VoucherEvent::PaidFromReservation { shop: shop() },
                0,
                1_250,
            ),
            line(1, VoucherEvent::Reserved { shop: shop() }, -500, 1_250),
            line(90, VoucherEvent::Refunded { shop: shop() }, 250, 1_750),
            line(95, VoucherEvent::Unfrozen, 0, 1_500),
            line(96, VoucherEvent::Frozen, 0, 1_500),
            line(100, VoucherEvent::Fee, -200, 1_500),
            line(3_000, VoucherEvent::Paid { shop: shop() }, -800, 1_700),
            line(4_000, VoucherEvent::Released { shop: shop() }, 300, 2_500),
            line(9_000, VoucherEvent::Activated, 2_500, 2_500),
        ],
    }
}

pub fn freeze_view(problem: FreezeProblem) -> FreezeView {
    let purchase = PurchaseDetails {
        serial: "8199 2928".to_owned(),
        amount: "25".to_owned(),
        ..PurchaseDetails::default()
    };
    FreezeView {
        purchase,
        problem: Some(problem),
    }
}

fn refund_view(count: usize) -> RefundView {
    let fresh = |number: usize| FreshVoucher {
        amount: eur(500),
        serial: format!("100000000000000{number}"),
        pin: SecretString::from("0000 1111 2222 3333"),
    };
    RefundView {
        page: "/refund/pay_1/ref_1?key=k".to_owned(),
        shop_name: "Kaffee & Söhne".to_owned(),
        amount: eur(1_000),
        vouchers: (0..count).map(fresh).collect(),
    }
}

pub fn error_view(error: PageError) -> ErrorView {
    ErrorView {
        error,
        back: None,
        request_id: Some("3f9a2c11-4d".to_owned()),
    }
}
