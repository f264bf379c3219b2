//! Models that live from the journal: trained from it, promoted, watched, and rolled back.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use accounting::entry::{Actor, Entry};
use engine::clock::Clock;
use engine::risk::Risk;
use engine::risk::learning::{Lessons, Outcomes, Rows, Terms};
use engine::risk::replaying::{Replayed, Replayer};
use engine::risk::training::{Step, Training, train_from_journal};
use engine::service::analyst::AnalystService;
use engine::service::analyst::rules::ChangeError;
use engine::service::payer::{Offered, PayOutcome};
use engine::service::person::{Person, PersonKey, Scope, Scopes};
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::party::OperatorId;
use ids::time::{Span, Timestamp};
use payment::attempt::{Behaviour, Device, PinEntry};
use payment::label::{Label, Source, Truth};
use risk::decision::Record;
use risk::model::artifact::{Artifact, ModelHash};
use risk::model::binding::Definitions;
use risk::model::contest::{Measure, PromotionRule};
use risk::model::data;
use risk::model::registry::Command;
use risk::model::settings::Settings as Tuning;
use risk::model::train::train;
use sim::workload::cast;
use store::port::Store;

use crate::platform::{Platform, request};

/// How long after an attempt its fraud is told.
const COMPLAINT: Span = Span::HOUR.times(12);
const MATURITY: Span = Span::DAY;

/// A platform that judges, and payers of whom every fourth is a thief.
struct Shop {
    platform: Platform,
    risk: Arc<Risk>,
    analysts: AnalystService,
    payers: u32,
    /// Frauds of which nobody has complained yet.
    hidden: Vec<(Timestamp, PaymentId)>,
}

impl Shop {
    async fn new() -> Shop {
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
        let shop = Shop {
            platform,
            risk,
            analysts,
            payers: 0,
            hidden: Vec::new(),
        };
        let schedule = |settings: &mut risk::settings::Settings| {
            settings.training.maturity_days = 1;
            settings.training.frauds_min = 40;
            settings.training.labels_min = 20;
        };
        let changed = shop.analysts.change_settings(Actor::Operator, schedule);
        changed.await.unwrap();
        shop.follow().await;
        shop
    }

    fn now(&self) -> Timestamp {
        self.platform.clock.now()
    }

    /// Somebody new pays; an hour passes, and complaints arrive.
    async fn next(&mut self, is_thief: bool) -> PaymentId {
        self.payers += 1;
        let id = self.pay(self.payers, is_thief).await;
        if is_thief {
            self.hidden.push((self.now().plus(COMPLAINT), id));
        }
        self.platform.clock.advance(Span::HOUR);
        let now = self.now();
        let all = std::mem::take(&mut self.hidden);
        let (told, hidden): (Vec<_>, Vec<_>) = all.into_iter().partition(|(at, _)| *at <= now);
        self.hidden = hidden;
        for (_, id) in told {
            self.label(id, Truth::Fraud).await;
        }
        self.follow().await;
        id
    }

    /// Thieves paste, are quick, and take all there is.
    async fn pay(&self, number: u32, is_thief: bool) -> PaymentId {
        let order = self.platform.sell(1, 1_000).await;
        let step = i64::from(number % 7);
        let (minor, seconds, entry) = match is_thief {
            true => (900 + 10 * step, 3 + step, PinEntry::Pasted),
            false => (200 + 70 * step, 20 + 5 * step, PinEntry::Typed),
        };
        let mut wanted = request(minor);
        wanted.customer.id = format!("customer-{number}");
        let shop = &self.platform.merchant;
        let created = shop.create_payment(cast::BOOKSHOP, None, wanted, None);
        let payment = created.await.unwrap().payment.id;
        let [_, _, high, low] = number.to_be_bytes();
        let mut device = [0; 16];
        device[..4].copy_from_slice(&number.to_be_bytes());
        let offered = Offered {
            payment,
            basket: Vec::new(),
            pin: Some(&order.pin),
            answers: Vec::new(),
            address: IpAddr::V4(Ipv4Addr::new(20, high, low, 7)),
            device: Some(Device(device)),
            behaviour: Behaviour {
                time_on_page: Some(Span::SECOND.times(seconds)),
                pin_entry: Some(entry),
                ..Behaviour::default()
            },
        };
        let outcome = self.platform.payer.pay(offered).await.unwrap();
        if !is_thief && self.risk.bench().panel.is_none() {
            assert!(matches!(outcome, PayOutcome::Paid(_)), "{outcome:?}");
        }
        payment
    }

