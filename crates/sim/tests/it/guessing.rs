//! Strangers guess, and nobody else pays for it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use engine::guard::{Guard, GuardLimits};
use engine::service::payer::{PayOutcome, PayerError, PayerService, PurchaseDetails};
use ids::object::PaymentId;
use ids::time::Span;
use payment::state::Status;
use sim::memory::debts::MemoryDebts;
use vault::pin::Pin;

use crate::platform::{ADDRESS, Platform, START};

/// Looks at balances with wrong PINs until the address is refused, and says how often it was not.
async fn guess(platform: &Platform, address: IpAddr, most: u32) -> u32 {
    for tries in 0..most {
        match platform.payer.voucher(&Pin::generate(), address).await {
            Err(PayerError::PinNotAccepted) => {}
            Err(PayerError::TooManyTries(_)) => return tries,
            other => panic!("{other:?}"),
        }
    }
    most
}

async fn pay_wrongly(platform: &Platform, payment: PaymentId) -> Result<PayOutcome, PayerError> {
    platform.pay(payment, Vec::new(), &Pin::generate()).await
}

#[tokio::test]
async fn guesses_behind_one_address_leave_each_payment_of_a_neighbour_its_first_try() {
    let platform = Platform::new().await;
    let order = platform.sell(1, 500).await;
    assert_eq!(guess(&platform, ADDRESS, 100).await, 10);
    let balance = platform.payer.voucher(&order.pin, ADDRESS).await;
    assert!(matches!(balance, Err(PayerError::TooManyTries(_))));
    let paid = platform.payment(100).await;
    let outcome = platform.pay(paid, Vec::new(), &order.pin).await;
    assert!(matches!(outcome, Ok(PayOutcome::Paid(_))), "{outcome:?}");
    let mistyped = platform.payment(100).await;
    let outcome = pay_wrongly(&platform, mistyped).await;
    assert!(matches!(
        outcome,
        Ok(PayOutcome::PinRejected { tries_left: 4 })
    ));
    let outcome = platform.pay(mistyped, Vec::new(), &order.pin).await;
    assert!(matches!(outcome, Err(PayerError::TooManyTries(_))));
}

#[tokio::test]
async fn a_guesser_gains_nothing_by_asking_several_nodes() {
    let platform = Platform::new().await;
    let debts = Arc::new(MemoryDebts::new(platform.clock.clone()));
    let nodes = [(); 3].map(|()| {
        let vault = Arc::clone(platform.engine.vault());
        let clock = platform.clock.clone();
        let guard = Guard::shared(GuardLimits::default(), clock, debts.clone(), vault);
        PayerService::new(Arc::clone(&platform.engine), Arc::new(guard))
    });
    let mut turns = nodes.iter().cycle();
    let mut guess = async || {
        let node = turns.next().expect("a node");
        node.voucher(&Pin::generate(), ADDRESS).await
    };
    for _ in 0..10 {
        assert!(matches!(guess().await, Err(PayerError::PinNotAccepted)));
    }
    for _ in 0..3 {
        assert!(matches!(guess().await, Err(PayerError::TooManyTries(_))));
    }
    // Right PINs cost nothing on any node, and time forgives on all of them together.
    platform.clock.advance(Span::MINUTE.times(6));
    let order = platform.sell(1, 500).await;
    for node in &nodes {
        assert!(node.voucher(&order.pin, ADDRESS).await.is_ok());
    }
    assert!(matches!(guess().await, Err(PayerError::PinNotAccepted)));
    assert!(matches!(guess().await, Err(PayerError::TooManyTries(_))));
}

#[tokio::test]
async fn first_tries_cost_an_address_no_more_time_than_its_budget() {
    let platform = Platform::new().await;
    let order = platform.sell(1, 500).await;
    for _ in 0..50 {
        let payment = platform.payment(100).await;
        assert!(pay_wrongly(&platform, payment).await.is_ok());
    }
    platform.clock.advance(Span::MINUTE.times(6));
    let balance = platform.payer.voucher(&order.pin, ADDRESS).await;
    assert!(balance.is_ok(), "{balance:?}");
}

#[tokio::test]
async fn one_subscriber_in_sixty_does_not_lock_a_network_out() {
    let platform = Platform::new().await;
    let order = platform.sell(1, 500).await;
    for host in 0..59 {
        let address = IpAddr::V4(Ipv4Addr::new(198, 18, 0, host));
        assert_eq!(guess(&platform, address, 100).await, 10);
    }
    let neighbour = IpAddr::V4(Ipv4Addr::new(198, 18, 77, 1));
    assert!(platform.payer.voucher(&order.pin, neighbour).await.is_ok());
    let last = IpAddr::V4(Ipv4Addr::new(198, 18, 0, 59));
    assert_eq!(guess(&platform, last, 100).await, 10);
    let balance = platform.payer.voucher(&order.pin, neighbour).await;
    assert!(matches!(balance, Err(PayerError::TooManyTries(_))));
    platform.clock.advance(Span::SECOND);
    assert!(platform.payer.voucher(&order.pin, neighbour).await.is_ok());
}

#[tokio::test]
async fn first_tries_are_bounded_by_the_system_all_the_same() {
    let platform = Platform::new().await;
    for network in 0..120 {
        let address = IpAddr::V4(Ipv4Addr::new(10, network, 0, 1));
        assert_eq!(guess(&platform, address, 100).await, 10);
    }
    let order = platform.sell(1, 500).await;
    let payment = platform.payment(100).await;
    let outcome = platform.pay(payment, Vec::new(), &order.pin).await;
    assert!(matches!(outcome, Err(PayerError::TooManyTries(_))));
}

#[tokio::test]
async fn tries_at_a_payment_that_is_over_are_not_first_ones() {
    let platform = Platform::new().await;
    let payment = platform.payment(100).await;
    let ended = platform.payer.cancel(payment).await.unwrap();
    assert_eq!(ended.status, Status::CanceledCustomer);
    assert_eq!(guess(&platform, ADDRESS, 100).await, 10);
    let outcome = pay_wrongly(&platform, payment).await;
    assert!(matches!(outcome, Err(PayerError::TooManyTries(_))));
}

#[tokio::test]
async fn a_frozen_voucher_is_as_unknown_as_a_wrong_pin_to_whoever_freezes_again() {
    let platform = Platform::new().await;
    let order = platform.sell(1, 500).await;
    let details = PurchaseDetails {
        serial: order.order.serial,
        face: "5".to_owned(),
        bought_at: START,
    };
    let frozen = platform.payer.freeze_by_pin(&order.pin, ADDRESS).await;
    assert!(frozen.is_ok());
    for _ in 0..5 {
        let again = platform.payer.freeze_by_pin(&order.pin, ADDRESS).await;
        assert!(matches!(again, Err(PayerError::PinNotAccepted)));
        let again = platform.payer.freeze_by_purchase(&details, ADDRESS).await;
        assert!(matches!(again, Err(PayerError::PinNotAccepted)));
    }
    let again = platform.payer.freeze_by_pin(&order.pin, ADDRESS).await;
    assert!(
        matches!(again, Err(PayerError::TooManyTries(_))),
        "ten tries"
    );
}
