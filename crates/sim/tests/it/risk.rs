//! Judging in the whole engine: what the journal says about whoever pays, and what follows from it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Actor;
use accounting::fact::Fact;
use engine::clock::Clock;
use engine::error::{CommandError, Refusal};
use engine::judge::{Case, Judge};
use engine::risk::Risk;
use engine::risk::replaying::{Replayed, Replayer};
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
use vault::pin::Pin;
use vault::vault::Vault;
use voucher::state::{FreezeCause, State};

use crate::platform::{Platform, request};

mod challenges;
mod guards;
mod labels;
mod memory;
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

    /// What a risk engine would write about an attempt of the first payer with this voucher now.
    async fn record(&self, risk: &Risk, id: PaymentId, serial: Serial) -> Arc<[u8]> {
        self.record_of(risk, payer(1), id, serial).await
    }

    async fn record_of(
        &self,
        risk: &Risk,
        payer: Payer,
        id: PaymentId,
        serial: Serial,
    ) -> Arc<[u8]> {
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
            address: Some(payer.address),
            device: payer.device,
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
