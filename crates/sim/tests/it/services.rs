//! What each audience's service promises, over storage in memory.

use std::sync::Arc;

use accounting::entry::Idempotency;
use engine::core::Engine;
use engine::error::{CommandError, Effect, Refusal};
use engine::service::merchant::Freshness;
use engine::service::payer::{PayOutcome, PayerError};
use ids::command::{Fingerprint, IdempotencyKey};
use ids::object::PaymentId;
use ids::time::Span;
use payment::refund::{RefundRequest, RefundTarget};
use payment::state::{Finality, Status};
use secrecy::ExposeSecret;
use sim::memory::Fault;
use sim::workload::cast;
use store::port::Store;
use vault::pin::Pin;

use crate::platform::{ADDRESS, Platform, START, request};

fn key(number: u8) -> Option<Idempotency> {
    Some(Idempotency {
        key: IdempotencyKey([number; 16]),
        fingerprint: Fingerprint([number; 16]),
    })
}

fn refund_request(minor: i64) -> RefundRequest {
    RefundRequest {
        minor,
        customer_id: "c1".to_owned(),
        customer_email: None,
        submerchant: None,
        comment: None,
    }
}

async fn paid(platform: &Platform, product: usize) -> PaymentId {
    let order = platform.sell(product, 1_000).await;
    let id = platform.payment(1_000).await;
    let outcome = platform.pay(id, Vec::new(), &order.pin);
    assert!(matches!(outcome.await.unwrap(), PayOutcome::Paid(_)));
    id
}

#[tokio::test]
async fn a_refund_after_the_end_of_the_voucher_makes_a_fresh_one_and_a_retry_shows_the_same() {
    let platform = Platform::new().await;
    let id = paid(&platform, 0).await;
    let shop = &platform.merchant;
    let captured = shop.capture(cast::BOOKSHOP, id, None, Finality::Final, key(1));
    assert_eq!(captured.await.unwrap().payment.status, Status::Success);
    // The voucher was spent whole, so no timer waits for its end.
    platform.clock.advance(Span::DAY.times(13));
    let refund = shop.refund_id(id, None);
    let refunded = shop
        .refund(cast::BOOKSHOP, id, refund, refund_request(400), key(2))
        .await
        .unwrap();
    let share = &refunded.payment.refund(refund).unwrap().shares[0];
    assert!(matches!(share.target, RefundTarget::FreshVoucher { .. }));
    let again = shop
        .refund(cast::BOOKSHOP, id, refund, refund_request(400), key(2))
        .await
        .unwrap();
    assert_eq!(again.freshness, Freshness::Replayed);
    assert_eq!(again.payment, refunded.payment);
    let fresh = shop.refund_vouchers(id, refund).await.unwrap();
    let shown = platform
        .payer
        .voucher(&fresh[0].pin, ADDRESS)
        .await
        .unwrap();
    assert_eq!((shown.voucher.remaining, fresh.len()), (400, 1));
}

#[tokio::test]
async fn wrong_empty_frozen_expired_and_unsold_pins_are_one_answer_and_the_fifth_ends_the_payment()
{
    let platform = Platform::new().await;
    let empty = platform.sell(1, 1_000).await;
    let first = platform.payment(1_000).await;
    let outcome = platform.pay(first, Vec::new(), &empty.pin);
    assert!(matches!(outcome.await.unwrap(), PayOutcome::Paid(_)));
    let expired = platform.sell(0, 500).await;
    platform.clock.advance(Span::DAY.times(12));
    let frozen = platform.sell(1, 1_000).await;
    platform.operator.freeze(frozen.order.serial).await.unwrap();
    let void = platform.sell(1, 500).await;
    platform.operator.void(void.order.serial).await.unwrap();
    let id = platform.payment(1_000).await;
    let pins = [
        empty.pin,
        expired.pin,
        frozen.pin,
        void.pin,
        Pin::generate(),
    ];
    for (number, pin) in (1..).zip(&pins) {
        let outcome = platform.pay(id, Vec::new(), pin).await;
        match outcome.unwrap() {
            PayOutcome::PinRejected { tries_left } => assert_eq!(tries_left, 5 - number),
            PayOutcome::Canceled { payment, .. } => {
                assert_eq!((number, payment.status), (5, Status::CanceledCustomer));
            }
            outcome => panic!("PIN {number} came to {outcome:?}"),
        }
    }
    let late = platform.pay(id, Vec::new(), &pins[0]).await;
    assert!(matches!(late, Ok(PayOutcome::Closed)), "{late:?}");
}

