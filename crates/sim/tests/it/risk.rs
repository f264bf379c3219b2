//! Judging in the whole engine: what the journal says about whoever pays, and what follows from it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use accounting::document::DocumentName;
use accounting::entry::Actor;
use accounting::fact::Fact;
use engine::clock::Clock;
use engine::error::{CommandError, Refusal};
use engine::judge::{Case, Judge};
use engine::risk::bench::Standing;
use engine::risk::countermeasures::{CHANGE_EVERY, Countermeasures, GUARDED_MAX};
use engine::risk::replaying::{Replayed, Replayer};
use engine::risk::{Risk, reader};
use engine::service::analyst::AnalystService;
use engine::service::analyst::rules::ChangeError;
use engine::service::payer::{Offered, PayOutcome, PayerError};
use engine::service::person::{Person, PersonKey, Scope, Scopes};
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::party::OperatorId;
use ids::time::Span;
use ids::voucher::Serial;
use payment::attempt::{Attempt, Behaviour, Device};
use payment::decide::{Refusal as PaymentRefusal, VOUCHERS_MAX};
use payment::label::{Label, Source, Truth};
use payment::state::{Canceler, Hold, Status};
use risk::decision::Record;
use risk::fact::Facts as _;
use risk::name::Name;
use risk::rule::{Action, Guarded, Mode, Rule};
use risk::rule_set::Edit;
use risk::verdict::Verdict;
use sim::workload::cast;
use store::fold::Rows;
use store::port::Store;
use store::row::Key;
use tokio_util::sync::CancellationToken;
use vault::pin::Pin;
use vault::vault::Vault;
use voucher::state::{FreezeCause, State};

use crate::platform::{Platform, request};

mod places;

/// A platform that judges, with the reader that a node would run.
struct Judged {
    platform: Platform,
    risk: Arc<Risk>,
    analysts: AnalystService,
}

/// Where and on what somebody pays.
#[derive(Clone, Copy)]
struct Payer {
    address: IpAddr,
    device: Option<Device>,
    customer: &'static str,
}

impl Judged {
    async fn new() -> Judged {
        let mut kept = None;
        let platform = Platform::judged(|vault| {
            let risk = Arc::new(Risk::new(Arc::clone(vault), 10_000));
            kept = Some(Arc::clone(&risk));
            risk
        })
        .await;
        let risk = kept.expect("the platform has asked for its judge");
        let analysts = AnalystService::new(Arc::clone(&platform.engine), Arc::clone(&risk));
        analysts.establish().await.unwrap();
        let judged = Judged {
            platform,
            risk,
            analysts,
        };
        judged.follow().await;
        judged
    }

    /// What the reader of the journal does every so many milliseconds.
    async fn follow(&self) {
        follow(&self.risk, &self.platform).await;
    }

    async fn attempt(&self, payer: Payer, minor: i64, pin: &Pin) -> (PaymentId, PayOutcome) {
        let id = self.create(payer, minor).await;
        let outcome = self
            .offer(payer, id, Vec::new(), Some(pin), Vec::new())
            .await;
        self.follow().await;
        (id, outcome)
    }

    async fn create(&self, payer: Payer, minor: i64) -> PaymentId {
        let mut wanted = request(minor);
        wanted.customer.id = payer.customer.to_owned();
        let shop = &self.platform.merchant;
        let created = shop.create_payment(cast::BOOKSHOP, None, wanted, None);
        created.await.unwrap().payment.id
    }

    async fn offer(
        &self,
        payer: Payer,
        payment: PaymentId,
        basket: Vec<Serial>,
        pin: Option<&Pin>,
        answers: Vec<Serial>,
    ) -> PayOutcome {
        let offered = Offered {
            payment,
            basket,
            pin,
            answers,
            address: payer.address,
            device: payer.device,
            behaviour: Behaviour::default(),
        };
        self.platform.payer.pay(offered).await.unwrap()
    }

