//! What ends by itself.

use std::sync::Arc;

use engine::service::payer::PayOutcome;
use engine::timers;
use ids::command::Sequence;
use ids::time::{Span, Timestamp};
use ids::voucher::{BatchId, Serial};
use money::amount::Amount;
use payment::payment::Payment;
use payment::state::{Finality, Status};
use sim::memory::Fault;
use sim::workload::cast;
use store::port::Store;
use voucher::product::ProductKey;
use voucher::state::State;
use voucher::voucher::{Activation, NewVoucher};

use crate::platform::{Platform, START};

async fn look(platform: &Platform) -> usize {
    timers::run_due(&platform.engine).await.unwrap()
}

async fn payment(platform: &Platform, id: ids::object::PaymentId) -> Arc<Payment> {
    let found = platform.merchant.payment(cast::BOOKSHOP, id).await;
    found.unwrap().unwrap()
}

#[tokio::test]
async fn a_payment_that_nobody_pays_expires_after_thirty_minutes() {
    let platform = Platform::new().await;
    let id = platform.payment(100).await;
    platform.clock.advance(Span(Span::MINUTE.times(30).0 - 1));
    assert_eq!(look(&platform).await, 0);
    platform.clock.advance(Span(1));
    assert_eq!(look(&platform).await, 1);
    let expired = payment(&platform, id).await;
    assert_eq!(expired.status, Status::Expired);
    assert_eq!(expired.status_before_expiration, Some(Status::Initiated));
    assert_eq!(look(&platform).await, 0, "once is enough");
}

#[tokio::test]
async fn a_hold_that_is_never_captured_goes_back_after_its_window() {
    let platform = Platform::new().await;
    let order = platform.sell(1, 1_000).await;
    let id = platform.payment(600).await;
    let outcome = platform.pay(id, Vec::new(), &order.pin);
    assert!(matches!(outcome.await.unwrap(), PayOutcome::Paid(_)));
    platform.clock.advance(Span::HOUR);
    let late = platform
        .merchant
        .capture(cast::BOOKSHOP, id, None, Finality::Final, None);
    assert!(
        late.await.is_err(),
        "the window is over before the timer looks"
    );
    assert_eq!(look(&platform).await, 1);
    let expired = payment(&platform, id).await;
    assert_eq!(
        (expired.status, expired.status_before_expiration),
        (Status::Expired, Some(Status::Authorized))
    );
    let voucher = platform.operator.voucher(order.order.serial).await;
    let voucher = voucher.unwrap().unwrap();
    assert_eq!(
        (voucher.remaining, voucher.state),
        (1_000, State::Activated)
    );
    let history = platform.merchant.history(&expired).await.unwrap();
    assert_eq!(history.len(), 3, "created, authorised, expired");
}

#[tokio::test]
async fn what_was_captured_stays_and_only_the_rest_goes_back() {
    let platform = Platform::new().await;
    let order = platform.sell(1, 1_000).await;
    let id = platform.payment(600).await;
    let outcome = platform.pay(id, Vec::new(), &order.pin);
    assert!(outcome.await.is_ok());
    let part = platform
        .merchant
        .capture(cast::BOOKSHOP, id, Some(250), Finality::Open, None);
    assert_eq!(part.await.unwrap().payment.status, Status::Authorized);
    platform.clock.advance(Span::HOUR);
    assert_eq!(look(&platform).await, 1);
    let ended = payment(&platform, id).await;
    assert_eq!(
        (ended.status, ended.captured(), ended.held()),
        (Status::Success, 250, 0)
    );
    let voucher = platform.operator.voucher(order.order.serial).await;
    assert_eq!(voucher.unwrap().unwrap().remaining, 750);
}

#[tokio::test]
async fn a_voucher_pays_its_fee_and_ends_and_what_comes_back_later_ends_too() {
    let platform = Platform::new().await;
    let order = platform.sell(0, 1_000).await;
    platform.clock.advance(Span::DAY.times(4));
    assert_eq!(look(&platform).await, 1);
    let id = platform.payment(100).await;
    let outcome = platform.pay(id, Vec::new(), &order.pin);
    assert!(outcome.await.is_ok());
    // The end of the voucher comes first, then the end of the hold.
    platform.clock.advance(Span::DAY.times(8));
    while 0 < look(&platform).await {}
    let voucher = platform.operator.voucher(order.order.serial).await;
    let voucher = voucher.unwrap().unwrap();
    assert_eq!(
        (voucher.state, voucher.remaining, voucher.held, voucher.fees),
        (State::Expired, 0, 0, 300)
    );
    assert_eq!(voucher.written_off(), 700);
}

#[tokio::test]
async fn vouchers_of_a_forgotten_product_do_not_keep_the_timers_from_others() {
    let platform = Platform::new().await;
    let forgotten = ProductKey {
        product: "09999".parse().unwrap(),
        country: cast::country("DE"),
        currency: money::currency::Currency::EUR,
    };
    let vouchers = (0..300_u64).map(|number| new_voucher(forgotten, number));
    let part = engine::service::operator::BatchPart {
        batch: BatchId(1),
        part: 0,
        vouchers: vouchers.collect(),
    };
    platform.operator.issue(part).await.unwrap();
    let id = platform.payment(100).await;
    platform.clock.advance(Span::HOUR);
    for _ in 0..4 {
        look(&platform).await;
    }
    assert_eq!(payment(&platform, id).await.status, Status::Expired);
}

#[tokio::test]
async fn two_looks_at_once_end_everything_once() {
    let platform = Platform::new().await;
    for _ in 0..5 {
        platform.payment(100).await;
    }
    platform.clock.advance(Span::HOUR);
    let before = platform.store.head().await.unwrap();
    let (first, second) = tokio::join!(look(&platform), look(&platform));
    let after = platform.store.head().await.unwrap();
    assert_eq!((first + second, after.0 - before.0), (5, 5));
}

#[tokio::test]
async fn a_timer_that_meets_a_failure_is_tried_again() {
    let platform = Platform::new().await;
    let id = platform.payment(100).await;
    platform.clock.advance(Span::HOUR);
    platform.store.inject(Fault::Full);
    assert!(timers::run_due(&platform.engine).await.is_err());
    assert_eq!(look(&platform).await, 1);
    let head = platform.store.head().await.unwrap();
    assert_eq!(payment(&platform, id).await.version, head);
    assert!(Sequence(0) < head);
}

pub fn new_voucher(key: ProductKey, number: u64) -> NewVoucher {
    let mut pin = [9; 16];
    pin[..8].copy_from_slice(&number.to_be_bytes());
    NewVoucher {
        serial: Serial::new(5_000_000_000_000_000 + number).unwrap(),
        pin: ids::voucher::PinIndex(pin),
        distributor: cast::SELLER,
        product: key.product,
        country: key.country,
        face: Amount::new(1_000, key.currency),
        activation: Activation::Immediate {
            expires_at: Timestamp::NEVER,
            fee_due_at: START,
        },
    }
}
