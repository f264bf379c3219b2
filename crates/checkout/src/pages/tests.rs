use std::time::Duration;

use web::language::Language;

use super::checkout::CheckoutProblem;
use super::error::PageError;
use super::freeze::FreezeProblem;
use super::pin_problem::PinProblem;
use super::samples::{checkout_view, error_view, every_page, freeze_view, share};
use super::*;

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
        "challenge-",
        "notes-",
        "letters-",
        "receipts-",
        "receipt-",
        "entry-",
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
fn the_issuers_words_are_shown_as_they_are_and_the_warning_once_in_every_language() {
    let noted = [
        "checkout-challenge-notes",
        "result-frozen",
        "result-frozen-many",
        "result-review-notes",
    ];
    for language in Language::ALL {
        let heading = crate::texts::texts(language).text("challenge-scam-heading");
        for (name, page) in every_page(language) {
            let is_noted = noted.contains(&name);
            let words = page
                .matches("Call &#60;b&#62;0800 1234&#60;/b&#62; &#38; ask.")
                .count();
            assert_eq!(words, usize::from(is_noted), "{name} in {language:?}");
            assert!(!page.contains("<b>0800"), "{name} in {language:?}");
            if is_noted {
                assert_eq!(page.matches(&heading).count(), 1, "{name} in {language:?}");
            }
        }
    }
}

#[test]
fn every_refused_pin_is_one_sentence_that_belongs_to_its_field() {
    let view = checkout_view(vec![], Some(CheckoutProblem::Pin(PinProblem::Refused)));
    let page = checkout::render(&view, Language::English);
    let sentence = "We cannot accept this PIN. Check it, or use another voucher.";
    assert_eq!(page.matches(sentence).count(), 1);
    assert!(page.contains("<p id=\"pin-problem\"><a href=\"#pin\">We cannot"));
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
