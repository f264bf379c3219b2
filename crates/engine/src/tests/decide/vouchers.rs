//! Vouchers: issued, activated, and what timers take.

use super::*;

fn timer(number: u64) -> Command {
    Command::RunVoucherTimer {
        serial: serial(number),
        product: product_key(),
    }
}

#[test]
fn vouchers_are_issued_with_a_value_and_once() {
    let above = Refusal::AmountAboveLimit {
        limit_minor: FACE_MAX_MINOR,
        currency: Currency::EUR,
    };
    let mut twin = voucher(61, 10);
    twin.pin = pin(60);
    let cases = [
        (vec![voucher(60, 10), voucher(61, 10)], None),
        (vec![voucher(60, FACE_MAX_MINOR)], None),
        (vec![voucher(60, FACE_MAX_MINOR + 1)], Some(above)),
        (vec![voucher(60, 0)], Some(Refusal::AmountNotPositive)),
        (
            vec![voucher(60, i64::MIN)],
            Some(Refusal::AmountNotPositive),
        ),
        (vec![voucher(1, 10)], Some(Refusal::VoucherTaken)),
        (vec![voucher(60, 10), twin], Some(Refusal::VoucherTaken)),
        (vec![voucher(60, 10); 2], Some(Refusal::VoucherTaken)),
    ];
    for (vouchers, expected) in cases {
        let issue = Command::IssueVouchers {
            batch: BatchId(9),
            vouchers,
        };
        let refusal = World::new().act(issue.clone(), NOW).err();
        assert_eq!(refusal, expected, "{issue:?}");
    }
}

#[test]
fn a_voucher_is_activated_on_the_terms_of_its_own_product() {
    let mut world = World::new();
    let pending = voucher::voucher::NewVoucher {
        activation: voucher::voucher::Activation::Pending,
        ..voucher(70, 1_000)
    };
    world.must(Command::IssueVouchers {
        batch: BatchId(2),
        vouchers: vec![pending],
    });
    let mut other = product();
    other.key = ProductKey {
        country: "AT".parse().unwrap(),
        ..product_key()
    };
    world.must(Command::SaveProduct(other.clone()));
    let activate = |number, product| Command::ActivateVoucher {
        serial: serial(number),
        product,
    };
    let wrong = world.act(activate(70, other.key), NOW).err();
    assert_eq!(wrong, Some(Refusal::UnknownProduct));
    let unknown = world.act(activate(71, product_key()), NOW).err();
    assert_eq!(unknown, Some(Refusal::UnknownVoucher));
    world.must(activate(70, product_key()));
    let voucher = world.rows.voucher(serial(70)).unwrap();
    assert_eq!((voucher.state, voucher.expires_at), (State::Activated, END));
    let twice = world.act(activate(70, product_key()), NOW).err();
    assert_eq!(twice, Some(VoucherRefusal::AlreadyActivated.into()));
}

#[test]
fn fees_come_when_they_are_due_never_below_zero_and_at_most_once_a_day() {
    let mut world = World::new();
    let mut costly = product();
    costly.maintenance_fee = Some(MaintenanceFee {
        after: Span(0),
        every: Span(0),
        minor: 600,
    });
    world.must(Command::SaveProduct(costly));
    let new = voucher::voucher::NewVoucher {
        activation: voucher::voucher::Activation::Immediate {
            expires_at: Timestamp::NEVER,
            fee_due_at: NOW,
        },
        ..voucher(80, 1_000)
    };
    world.must(Command::IssueVouchers {
        batch: BatchId(2),
        vouchers: vec![new],
    });
    let early = NOW.minus(Span(1));
    let not_due = Some(Refusal::Voucher(VoucherRefusal::NotDue));
    assert_eq!(world.act(timer(80), early).err(), not_due);
    world.must(timer(80));
    assert_eq!(world.act(timer(80), NOW).err(), not_due);
    world.act(timer(80), NOW.plus(Span::DAY)).unwrap();
    let voucher = world.rows.voucher(serial(80)).unwrap();
    assert_eq!(
        (voucher.remaining, voucher.fees, voucher.state),
        (0, 1_000, State::Spent)
    );
    assert_eq!(voucher.due_at(), Timestamp::NEVER);
}

#[test]
fn a_fee_whose_product_is_gone_is_waived_for_good() {
    let mut world = World::new();
    let new = voucher::voucher::NewVoucher {
        product: "09999".parse().unwrap(),
        activation: voucher::voucher::Activation::Immediate {
            expires_at: Timestamp::NEVER,
            fee_due_at: NOW,
        },
        ..voucher(81, 1_000)
    };
    world.must(Command::IssueVouchers {
        batch: BatchId(2),
        vouchers: vec![new],
    });
    let fact = world.must(timer(81));
    let waived = VoucherChange::ChargeFee {
        minor: 0,
        fee_due_at: Timestamp::NEVER,
    };
    assert!(matches!(fact, Fact::VoucherChanged { change, .. } if change == waived));
}
