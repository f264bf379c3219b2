use super::*;

#[test]
fn every_place_gets_the_id_whether_encoded_or_not() {
    let id: PaymentId = "pay_1000001978_abc_EUR".parse().unwrap();
    assert_eq!(
        with_payment_id(
            "https://shop.example/{payment_id}?id=%7Bpayment_id%7D&x={id}",
            id
        ),
        "https://shop.example/pay_1000001978_abc_EUR?id=pay_1000001978_abc_EUR&x={id}"
    );
}
