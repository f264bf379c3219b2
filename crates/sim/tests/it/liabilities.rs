//! Statements of what is owed, over storage in memory: they say what rows and accounts say, whoever makes them and whatever
//! was lost.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use accounting::chart::{MERCHANT_PAYABLE, VOUCHERS_HELD, VOUCHERS_REMAINING};
use accounting::claim::Holder;
use accounting::entry::Actor;
use engine::liabilities::desk::Desk;
use engine::liabilities::listing::LOOK_PAUSE;
use engine::liabilities::proving::{Answer, Prover};
use engine::liabilities::publishing::{PROVABLE, Published, Publisher};
use engine::liabilities::repair::REPAIR_PAUSE;
use engine::liabilities::shown::Shown;
use engine::liabilities::{LiabilitiesError, Ports};
use engine::log::receipts::Receipts;
use engine::log::sequencer::{Round, Sequencer};
use engine::log::{self, Log};
use engine::service::operator::{BatchPart, PART_SIZE_MAX};
use engine::timers;
use futures_util::FutureExt;
use futures_util::future::{join, join_all};
use ids::command::Sequence;
use ids::time::Span;
use ids::voucher::{BatchId, Serial};
use liabilities::part::Place;
use liabilities::tree::BUCKET_LEAVES;
use money::currency::Currency;
use payment::refund::RefundRequest;
use payment::state::Finality;
use sim::memory::{Fault, MemoryStore};
use sim::workload::cast;
use store::failure::Failure;
use store::fold::Rows;
use store::liabilities::{PartStorage, SealedPart};
use store::port::{self, Store};
use store::row::Key;
use vault::vault::{SealPurpose, Vault};
use verifier::liabilities::Statement;
use verifier::liabilities::proof::{self, Bases, HolderProof};

use crate::platform::Platform;
use crate::timers::new_voucher;

fn publisher(platform: &Platform) -> Publisher {
    let ports = Ports {
        store: platform.store.clone(),
        parts: platform.store.clone(),
        vault: Arc::new(Vault::in_memory([7; 32])),
    };
    Publisher::new(Arc::clone(&platform.engine), ports)
}

async fn publish(platform: &Platform) -> Shown {
    match publisher(platform).publish(Actor::Operator).await.unwrap() {
        Published::Now(shown) => shown,
        Published::Before(shown) => panic!("nothing new was stated: {shown:?}"),
    }
}

/// Sells vouchers, and spends, holds, refunds, freezes and voids some of them.
async fn trade(platform: &Platform, round: i64) -> Vec<Serial> {
    let mut serials = Vec::new();
    for product in [0, 1, 1, 2] {
        serials.push(platform.sell(product, 1_000).await.order.serial);
    }
    let held = platform.sell(1, 1_000).await;
    let id = platform.payment(300 + round).await;
    platform.pay(id, Vec::new(), &held.pin).await.unwrap();
    let spent = platform.sell(1, 1_000).await;
    let id = platform.payment(1_000).await;
    platform.pay(id, Vec::new(), &spent.pin).await.unwrap();
    let shop = &platform.merchant;
    let captured = shop.capture(cast::BOOKSHOP, id, Some(600 + round), Finality::Final, None);
    captured.await.unwrap();
    let refund = RefundRequest {
        minor: 100 + round,
        customer_id: "c1".to_owned(),
        customer_email: None,
        submerchant: None,
        comment: None,
    };
    let name = shop.refund_id(id, None);
    shop.refund(cast::BOOKSHOP, id, name, refund, None)
        .await
        .unwrap();
    platform.operator.freeze(serials[1]).await.unwrap();
    platform.operator.void(serials[2]).await.unwrap();
    serials.extend([held.order.serial, spent.order.serial]);
    serials
}

