use ids::command::Sequence;
use ids::party::DistributorId;
use ids::time::{Span, Timestamp};
use ids::token::Token;
use ids::voucher::{PinIndex, Serial};
use money::amount::Amount;
use money::currency::Currency;
use proptest::prelude::*;

use crate::distributor::{
    LIMITS_DEFAULT, Terminal, TerminalKey, TerminalLimitReached, TerminalSale,
};
use crate::order::{CancelRefusal, Order, OrderStatus};
use crate::product::{MaintenanceFee, Product, ProductKey, Validity};
use crate::state::{Change, FreezeCause, Refusal, Sale, State};
use crate::voucher::{Activation, NewVoucher, Voucher};

const FACE: i64 = 1_000;
const NOW: Timestamp = Timestamp(1_000_000);
const END: Timestamp = Timestamp(2_000_000);

fn serial() -> Serial {
    Serial::new(1_234_567_890_123_456).unwrap()
}

fn issued(activation: Activation) -> Voucher {
    let new = NewVoucher {
        serial: serial(),
        pin: PinIndex([1; 16]),
        distributor: DistributorId::FIRST,
        product: "00002".parse().unwrap(),
        country: "DE".parse().unwrap(),
        face: Amount::new(FACE, Currency::EUR),
        activation,
    };
    Voucher::issue(&new, NOW, Sequence(1))
}

fn sold() -> Voucher {
    issued(Activation::Immediate {
        expires_at: END,
        fee_due_at: Timestamp::NEVER,
    })
}

fn after(voucher: Voucher, changes: &[Change]) -> Voucher {
    changes.iter().fold(voucher, |voucher, change| {
        voucher.apply(*change, NOW, Sequence(2)).unwrap()
    })
}