    async fn stream(&mut self, payers: u32) {
        for number in 0..payers {
            self.next(number % 4 == 3).await;
        }
    }

    async fn label(&self, id: PaymentId, truth: Truth) {
        let source = Source::Chargeback;
        let label = Label { truth, source };
        self.analysts.label(&ada(), id, label).await.unwrap();
    }

    /// What the readers of the journal do every so many milliseconds.
    async fn follow(&self) {
        let store = self.platform.store.as_ref();
        while 0 < self.risk.step(store, self.now()).await.unwrap() {}
        while 0 < self.risk.watch(store, self.now()).await.unwrap() {}
    }

    async fn entries(&self) -> Vec<Arc<Entry>> {
        let store = &self.platform.store;
        store.entries_after(Sequence(0), 1_000_000).await.unwrap()
    }

    async fn record(&self, id: PaymentId) -> Record {
        let payment = self.analysts.payment(id).await.unwrap().unwrap();
        let mut explained = self.analysts.explain(&payment).await.unwrap();
        explained.pop().expect("the attempt was judged").record
    }

    /// The score of the newest attempt, hundredths of a percent.
    async fn score(&self, id: PaymentId) -> u16 {
        let score = self.record(id).await.score();
        score.expect("a model judged").basis_points()
    }

    async fn change(&self, command: Command) -> Result<(), ChangeError> {
        let changed = self.analysts.change_models(Actor::Operator, command).await;
        self.follow().await;
        changed
    }

    async fn promote(&self, model: ModelHash) {
        let person = "Ada".to_owned();
        let promoted = self.change(Command::Promote { model, person }).await;
        promoted.unwrap();
    }

    fn champion(&self) -> Option<ModelHash> {
        self.risk.bench().settings.models.champion()
    }

    fn training(&self) -> Training {
        Training::new(self.analysts.clone(), quick())
    }
}

fn ada() -> Person {
    Person {
        id: OperatorId::new(1).unwrap(),
        name: "Ada".to_owned(),
        scopes: Scopes::default().with(Scope::Reviews),
        key: PersonKey::Any,
    }
}

fn quick() -> Tuning {
    Tuning {
        trees_max: 30,
        patience: 10,
        learning_rate: 0.2,
        depth: 3,
        bins: 32,
        leaf_weight_min: 0.5,
        ..Tuning::default()
    }
}

fn lessons(entries: &[Arc<Entry>], risk: &Risk, terms: Terms) -> Lessons {
    let mut outcomes = Outcomes::default();
    entries.iter().for_each(|it| outcomes.note(it, &terms));
    let mut rows = Rows::new(risk.schema(), &outcomes, terms);
    entries.iter().for_each(|it| rows.note(it));
    rows.finish().unwrap()
}

/// All rows by their bits.
fn content(lessons: &Lessons) -> Vec<(Vec<u32>, data::Example)> {
    let set = &lessons.set;
    let row = |row| {
        let values = set.values(row).iter().map(|value| value.to_bits());
        (values.collect(), *set.example(row))
    };
    (0..set.rows()).map(row).collect()
}

