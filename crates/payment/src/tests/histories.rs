//! What holds over any history of questions.

use super::*;

/// Something that may be asked of a payment.
#[derive(Clone, Debug)]
enum Asked {
    Pay(Vec<i64>),
    Capture(Option<i64>, Finality),
    Cancel(Canceler),
    Expire,
    RejectPin,
    Check(u8, i64),
    Refund(u8, i64),
    Wait(i64),
}

fn asked() -> impl Strategy<Value = Asked> {
    let finality = prop_oneof![3 => Just(Finality::Open), 1 => Just(Finality::Final)];
    prop_oneof![
        3 => prop::collection::vec(1_i64..900, 1..5).prop_map(Asked::Pay),
        5 => (prop::option::of(-1_i64..700), finality).prop_map(|(wanted, finality)| {
            Asked::Capture(wanted, finality)
        }),
        1 => Just(Asked::Cancel(Canceler::Merchant)),
        1 => Just(Asked::Cancel(Canceler::Customer)),
        1 => Just(Asked::Expire),
        1 => Just(Asked::RejectPin),
        1 => (0_u8..3, -1_i64..500).prop_map(|(id, minor)| Asked::Check(id, minor)),
        5 => (0_u8..9, -1_i64..500).prop_map(|(id, minor)| Asked::Refund(id, minor)),
        1 => (0_i64..4_000_000).prop_map(Asked::Wait),
    ]
}

fn answer(payment: &Payment, asked: &Asked, now: Timestamp) -> Result<Change, Refusal> {
    match asked {
        Asked::Pay(values) => {
            let offers: Vec<Offer> = (1..).zip(values).map(|(n, v)| offer(n, *v)).collect();
            decide::authorize(payment, &offers, FEE, now)
        }
        Asked::Capture(wanted, finality) => decide::capture(payment, *wanted, *finality, FEE, now),
        Asked::Cancel(by) => decide::cancel(payment, *by),
        Asked::Expire => decide::expire(payment, now),
        Asked::RejectPin => decide::require_payable(payment, now).map(|()| Change::RejectPin),
        Asked::Check(id, minor) => {
            let id = refund_id(&id.to_string());
            decide::validate_refund(payment, id, refund_of(*minor), now)
        }
        Asked::Refund(id, minor) => refund_change(payment, &id.to_string(), *minor, now),
        Asked::Wait(_) => Err(Refusal::NotDue),
    }
}

fn assert_sound(payment: &Payment) {
    for part in &payment.allocations {
        assert!(0 <= part.refunded && part.refunded <= part.captured);
        assert!(0 <= part.held && part.captured + part.held <= part.authorized);
    }
    let authorized: i64 = payment.allocations.iter().map(|part| part.authorized).sum();
    assert!(authorized == 0 || authorized == AMOUNT);
    assert!(payment.refunded() <= payment.captured() && payment.captured() <= authorized);
    assert!(0 <= payment.fee_minor && payment.fee_minor <= payment.captured());
    let shares = payment.refunds.iter().flat_map(|refund| &refund.shares);
    assert_eq!(
        shares.map(|share| share.minor).sum::<i64>(),
        payment.refunded()
    );
    if payment.status.is_final() {
        assert_eq!((payment.held(), payment.due_at), (0, Timestamp::NEVER));
        assert_eq!(payment.status == Status::Success, 0 < payment.captured());
    }
}

proptest! {
    #[test]
    fn captures_in_parts_cost_the_fee_of_the_whole(
        parts in prop::collection::vec(1_i64..=40, 1..=25),
        basis_points in 0_u16..=10_000,
    ) {
        let whole: i64 = parts.iter().sum();
        let capture = |payment: Payment, minor| {
            let change = decide::capture(&payment, Some(minor), Finality::Open, basis_points, START);
            apply(payment, &change.unwrap(), START)
        };
        let at_once = capture(authorized(), whole);
        let in_parts = parts.into_iter().fold(authorized(), capture);
        prop_assert_eq!(in_parts.fee_minor, at_once.fee_minor);
    }

    #[test]
    fn refunded_is_never_above_captured_nor_captured_above_authorised(
        history in prop::collection::vec(asked(), 1..60),
        mode in prop_oneof![3 => Just(CaptureMode::Manual), 1 => Just(CaptureMode::Automatic)],
    ) {
        let mut payment = created(request(mode));
        let mut now = START;
        for asked in history {
            if let Asked::Wait(span) = asked {
                now = now.plus(Span(span));
            }
            let was_final = payment.status.is_final();
            let status = payment.status;
            if let Ok(change) = answer(&payment, &asked, now) {
                payment = apply(payment, &change, now);
                assert_sound(&payment);
            }
            prop_assert!(!was_final || payment.status == status, "an end state has no exit");
        }
        prop_assert_eq!(payment.entries.last(), Some(&payment.version));
    }
}