/// A voucher in each of the states, some of them with value held or spent.
fn one_of_each() -> Vec<Voucher> {
    let freeze = |cause| Change::Freeze { cause };
    let (hold, capture) = (Change::Hold { minor: 400 }, Change::Capture { minor: 400 });
    let rest = Change::Hold { minor: 600 };
    vec![
        issued(Activation::Pending),
        sold(),
        after(sold(), &[hold]),
        after(sold(), &[hold, capture]),
        after(
            sold(),
            &[hold, capture, rest, Change::Capture { minor: 600 }],
        ),
        after(sold(), &[freeze(FreezeCause::Owner)]),
        after(sold(), &[hold, capture, rest, freeze(FreezeCause::Issuer)]),
        after(sold(), &[Change::Expire { minor: FACE }]),
        after(sold(), &[hold, Change::Expire { minor: 600 }]),
        after(
            sold(),
            &[Change::Void {
                minor: FACE,
                sale: Sale::Sold,
            }],
        ),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let minor = || {
        prop_oneof![
            8 => 0..=FACE,
            1 => Just(-1),
            1 => Just(i64::MAX),
            1 => Just(i64::MIN),
        ]
    };
    let cause = prop_oneof![Just(FreezeCause::Owner), Just(FreezeCause::Issuer)];
    let sale = prop_oneof![Just(Sale::NotSold), Just(Sale::Sold)];
    prop_oneof![
        prop_oneof![Just(FACE), minor()].prop_map(|minor| Change::Activate {
            minor,
            expires_at: END,
            fee_due_at: END,
        }),
        minor().prop_map(|minor| Change::Hold { minor }),
        minor().prop_map(|minor| Change::Release { minor }),
        minor().prop_map(|minor| Change::Capture { minor }),
        minor().prop_map(|minor| Change::Refund { minor }),
        cause.prop_map(|cause| Change::Freeze { cause }),
        Just(Change::Unfreeze),
        minor().prop_map(|minor| Change::ChargeFee {
            minor,
            fee_due_at: END,
        }),
        minor().prop_map(|minor| Change::Expire { minor }),
        (minor(), sale).prop_map(|(minor, sale)| Change::Void { minor, sale }),
    ]
}

/// Changes that mostly fit: amounts are often exactly what is there.
fn fitting(voucher: &Voucher, change: Change) -> Change {
    match change {
        Change::Expire { minor: 0..500 } => Change::Expire {
            minor: voucher.remaining,
        },
        Change::Void {
            minor: 0..500,
            sale,
        } => Change::Void {
            minor: voucher.remaining,
            sale,
        },
        Change::Capture { minor: 0..500 } => Change::Capture {
            minor: voucher.held,
        },
        other => other,
    }
}

fn assert_sound(voucher: &Voucher) {
    let parts = [
        voucher.remaining,
        voucher.held,
        voucher.spent,
        voucher.fees,
        voucher.written_off(),
    ];
    assert!(parts.iter().all(|minor| 0 <= *minor), "{voucher:?}");
    assert_eq!(parts.iter().sum::<i64>(), voucher.face, "{voucher:?}");
    let is_over = matches!(voucher.state, State::Expired | State::Voided);
    assert!(is_over || voucher.written_off() == 0, "{voucher:?}");
    let in_use = voucher.remaining + voucher.held;
    match voucher.state {
        State::Issued => assert_eq!(voucher.remaining, voucher.face),
        State::Activated => assert_eq!(voucher.remaining, voucher.face),
        State::PartlySpent => assert!(0 < in_use && voucher.remaining < voucher.face),
        State::Spent => assert_eq!(in_use, 0),
        State::Voided => assert_eq!((in_use, voucher.spent), (0, 0)),
        State::Frozen(_) | State::Expired => {}
    }
}

proptest! {
    #[test]
    fn face_is_always_the_sum_of_where_it_is(changes in prop::collection::vec(change(), 1..60)) {
        let mut voucher = issued(Activation::Pending);
        voucher = after(voucher, &[Change::Activate { minor: FACE, expires_at: END, fee_due_at: END }]);
        for (version, change) in (3..).zip(changes) {
            let change = fitting(&voucher, change);
            if let Ok(changed) = voucher.apply(change, NOW, Sequence(version)) {
                assert_sound(&changed);
                prop_assert_eq!(changed.version, Sequence(version));
                prop_assert_eq!(changed.face, FACE);
                voucher = changed;
            }
        }
    }

    #[test]
    fn every_state_answers_every_change(change in change()) {
        for voucher in one_of_each() {
            assert_sound(&voucher);
            if let Ok(changed) = voucher.apply(change, NOW, Sequence(9)) {
                assert_sound(&changed);
            }
        }
    }

    #[test]
    fn end_states_have_no_exit(changes in prop::collection::vec(change(), 1..30)) {
        for end in one_of_each() {
            if !matches!(end.state, State::Expired | State::Voided) {
                continue;
            }
            let mut voucher = end;
            for change in &changes {
                voucher = voucher.apply(*change, NOW, Sequence(9)).unwrap_or(voucher);
                prop_assert_eq!(voucher.state, end.state);
                prop_assert!(voucher.require_spendable().is_err());
            }
        }
    }
}

#[test]
fn each_change_is_allowed_in_its_states_alone() {
    use Refusal::{
        AlreadyActivated, Expired, Frozen, NotActivated, NotFrozen, ValueHeld, ValueSpent, Voided,
    };
    let hold = Change::Hold { minor: 1 };
    let refund = Change::Refund { minor: 1 };
    let freeze = Change::Freeze {
        cause: FreezeCause::Owner,
    };
    let activate = Change::Activate {
        minor: FACE,
        expires_at: END,
        fee_due_at: END,
    };
    let void = Change::Void {
        minor: FACE,
        sale: Sale::Sold,
    };
    let lacks = |available| Refusal::InsufficientValue {
        available,
        wanted: 1,
    };
    let [pending, fresh, partly_held, partly, spent, frozen, ..] = one_of_each()[..] else {
        panic!("there is one of each");
    };
    let [.., expired, expired_held, voided] = one_of_each()[..] else {
        panic!("there is one of each");
    };
    let cases = [
        (pending, activate, None),
        (fresh, activate, Some(AlreadyActivated)),
        (voided, activate, Some(Voided)),
        (pending, hold, Some(NotActivated)),
        (fresh, hold, None),
        (partly, hold, None),
        (spent, hold, Some(lacks(0))),
        (frozen, hold, Some(Frozen)),
        (expired, hold, Some(Expired)),
        (voided, hold, Some(Voided)),
        (fresh, refund, Some(lacks(0))),
        (spent, refund, None),
        (expired, refund, Some(Expired)),
        (voided, refund, Some(Voided)),
        (pending, freeze, Some(NotActivated)),
        (frozen, freeze, Some(Frozen)),
        (frozen, Change::Unfreeze, None),
        (fresh, Change::Unfreeze, Some(NotFrozen)),
        (fresh, void, None),
        (frozen, void, None),
        (pending, void, Some(NotActivated)),
        (partly_held, void, Some(ValueHeld)),
        (partly, void, Some(ValueSpent)),
        (expired, void, Some(Expired)),
        (expired_held, Change::Release { minor: 400 }, None),
        (expired_held, Change::Capture { minor: 400 }, None),
        (expired, Change::Expire { minor: 0 }, Some(Expired)),
        (pending, Change::Expire { minor: FACE }, Some(NotActivated)),
    ];
    for (voucher, change, expected) in cases {
        let refusal = voucher.apply(change, NOW, Sequence(9)).err();
        assert_eq!(refusal, expected, "{change:?} on {:?}", voucher.state);
    }
}

#[test]
fn value_that_comes_back_after_the_end_is_due_and_written_off() {
    let held = after(
        sold(),
        &[Change::Hold { minor: 400 }, Change::Expire { minor: 600 }],
    );
    assert_eq!(held.due_at(), Timestamp::NEVER);
    let back = after(held, &[Change::Release { minor: 400 }]);
    assert_eq!((back.due_at(), back.is_closed()), (END, false));
    let over = after(back, &[Change::Expire { minor: 400 }]);
    assert_eq!((over.written_off(), over.is_closed()), (FACE, true));
}

#[test]
fn a_refund_brings_a_spent_voucher_back() {
    let spent = after(
        sold(),
        &[
            Change::Hold { minor: FACE },
            Change::Capture { minor: FACE },
        ],
    );
    assert_eq!((spent.state, spent.is_closed()), (State::Spent, true));
    let partly = after(spent, &[Change::Refund { minor: 1 }]);
    assert_eq!(partly.state, State::PartlySpent);
    let whole = after(partly, &[Change::Refund { minor: FACE - 1 }]);
    assert_eq!(whole.state, State::Activated);
}

#[test]
fn a_product_says_when_its_vouchers_end_and_cost() {
    let product = Product {
        key: ProductKey {
            product: "00002".parse().unwrap(),
            country: "DE".parse().unwrap(),
            currency: Currency::EUR,
        },
        denominations: vec![1_000, 2_500],
        validity: Validity::For(Span::DAY),
        maintenance_fee: Some(MaintenanceFee {
            after: Span::HOUR,
            every: Span::HOUR,
            minor: 200,
        }),
    };
    let expected = Activation::Immediate {
        expires_at: NOW.plus(Span::DAY),
        fee_due_at: NOW.plus(Span::HOUR),
    };
    assert_eq!(product.activation(NOW), expected);
    let cases = [
        (Amount::new(1_000, Currency::EUR), true),
        (Amount::new(1_001, Currency::EUR), false),
        (Amount::new(1_000, Currency::GBP), false),
    ];
    for (face, is_sold) in cases {
        assert_eq!(product.sells(face), is_sold, "{face}");
    }
}

fn token(text: &str) -> Token {
    text.parse().unwrap()
}

fn sale(order: &str, at: Timestamp, minor: i64) -> TerminalSale {
    TerminalSale {
        order: token(order),
        at,
        minor,
    }
}

fn terminal() -> Terminal {
    Terminal::new(TerminalKey {
        distributor: DistributorId::FIRST,
        terminal: token("till"),
    })
}

#[test]
fn each_terminal_limit_is_reached_in_its_own_span() {
    let limits = [500, 100, 200, 300, 400];
    let cases = [
        (Span::MINUTE, 2),
        (Span::MINUTE.times(6), 3),
        (Span::HOUR.times(3), 4),
        (Span::HOUR.times(7), 5),
        (Span::HOUR.times(13), 1),
    ];
    for (age, number) in cases {
        let mut terminal = terminal();
        let limit = limits[usize::from(number) - 1];
        terminal.sell(sale("first", NOW.minus(age), limit), Sequence(1));
        let expected = Err(TerminalLimitReached { number });
        assert_eq!(terminal.check(&limits, 1, NOW), expected, "after {age:?}");
    }
    assert_eq!(terminal().check(&LIMITS_DEFAULT, 100_000, NOW), Ok(()));
}

#[test]
fn a_cancelled_sale_does_not_count_and_an_old_one_is_forgotten() {
    let mut terminal = terminal();
    terminal.sell(sale("old", NOW.minus(Span::DAY), 70), Sequence(1));
    terminal.sell(sale("first", NOW, 80), Sequence(2));
    assert_eq!(terminal.sales.len(), 1);
    let limits = [100; 5];
    assert!(terminal.check(&limits, 21, NOW).is_err());
    assert!(terminal.check(&limits, 20, NOW).is_ok());
    assert!(terminal.check(&limits, i64::MAX, NOW).is_err());
    terminal.undo(token("first"), Sequence(3));
    assert!(terminal.check(&limits, 100, NOW).is_ok());
}

#[test]
fn an_order_is_cancelled_once_and_in_its_window() {
    let mut order = Order {
        id: "order_2000000001_t".parse().unwrap(),
        serial: serial(),
        amount: Amount::new(FACE, Currency::EUR),
        product: "00002".parse().unwrap(),
        country: "DE".parse().unwrap(),
        terminal: token("till"),
        shop: "7".to_owned(),
        sealed_pin: [1_u8].as_slice().into(),
        created_at: NOW,
        status: OrderStatus::Delivered,
        version: Sequence(1),
        confirmation: crate::order::Confirmation::NotNeeded,
    };
    let window = Span::MINUTE;
    let last = NOW.plus(window);
    assert_eq!(order.require_cancellable(window, last), Ok(()));
    assert_eq!(
        order.require_cancellable(window, last.plus(Span(1))),
        Err(CancelRefusal::TooLate)
    );
    order.status = OrderStatus::Cancelled;
    assert_eq!(
        order.require_cancellable(window, NOW),
        Err(CancelRefusal::AlreadyCancelled)
    );
}
