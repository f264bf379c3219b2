use super::*;

fn payment(token: &str) -> PaymentId {
    format!("pay_1000001978_{token}_EUR").parse().unwrap()
}

#[test]
fn sealed_basket_opens_for_its_own_payment_alone() {
    let vault = Vault::in_memory([7; 32]);
    let serials =
        [1_000_000_000_000_001, 9_999_999_999_999_999].map(|number| Serial::new(number).unwrap());
    let sealed = Basket::seal(&vault, payment("one"), serials.to_vec()).sealed;
    let open = |vault: &Vault, token, sealed: &str| {
        Basket::open(vault, payment(token), sealed.to_owned()).serials
    };
    assert_eq!(open(&vault, "one", &sealed), serials);
    assert_eq!(open(&vault, "two", &sealed), []);
    assert_eq!(open(&Vault::in_memory([8; 32]), "one", &sealed), []);
    assert_eq!(open(&vault, "one", &sealed[2..]), []);
}

#[test]
fn what_does_not_open_is_not_handed_on() {
    let vault = Vault::in_memory([7; 32]);
    for text in ["", "00", "x\r\nset-cookie: y"] {
        let basket = Basket::open(&vault, payment("one"), text.to_owned());
        assert_eq!(basket, Basket::default());
    }
}
