//! What hangs is put right by itself: each fault is made, and the clock says how long its correction takes.

use std::sync::Arc;

use accounting::entry::{Actor, Entry};
use accounting::fact::Party;
use engine::command::{Command, Envelope};
use engine::limits::CONFLICT_RETRIES_MAX;
use engine::reversal::Watch;
use engine::service::distributor::{OrderReply, OrderRequest};
use engine::service::payer::{PayOutcome, Unsuitable};
use engine::timers;
use ids::object::PaymentId;
use ids::party::OperatorId;
use ids::time::Span;
use money::amount::Amount;
use payment::duplicate::{Duplicate, DuplicateResponse, Remedy};
use payment::merchant::Standing;
use payment::payment::{Payment, PaymentRequest};
use payment::refund::{RefundRequest, RefundStatus};
use payment::screening::Approvals;
use payment::state::{CaptureMode, Finality, Status};
use sim::memory::Fault;
use sim::suspicion::Suspicion;
use sim::workload::cast;
use store::port::Store;
use store::query::ReversalQuery;
use store::reversal::{ReversalKind, of};
use store::row::Row;
use voucher::order::{Confirmation, OrderStatus};
use voucher::state::{FreezeCause, State};

use crate::platform::{Platform, START, request};

/// How many looks a correction may take, four each second.
const LOOKS_MAX: usize = 4;

/// An amount of which [`Suspicion`] wants a review.
const REVIEWED_MINOR: i64 = 995;

async fn watched(platform: &Platform, watch: &mut Watch) {
    for _ in 0..LOOKS_MAX {
        timers::run_due(&platform.engine).await.unwrap();
        watch.step().await.unwrap();
    }
}

/// Lets the watch go round a small journal: it compares eight things in one look.
async fn inspected(platform: &Platform, watch: &mut Watch) {
    let head = platform.store.head().await.unwrap();
    for _ in 0..=head.0.div_ceil(2) {
        watch.step().await.unwrap();
    }
}

fn watch(platform: &Platform) -> Watch {
    Watch::new(platform.engine.clone())
}

async fn payment(platform: &Platform, id: PaymentId) -> Payment {
    let found = platform.merchant.payment(cast::BOOKSHOP, id).await;
    Payment::clone(&found.unwrap().unwrap())
}

async fn agree(platform: &Platform, response: DuplicateResponse) {
    let mut merchant = cast::merchant(cast::BOOKSHOP, 250, Standing::Active);
    merchant.duplicates.response = response;
    platform.operator.save_merchant(merchant).await.unwrap();
}

fn for_order(name: &str, minor: i64) -> PaymentRequest {
    PaymentRequest {
        order_reference: Some(name.parse().unwrap()),
        ..request(minor)
    }
}

async fn paid(platform: &Platform, request: PaymentRequest) -> PaymentId {
    let merchant = &platform.merchant;
    let created = merchant.create_payment(cast::BOOKSHOP, None, request, None);
    let id = created.await.unwrap().payment.id;
    let voucher = platform.sell(1, 1_000).await;
    let outcome = platform.pay(id, Vec::new(), &voucher.pin).await.unwrap();
    assert!(matches!(outcome, PayOutcome::Paid(_)));
    id
}

async fn capture(platform: &Platform, id: PaymentId, minor: Option<i64>) {
    let finality = match minor {
        Some(_) => Finality::Open,
        None => Finality::Final,
    };
    let merchant = &platform.merchant;
    let captured = merchant.capture(cast::BOOKSHOP, id, minor, finality, None);
    captured.await.unwrap();
}

/// The kinds in the list of a party, newest first, and the entries behind them.
async fn listed(platform: &Platform, party: Party) -> Vec<(ReversalKind, Entry)> {
    let query = ReversalQuery {
        party,
        kind: None,
        from: None,
        to: None,
        after: None,
        page_size: 50,
    };
    let page = platform.store.reversals(&query).await.unwrap();
    let entries = platform.store.entries_at(&page.items).await.unwrap();
    let kinds = entries.into_iter().map(|entry| {
        assert_eq!(entry.actor(), Actor::Timer);
        (of(&entry).unwrap().kind, entry)
    });
    kinds.collect()
}

async fn kinds(platform: &Platform) -> Vec<ReversalKind> {
    let listed = listed(platform, Party::Merchant(cast::BOOKSHOP)).await;
    listed.into_iter().map(|(kind, _)| kind).collect()
}