#[tokio::test]
async fn a_voucher_of_the_basket_that_was_stopped_meanwhile_costs_no_try() {
    let platform = Platform::new().await;
    let stopped = platform.sell(1, 500).await;
    let good = platform.sell(1, 1_000).await;
    platform
        .operator
        .freeze(stopped.order.serial)
        .await
        .unwrap();
    let id = platform.payment(1_200).await;
    let basket = vec![stopped.order.serial];
    let outcome = platform.pay(id, basket, &good.pin).await;
    match outcome.unwrap() {
        PayOutcome::MoreNeeded { basket, missing } => {
            assert_eq!((basket.len(), missing.minor), (1, 200));
            assert_eq!(basket[0].serial, good.order.serial);
        }
        outcome => panic!("{outcome:?}"),
    }
}

/// The shop's name for a refund names one among those of a payment; the object id names one among all.
#[tokio::test]
async fn refunds_of_two_payments_under_one_correlation_id_are_two_objects() {
    let platform = Platform::new().await;
    let shop = &platform.merchant;
    let (first, second) = (platform.payment(100).await, platform.payment(100).await);
    let named = |payment, text: &str| shop.refund_id(payment, Some(text.parse().unwrap()));
    let id = named(first, "return-7");
    assert_eq!(id, named(first, "return-7"), "asked again, it is the same");
    assert_ne!(id, named(second, "return-7"));
    assert!(id.token.as_str().starts_with("return-7-"), "{id}");
    assert_eq!(id.to_string().parse(), Ok(id));
    let long = |last: &str| format!("{}{last}", "x".repeat(40));
    assert_ne!(named(first, &long("a")), named(first, &long("b")));
    assert_ne!(named(first, &long("a")), named(second, &long("a")));
}

#[tokio::test]
async fn a_failure_of_the_storage_costs_the_payer_no_try() {
    let platform = Platform::new().await;
    let order = platform.sell(1, 500).await;
    for _ in 0..30 {
        platform.store.inject(Fault::Unreadable);
        let view = platform.payer.voucher(&order.pin, ADDRESS).await;
        assert!(matches!(
            view,
            Err(PayerError::Command(CommandError::Storage(_)))
        ));
        platform.store.inject(Fault::Unreadable);
        let frozen = platform.payer.freeze_by_pin(&order.pin, ADDRESS).await;
        assert!(matches!(
            frozen,
            Err(PayerError::Command(CommandError::Storage(_)))
        ));
    }
    assert!(platform.payer.voucher(&order.pin, ADDRESS).await.is_ok());
}

#[tokio::test]
async fn wrong_pins_are_paid_by_the_address_and_never_by_the_voucher() {
    let platform = Platform::new().await;
    let order = platform.sell(1, 500).await;
    for _ in 0..10 {
        let view = platform.payer.voucher(&Pin::generate(), ADDRESS).await;
        assert!(matches!(view, Err(PayerError::PinNotAccepted)));
    }
    let view = platform.payer.voucher(&order.pin, ADDRESS).await;
    assert!(matches!(view, Err(PayerError::TooManyTries(_))));
    let owner = "198.51.100.9".parse().unwrap();
    assert!(platform.payer.voucher(&order.pin, owner).await.is_ok());
}