/// What is owed by currency, as the accounts have it.
async fn accounts(platform: &Platform) -> BTreeMap<Currency, i64> {
    let balances = platform.store.balances().await.unwrap();
    let mut sums = BTreeMap::new();
    for (account, minor) in balances.iter() {
        let owed = match account.code {
            VOUCHERS_REMAINING | VOUCHERS_HELD => -minor,
            MERCHANT_PAYABLE => (-minor).max(0),
            _ => 0,
        };
        *sums.entry(account.currency).or_default() += owed;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

fn totals(shown: &Shown) -> BTreeMap<Currency, i64> {
    let sums = shown.statement.sums.iter();
    sums.map(|(currency, root)| (*currency, root.total as i64))
        .collect()
}

async fn value_of(platform: &Platform, serial: Serial) -> (Currency, i64) {
    let rows = platform.store.load(&[Key::Voucher(serial)]).await.unwrap();
    let voucher = rows.voucher(serial).unwrap();
    (voucher.currency, voucher.remaining + voucher.held)
}

/// Asks until the parts that were lost are there again.
async fn prove(prover: &Prover, holder: Holder, currency: Currency) -> Answer {
    for _ in 0..600 {
        match prover.prove(holder, currency).await.unwrap() {
            Answer::Busy => tokio::time::sleep(Duration::from_millis(50)).await,
            answer => return answer,
        }
    }
    panic!("the parts are not made again");
}

async fn require_proved(platform: &Platform, prover: &Prover, shown: &Shown, serials: &[Serial]) {
    let statement = Statement::parse(&shown.content).unwrap();
    statement.check_sums().unwrap();
    let bases = Bases::default();
    for serial in serials {
        let (currency, value) = value_of(platform, *serial).await;
        match prove(prover, Holder::Voucher(*serial), currency).await {
            Answer::Counted { proof, .. } => {
                let proof = HolderProof::parse(&proof).unwrap();
                proof.check(&statement, &bases).unwrap();
                assert_eq!(proof.holder, proof::Holder::Voucher(serial.number()));
                assert_eq!(i64::try_from(proof.value), Ok(value));
            }
            Answer::NothingOwed(_) => assert_eq!(value, 0, "voucher {serial}"),
            answer => panic!("voucher {serial}: {answer:?}"),
        }
    }
}

#[tokio::test]
async fn a_statement_says_what_rows_and_accounts_say_and_everybody_gets_a_proof() {
    let platform = Platform::new().await;
    let ports = publisher(&platform).ports().clone();
    let mut serials = Vec::new();
    for round in 0..4 {
        serials.extend(trade(&platform, round).await);
        platform.clock.advance(Span::DAY.times(4));
        while 0 < timers::run_due(&platform.engine).await.unwrap() {}
        let owed = accounts(&platform).await;
        let shown = publish(&platform).await;
        assert_eq!(totals(&shown), owed, "round {round}");
        assert_eq!(shown.statement.counted.next(), shown.entry.sequence());
        // What was counted on from the last statement is what is counted from the first entry on.
        ports.check(&shown.statement).await.unwrap();
    }
    let newest = ports.newest().await.unwrap().unwrap();
    assert_eq!(ports.before(&newest, 9).await.unwrap().len(), 3);
    let kept = platform.store.statements().await.unwrap();
    assert_eq!(kept.len(), PROVABLE);
    let prover = Prover::new(ports);
    require_proved(&platform, &prover, &newest, &serials).await;
    let merchant = prove(&prover, Holder::Merchant(cast::BOOKSHOP), Currency::EUR).await;
    assert!(matches!(merchant, Answer::Counted { .. }), "{merchant:?}");
}

#[tokio::test]
async fn parts_that_are_lost_are_made_again() {
    let platform = Platform::new().await;
    let serials = trade(&platform, 0).await;
    let shown = publish(&platform).await;
    platform.store.lose_parts();
    let prover = Prover::new(publisher(&platform).ports().clone());
    require_proved(&platform, &prover, &shown, &serials[3..4]).await;
    // The next statement counts from the first entry, and comes to the same as the accounts.
    platform.store.lose_parts();
    trade(&platform, 1).await;
    let owed = accounts(&platform).await;
    assert_eq!(totals(&publish(&platform).await), owed);
}

/// Parts of another storage, which takes none while it is full.
struct Full {
    store: Arc<MemoryStore>,
    is_full: AtomicBool,
    refused: AtomicUsize,
}

impl PartStorage for Full {
    fn store_parts(
        &self,
        statement: Sequence,
        parts: Arc<[SealedPart]>,
    ) -> port::Answer<'_, Result<(), Failure>> {
        if self.is_full.load(Ordering::SeqCst) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Box::pin(async { Err(Failure::Closed) });
        }
        self.store.store_parts(statement, parts)
    }

    fn read_parts<'a>(
        &'a self,
        statement: Sequence,
        places: &'a [Place],
    ) -> port::Answer<'a, Result<Vec<SealedPart>, Failure>> {
        self.store.read_parts(statement, places)
    }

    fn statements(&self) -> port::Answer<'_, Result<Vec<Sequence>, Failure>> {
        self.store.statements()
    }

    fn forget_parts(&self, statement: Sequence) -> port::Answer<'_, Result<(), Failure>> {
        self.store.forget_parts(statement)
    }
}

