use money::currency::Currency;

use super::*;

#[test]
fn every_problem_survives_its_redirect() {
    let problems = [
        CheckoutProblem::Pin(PinProblem::Missing),
        CheckoutProblem::Pin(PinProblem::Length { digits: 15 }),
        CheckoutProblem::Pin(PinProblem::NotDigits),
        CheckoutProblem::Pin(PinProblem::CheckDigit),
        CheckoutProblem::Pin(PinProblem::Refused),
        CheckoutProblem::AlreadyEntered,
        CheckoutProblem::OtherCurrency {
            voucher: Currency::PLN,
        },
        CheckoutProblem::OtherCountry {
            expected: "AT".parse().unwrap(),
        },
        CheckoutProblem::AccountRequired,
        CheckoutProblem::Stopped,
        CheckoutProblem::TooManyVouchers,
        CheckoutProblem::BalanceChanged,
        CheckoutProblem::NotCovered,
    ];
    for problem in problems {
        let code = write(problem);
        let needs_no_escape = code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        assert!(needs_no_escape, "{code}");
        assert_eq!(read(&code), Some(problem), "{code}");
    }
    assert_eq!(read("anything-else"), None);
}