#[tokio::test]
async fn abandoned_payments_and_holds_are_listed_with_the_state_that_they_were_in() {
    let platform = Platform::new().await;
    let mut watch = watch(&platform);
    platform.payment(100).await;
    let opened = platform.payment(100).await;
    let command = Command::OpenPayment {
        id: opened,
        address: None,
    };
    let envelope = Envelope {
        actor: Actor::Payer,
        idempotency: None,
        command,
    };
    platform.engine.execute(envelope).await.unwrap();
    platform.clock.advance(Span(Span::MINUTE.times(30).0 - 1));
    watched(&platform, &mut watch).await;
    assert_eq!(kinds(&platform).await, []);
    platform.clock.advance(Span(1));
    watched(&platform, &mut watch).await;
    let mut found = kinds(&platform).await;
    found.sort_unstable();
    let abandoned = [
        ReversalKind::PaymentAbandoned,
        ReversalKind::CheckoutAbandoned,
    ];
    assert_eq!(found, abandoned);

    paid(&platform, request(700)).await;
    platform.clock.advance(Span::HOUR);
    watched(&platform, &mut watch).await;
    assert_eq!(kinds(&platform).await[0], ReversalKind::HoldLapsed);
}

#[tokio::test]
async fn a_review_that_nobody_decides_about_is_an_end_of_its_own() {
    let platform = Platform::judged(|_| Arc::new(Suspicion)).await;
    let mut watch = watch(&platform);
    let merchant = &platform.merchant;
    let created = merchant.create_payment(cast::BOOKSHOP, None, request(REVIEWED_MINOR), None);
    let id = created.await.unwrap().payment.id;
    let voucher = platform.sell(1, 1_000).await;
    let outcome = platform.pay(id, Vec::new(), &voucher.pin).await.unwrap();
    assert!(matches!(outcome, PayOutcome::InReview(_)));
    platform.clock.advance(sim::suspicion::REVIEW_TIME);
    watched(&platform, &mut watch).await;
    assert_eq!(kinds(&platform).await, [ReversalKind::ReviewLapsed]);
}

#[tokio::test]
async fn the_second_payment_of_an_order_is_marked_or_given_back_as_agreed() {
    for response in [
        DuplicateResponse::Off,
        DuplicateResponse::Flag,
        DuplicateResponse::Return,
    ] {
        let platform = Platform::new().await;
        agree(&platform, response).await;
        let mut watch = watch(&platform);
        let first = paid(&platform, for_order("7", 600)).await;
        platform.clock.advance(Span::MINUTE.times(30));
        let second = paid(&platform, for_order("7", 600)).await;
        watched(&platform, &mut watch).await;
        let found = payment(&platform, second).await;
        let duplicate = |remedy| Some(Duplicate { of: first, remedy });
        let expected = match response {
            DuplicateResponse::Off => (None, Status::Authorized),
            DuplicateResponse::Flag => (duplicate(Remedy::Flagged), Status::Authorized),
            DuplicateResponse::Return => (duplicate(Remedy::Returned), Status::CanceledMerchant),
        };
        assert_eq!((found.duplicate, found.status), expected, "{response:?}");
        assert_eq!(payment(&platform, first).await.duplicate, None);
        let count = usize::from(response != DuplicateResponse::Off);
        assert_eq!(kinds(&platform).await, vec![ReversalKind::Duplicate; count]);
    }
}

#[tokio::test]
async fn a_second_payment_that_a_person_let_go_is_marked_as_well() {
    let platform = Platform::judged(|_| Arc::new(Suspicion)).await;
    let mut watch = watch(&platform);
    let request = for_order("twice", REVIEWED_MINOR);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let merchant = &platform.merchant;
        let created = merchant.create_payment(cast::BOOKSHOP, None, request.clone(), None);
        let id = created.await.unwrap().payment.id;
        let voucher = platform.sell(1, 1_000).await;
        let outcome = platform.pay(id, Vec::new(), &voucher.pin).await.unwrap();
        assert!(matches!(outcome, PayOutcome::InReview(_)));
        ids.push(id);
    }
    watched(&platform, &mut watch).await;
    let by = OperatorId::new(1).unwrap();
    for id in &ids {
        let release = Command::ApproveReview {
            id: *id,
            by,
            needed: Approvals::One,
        };
        let envelope = Envelope {
            actor: Actor::Person(by),
            idempotency: None,
            command: release,
        };
        platform.engine.execute(envelope).await.unwrap();
    }
    watched(&platform, &mut watch).await;
    assert_eq!(payment(&platform, ids[0]).await.duplicate, None);
    let found = payment(&platform, ids[1]).await.duplicate;
    let remedy = Remedy::Flagged;
    assert_eq!(found, Some(Duplicate { of: ids[0], remedy }));
}