    /// What a risk engine would write about an attempt to pay with this voucher now.
    async fn record(&self, risk: &Risk, id: PaymentId, serial: Serial) -> Arc<[u8]> {
        let keys = [
            Key::Payment(id),
            Key::Voucher(serial),
            Key::Merchant(cast::BOOKSHOP),
        ];
        let rows = self.platform.store.load(&keys).await.unwrap();
        let voucher = rows.voucher(serial).unwrap();
        let hold = Hold {
            serial,
            product: voucher.product,
            country: voucher.country,
            minor: 700,
        };
        let attempt = Attempt {
            address: Some(payer(1).address),
            device: payer(1).device,
            ..Attempt::default()
        };
        let case = Case {
            payment: rows.payment(id).unwrap(),
            merchant: rows.merchant(cast::BOOKSHOP).unwrap(),
            holds: &[hold],
            vouchers: &[voucher],
            attempt: &attempt,
            now: self.platform.clock.now(),
        };
        risk.judge(&case).unwrap().judgement.record
    }

    /// Replays the whole journal; answers how many decisions came out the same.
    async fn replayed(&self) -> u64 {
        let store = self.platform.store.as_ref();
        let mut replayer = Replayer::new(self.risk.schema().clone());
        let mut same = 0;
        for entry in store.entries_after(Sequence(0), 100_000).await.unwrap() {
            match replayer.replay(store, &entry).await.unwrap() {
                Replayed::NotJudged => {}
                Replayed::Same => same += 1,
                Replayed::Different(why) => panic!("entry {}: {why}", entry.sequence().0),
            }
        }
        same
    }

    async fn save(&self, name: &str, expression: &str, effect: Verdict) -> Result<(), ChangeError> {
        let rule = Rule {
            name: Name::parse(name).unwrap(),
            expression: expression.to_owned(),
            effect: Some(effect),
            actions: Vec::new(),
            reason: "The test says so.".to_owned(),
            payer_words: String::new(),
            mode: Mode::Live,
        };
        let edit = Edit::SaveRule(rule);
        self.analysts.edit_rules(Actor::Operator, edit).await?;
        self.follow().await;
        Ok(())
    }
}

async fn follow(risk: &Risk, platform: &Platform) {
    while 0 < risk
        .step(platform.store.as_ref(), platform.clock.now())
        .await
        .unwrap()
    {}
}

fn payer(number: u8) -> Payer {
    Payer {
        address: IpAddr::V4(Ipv4Addr::new(203, 0, number, 7)),
        device: Some(Device([number; 16])),
        customer: "somebody",
    }
}

fn person(number: u32) -> Person {
    Person {
        id: OperatorId::new(number).unwrap(),
        name: "Ada".to_owned(),
        scopes: Scopes::default().with(Scope::Reviews),
        key: PersonKey::Any,
    }
}

