use std::time::Duration;

use money::currency::Currency;
use web::language::Language;

use super::balance::{BalanceView, HistoryLine, VoucherEvent};
use super::checkout::{CheckoutLinks, CheckoutProblem, CheckoutView};
use super::error::{ErrorView, PageError};
use super::freeze::{FreezeProblem, FreezeView, FrozenView, PurchaseDetails};
use super::pin_problem::PinProblem;
use super::result::{Outcome, Paid, ResultView};
use super::*;

/// 2026-12-02T14:32:00Z.
const NOON: Timestamp = Timestamp(1_796_221_920_000);

fn eur(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR)
}

fn share(digits: &str, used: i64, left: i64) -> VoucherShare {
    VoucherShare {
        serial_last_four: digits.to_owned(),
        used: eur(used),
        left: eur(left),
    }
}

fn checkout_view(vouchers: Vec<VoucherShare>, problem: Option<CheckoutProblem>) -> CheckoutView {
    let used: i64 = vouchers.iter().map(|voucher| voucher.used.minor).sum();
    CheckoutView {
        links: CheckoutLinks {
            page: "/checkout/pay_1?key=k&lang=en".to_owned(),
            pay: "/checkout/pay_1/pay?key=k".to_owned(),
            add: "/checkout/pay_1/vouchers?key=k".to_owned(),
            remove: "/checkout/pay_1/vouchers/remove?key=k".to_owned(),
            cancel: "/checkout/pay_1/cancel?key=k".to_owned(),
        },
        shop_name: "Kaffee & Söhne <GmbH>".to_owned(),
        amount: eur(1_000),
        open_until: NOON,
        seconds_left: 1_694,
        vouchers,
        still_to_pay: eur(1_000 - used),
        sealed_vouchers: "c2VhbGVk".to_owned(),
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
        history: vec![
            line(1, VoucherEvent::Reserved { shop: shop() }, -500, 1_250),
            line(90, VoucherEvent::Refunded { shop: shop() }, 250, 1_750),
            line(100, VoucherEvent::Fee, -200, 1_500),
            line(3_000, VoucherEvent::Paid { shop: shop() }, -800, 1_700),
            line(4_000, VoucherEvent::Released { shop: shop() }, 300, 2_500),
            line(9_000, VoucherEvent::Activated, 2_500, 2_500),
        ],
    }
}