#[tokio::test]
async fn a_second_payment_that_was_captured_is_refunded_and_what_is_held_released() {
    let platform = Platform::new().await;
    agree(&platform, DuplicateResponse::Return).await;
    let mut watch = watch(&platform);
    paid(&platform, for_order("7", 600)).await;
    let automatic = PaymentRequest {
        capture: CaptureMode::Automatic,
        ..for_order("7", 600)
    };
    let second = paid(&platform, automatic).await;
    let third = paid(&platform, for_order("7", 600)).await;
    capture(&platform, third, Some(250)).await;
    watched(&platform, &mut watch).await;
    for (id, status) in [(second, Status::Success), (third, Status::Success)] {
        let found = payment(&platform, id).await;
        assert_eq!((found.status, found.held()), (status, 0));
        assert_eq!(found.captured(), found.refunded());
        let voucher = found.allocations[0].serial;
        let voucher = platform.operator.voucher(voucher).await.unwrap().unwrap();
        assert_eq!(voucher.remaining, 1_000);
    }
    assert_eq!(kinds(&platform).await, [ReversalKind::Duplicate; 3]);
}

#[tokio::test]
async fn what_is_no_duplicate_is_left_alone() {
    let platform = Platform::new().await;
    agree(&platform, DuplicateResponse::Return).await;
    let mut watch = watch(&platform);
    paid(&platform, request(600)).await;
    paid(&platform, request(600)).await;
    let cancelled = paid(&platform, for_order("7", 600)).await;
    let merchant = &platform.merchant;
    merchant
        .cancel(cast::BOOKSHOP, cancelled, None)
        .await
        .unwrap();
    paid(&platform, for_order("7", 600)).await;
    paid(&platform, for_order("7", 599)).await;
    paid(&platform, for_order("8", 600)).await;
    platform.clock.advance(Span(Span::MINUTE.times(30).0 + 1));
    paid(&platform, for_order("8", 600)).await;
    watched(&platform, &mut watch).await;
    assert_eq!(kinds(&platform).await, []);
}

#[tokio::test]
async fn a_restart_finds_what_a_crash_left_and_does_nothing_twice() {
    let platform = Platform::new().await;
    agree(&platform, DuplicateResponse::Return).await;
    paid(&platform, for_order("7", 600)).await;
    let second = paid(&platform, for_order("7", 600)).await;
    capture(&platform, second, Some(200)).await;
    // The process dies between the two steps of the return.
    let mut dying = watch(&platform);
    platform.store.inject(Fault::LostAnswer);
    assert!(dying.step().await.is_err());
    drop(dying);
    let found = payment(&platform, second).await;
    assert_eq!(
        (found.held(), found.captured(), found.refunded()),
        (0, 200, 0)
    );
    let later = Platform::over(platform.store.clone(), START.plus(Span::MINUTE));
    for _ in 0..3 {
        watched(&later, &mut watch(&later)).await;
    }
    let found = payment(&later, second).await;
    assert_eq!(
        (found.held(), found.captured(), found.refunded()),
        (0, 200, 200)
    );
    let duplicates = kinds(&later).await;
    let duplicates = duplicates
        .iter()
        .filter(|kind| **kind == ReversalKind::Duplicate);
    assert_eq!(duplicates.count(), 2);
    let head = later.store.head().await.unwrap();
    watched(&later, &mut watch(&later)).await;
    assert_eq!(later.store.head().await.unwrap(), head);
}

async fn ordered(platform: &Platform, window: Option<Span>) -> OrderReply {
    let key = cast::product_keys()[1];
    let request = OrderRequest {
        amount: Amount::new(1_000, key.currency),
        product: key.product,
        country: key.country,
        terminal: "till".parse().unwrap(),
        shop: "7".to_owned(),
        confirmation_window: window,
        owner: None,
    };
    let reply = platform
        .distributor
        .order(cast::SELLER, None, request, None);
    reply.await.unwrap()
}