#[tokio::test]
async fn whoever_guesses_pins_is_blocked_and_others_pay_on() {
    let judged = Judged::new().await;
    let (guesser, regular) = (payer(1), payer(2));
    let order = judged.platform.sell(1, 1_000).await;
    let (_, outcome) = judged.attempt(regular, 700, &order.pin).await;
    assert!(matches!(outcome, PayOutcome::Paid(_)), "{outcome:?}");
    let mut wrong = 0;
    let blocked = loop {
        let (_, outcome) = judged.attempt(guesser, 700, &Pin::generate()).await;
        assert!(
            matches!(outcome, PayOutcome::PinRejected { .. }),
            "{outcome:?}"
        );
        wrong += 1;
        assert!(wrong <= 10, "ten wrong PINs and no end");
        judged.platform.clock.advance(Span::MINUTE.times(2));
        let order = judged.platform.sell(1, 1_000).await;
        let (id, outcome) = judged.attempt(guesser, 700, &order.pin).await;
        match outcome {
            PayOutcome::Canceled { by, .. } => break (id, by),
            PayOutcome::Paid(_) | PayOutcome::Challenged { .. } => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(blocked.1, Canceler::Risk);
    let order = judged.platform.sell(1, 1_000).await;
    let (_, outcome) = judged.attempt(regular, 700, &order.pin).await;
    assert!(matches!(outcome, PayOutcome::Paid(_)), "{outcome:?}");
    assert!(2 <= judged.replayed().await);
    let payment = judged.analysts.payment(blocked.0).await.unwrap().unwrap();
    let why = judged.analysts.explain(&payment).await.unwrap();
    let causes = &why.last().unwrap().record.decision.causes;
    assert!(!causes.is_empty(), "a block has a reason");
}

#[tokio::test]
async fn a_label_reaches_the_next_attempt_of_the_same_device_and_freezes_its_voucher() {
    let judged = Judged::new().await;
    let thief = payer(3);
    let order = judged.platform.sell(1, 1_000).await;
    let (id, outcome) = judged.attempt(thief, 700, &order.pin).await;
    assert!(matches!(outcome, PayOutcome::Paid(_)));
    let label = Label {
        truth: Truth::Fraud,
        source: Source::Chargeback,
    };
    let ada = person(1);
    judged.analysts.label(&ada, id, label).await.unwrap();
    judged.follow().await;
    let again = judged.analysts.label(&ada, id, label).await;
    assert!(matches!(
        again,
        Err(CommandError::Refused(Refusal::Payment(
            PaymentRefusal::Labelled
        )))
    ));
    let other = Payer {
        address: payer(4).address,
        ..thief
    };
    let order = judged.platform.sell(1, 1_000).await;
    let (_, outcome) = judged.attempt(other, 700, &order.pin).await;
    assert!(
        matches!(
            outcome,
            PayOutcome::Canceled {
                by: Canceler::Risk,
                ..
            }
        ),
        "{outcome:?}"
    );
    let serial = order.order.serial;
    let rows = judged
        .platform
        .store
        .load(&[Key::Voucher(serial)])
        .await
        .unwrap();
    let voucher = rows.voucher(serial).unwrap();
    assert_eq!(voucher.state, State::Frozen(FreezeCause::Risk));
    judged.platform.operator.unfreeze(serial).await.unwrap();
    judged.replayed().await;
}

#[tokio::test]
async fn a_label_that_is_corrected_counts_no_more() {
    let judged = Judged::new().await;
    let somebody = payer(1);
    let order = judged.platform.sell(1, 1_000).await;
    let (id, _) = judged.attempt(somebody, 700, &order.pin).await;
    let ada = person(1);
    let frauds = async || {
        let order = judged.platform.sell(1, 1_000).await;
        let next = judged.create(somebody, 700).await;
        let serial = order.order.serial;
        let record = judged.record(&judged.risk, next, serial).await;
        let facts = Record::decode(&record).unwrap().facts;
        let catalogue = judged.risk.schema().catalogue();
        ["device.frauds_30d", "merchant.labels_7d"].map(|name| {
            let (index, _) = catalogue.find(name).unwrap();
            facts.number(index)
        })
    };
    let label = async |truth| {
        let source = Source::Analyst;
        let label = Label { truth, source };
        judged.analysts.label(&ada, id, label).await.unwrap();
        judged.follow().await;
    };
    label(Truth::Fraud).await;
    assert_eq!(frauds().await, [1.0, 1.0]);
    label(Truth::Good).await;
    assert_eq!(frauds().await, [0.0, 1.0]);
    label(Truth::Fraud).await;
    assert_eq!(frauds().await, [1.0, 1.0]);
}

#[tokio::test]
async fn a_challenge_is_answered_by_the_serial_number_and_by_nothing_else() {
    let judged = Judged::new().await;
    judged
        .save("ask-all", "attempt.amount >= 0", Verdict::Challenge)
        .await
        .unwrap();
    let order = judged.platform.sell(1, 1_000).await;
    let serial = order.order.serial;
    let somebody = payer(5);
    let (id, outcome) = judged.attempt(somebody, 700, &order.pin).await;
    let PayOutcome::Challenged { payment, vouchers } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(vouchers, [serial]);
    assert_eq!(payment.held(), 0, "nothing is held before the proof");
    let wrong = judged.platform.sell(1, 1_000).await.order.serial;
    let offer = |answers| judged.offer(somebody, id, vec![serial], None, answers);
    let outcome = offer(vec![wrong]).await;
    assert!(
        matches!(outcome, PayOutcome::Unproven { payment, .. } if payment.challenge.as_ref().unwrap().failed == 1)
    );
    let outcome = offer(Vec::new()).await;
    assert!(
        matches!(outcome, PayOutcome::Challenged { payment, .. } if payment.challenge.as_ref().unwrap().failed == 1)
    );
    let outcome = offer(vec![serial]).await;
    assert!(matches!(outcome, PayOutcome::Paid(_)), "{outcome:?}");
    judged.replayed().await;
}

#[tokio::test]
async fn three_wrong_answers_end_the_payment_and_count_against_the_device() {
    let judged = Judged::new().await;
    judged
        .save("ask-all", "attempt.amount >= 0", Verdict::Challenge)
        .await
        .unwrap();
    let somebody = payer(6);
    let order = judged.platform.sell(1, 1_000).await;
    let serial = order.order.serial;
    let (id, _) = judged.attempt(somebody, 700, &order.pin).await;
    let wrong = judged.platform.sell(1, 1_000).await.order.serial;
    for last in [false, false, true] {
        let outcome = judged
            .offer(somebody, id, vec![serial], None, vec![wrong])
            .await;
        judged.follow().await;
        match outcome {
            PayOutcome::Unproven { .. } => assert!(!last),
            PayOutcome::Canceled { by, .. } => {
                assert!(last);
                assert_eq!(by, Canceler::ChallengeLimit);
            }
            other => panic!("{other:?}"),
        }
    }
    let (_, outcome) = judged.attempt(somebody, 700, &order.pin).await;
    assert!(
        matches!(
            outcome,
            PayOutcome::Canceled {
                by: Canceler::Risk,
                ..
            }
        ),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn more_answers_than_questions_are_a_wrong_answer() {
    let judged = Judged::new().await;
    let rule = judged.save("ask-all", "attempt.amount >= 0", Verdict::Challenge);
    rule.await.unwrap();
    let order = judged.platform.sell(1, 1_000).await;
    let serial = order.order.serial;
    let (id, _) = judged.attempt(payer(6), 700, &order.pin).await;
    let mut guesses = vec![serial];
    guesses.push(judged.platform.sell(1, 1_000).await.order.serial);
    let outcome = judged.offer(payer(6), id, vec![serial], None, guesses);
    let outcome = outcome.await;
    assert!(
        matches!(outcome, PayOutcome::Unproven { .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn no_swapping_of_vouchers_makes_challenges_without_end() {
    let judged = Judged::new().await;
    let rule = judged.save("ask-all", "attempt.amount >= 0", Verdict::Challenge);
    rule.await.unwrap();
    let mut vouchers = Vec::new();
    for _ in 0..=VOUCHERS_MAX {
        vouchers.push(judged.platform.sell(1, 1_000).await.order.serial);
    }
    let id = judged.create(payer(6), 700).await;
    let before = judged.platform.store.head().await.unwrap();
    let mut last = None;
    for round in 0..3 * vouchers.len() {
        let serial = vouchers[round % vouchers.len()];
        let offered = judged.offer(payer(6), id, vec![serial], None, Vec::new());
        let outcome = offered.await;
        if let PayOutcome::Challenged { vouchers, .. } = &outcome {
            assert_eq!(*vouchers, [serial], "only what is offered is asked for");
        }
        last = Some(outcome);
    }
    assert!(matches!(last, Some(PayOutcome::Closed)), "{last:?}");
    let after = judged.platform.store.head().await.unwrap();
    assert_eq!(after.0 - before.0, vouchers.len() as u64);
}

#[tokio::test]
async fn wrong_answers_are_owed_by_their_address_like_wrong_pins() {
    let judged = Judged::new().await;
    let rule = judged.save("ask-all", "attempt.amount >= 0", Verdict::Challenge);
    rule.await.unwrap();
    let wrong = judged.platform.sell(1, 1_000).await.order.serial;
    let mut answered = 0;
    // Every payment has a device, a customer and a voucher of its own, so that no rule remembers it.
    for (number, customer) in (10..20).zip(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]) {
        let thief = Payer {
            device: Some(Device([number; 16])),
            customer,
            ..payer(6)
        };
        let order = judged.platform.sell(1, 1_000).await;
        let serial = order.order.serial;
        let (payment, _) = judged.attempt(thief, 700, &order.pin).await;
        for _ in 0..2 {
            let offered = Offered {
                payment,
                basket: vec![serial],
                pin: None,
                answers: vec![wrong],
                address: thief.address,
                device: thief.device,
                behaviour: Behaviour::default(),
            };
            match judged.platform.payer.pay(offered).await {
                Ok(PayOutcome::Unproven { .. }) => answered += 1,
                Err(PayerError::TooManyTries(_)) => {
                    assert_eq!(answered, 11, "ten, and the first of a further payment");
                    return;
                }
                other => panic!("{other:?}"),
            }
        }
    }
    panic!("{answered} wrong answers and no end");
}

#[tokio::test]
async fn a_reviewed_payment_waits_for_two_people_above_the_amount_and_goes_back_by_itself() {
    let judged = Judged::new().await;
    judged
        .save("look-at-all", "attempt.amount >= 0", Verdict::Review)
        .await
        .unwrap();
    let limit = |settings: &mut risk::settings::Settings| {
        settings
            .second_approval_above_minor
            .insert("EUR".to_owned(), 600);
    };
    judged
        .analysts
        .change_settings(Actor::Operator, limit)
        .await
        .unwrap();
    judged.follow().await;
    let order = judged.platform.sell(1, 1_000).await;
    let (id, outcome) = judged.attempt(payer(7), 700, &order.pin).await;
    let PayOutcome::InReview(payment) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(payment.held(), 700);
    let waiting = judged.analysts.reviews(10).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].judged.is_some());
    let (ada, grace) = (person(1), person(2));
    let once = judged.analysts.approve(&ada, id).await.unwrap();
    assert_eq!(once.review.unwrap().approved_by, Some(ada.id));
    let twice = judged.analysts.approve(&ada, id).await;
    assert!(matches!(
        twice,
        Err(CommandError::Refused(Refusal::Payment(
            PaymentRefusal::SamePerson
        )))
    ));
    let released = judged.analysts.approve(&grace, id).await.unwrap();
    assert_eq!(released.status, Status::Authorized);
    judged.follow().await;
    assert!(judged.analysts.reviews(10).await.unwrap().is_empty());
    // Another one that nobody looks at.
    let order = judged.platform.sell(1, 1_000).await;
    let (id, _) = judged.attempt(payer(8), 500, &order.pin).await;
    judged.platform.clock.advance(Span::HOUR.times(5));
    engine::timers::run_due(&judged.platform.engine)
        .await
        .unwrap();
    let payment = judged.analysts.payment(id).await.unwrap().unwrap();
    assert_eq!(payment.status, Status::Expired);
    assert_eq!((payment.held(), payment.lapsed_minor), (0, 0));
}

#[tokio::test]
async fn a_rule_is_checked_before_it_is_saved_and_decides_under_its_version() {
    let judged = Judged::new().await;
    let before = judged.risk.bench().rules.version();
    for (expression, word) in [
        ("address.wrong_pin_1h > 3", "address.wrong_pins_1h"),
        ("attempt.amount", "true or false"),
        ("attempt.amount > \"ten\"", "text"),
        ("((", "line 1, column 3"),
    ] {
        let refused = judged.save("bad", expression, Verdict::Block).await;
        let words = refused.unwrap_err().to_string();
        assert!(words.contains(word), "{expression}: {words}");
    }
    assert_eq!(judged.risk.bench().rules.version(), before);
    judged
        .save("all", "attempt.amount >= 0", Verdict::Block)
        .await
        .unwrap();
    let order = judged.platform.sell(1, 1_000).await;
    let (id, outcome) = judged.attempt(payer(9), 700, &order.pin).await;
    assert!(matches!(outcome, PayOutcome::Canceled { .. }));
    let payment = judged.analysts.payment(id).await.unwrap().unwrap();
    let why = judged.analysts.explain(&payment).await.unwrap();
    assert_eq!(why[0].record.rule_set_version, before + 1);
    let remove = Edit::RemoveRule(Name::parse("all").unwrap());
    judged
        .analysts
        .edit_rules(Actor::Operator, remove)
        .await
        .unwrap();
    // The rules have changed since, and the decision is taken again by those that decided.
    judged.follow().await;
    assert_eq!(judged.replayed().await, 1);
}

#[tokio::test]
async fn a_restart_in_mid_stream_goes_on_as_if_nothing_had_happened() {
    let judged = Judged::new().await;
    for number in 10..30 {
        let pin = if number % 3 == 0 {
            Pin::generate()
        } else {
            judged.platform.sell(1, 1_000).await.pin
        };
        judged.attempt(payer(number % 5), 700, &pin).await;
        judged.platform.clock.advance(Span::MINUTE.times(7));
    }
    let snapshot = judged.risk.snapshot();
    let vault = judged.platform.engine.vault();
    let restarted = Risk::new(Arc::clone(vault), 10_000);
    restarted.restore(&snapshot).unwrap();
    let rebuilt = Risk::new(Arc::clone(vault), 10_000);
    judged.attempt(payer(1), 700, &Pin::generate()).await;
    let order = judged.platform.sell(1, 1_000).await;
    let id = judged.create(payer(1), 700).await;
    for risk in [&restarted, &rebuilt, &judged.risk] {
        follow(risk, &judged.platform).await;
    }
    let without_break = judged.record(&judged.risk, id, order.order.serial).await;
    for (name, risk) in [("restarted", &restarted), ("rebuilt", &rebuilt)] {
        let record = judged.record(risk, id, order.order.serial).await;
        assert!(record == without_break, "the {name} one judges otherwise");
    }
    assert!(restarted.restore(&snapshot[..100]).is_err());
    for place in (0..snapshot.len()).step_by(97) {
        let mut damaged = snapshot.clone();
        damaged[place] ^= 1;
        assert!(restarted.restore(&damaged).is_err(), "byte {place}");
    }
    let other = Risk::new(Arc::clone(vault), 20_000);
    assert!(
        other.restore(&snapshot).is_err(),
        "another bound is another memory"
    );
}

#[tokio::test]
async fn what_was_learnt_from_another_journal_is_forgotten() {
    let ahead = Judged::new().await;
    for _ in 0..20 {
        ahead.attempt(payer(1), 700, &Pin::generate()).await;
    }
    let snapshot = ahead.risk.snapshot();
    // The storage was set back to an older state.
    let earlier = Judged::new().await;
    earlier.risk.restore(&snapshot).unwrap();
    let store = earlier.platform.store.as_ref();
    earlier.risk.compare(store).await.unwrap();
    earlier.follow().await;
    let rebuilt = Risk::new(Arc::clone(earlier.platform.engine.vault()), 10_000);
    follow(&rebuilt, &earlier.platform).await;
    assert!(earlier.risk.snapshot() == rebuilt.snapshot());
    // What stands in the journal stays.
    earlier.attempt(payer(2), 700, &Pin::generate()).await;
    let kept = earlier.risk.snapshot();
    earlier.risk.compare(store).await.unwrap();
    assert!(earlier.risk.snapshot() == kept);
    let other = Risk::new(Arc::new(Vault::in_memory([8; 32])), 10_000);
    assert!(other.restore(&kept).is_err(), "it was made with other keys");
}

/// Lets every attempt put its network under guard.
async fn guard_all(judged: &Judged) {
    let rule = Rule {
        name: Name::parse("guard-all").unwrap(),
        expression: "attempt.amount >= 0".to_owned(),
        effect: Some(Verdict::Challenge),
        actions: vec![Action::RaiseGuard(Guarded::Network, Span::HOUR.times(12))],
        reason: "The test says so.".to_owned(),
        payer_words: String::new(),
        mode: Mode::Live,
    };
    let edit = Edit::SaveRule(rule);
    let saved = judged.analysts.edit_rules(Actor::Operator, edit).await;
    saved.unwrap();
    judged.follow().await;
}

async fn guarded(judged: &Judged) -> usize {
    let rules = judged.analysts.current().await.unwrap().rules;
    let list = rules.list(&Name::parse("guarded-networks").unwrap());
    list.unwrap().len()
}

async fn rule_sets(judged: &Judged) -> usize {
    let store = &judged.platform.store;
    let entries = store.entries_after(Sequence(0), 100_000).await.unwrap();
    let is_set = |entry: &&Arc<accounting::entry::Entry>| {
        let fact = entry.fact();
        matches!(fact, Fact::DocumentSaved { name, .. } if matches!(name, DocumentName::RiskRules(_)))
    };
    entries.iter().filter(is_set).count()
}

#[tokio::test]
async fn a_storm_of_raised_guards_writes_few_rule_sets() {
    let judged = Judged::new().await;
    guard_all(&judged).await;
    let engine = Arc::clone(&judged.platform.engine);
    let mut work = Countermeasures::new(engine, judged.analysts.clone());
    let before = rule_sets(&judged).await;
    let order = judged.platform.sell(1, 1_000).await;
    for number in 1..=30 {
        judged.attempt(payer(number), 700, &order.pin).await;
        work.step().await.unwrap();
    }
    assert_eq!(guarded(&judged).await, 1, "the first is raised at once");
    judged.platform.clock.advance(CHANGE_EVERY);
    work.step().await.unwrap();
    assert_eq!(guarded(&judged).await, 30, "the others together");
    work.step().await.unwrap();
    assert_eq!(rule_sets(&judged).await - before, 2);
}

#[tokio::test]
async fn a_full_list_keeps_no_other_guard_from_being_raised() {
    let judged = Judged::new().await;
    guard_all(&judged).await;
    let list = Name::parse("guarded-networks").unwrap();
    let edits: Vec<Edit> = (0..GUARDED_MAX)
        .map(|number| Edit::AddEntry {
            list: list.clone(),
            entry: format!("network {number}"),
            until: None,
        })
        .collect();
    let full = judged
        .analysts
        .edit_as_far_as_possible(Actor::Operator, &edits);
    full.await.unwrap();
    let engine = Arc::clone(&judged.platform.engine);
    let mut work = Countermeasures::new(engine, judged.analysts.clone());
    let order = judged.platform.sell(1, 1_000).await;
    judged.attempt(payer(1), 700, &order.pin).await;
    while 0 < work.step().await.unwrap() {}
    assert_eq!(guarded(&judged).await, GUARDED_MAX);
    let away = Edit::RemoveEntry {
        list,
        entry: "network 7".to_owned(),
    };
    let edited = judged.analysts.edit_rules(Actor::Operator, away).await;
    edited.unwrap();
    let order = judged.platform.sell(1, 1_000).await;
    judged.attempt(payer(2), 700, &order.pin).await;
    judged.platform.clock.advance(CHANGE_EVERY);
    while 0 < work.step().await.unwrap() {}
    let rules = judged.analysts.current().await.unwrap().rules;
    let list = rules.list(&Name::parse("guarded-networks").unwrap());
    let mut entries = list.unwrap().entries();
    assert!(entries.any(|(entry, _)| entry == "203.0.2.0/24"));
}

#[tokio::test]
async fn people_who_are_added_at_once_are_different_people() {
    let judged = Judged::new().await;
    let scopes = Scopes::default().with(Scope::Reviews);
    let (ada, eva) = tokio::join!(
        judged.analysts.add_person("Ada", scopes),
        judged.analysts.add_person("Eva", scopes)
    );
    let (ada, eva) = (ada.unwrap(), eva.unwrap());
    assert_ne!(ada.id, eva.id);
    let kept = judged.analysts.person(ada.id).await.unwrap();
    assert_eq!(kept, Some(ada));
}

#[tokio::test]
async fn every_attempt_is_a_fact_of_the_journal() {
    let judged = Judged::new().await;
    judged.attempt(payer(1), 700, &Pin::generate()).await;
    let order = judged.platform.sell(1, 1_000).await;
    judged.attempt(payer(1), 700, &order.pin).await;
    let entries = judged
        .platform
        .store
        .entries_after(Sequence(0), 100_000)
        .await
        .unwrap();
    let attempts = entries.iter().filter_map(|entry| match entry.fact() {
        Fact::PaymentChanged {
            attempt: Some(attempt),
            ..
        } => Some(attempt),
        _ => None,
    });
    let attempts: Vec<_> = attempts.collect();
    assert_eq!(attempts.len(), 2);
    assert!(
        attempts
            .iter()
            .all(|it| it.address == Some(payer(1).address))
    );
    assert!(attempts[0].vouchers.is_empty() && attempts[0].judgement.is_none());
    assert_eq!(attempts[1].vouchers, [order.order.serial]);
    assert!(attempts[1].judgement.is_some());
}

#[tokio::test]
async fn a_back_test_tells_who_would_have_been_hit_and_saves_nothing() {
    let judged = Judged::new().await;
    let ada = person(1);
    for (number, minor) in [(1, 100), (2, 800), (3, 900), (4, 200)] {
        let order = judged.platform.sell(1, 1_000).await;
        let (id, _) = judged.attempt(payer(number), minor, &order.pin).await;
        let truth = if number == 2 {
            Truth::Fraud
        } else {
            Truth::Good
        };
        let source = Source::Analyst;
        judged
            .analysts
            .label(&ada, id, Label { truth, source })
            .await
            .unwrap();
    }
    judged.follow().await;
    let version = judged.risk.bench().rules.version();
    let rule = |expression: &str| Rule {
        name: Name::parse("tried").unwrap(),
        expression: expression.to_owned(),
        effect: Some(Verdict::Block),
        actions: Vec::new(),
        reason: "The test tries it.".to_owned(),
        payer_words: String::new(),
        mode: Mode::Shadow,
    };
    let tried = judged
        .analysts
        .backtest(rule("attempt.amount >= 800"), Span::DAY);
    let report = tried.await.unwrap();
    let counts = (
        report.payments,
        report.caught,
        report.missed,
        report.false_alarms,
    );
    assert_eq!(counts, (4, 1, 0, 1));
    assert_eq!(report.money[0].caught, 800);
    assert_eq!(report.money[0].blocked_wrongly, 900);
    assert_eq!(report.sample.len(), 2);
    let refused = judged
        .analysts
        .backtest(rule("attempt.amuont >= 800"), Span::DAY);
    assert!(matches!(refused.await, Err(ChangeError::Edit(_))));
    assert_eq!(
        judged.analysts.current().await.unwrap().rules.version(),
        version
    );
    judged.platform.clock.advance(Span::DAY.times(2));
    let tried = judged
        .analysts
        .backtest(rule("attempt.amount >= 800"), Span::DAY);
    assert_eq!(
        tried.await.unwrap().payments,
        0,
        "older attempts are not asked"
    );
}

#[tokio::test]
async fn a_network_under_attack_is_put_under_guard_and_let_go_again() {
    let judged = Judged::new().await;
    let engine = Arc::clone(&judged.platform.engine);
    let mut work = Countermeasures::new(engine, judged.analysts.clone());
    let guesser = Payer {
        device: None,
        customer: "a guesser",
        ..payer(1)
    };
    for _ in 0..5 {
        judged.attempt(guesser, 700, &Pin::generate()).await;
        judged.platform.clock.advance(Span::MINUTE);
    }
    let neighbour = |number| Payer {
        address: IpAddr::V4(Ipv4Addr::new(203, 0, 1, 99)),
        customer: ["Ada", "Bob", "Cleo", "Dan", "Eve", "Flo"][usize::from(number)],
        ..payer(number)
    };
    let pays = async |payer| {
        let order = judged.platform.sell(1, 1_000).await;
        judged.attempt(payer, 700, &order.pin).await.1
    };
    assert!(matches!(pays(neighbour(2)).await, PayOutcome::Paid(_)));
    assert!(matches!(pays(guesser).await, PayOutcome::Challenged { .. }));
    while 0 < work.step().await.unwrap() {}
    judged.follow().await;
    let version = judged.risk.bench().rules.version();
    assert!(matches!(
        pays(neighbour(4)).await,
        PayOutcome::Challenged { .. }
    ));
    // Whoever paid before is spared, and so are strangers elsewhere.
    assert!(matches!(pays(neighbour(2)).await, PayOutcome::Paid(_)));
    assert!(matches!(pays(payer(3)).await, PayOutcome::Paid(_)));
    // The same attack again soon changes nothing more.
    assert!(matches!(pays(guesser).await, PayOutcome::Challenged { .. }));
    while 0 < work.step().await.unwrap() {}
    assert_eq!(
        judged.analysts.current().await.unwrap().rules.version(),
        version
    );
    judged.platform.clock.advance(Span::HOUR.times(2));
    assert!(matches!(pays(neighbour(5)).await, PayOutcome::Paid(_)));
    judged.replayed().await;
}

/// How long the test waits for a reader that looks every [`reader::FOLLOW_EVERY`].
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn profiles_follow_the_journal_by_themselves_and_are_cold_when_they_cannot() {
    let judged = Judged::new().await;
    let clock = Arc::clone(&judged.platform.clock);
    let now = clock.now();
    assert_eq!(judged.risk.standing(now), Standing::Warm);
    let later = now.plus(reader::COLD_AFTER).plus(Span::SECOND);
    assert_eq!(judged.risk.standing(later), Standing::Cold);
    let stop = CancellationToken::new();
    let store: Arc<dyn Store> = judged.platform.store.clone();
    let following = tokio::spawn(reader::follow(
        Arc::clone(&judged.risk),
        Arc::clone(&store),
        clock,
        stop.clone(),
    ));
    for _ in 0..3 {
        let id = judged.create(payer(1), 700).await;
        judged
            .offer(payer(1), id, Vec::new(), Some(&Pin::generate()), Vec::new())
            .await;
        let head = store.head().await.unwrap();
        let caught_up = async {
            while judged.risk.read() < head {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, caught_up).await.unwrap();
    }
    stop.cancel();
    following.await.unwrap();
}