#[tokio::test]
async fn an_order_is_replayed_with_its_pin_and_cancelled_once() {
    let platform = Platform::new().await;
    let lasting = cast::product_keys()[1];
    let order = || {
        let request = engine::service::distributor::OrderRequest {
            amount: money::amount::Amount::new(5_000, lasting.currency),
            product: lasting.product,
            country: lasting.country,
            terminal: "till".parse().unwrap(),
            shop: "7".to_owned(),
            confirmation_window: None,
            owner: None,
        };
        platform
            .distributor
            .order(cast::SELLER, None, request, key(3))
    };
    let first = order().await.unwrap();
    let again = order().await.unwrap();
    assert_eq!(again.freshness, Freshness::Replayed);
    assert_eq!(again.order, first.order);
    assert_eq!(
        again.pin.expose().expose_secret(),
        first.pin.expose().expose_secret()
    );
    let cancel = || {
        platform
            .distributor
            .cancel(cast::SELLER, first.order.id, None)
    };
    assert!(cancel().await.is_ok());
    assert!(matches!(
        cancel().await,
        Err(CommandError::Refused(Refusal::Order(_)))
    ));
    // The cancelled sale does not count: the limit of five minutes is 120.00.
    platform.sell(1, 5_000).await;
    platform.sell(1, 5_000).await;
    let own = platform
        .distributor
        .find(cast::stranger(), first.order.id)
        .await;
    assert!(own.unwrap().is_none());
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_its_retry_is_the_answer() {
    let platform = Platform::new().await;
    let create = || {
        platform
            .merchant
            .create_payment(cast::BOOKSHOP, None, request(700), key(4))
    };
    platform.store.inject(Fault::LostAnswer);
    let lost = create().await.unwrap_err();
    assert_eq!(lost.effect(), Effect::Unknown);
    let head = platform.store.head().await.unwrap();
    let found = create().await.unwrap();
    assert_eq!((found.entry, found.freshness), (head, Freshness::Replayed));
    platform.store.inject(Fault::Full);
    let other = platform
        .merchant
        .create_payment(cast::BOOKSHOP, None, request(1), key(5));
    assert_eq!(other.await.unwrap_err().effect(), Effect::Nothing);
    assert_eq!(platform.store.head().await.unwrap(), head);
}

#[tokio::test]
async fn entries_never_go_back_in_time_over_a_restart() {
    let platform = Platform::new().await;
    platform.clock.advance(Span::HOUR);
    let before = platform.payment(100).await;
    let before = platform.merchant.payment(cast::BOOKSHOP, before).await;
    platform.engine.stop();
    let restarted = Platform::over(platform.store.clone(), START);
    let after = restarted.payment(100).await;
    let after = restarted.merchant.payment(cast::BOOKSHOP, after).await;
    let created = |found: Result<Option<Arc<payment::payment::Payment>>, CommandError>| {
        found.unwrap().unwrap().created_at
    };
    assert!(created(before) <= created(after));
}

#[tokio::test]
async fn stopping_carries_out_what_waits_and_takes_no_more() {
    let platform = Platform::new().await;
    let waiting: Vec<_> = (0..200)
        .map(|_| {
            let service = platform.merchant.clone();
            tokio::spawn(async move {
                service
                    .create_payment(cast::BOOKSHOP, None, request(100), None)
                    .await
            })
        })
        .collect();
    tokio::task::yield_now().await;
    let engine: &Engine = &platform.engine;
    engine.stop();
    let mut created = 0;
    for answer in waiting {
        match answer.await.unwrap() {
            Ok(_) => created += 1,
            Err(error) => assert!(matches!(error, CommandError::Stopped), "{error}"),
        }
    }
    let rows = platform.store.rows();
    let payments = rows
        .iter()
        .filter(|row| matches!(row, store::row::Row::Payment(_)));
    assert_eq!(payments.count(), created, "every payment was answered for");
    assert!(0 < created);
}
