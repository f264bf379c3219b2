use ids::voucher::Serial;
use money::amount::Amount;
use money::currency::Currency;
use web::language::Language;

use super::*;

fn serial() -> Serial {
    Serial::new(1_234_567_890_124_933).unwrap()
}

fn links() -> Links {
    Links {
        confirm: "https://pay.example/letters/confirm?link=00ff".to_owned(),
        take_away: "https://pay.example/letters/stop?link=ff00".to_owned(),
    }
}

fn letter(kind: Kind) -> Letter {
    Letter {
        kind,
        at: 1_796_212_800_000,
        given_at: 1_796_000_000_000,
        payment: Some(PaymentWords::new(
            Amount::new(1_000, Currency::EUR),
            "Kaffee & Söhne",
        )),
    }
}

#[test]
fn a_letter_reads_like_this() {
    let written = letter(Kind::InReview).written(serial(), Language::English, &links());
    assert_eq!(
        written.subject,
        "A payment with your voucher ending in 4933 is being checked"
    );
    let body = "Somebody is paying with your prepaid voucher ending in 4933. The amount is reserved, and a person at the \
                issuer is looking at the payment.\n\n\
                €10.00 to Kaffee & Söhne\nTime: 2\u{a0}December 2026, 12:00 UTC\n\n\
                If it was you, there is nothing to do. If it was not, freeze the voucher: the issuer’s pages and its \
                telephone can do that at any time; the address is on the receipt. If somebody told you to pay, it is \
                fraud: stop, and tell the issuer.\n\n\
                Nobody at the issuer asks for your PIN, neither by e-mail nor by telephone. Give it to nobody.\n\n\
                To hear no more of this voucher, and to have your address removed:\n\
                https://pay.example/letters/stop?link=ff00\n";
    assert_eq!(written.body, body);
}

#[test]
fn no_letter_in_any_language_shows_a_key_a_serial_or_a_page_that_asks_for_a_pin() {
    for language in Language::ALL {
        for kind in Kind::ALL {
            let written = letter(kind).written(serial(), language, &links());
            let text = format!("{}\n{}", written.subject, written.body);
            assert!(!text.contains("letter-"), "{text}");
            assert!(!text.contains("123456789012"), "{text}");
            assert!(text.contains("4933"), "{text}");
            let places: Vec<&str> = text
                .split_whitespace()
                .filter(|word| word.contains("://"))
                .collect();
            let confirm = (kind == Kind::Confirm).then(|| links().confirm);
            let expected: Vec<String> = confirm.into_iter().chain([links().take_away]).collect();
            assert_eq!(places, expected);
            assert!(!written.subject.contains('\n'));
        }
    }
}

#[test]
fn a_letter_comes_out_of_the_outbox_as_it_went_in() {
    for kind in Kind::ALL {
        let letter = letter(kind);
        assert_eq!(Letter::from_json(&letter.to_json()), Some(letter));
    }
    assert_eq!(Letter::from_json("{}"), None);
}