fn freeze_view(problem: FreezeProblem) -> FreezeView {
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

fn error_view(error: PageError) -> ErrorView {
    ErrorView {
        error,
        request_id: Some("3f9a2c11-4d".to_owned()),
    }
}

/// Every page in every state that it has, by name.
pub(super) fn every_page(language: Language) -> Vec<(&'static str, String)> {
    let two = || vec![share("4933", 250, 0), share("0071", 350, 0)];
    let checkout =
        |vouchers, problem| checkout::render(&checkout_view(vouchers, problem), language);
    let result = |outcome| result::render(&result_view(outcome), language);
    let paid = Outcome::Paid(Paid {
        amount: eur(1_000),
        vouchers: vec![share("4933", 250, 0), share("0071", 750, 1_750)],
    });
    let frozen = FrozenView {
        serial_last_four: "4933".to_owned(),
        value: eur(1_250),
        reference: "2417-0093".to_owned(),
        support_address: Some("support@issuer.example".to_owned()),
    };
    let limit = PageError::TooManyTries {
        wait: Duration::from_secs(250),
    };
    vec![
        ("checkout-first", checkout(vec![], None)),
        (
            "checkout-slip",
            checkout(vec![], Some(CheckoutProblem::Pin(PinProblem::CheckDigit))),
        ),
        (
            "checkout-refused",
            checkout(two(), Some(CheckoutProblem::Pin(PinProblem::Refused))),
        ),
        (
            "checkout-length",
            checkout(
                vec![],
                Some(CheckoutProblem::Pin(PinProblem::Length { digits: 15 })),
            ),
        ),
        ("checkout-next", checkout(two(), None)),
        (
            "checkout-covered",
            checkout(vec![share("4933", 250, 0), share("0071", 750, 1_750)], None),
        ),
        (
            "checkout-ten",
            checkout(
                vec![share("4933", 50, 0); 10],
                Some(CheckoutProblem::TooManyVouchers),
            ),
        ),
        (
            "checkout-changed",
            checkout(two(), Some(CheckoutProblem::BalanceChanged)),
        ),
        (
            "checkout-currency",
            checkout(
                two(),
                Some(CheckoutProblem::OtherCurrency {
                    voucher: Currency::PLN,
                }),
            ),
        ),
        (
            "checkout-again",
            checkout(two(), Some(CheckoutProblem::AlreadyEntered)),
        ),
        (
            "checkout-not-covered",
            checkout(two(), Some(CheckoutProblem::NotCovered)),
        ),
        (
            "checkout-missing",
            checkout(vec![], Some(CheckoutProblem::Pin(PinProblem::Missing))),
        ),
        ("result-paid", result(paid)),
        ("result-cancelled", result(Outcome::Cancelled)),
        ("result-expired", result(Outcome::Expired)),
        ("result-closed", result(Outcome::Closed)),
        ("result-tries", result(Outcome::TooManyTries)),
        (
            "result-unknown",
            result::render(
                &ResultView {
                    shop: None,
                    ..result_view(Outcome::Unknown)
                },
                language,
            ),
        ),
        ("balance-form", balance::render_form(None, language)),
        (
            "balance-refused",
            balance::render_form(Some(PinProblem::Refused), language),
        ),
        ("balance", balance::render(&balance_view(), language)),
        (
            "balance-unlimited",
            balance::render(
                &BalanceView {
                    valid_until: None,
                    reserved: eur(0),
                    ..balance_view()
                },
                language,
            ),
        ),
        (
            "freeze",
            freeze::render_form(&FreezeView::default(), language),
        ),
        (
            "freeze-pin",
            freeze::render_form(
                &freeze_view(FreezeProblem::Pin(PinProblem::Refused)),
                language,
            ),
        ),
        (
            "freeze-serial",
            freeze::render_form(
                &freeze_view(FreezeProblem::SerialLength { digits: 8 }),
                language,
            ),
        ),
        (
            "freeze-serial-missing",
            freeze::render_form(&freeze_view(FreezeProblem::SerialMissing), language),
        ),
        (
            "freeze-date",
            freeze::render_form(&freeze_view(FreezeProblem::DateMissing), language),
        ),
        (
            "freeze-amount",
            freeze::render_form(&freeze_view(FreezeProblem::AmountMissing), language),
        ),
        (
            "freeze-no-match",
            freeze::render_form(&freeze_view(FreezeProblem::NoMatch), language),
        ),
        ("frozen", freeze::render_frozen(&frozen, language)),
        (
            "frozen-shop",
            freeze::render_frozen(
                &FrozenView {
                    support_address: None,
                    ..frozen
                },
                language,
            ),
        ),
        (
            "error-not-found",
            error::render(&error_view(PageError::NotFound), language),
        ),
        (
            "error-foreign-form",
            error::render(&error_view(PageError::ForeignForm), language),
        ),
        (
            "error-unreadable-form",
            error::render(&error_view(PageError::UnreadableForm), language),
        ),
        ("error-tries", error::render(&error_view(limit), language)),
        (
            "error-unavailable",
            error::render(&error_view(PageError::Unavailable), language),
        ),
        ("home", home::render(language)),
        ("privacy", privacy::render(language)),
    ]
}

#[test]
fn no_page_shows_the_key_of_a_missing_text() {
    let keys = [
        "checkout-",
        "result-",
        "balance-",
        "freeze-",
        "frozen-",
        "pin-",
        "serial-",
        "error-",
        "home-",
        "privacy-",
        "event-",
        "wait-",
        "problem-",
    ];
    for language in Language::ALL {
        for (name, page) in every_page(language) {
            let texts = page.split(['<', '>']).skip(2).step_by(2);
            for text in texts.map(str::trim) {
                let shows_key = !text.contains(' ') && keys.iter().any(|key| text.starts_with(key));
                assert!(!shows_key, "{name} in {language:?} shows {text}");
            }
        }
    }
}

#[test]
fn no_page_has_inline_style_or_script_or_names_another_host() {
    for (name, page) in every_page(Language::German) {
        assert!(
            !page.contains(" style=") && !page.contains("<style") && !page.contains("<script>"),
            "{name}"
        );
        assert!(
            !page.contains(" onclick") && !page.contains("javascript:"),
            "{name}"
        );
        let elsewhere =
            page.matches("https://").count() - page.matches("href=\"https://shop.example/").count();
        assert_eq!(elsewhere, 0, "{name} names another host");
    }
}

#[test]
fn shop_name_is_escaped() {
    let page = checkout::render(&checkout_view(vec![], None), Language::English);
    assert!(!page.contains("<GmbH>"));
    assert!(page.contains("to Kaffee &#38; Söhne &#60;GmbH&#62;"));
}

#[test]
fn every_refused_pin_is_one_sentence_at_its_field() {
    let view = checkout_view(vec![], Some(CheckoutProblem::Pin(PinProblem::Refused)));
    let page = checkout::render(&view, Language::English);
    let sentence = "We cannot accept this PIN. Check it, or use another voucher.";
    assert_eq!(
        page.matches(sentence).count(),
        2,
        "once in the summary, once at the field"
    );
    assert!(page.contains("aria-describedby=\"pin-problem pin-hint\""));
}

#[test]
fn covered_payment_asks_for_no_further_pin() {
    let page = checkout::render(
        &checkout_view(vec![share("4933", 1_000, 0)], None),
        Language::English,
    );
    assert!(!page.contains("name=\"pin\""));
    assert!(page.contains("Pay €10.00"));
}

#[test]
fn ten_vouchers_are_the_most() {
    let page = checkout::render(
        &checkout_view(vec![share("4933", 50, 0); 10], None),
        Language::English,
    );
    assert!(!page.contains("name=\"pin\""));
}

#[test]
fn typed_purchase_details_come_back_but_no_pin() {
    let page = freeze::render_form(&freeze_view(FreezeProblem::DateMissing), Language::English);
    assert!(page.contains("value=\"8199 2928\""));
    assert!(page.contains("<a href=\"#date\">Enter the day of purchase.</a>"));
}

#[test]
fn wait_is_told_in_whole_words() {
    let page = |seconds| {
        let wait = Duration::from_secs(seconds);
        error::render(
            &error_view(PageError::TooManyTries { wait }),
            Language::Polish,
        )
    };
    assert!(page(1).contains("za jedną sekundę."));
    assert!(page(90).contains("za 90 sekund."));
    assert!(page(91).contains("za 2 minuty."));
}

#[test]
fn time_left_is_never_negative() {
    assert_eq!(seconds_between(Timestamp(0), Timestamp(1_001)), 2);
    assert_eq!(seconds_between(Timestamp(5), Timestamp(0)), 0);
}