#[tokio::test]
async fn a_repair_that_failed_is_tried_again_after_a_minute_or_for_the_next_statement() {
    let platform = Platform::new().await;
    let holder = Holder::Voucher(trade(&platform, 0).await[4]);
    let parts = Arc::new(Full {
        store: Arc::clone(&platform.store),
        is_full: AtomicBool::new(true),
        refused: AtomicUsize::new(0),
    });
    let mut ports = publisher(&platform).ports().clone();
    ports.parts = parts.clone();
    let prover = Prover::new(ports);
    for statements in 1..=2 {
        platform.clock.advance(Span::DAY);
        trade(&platform, i64::try_from(statements).unwrap()).await;
        publish(&platform).await;
        platform.store.lose_parts();
        let answer = prove(&prover, holder, Currency::EUR).await;
        assert!(matches!(answer, Answer::Lost), "{answer:?}");
        for _ in 0..20 {
            let again = prover.prove(holder, Currency::EUR).await.unwrap();
            assert!(matches!(again, Answer::Lost), "{again:?}");
        }
        assert_eq!(parts.refused.load(Ordering::SeqCst), statements);
    }
    parts.is_full.store(false, Ordering::SeqCst);
    tokio::time::pause();
    tokio::time::advance(REPAIR_PAUSE - Duration::from_secs(1)).await;
    let answer = prover.prove(holder, Currency::EUR).await.unwrap();
    assert!(matches!(answer, Answer::Lost), "{answer:?}");
    tokio::time::advance(Duration::from_secs(1)).await;
    tokio::time::resume();
    let answer = prove(&prover, holder, Currency::EUR).await;
    assert!(matches!(answer, Answer::Counted { .. }), "{answer:?}");
}

#[tokio::test]
async fn parts_of_another_history_are_not_believed() {
    let [platform, other] = [Platform::new().await, Platform::new().await];
    trade(&platform, 0).await;
    trade(&other, 1).await;
    let [shown, _] = [publish(&platform).await, publish(&other).await];
    let counted = shown.statement.counted;
    let statements = other.store.statements().await.unwrap();
    assert_eq!(statements, [counted], "both count as many entries");
    // The parts of the other platform, which has the same keys, stand where its own are expected.
    platform.store.take_parts_of(&other.store);
    trade(&platform, 2).await;
    let owed = accounts(&platform).await;
    let next = publish(&platform).await;
    assert_eq!(totals(&next), owed);
    publisher(&platform)
        .ports()
        .check(&next.statement)
        .await
        .unwrap();
}

#[tokio::test]
async fn two_nodes_at_once_make_one_statement() {
    let platform = Platform::new().await;
    trade(&platform, 0).await;
    let [one, other] = [publisher(&platform), publisher(&platform)];
    let (one, other) = join(one.publish(Actor::Timer), other.publish(Actor::Timer)).await;
    let [one, other] = [one.unwrap(), other.unwrap()];
    let new = [&one, &other].map(|it| matches!(it, Published::Now(_)));
    assert_eq!(new.iter().filter(|is_new| **is_new).count(), 1);
    assert_eq!(one.shown().entry, other.shown().entry);
    let newest = publisher(&platform).ports().newest().await.unwrap();
    assert_eq!(newest.unwrap().statement.before.0, 0, "there is one");
}

#[tokio::test]
async fn a_crash_between_any_two_steps_leaves_nothing_half_done() {
    let platform = Platform::new().await;
    let serials = trade(&platform, 0).await;
    let mut is_whole = false;
    for steps in 0.. {
        let publisher = publisher(&platform);
        // What is polled no further is as dead as a process that was killed there.
        let done = poll_times(publisher.publish(Actor::Timer), steps).await;
        is_whole |= done;
        if done && 3 < steps {
            break;
        }
        assert!(steps < 1_000, "it never ends");
    }
    assert!(is_whole);
    let ports = publisher(&platform).ports().clone();
    let newest = ports.newest().await.unwrap().unwrap();
    ports.check(&newest.statement).await.unwrap();
    let prover = Prover::new(ports);
    require_proved(&platform, &prover, &newest, &serials[3..4]).await;
}