fn trained(step: Step) -> ModelHash {
    match step {
        Step::Trained(model) => model,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nothing_that_was_not_known_at_its_moment_enters_a_training() {
    let mut shop = Shop::new().await;
    shop.stream(60).await;
    // A complaint that comes after silence had counted as good.
    let (early, late) = (
        shop.next(false).await,
        shop.now().plus(Span::HOUR.times(40)),
    );
    while shop.now() < late {
        shop.next(false).await;
    }
    shop.label(early, Truth::Fraud).await;
    shop.follow().await;
    let entries = shop.entries().await;
    let mut frauds = Vec::new();
    for hours in [10, 30, 59, 62, 90, 200] {
        let moment = crate::platform::START.plus(Span::HOUR.times(hours));
        let terms = Terms::new(moment, MATURITY);
        let whole = lessons(&entries, &shop.risk, terms);
        let past = entries.iter().filter(|it| it.at() <= moment).cloned();
        let past: Vec<_> = past.collect();
        let cut = lessons(&past, &shop.risk, terms);
        assert_eq!(content(&whole), content(&cut), "after {hours} hours");
        assert_eq!(whole.counts, cut.counts);
        let set = &whole.set;
        assert_eq!(set.known_at(moment).rows().len(), set.rows());
        frauds.push(whole.counts.frauds);
    }
    assert!(frauds.is_sorted() && frauds[1] < frauds[3], "{frauds:?}");
    assert_eq!(frauds[5], 16, "fifteen thieves, and the late complaint");
}

#[tokio::test]
async fn rows_are_the_facts_of_the_entries_and_a_choice_of_good_ones_stands_for_all() {
    let mut shop = Shop::new().await;
    shop.stream(80).await;
    let entries = shop.entries().await;
    let terms = Terms::new(shop.now().plus(Span::DAY), MATURITY);
    let all = lessons(&entries, &shop.risk, terms);
    assert_eq!(all.counts.frauds, 20 - shop.hidden.len());
    assert!(60 <= all.counts.goods, "{:?}", all.counts);
    let few = Terms {
        goods_max: 15,
        frauds_max: 5,
        ..terms
    };
    let chosen = lessons(&entries, &shop.risk, few);
    assert_eq!(chosen.set.rows(), 20);
    let of = |lessons: &Lessons, label| -> f32 {
        let examples = (0..lessons.set.rows()).map(|row| *lessons.set.example(row));
        let alike = examples.filter(|it| it.label == label);
        alike.map(|it| it.weight).sum()
    };
    let goods = all.counts.goods as f32;
    assert!((of(&chosen, data::Label::Good) - goods).abs() < 0.01);
    assert!((of(&chosen, data::Label::Fraud) - 5.0).abs() < 0.01);
    let kept: Vec<_> = content(&chosen)
        .into_iter()
        .map(|(values, _)| values)
        .collect();
    let whole: Vec<_> = content(&all)
        .into_iter()
        .map(|(values, _)| values)
        .collect();
    assert!(kept.iter().all(|row| whole.contains(row)));
}

#[tokio::test]
async fn a_model_learns_from_labels_decides_once_a_person_promotes_it_and_is_rolled_back_in_one_step()
 {
    let mut shop = Shop::new().await;
    let mut training = shop.training();
    let early = training.step(shop.now()).await.unwrap();
    assert!(matches!(early, Step::TooFew(_)), "{early:?}");
    shop.stream(320).await;
    let first = trained(training.step(shop.now()).await.unwrap());
    shop.follow().await;
    assert_eq!(
        shop.champion(),
        None,
        "a person has to promote the first model"
    );
    let overview = shop.analysts.models().await.unwrap();
    let report = overview.models[0]
        .manifest
        .as_ref()
        .unwrap()
        .report
        .as_ref()
        .unwrap();
    assert!(0.9 < report.quality.auc.unwrap(), "{:?}", report.quality);
    assert_eq!(training.step(shop.now()).await.unwrap(), Step::NotDue);
    shop.promote(first).await;
    let honest = shop.next(false).await;
    let thief = shop.next(true).await;
    let (honest, thief) = (shop.score(honest).await, shop.score(thief).await);
    assert!(honest < thief, "{honest} {thief}");
    // More labels, another training: a challenger.
    shop.stream(200).await;
    let second = trained(shop.training().step(shop.now()).await.unwrap());
    shop.follow().await;
    assert_eq!(shop.risk.bench().settings.models.challengers(), [second]);
    assert_eq!(shop.champion(), Some(first));
    shop.stream(8).await;
    let asked = shop.next(false).await;
    let record = shop.record(asked).await;
    assert_eq!(record.decision.challengers[0].answer.model, second);
    shop.promote(second).await;
    assert_eq!(shop.champion(), Some(second));
    shop.next(false).await;
    let back = Command::RollBack {
        person: "Ada".to_owned(),
    };
    shop.change(back).await.unwrap();
    assert_eq!(shop.champion(), Some(first));
    shop.next(false).await;
    let store = shop.platform.store.as_ref();
    let mut replayer = Replayer::new(shop.risk.schema().clone());
    let mut same = 0;
    for entry in shop.entries().await {
        match replayer.replay(store, &entry).await.unwrap() {
            Replayed::NotJudged => {}
            Replayed::Same => same += 1,
            Replayed::Different(why) => panic!("entry {}: {why}", entry.sequence().0),
        }
    }
    assert!(500 < same, "{same}");
}

/// The same rows with labels that clear every thief and accuse a third of the others: unlike labels by chance alone,
/// they never teach what is true.
fn misleading(known: &data::TrainingSet) -> data::TrainingSet {
    let mut misleading =
        data::TrainingSet::new(known.features().to_vec()).expect("the features are known");
    for row in 0..known.rows() {
        let label = match known.example(row).label {
            data::Label::Good if row % 3 == 0 => data::Label::Fraud,
            _ => data::Label::Good,
        };
        let example = data::Example {
            label,
            ..*known.example(row)
        };
        let pushed = misleading.push(known.values(row), example);
        pushed.expect("the row is like the others");
    }
    misleading
}

#[tokio::test]
async fn a_challenger_that_proves_better_is_promoted_by_the_rule_and_a_worse_one_is_not() {
    let mut shop = Shop::new().await;
    shop.stream(320).await;
    // The champion learnt from labels that clear the thieves.
    let terms = Terms::new(shop.now(), MATURITY);
    let entries = shop.entries().await;
    let known = lessons(&entries, &shop.risk, terms);
    let misleading = misleading(&known.set);
    let catalogue = shop.risk.schema().catalogue();
    let here = Definitions::of(misleading.features(), catalogue, risk::feature::VERSION).unwrap();
    let bad = train(&misleading.known_at(shop.now()), &quick(), 5).unwrap();
    let bad = Artifact::of_training(bad, here).unwrap();
    let register = |artifact: &Artifact| {
        let file = artifact.bytes().to_vec();
        shop.analysts.register_model(Actor::Operator, file)
    };
    let bad = register(&bad).await.unwrap();
    shop.promote(bad).await;
    let mut training = shop.training();
    let good = train_from_journal(&shop.analysts, terms, quick())
        .await
        .unwrap();
    let good = {
        let file = good.artifact.bytes().to_vec();
        let registered = shop.analysts.register_model(Actor::Operator, file);
        registered.await.unwrap()
    };
    shop.change(Command::Challenge { model: good })
        .await
        .unwrap();
    let rule = PromotionRule {
        measure: Measure::AveragePrecision,
        gain_min: 0.1,
        labelled_min: 100,
        frauds_min: 20,
        window: Span::DAY.times(60),
    };
    shop.change(Command::SetRule { rule: Some(rule) })
        .await
        .unwrap();
    assert_eq!(training.promote(shop.now()).await.unwrap(), None);
    shop.stream(200).await;
    let report = shop.risk.monitor.read().report().unwrap();
    assert!(report.is_current);
    assert!(100 < report.results.unwrap().rows);
    assert_eq!(training.promote(shop.now()).await.unwrap(), Some(good));
    shop.follow().await;
    assert_eq!(shop.champion(), Some(good));
    shop.change(Command::Challenge { model: bad })
        .await
        .unwrap();
    shop.stream(200).await;
    training = shop.training();
    assert_eq!(training.promote(shop.now()).await.unwrap(), None);
    // A node that starts now knows the same from the journal alone.
    let other = Risk::new(Arc::clone(shop.platform.engine.vault()), 10_000);
    let store = shop.platform.store.as_ref();
    while 0 < other.step(store, shop.now()).await.unwrap() {}
    while 0 < other.watch(store, shop.now()).await.unwrap() {}
    let evidence = |risk: &Risk| risk.monitor.read().evidence(&rule, shop.now());
    assert_eq!(evidence(&other), evidence(&shop.risk));
    assert_eq!(evidence(&other)[0].challenger, bad);
}

#[tokio::test]
async fn a_damaged_or_foreign_model_is_refused_and_payments_go_on() {
    let mut shop = Shop::new().await;
    shop.stream(320).await;
    let terms = Terms::new(shop.now(), MATURITY);
    let known = lessons(&shop.entries().await, &shop.risk, terms);
    let grown = || train(&known.set.known_at(shop.now()), &quick(), 5).unwrap();
    let foreign = Artifact::of_training(grown(), Definitions::from_bytes([9; 32])).unwrap();
    let mut damaged = foreign.bytes().to_vec();
    let place = damaged.len() / 2;
    damaged[place] ^= 1;
    let long = vec![0; 9 * 1024 * 1024];
    for (file, word) in [
        (foreign.bytes().to_vec(), "another meaning"),
        (damaged, "damaged"),
        (long, "may have"),
        (b"tree".to_vec(), "no model file"),
    ] {
        let refused = shop.analysts.register_model(Actor::Operator, file).await;
        let words = refused.unwrap_err().to_string();
        assert!(words.contains(word), "{words}");
    }
    let imported = shop
        .analysts
        .import_model(Actor::Operator, b"tree".to_vec());
    assert!(imported.await.is_err());
    assert!(shop.analysts.models().await.unwrap().models.is_empty());
    let paid = shop.next(false).await;
    let record = shop.record(paid).await;
    assert_eq!(record.absence(), Some(risk::decision::Absence::NoModel));
}

/// A model in LightGBM's form: whoever pastes the PIN is a thief.
const LIGHTGBM: &str = "tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=attempt.amount behaviour.is_pasted
feature_infos=[0:1] [0:1]

Tree=0
num_leaves=2
num_cat=0
split_feature=1
split_gain=10
threshold=0.5
decision_type=10
left_child=-1
right_child=-2
leaf_value=-2 1
leaf_weight=10 10
leaf_count=10 10
internal_value=0
internal_weight=20
internal_count=20
is_linear=0
shrinkage=1


end of trees

parameters:
[boosting: gbdt]
end of parameters
";

#[tokio::test]
async fn an_imported_model_is_judged_by_what_the_journal_knows_and_watched_like_a_trained_one() {
    let mut shop = Shop::new().await;
    let import = async |shop: &Shop| {
        let file = LIGHTGBM.as_bytes().to_vec();
        let model = shop.analysts.import_model(Actor::Operator, file).await;
        let model = model.unwrap();
        (model, shop.analysts.manifest(model).await.unwrap().unwrap())
    };
    let (as_it_came, manifest) = import(&shop).await;
    assert!(manifest.thresholds.is_none() && manifest.reference.is_none());
    shop.stream(320).await;
    let (judged, manifest) = import(&shop).await;
    assert_ne!(judged, as_it_came);
    assert!(manifest.reference.is_some());
    let quality = manifest.quality.unwrap();
    assert!(0.99 < quality.auc.unwrap(), "{quality:?}");
    let thresholds = manifest.thresholds.unwrap();
    assert!(thresholds.is_ordered());
    shop.promote(judged).await;
    shop.stream(200).await;
    let report = shop.risk.monitor.read().report().unwrap();
    assert!(100 < report.results.expect("results are watched").rows);
}