#[tokio::test]
async fn an_order_that_nobody_confirms_is_cancelled_and_a_used_voucher_confirms_it() {
    let platform = Platform::new().await;
    let mut watch = watch(&platform);
    let window = Some(Span::MINUTE);
    let lost = ordered(&platform, window).await;
    let arrived = ordered(&platform, window).await;
    let used = ordered(&platform, window).await;
    let old = ordered(&platform, None).await;
    let confirm = || platform.distributor.confirm(cast::SELLER, arrived.order.id);
    let confirmed = confirm().await.unwrap();
    assert_eq!(
        confirmed,
        confirm().await.unwrap(),
        "saying so twice is no mistake"
    );
    let id = platform.payment(300).await;
    platform.pay(id, Vec::new(), &used.pin).await.unwrap();
    platform.clock.advance(Span(Span::MINUTE.0 - 1));
    watched(&platform, &mut watch).await;
    platform.clock.advance(Span(1));
    watched(&platform, &mut watch).await;
    let found = async |reply: &OrderReply| {
        let found = platform
            .distributor
            .find(cast::SELLER, reply.order.id)
            .await;
        found.unwrap().unwrap()
    };
    assert_eq!(found(&lost).await.status, OrderStatus::Cancelled);
    let voucher = platform.operator.voucher(lost.order.serial).await.unwrap();
    assert_eq!(voucher.unwrap().state, State::Voided);
    for reply in [&arrived, &used] {
        let order = found(reply).await;
        assert_eq!(order.status, OrderStatus::Delivered);
        assert!(matches!(order.confirmation, Confirmation::Confirmed { .. }));
    }
    assert_eq!(found(&old).await.confirmation, Confirmation::NotNeeded);
    let listed = listed(&platform, Party::Distributor(cast::SELLER)).await;
    let kinds: Vec<ReversalKind> = listed.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [ReversalKind::OrderUnconfirmed]);
}

#[tokio::test]
async fn too_many_conflicts_put_a_correction_off_and_do_not_end_it() {
    let platform = Platform::new().await;
    agree(&platform, DuplicateResponse::Flag).await;
    let mut watch = watch(&platform);
    ordered(&platform, Some(Span::MINUTE)).await;
    paid(&platform, for_order("7", 600)).await;
    let second = paid(&platform, for_order("7", 600)).await;
    platform.clock.advance(Span::MINUTE);
    // One storm over the duplicate, and one over the order.
    for _ in 0..2 {
        for _ in 0..CONFLICT_RETRIES_MAX {
            platform.store.inject(Fault::Conflict);
        }
        assert!(watch.step().await.is_err());
    }
    watched(&platform, &mut watch).await;
    assert!(payment(&platform, second).await.duplicate.is_some());
    let listed = listed(&platform, Party::Distributor(cast::SELLER)).await;
    let kinds: Vec<ReversalKind> = listed.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [ReversalKind::OrderUnconfirmed]);
}

#[tokio::test]
async fn a_checked_refund_that_is_never_carried_out_lapses_after_a_day() {
    let platform = Platform::new().await;
    let mut watch = watch(&platform);
    let id = paid(&platform, request(600)).await;
    capture(&platform, id, None).await;
    let wish = refund_of(100);
    let merchant = &platform.merchant;
    let [lost, done] = [(); 2].map(|()| merchant.refund_id(id, None));
    for refund in [lost, done] {
        let checked = merchant.validate_refund(cast::BOOKSHOP, id, refund, wish.clone(), None);
        checked.await.unwrap();
    }
    let refund = |refund| merchant.refund(cast::BOOKSHOP, id, refund, wish.clone(), None);
    refund(done).await.unwrap();
    platform.clock.advance(Span(Span::DAY.0 - 1));
    watched(&platform, &mut watch).await;
    platform.clock.advance(Span(1));
    watched(&platform, &mut watch).await;
    let found = payment(&platform, id).await;
    assert_eq!(found.refund(lost).unwrap().status, RefundStatus::Lapsed);
    assert_eq!(found.refund(done).unwrap().status, RefundStatus::Success);
    assert!(
        refund(lost).await.is_err(),
        "what has lapsed is not carried out"
    );
    assert_eq!(kinds(&platform).await, [ReversalKind::RefundLapsed]);
}

fn refund_of(minor: i64) -> RefundRequest {
    RefundRequest {
        minor,
        customer_id: "c1".to_owned(),
        customer_email: None,
        submerchant: None,
        comment: None,
    }
}

