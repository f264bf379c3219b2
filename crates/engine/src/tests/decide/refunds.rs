//! Refunds, and the fresh vouchers that some go to.

use super::*;

#[test]
fn a_payment_of_a_frozen_voucher_is_captured_and_refunded_to_it() {
    let mut world = World::new();
    let id = world.payment("held", 400);
    world.must(pay(id, &[], Some(1)));
    world.must(freeze(1));
    world.must(capture(id, None));
    world.must(Command::Refund(Box::new(refund(id, "r", 100))));
    let voucher = world.rows.voucher(serial(1)).unwrap();
    assert_eq!(
        (voucher.state, voucher.remaining, voucher.spent),
        (State::Frozen(FreezeCause::Owner), 700, 300)
    );
}

#[test]
fn a_refund_never_goes_to_a_voucher_whose_end_has_come() {
    let mut world = World::new();
    let id = captured(&mut world);
    let before = END.minus(Span(1));
    let early = Command::Refund(Box::new(refund(id, "early", 100)));
    assert!(world.act(early, before).is_ok());
    let late = Command::Refund(Box::new(refund(id, "late", 100)));
    let needed = Refusal::ReplacementsNeeded { count: 1 };
    assert_eq!(world.act(late, END).err(), Some(needed));
    let mut with_fresh = refund(id, "late", 100);
    with_fresh.replacements = vec![fresh(1, 40, 40)];
    let fact = world
        .act(Command::Refund(Box::new(with_fresh)), END)
        .unwrap();
    assert!(matches!(fact, Fact::PaymentChanged { effects, .. } if effects.is_empty()));
    let fresh = world.rows.voucher(serial(40)).unwrap();
    assert_eq!((fresh.remaining, fresh.expires_at), (100, Timestamp::NEVER));
    assert_eq!(world.rows.payment(id).unwrap().refunded(), 200);
}

fn fresh(source: u64, number: u64, with_pin: u64) -> Replacement {
    Replacement {
        source: serial(source),
        serial: serial(number),
        pin: pin(with_pin),
        sealed_pin: [].as_slice().into(),
    }
}

#[test]
fn fresh_vouchers_must_be_fresh_among_all_and_among_themselves() {
    let mut world = World::new();
    let id = world.payment("two", 2_000);
    world.must(pay(id, &[1], Some(2)));
    world.must(capture(id, None));
    let mut refuse = |replacements: Vec<Replacement>| {
        let new = NewRefund {
            replacements,
            ..refund(id, "r", 2_000)
        };
        world.act(Command::Refund(Box::new(new)), END).err()
    };
    let taken = Some(Refusal::VoucherTaken);
    assert_eq!(refuse(vec![fresh(1, 40, 40), fresh(2, 5, 41)]), taken);
    assert_eq!(refuse(vec![fresh(1, 40, 40), fresh(2, 41, 5)]), taken);
    assert_eq!(refuse(vec![fresh(1, 40, 40), fresh(2, 40, 41)]), taken);
    assert_eq!(refuse(vec![fresh(1, 40, 40), fresh(2, 41, 40)]), taken);
    let needed = Some(Refusal::ReplacementsNeeded { count: 1 });
    assert_eq!(refuse(vec![fresh(1, 40, 40)]), needed);
    assert_eq!(refuse(vec![fresh(1, 40, 40), fresh(2, 41, 41)]), None);
}

#[test]
fn a_refund_is_reported_under_a_submerchant_of_good_standing() {
    let mut world = World::new();
    let id = captured(&mut world);
    let cases = [
        ("east", Some(Refusal::UnknownSubmerchant)),
        ("south", Some(Refusal::SubmerchantSuspended)),
        ("north", None),
    ];
    for (submerchant, expected) in cases {
        let mut new = refund(id, "r", 10);
        new.request.submerchant = Some(submerchant.to_owned());
        let validate = Command::ValidateRefund {
            payment: id,
            id: new.id,
            request: new.request.clone(),
        };
        assert_eq!(world.act(validate, NOW).err(), expected, "{submerchant}");
        let refusal = world.act(Command::Refund(Box::new(new)), NOW).err();
        assert_eq!(refusal, expected, "{submerchant}");
    }
}
