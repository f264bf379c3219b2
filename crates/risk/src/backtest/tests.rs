use super::{Label, Past, Report, SAMPLE_MAX, backtest};
use crate::decision::values::Schema;
use crate::fact::{Catalogue, FactType, Facts, Kind};
use crate::name::Name;
use crate::rule::{CheckedRule, Mode, Rule};
use crate::rule_set::RuleSet;
use crate::verdict::{Score, Verdict};
use Verdict::{Allow, Block, Challenge, Review};
use ids::time::Timestamp;
use money::currency::Currency;

const NOW: Timestamp = Timestamp(1_000);

#[derive(Clone, Copy, Debug)]
struct Tries(f32);

impl Facts for Tries {
    fn number(&self, _: usize) -> f32 {
        self.0
    }

    fn text(&self, _: usize) -> Option<&str> {
        None
    }
}

fn schema() -> Schema {
    let fact = FactType {
        name: "address.tries".to_owned(),
        kind: Kind::Number,
        unit: "tries",
        meaning: "A fact of the tests.".to_owned(),
    };
    Schema::new(Catalogue::new(vec![fact])).unwrap()
}

fn checked(from: u32, effect: Verdict) -> CheckedRule {
    let rule = Rule {
        name: Name::parse("tried").unwrap(),
        expression: format!("address.tries >= {from}"),
        effect: Some(effect),
        actions: Vec::new(),
        reason: "Tested.".to_owned(),
        payer_words: String::new(),
        mode: Mode::Off,
    };
    CheckedRule::new(rule, schema().catalogue(), &RuleSet::empty().list_names()).unwrap()
}

fn past(id: u32, tries: f32, label: Option<Label>, happened: Verdict) -> Past<u32, Tries> {
    Past {
        id,
        facts: Tries(tries),
        score: Some(Score::default()),
        at: NOW,
        amount_minor: 100,
        currency: Currency::EUR,
        label,
        happened,
    }
}

/// Frauds try 5 times or once, good payers once or 5 times, and of one nothing is known.
fn history() -> Vec<Past<u32, Tries>> {
    vec![
        past(1, 5.0, Some(Label::Fraud), Allow),
        past(2, 1.0, Some(Label::Fraud), Block),
        past(3, 5.0, Some(Label::Good), Review),
        past(4, 1.0, Some(Label::Good), Allow),
        past(5, 1.0, Some(Label::Good), Allow),
        past(6, 5.0, None, Allow),
        past(7, f32::NAN, Some(Label::Good), Allow),
    ]
}

fn counts(report: &Report<u32>) -> [u64; 8] {
    [
        report.payments,
        report.alarms,
        report.not_judged,
        report.caught,
        report.missed,
        report.false_alarms,
        report.left_alone,
        report.unlabelled_alarms,
    ]
}

#[test]
fn a_rule_is_weighed_by_what_it_catches_and_whom_it_hits() {
    let report = backtest(&checked(3, Block), &[], history());
    assert_eq!(counts(&report), [7, 3, 1, 1, 1, 1, 3, 1]);
    let money = report.money[0];
    assert_eq!((money.caught, money.lost), (100, 100));
    assert_eq!((money.blocked_wrongly, money.delayed_wrongly), (100, 0));
    let hit: Vec<u32> = report.sample.iter().map(|hit| hit.id).collect();
    assert_eq!(hit, [1, 3, 6]);
    let [allow, block, review] = [Allow, Block, Review].map(|verdict| verdict as usize);
    assert_eq!(
        report.agreement[allow][block], 2,
        "what would be blocked in addition"
    );
    assert_eq!(report.agreement[allow][allow], 3);
    assert_eq!(report.agreement[review][block], 1);
    assert_eq!(
        report.agreement[block][block], 1,
        "what is blocked stays blocked"
    );
}

#[test]
fn a_mild_rule_softens_nothing_that_was_decided() {
    let report = backtest(&checked(1, Challenge), &[], history());
    assert_eq!(report.agreement[Block as usize][Block as usize], 1);
    assert_eq!(report.agreement[Review as usize][Review as usize], 1);
    assert_eq!(report.agreement[Allow as usize][Challenge as usize], 4);
}

#[test]
fn an_allow_rule_raises_no_alarm_and_shows_whom_it_lets_through() {
    let report = backtest(&checked(1, Allow), &[], history());
    assert_eq!((report.hits, report.alarms, report.missed), (6, 0, 2));
    assert_eq!(report.agreement[Block as usize][Allow as usize], 1);
    assert_eq!(report.money[0].lost, 200);
}

#[test]
fn the_sample_is_bounded_even_and_the_same_every_time() {
    let many = || (0..100_000).map(|id| past(id, 5.0, None, Allow));
    let rule = checked(3, Block);
    let report = backtest(&rule, &[], many());
    assert_eq!(report.sample.len(), SAMPLE_MAX);
    let late = report.sample.iter().filter(|hit| 50_000 <= hit.id).count();
    assert!((30..=70).contains(&late), "{late} of the second half");
    assert_eq!(report, backtest(&rule, &[], many()));
}