#[tokio::test]
async fn a_checked_refund_whose_payment_was_stopped_lapses_when_that_is_let_go() {
    // The watch that was refused goes on, or another one starts.
    for starts_anew in [false, true] {
        let platform = Platform::new().await;
        let mut watch = watch(&platform);
        let id = paid(&platform, request(600)).await;
        capture(&platform, id, None).await;
        let merchant = &platform.merchant;
        let refund = merchant.refund_id(id, None);
        let checked = merchant.validate_refund(cast::BOOKSHOP, id, refund, refund_of(100), None);
        checked.await.unwrap();
        let sound = payment(&platform, id).await;
        let mut row = sound.clone();
        row.allocations[0].captured -= 1;
        platform.store.tamper(Row::Payment(Arc::new(row)));
        inspected(&platform, &mut watch).await;
        let stopped = payment(&platform, id).await;
        assert!(stopped.stopped.is_some());
        platform.clock.advance(Span::DAY.times(2));
        watched(&platform, &mut watch).await;
        let status = async |platform| payment(platform, id).await.refund(refund).unwrap().status;
        assert_eq!(status(&platform).await, RefundStatus::ValidationSuccessful);

        if starts_anew {
            watch = self::watch(&platform);
        }
        let mended = Payment {
            allocations: sound.allocations,
            ..stopped
        };
        platform.store.tamper(Row::Payment(Arc::new(mended)));
        platform.operator.resume_payment(id).await.unwrap();
        watched(&platform, &mut watch).await;
        assert_eq!(status(&platform).await, RefundStatus::Lapsed);
        assert_eq!(kinds(&platform).await[0], ReversalKind::RefundLapsed);
    }
}

#[tokio::test]
async fn a_voucher_whose_row_is_not_what_its_entries_say_is_stopped_alone() {
    let platform = Platform::new().await;
    let damaged = platform.sell(1, 1_000).await;
    let sound = platform.sell(1, 1_000).await;
    let serial = damaged.order.serial;
    let mut row = platform.operator.voucher(serial).await.unwrap().unwrap();
    row.remaining += 1;
    platform.store.tamper(Row::Voucher(row));
    let mut watch = watch(&platform);
    inspected(&platform, &mut watch).await;
    let stopped = platform.operator.voucher(serial).await.unwrap().unwrap();
    assert_eq!(stopped.state, State::Frozen(FreezeCause::Mismatch));
    let id = platform.payment(300).await;
    let refused = platform.pay(id, Vec::new(), &damaged.pin).await.unwrap();
    assert!(
        matches!(refused, PayOutcome::Unsuitable(Unsuitable::Stopped)),
        "{refused:?}"
    );
    let paid = platform.pay(id, Vec::new(), &sound.pin).await.unwrap();
    assert!(matches!(paid, PayOutcome::Paid(_)));
}

#[tokio::test]
async fn a_payment_whose_row_is_not_what_its_entries_say_is_stopped_until_it_is_let_go() {
    let platform = Platform::new().await;
    let id = paid(&platform, request(600)).await;
    let other = paid(&platform, request(600)).await;
    let sound = payment(&platform, id).await;
    let mut row = sound.clone();
    row.allocations[0].held -= 1;
    platform.store.tamper(Row::Payment(Arc::new(row)));
    let mut watch = watch(&platform);
    inspected(&platform, &mut watch).await;
    let stopped = payment(&platform, id).await;
    assert!(stopped.stopped.is_some());
    let merchant = &platform.merchant;
    let refused = merchant.capture(cast::BOOKSHOP, id, None, Finality::Final, None);
    assert!(refused.await.is_err());
    capture(&platform, other, None).await;
    assert_eq!(kinds(&platform).await, [ReversalKind::Mismatch]);

    let mended = Payment {
        allocations: sound.allocations,
        ..stopped
    };
    platform.store.tamper(Row::Payment(Arc::new(mended)));
    platform.operator.resume_payment(id).await.unwrap();
    capture(&platform, id, None).await;
    inspected(&platform, &mut watch).await;
    assert_eq!(payment(&platform, id).await.stopped, None);
}

#[tokio::test]
async fn the_inspection_finds_nothing_where_nothing_is_wrong() {
    let platform = Platform::new().await;
    let id = paid(&platform, request(600)).await;
    capture(&platform, id, Some(100)).await;
    let head = platform.store.head().await.unwrap();
    let mut watch = watch(&platform);
    for _ in 0..20 {
        watch.step().await.unwrap();
    }
    assert_eq!(platform.store.head().await.unwrap(), head);
}