/// Whether the work came to its end within so many polls.
async fn poll_times<T>(
    work: impl Future<Output = Result<T, LiabilitiesError>>,
    times: usize,
) -> bool {
    let mut work = pin!(work);
    for _ in 0..times {
        let mut context = Context::from_waker(Waker::noop());
        if let std::task::Poll::Ready(result) = work.as_mut().poll(&mut context) {
            result.unwrap();
            return true;
        }
        // The engine's thread goes on meanwhile.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    false
}

#[tokio::test]
async fn a_statement_that_is_not_the_ledgers_is_named_with_what_differs() {
    let platform = Platform::new().await;
    trade(&platform, 0).await;
    let shown = publish(&platform).await;
    let ports = publisher(&platform).ports().clone();
    let mut wrong = shown.statement.clone();
    wrong.sums[0].1.total += 5;
    let error = ports.check(&wrong).await.unwrap_err().to_string();
    assert!(error.contains("-5 more"), "{error}");
    let mut wrong = shown.statement;
    wrong.sums[0].1.hash[0] ^= 1;
    let error = ports.check(&wrong).await.unwrap_err().to_string();
    assert!(error.contains("another tree"), "{error}");
}

#[tokio::test]
async fn a_day_after_the_last_one_the_next_statement_comes_by_itself() {
    let platform = Platform::new().await;
    let publisher = publisher(&platform);
    let newest = async || publisher.ports().newest().await.unwrap();
    publisher.publish_if_due(Span::DAY).await.unwrap();
    assert!(newest().await.is_none(), "the platform began just now");
    platform.clock.advance(Span::DAY);
    publisher.publish_if_due(Span::DAY).await.unwrap();
    let first = newest().await.unwrap().entry.sequence();
    trade(&platform, 0).await;
    publisher.publish_if_due(Span::DAY).await.unwrap();
    assert_eq!(newest().await.unwrap().entry.sequence(), first);
    platform.clock.advance(Span::DAY);
    publisher.publish_if_due(Span::DAY).await.unwrap();
    assert_eq!(newest().await.unwrap().statement.before, first);
}

#[tokio::test]
async fn a_holder_of_a_voucher_that_is_not_counted_is_told_so() {
    let platform = Platform::new().await;
    trade(&platform, 0).await;
    let shown = publish(&platform).await;
    let late = platform.sell(1, 1_000).await.order.serial;
    let prover = Prover::new(publisher(&platform).ports().clone());
    match prove(&prover, Holder::Voucher(late), Currency::EUR).await {
        Answer::NothingOwed(told) => assert_eq!(told.entry, shown.entry),
        answer => panic!("{answer:?}"),
    }
}

/// Where everybody asks, over a log of the platform's.
fn desk(platform: &Platform) -> (Desk, Sequencer) {
    let vault = Arc::new(Vault::in_memory([7; 32]));
    let log = Arc::new(Log::named("pay.example/log", &vault).unwrap());
    let ports = log::Ports {
        store: platform.store.clone(),
        seeds: platform.store.clone(),
        log: platform.store.clone(),
        vault,
    };
    let receipts = Receipts::new(ports.clone(), Arc::clone(&log));
    let desk = Desk::new(publisher(platform), receipts, Arc::from("no policy"));
    (desk, Sequencer::new(ports, log))
}

#[tokio::test]
async fn a_flood_of_readers_costs_no_storage_and_sees_what_is_new() {
    let platform = Platform::new().await;
    let (desk, sequencer) = desk(&platform);
    let newest = async || desk.newest().await.unwrap();
    assert!(newest().await.is_none());
    for round in 0..3 {
        platform.clock.advance(Span::DAY);
        trade(&platform, round).await;
        let published = desk.publish(Actor::Operator).await.unwrap();
        let listing = newest().await.unwrap();
        assert_eq!(listing.evidence.shown.entry, published.shown().entry);
        assert_eq!(listing.older.len(), usize::try_from(round).unwrap());
    }
    tokio::time::pause();
    // The receipt comes when the log has come so far.
    while sequencer.round().await.unwrap() != Round::CaughtUp {}
    tokio::time::advance(LOOK_PAUSE).await;
    let first = newest().await.unwrap();
    assert!(first.evidence.receipt.is_some());
    let before = platform.store.reads();
    for _ in 0..1_000 {
        assert!(Arc::ptr_eq(&newest().await.unwrap(), &first));
    }
    assert_eq!(platform.store.reads(), before);
    // After a while one of many asks whether there is another, and nobody asks for more.
    tokio::time::advance(LOOK_PAUSE).await;
    let all = join_all((0..1_000).map(|_| newest())).await;
    assert!(
        all.iter()
            .all(|it| Arc::ptr_eq(it.as_ref().unwrap(), &first))
    );
    assert_eq!(platform.store.reads(), before + 1);
    // What another node states is seen as soon as the next look.
    tokio::time::resume();
    platform.clock.advance(Span::DAY);
    trade(&platform, 3).await;
    let other = publish(&platform).await;
    tokio::time::pause();
    tokio::time::advance(LOOK_PAUSE).await;
    let listing = newest().await.unwrap();
    assert_eq!(listing.evidence.shown.entry, other.entry);
    assert_eq!(listing.older[0].entry, first.evidence.shown.entry);
    // An older one costs nothing either.
    let before = platform.store.reads();
    let again = desk.published_in(listing.older[0].entry.sequence()).await;
    assert!(Arc::ptr_eq(&again.unwrap().unwrap(), &first));
    assert_eq!(platform.store.reads(), before);
}

#[tokio::test]
async fn a_failure_of_the_storage_is_told_to_all_and_not_for_long() {
    let platform = Platform::new().await;
    let (desk, _) = desk(&platform);
    trade(&platform, 0).await;
    desk.publish(Actor::Operator).await.unwrap();
    tokio::time::pause();
    platform.store.inject(Fault::Unreadable);
    for _ in 0..3 {
        let error = desk.newest().await.unwrap_err();
        assert!(matches!(*error, LiabilitiesError::Storage(_)), "{error}");
    }
    tokio::time::advance(LOOK_PAUSE).await;
    assert!(desk.newest().await.unwrap().is_some());
}

/// As many vouchers as one command issues.
async fn issue(platform: &Platform, part: u64) {
    let size = PART_SIZE_MAX as u64;
    let numbers = part * size..(part + 1) * size;
    let vouchers = numbers.map(|number| new_voucher(cast::product_keys()[1], number));
    let part = BatchPart {
        batch: BatchId(part),
        part: 0,
        vouchers: vouchers.collect(),
    };
    platform.operator.issue(part).await.unwrap();
}

/// Replaces the nodes above all buckets by something else that was sealed here.
async fn damage_top(ports: &Ports, statement: Sequence) {
    let place = Place::new(Currency::EUR, 0, 0);
    let mut bound = statement.0.to_be_bytes().to_vec();
    bound.extend(place.currency.to_be_bytes());
    bound.push(place.depth);
    bound.extend(place.prefix.to_be_bytes());
    let purpose = SealPurpose::LiabilityParts;
    let sealed = Arc::from(ports.vault.seal(purpose, &bound, b"\x01cut off"));
    let part = SealedPart { place, sealed };
    ports
        .parts
        .store_parts(statement, Arc::new([part]))
        .await
        .unwrap();
}

#[test]
fn the_nodes_of_a_large_tree_are_read_on_a_thread_for_that() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        let platform = Platform::new().await;
        let holder = Holder::Voucher(platform.sell(1, 1_000).await.order.serial);
        for part in 0..=BUCKET_LEAVES / PART_SIZE_MAX {
            issue(&platform, part as u64).await;
        }
        let shown = publish(&platform).await;
        let ports = publisher(&platform).ports().clone();
        damage_top(&ports, shown.statement.counted).await;
        let prover = Prover::new(ports);
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let occupied = tokio::task::spawn_blocking(move || wait.recv());
        let mut asked = pin!(prover.prove(holder, Currency::EUR));
        // The storage answers at once, so what is not done now waits for the one thread.
        let done = asked.as_mut().now_or_never();
        assert!(done.is_none(), "it was read here: {done:?}");
        drop(release);
        assert!(occupied.await.unwrap().is_err());
        let answer = asked.await.unwrap();
        assert!(matches!(answer, Answer::Busy), "it is damaged: {answer:?}");
        let answer = prove(&prover, holder, Currency::EUR).await;
        assert!(matches!(answer, Answer::Counted { .. }), "{answer:?}");
    });
}
