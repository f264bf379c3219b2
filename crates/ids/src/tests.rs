use money::currency::Currency;

use crate::object::{OrderId, PaymentId, RefundId};
use crate::party::{MerchantId, Mid};
use crate::token::Token;
use crate::voucher::{Country, ProductId, Serial};

#[test]
fn a_mid_names_the_merchant_and_the_currency() {
    let mid = Mid {
        merchant: MerchantId::FIRST,
        currency: Currency::EUR,
    };
    assert_eq!(mid.to_string(), "1000001978");
    assert_eq!("1000001978".parse(), Ok(mid));
}

#[test]
fn object_identifiers_read_back_as_themselves() {
    for text in [
        "pay_1000001978_Hukab77YIXzKUYMdgPDBQ986ihNUQChu_EUR",
        "pay_1000001826_order_17-b_GBP",
    ] {
        assert_eq!(
            text.parse::<PaymentId>()
                .map(|id| id.to_string())
                .as_deref(),
            Ok(text)
        );
    }
    let refund = "ref_1000001978_x_EUR";
    assert_eq!(
        refund
            .parse::<RefundId>()
            .map(|id| id.to_string())
            .as_deref(),
        Ok(refund)
    );
    let order = "order_2000000001_a_b-c";
    assert_eq!(
        order.parse::<OrderId>().map(|id| id.to_string()).as_deref(),
        Ok(order)
    );
}

#[test]
fn a_payment_identifier_must_name_one_currency() {
    for text in [
        "",
        "pay_",
        "pay_1000001978_x_GBP",
        "pay_1000001978__EUR",
        "pay_100000197_x_EUR",
        "pay_0000001978_x_EUR",
        "ref_1000001978_x_EUR",
        "pay_1000001978_x y_EUR",
    ] {
        assert!(text.parse::<PaymentId>().is_err(), "{text}");
    }
}

#[test]
fn a_token_holds_what_a_correlation_id_may_hold() {
    assert!("a".repeat(41).parse::<Token>().is_ok());
    assert!("a".repeat(42).parse::<Token>().is_err());
    assert!("".parse::<Token>().is_err());
    assert!("ä".parse::<Token>().is_err());
}

#[test]
fn serials_products_and_countries_have_one_form() {
    assert_eq!(
        "1888 5407-8931 5005"
            .parse::<Serial>()
            .map(|s| s.to_string())
            .as_deref(),
        Ok("1888540789315005")
    );
    assert!("0888540789315005".parse::<Serial>().is_err());
    assert_eq!(
        "00002"
            .parse::<ProductId>()
            .map(|p| p.to_string())
            .as_deref(),
        Ok("00002")
    );
    assert!("2".parse::<ProductId>().is_err());
    assert!("AT".parse::<Country>().is_ok());
    assert!("at".parse::<Country>().is_err());
}
