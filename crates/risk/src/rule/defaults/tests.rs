use super::{LISTS, RULES, rule_set};
use crate::fact::{Catalogue, FactType, Facts, Kind};
use crate::name::Name;
use crate::rule::program::{Outcome, Question};
use crate::rule_set::{Edit, RuleSet};
use ids::time::Timestamp;
use std::collections::BTreeSet;

const NOW: Timestamp = Timestamp(1_000);

/// The facts that the shipped rules ask.
const NUMBERS: &str = "
    address.frauds_30d address.fraud_share_30d address.new_partners_1d address.wrong_pins_1d address.wrong_pins_1h
    address.wrong_pin_share_1d attempt.amount attempt.high_vouchers behaviour.headless_signs behaviour.missing_headers
    behaviour.on_page device.failed_challenges_1d device.frauds_30d device.fraud_share_30d device.new_partners_1d
    device.partners device.wrong_pins_1h merchant.amount_deviation merchant.dispute_share_30d merchant.night_share_30d
    merchant.refund_share_30d merchant.turnover_30d network.wrong_pins_1h network.wrong_pin_share_1d pair.attempts_30d
    payer.amount_deviation payer.failed_challenges_1d payer.hour_deviation payer.near_limit_1d payment.wrong_pins_1h
    ring.fraud_share ring.frauds route.attempts_7d route.share_7d strangers.wrong_pins_1h strangers.wrong_pin_share_1h
    strangers_here.wrong_pins_1h strangers_here.wrong_pin_share_1h terminal.frauds_7d terminal.fraud_share_7d
    voucher.failed_challenges_1d voucher.fraud_share_30d voucher.new_partners_1d voucher.of_remaining voucher.partners
    voucher.since_first_sale voucher.since_sale voucher.unused_for";
const FLAGS: &str = "
    attempt.is_near_limit attempt.is_night behaviour.is_pasted payer.is_known voucher.is_foreign_to_address
    voucher.is_foreign_to_merchant";
const TEXTS: &str =
    "address.country address.text customer.id device.id merchant.id network.text terminal.id";

fn catalogue() -> Catalogue {
    let facts = |names: &'static str, kind| {
        names.split_whitespace().map(move |name| FactType {
            name: name.to_owned(),
            kind,
            unit: "",
            meaning: "A fact of the tests.".to_owned(),
        })
    };
    let all = facts(NUMBERS, Kind::Number).chain(facts(FLAGS, Kind::Flag));
    Catalogue::new(all.chain(facts(TEXTS, Kind::Text)).collect())
}

/// Facts written as `name=value`; all others are unknown.
struct Written(Vec<Option<&'static str>>);

impl Written {
    fn new(text: &'static str) -> Written {
        let catalogue = catalogue();
        let mut values = vec![None; catalogue.types().len()];
        for pair in text.split_whitespace() {
            let (name, value) = pair.split_once('=').expect(pair);
            let (index, _) = catalogue.find(name).expect(name);
            values[index] = Some(value);
        }
        Written(values)
    }
}

impl Facts for Written {
    fn number(&self, index: usize) -> f32 {
        self.0[index]
            .and_then(|value| value.parse().ok())
            .unwrap_or(f32::NAN)
    }

    fn text(&self, index: usize) -> Option<&str> {
        self.0[index]
    }
}

/// For each rule an attempt that it is meant for.
const EXAMPLES: [(&str, &str); 39] = [
    ("blocked-network", "address.text=192.0.2.9"),
    ("blocked-device", "device.id=listed"),
    ("blocked-country", "address.country=listed"),
    ("blocked-customer", "customer.id=listed"),
    ("guessing-device", "device.wrong_pins_1h=7.9"),
    (
        "guessing-robot",
        "address.wrong_pins_1h=4.9 behaviour.missing_headers=2",
    ),
    ("failed-challenges", "device.failed_challenges_1d=2.9"),
    (
        "failed-challenges-voucher",
        "voucher.failed_challenges_1d=2.9",
    ),
    (
        "fraud-device",
        "device.frauds_30d=1 device.fraud_share_30d=0.5",
    ),
    ("fraud-voucher", "voucher.fraud_share_30d=0.5"),
    ("fraud-ring", "ring.frauds=6 ring.fraud_share=0.7"),
    ("trusted-network", "address.text=192.0.2.9"),
    ("trusted-customer", "customer.id=listed"),
    ("guarded-network", "network.text=listed payer.is_known=0"),
    ("guarded-terminal", "terminal.id=listed"),
    ("guarded-merchant", "merchant.id=listed payer.is_known=0"),
    ("near-fraud-ring", "ring.frauds=2 ring.fraud_share=0.4"),
    (
        "fraud-address",
        "address.frauds_30d=2 address.fraud_share_30d=0.6",
    ),
    (
        "guessing-address",
        "payer.is_known=0 address.wrong_pins_1h=3.9 address.wrong_pin_share_1d=0.9",
    ),
    (
        "guessing-shop",
        "payer.is_known=0 strangers_here.wrong_pins_1h=8 strangers_here.wrong_pin_share_1h=0.7",
    ),
    (
        "guessing-everywhere",
        "payer.is_known=0 strangers.wrong_pins_1h=50 strangers.wrong_pin_share_1h=0.9",
    ),
    (
        "guessing-network",
        "payer.is_known=0 network.wrong_pins_1h=50 network.wrong_pin_share_1d=0.95 strangers.wrong_pins_1h=20 strangers.wrong_pin_share_1h=0.5",
    ),
    (
        "network-under-attack",
        "payer.is_known=0 network.wrong_pins_1h=20 network.wrong_pin_share_1d=0.7 strangers.wrong_pins_1h=20 strangers.wrong_pin_share_1h=0.5",
    ),
    (
        "high-vouchers-new-shop",
        "attempt.high_vouchers=3 attempt.amount=25000 voucher.since_first_sale=7000",
    ),
    (
        "fresh-high-vouchers",
        "attempt.high_vouchers=4 attempt.amount=40000 voucher.since_first_sale=3600",
    ),
    (
        "fresh-and-far",
        "voucher.since_sale=300 voucher.is_foreign_to_address=1",
    ),
    (
        "fresh-at-foreign-shop",
        "voucher.since_sale=300 voucher.is_foreign_to_merchant=1 attempt.amount=5000 voucher.of_remaining=1",
    ),
    (
        "many-vouchers-device",
        "device.partners=15 device.new_partners_1d=8",
    ),
    (
        "voucher-passed-round",
        "voucher.partners=5 voucher.new_partners_1d=3",
    ),
    (
        "fraud-terminal",
        "terminal.frauds_7d=4 terminal.fraud_share_7d=0.5",
    ),
    (
        "split-below-limit",
        "attempt.is_near_limit=1 payer.near_limit_1d=2.5",
    ),
    (
        "many-vouchers-address",
        "address.new_partners_1d=20 address.wrong_pin_share_1d=0.2",
    ),
    (
        "batch-to-one-shop",
        "route.share_7d=0.8 route.attempts_7d=20",
    ),
    ("guessing-payment", "payment.wrong_pins_1h=3"),
    ("headless-browser", "behaviour.headless_signs=2"),
    ("too-fast", "behaviour.on_page=800 behaviour.is_pasted=0"),
    (
        "unusual-amount",
        "attempt.amount=9000 payer.amount_deviation=5 attempt.is_night=1",
    ),
    (
        "old-voucher-far-away",
        "voucher.unused_for=20000000 voucher.is_foreign_to_address=1 voucher.of_remaining=1",
    ),
    (
        "merchant-stands-out",
        "merchant.turnover_30d=80 merchant.dispute_share_30d=0.1",
    ),
];

/// Somebody who pays at a shop they know, with a voucher that they bought yesterday.
const EVERYDAY: &str = "
    address.frauds_30d=0 address.fraud_share_30d=0 address.new_partners_1d=1 address.wrong_pins_1d=0.5
    address.wrong_pins_1h=0.2 address.wrong_pin_share_1d=0.1 attempt.amount=2500 attempt.high_vouchers=0
    behaviour.headless_signs=0 behaviour.missing_headers=0 behaviour.on_page=25000 device.failed_challenges_1d=0
    device.frauds_30d=0 device.fraud_share_30d=0 device.new_partners_1d=1 device.partners=3 device.wrong_pins_1h=0.2
    merchant.amount_deviation=0.3 merchant.dispute_share_30d=0.002 merchant.night_share_30d=0.05
    merchant.refund_share_30d=0.03 merchant.turnover_30d=900 network.wrong_pins_1h=0.5 network.wrong_pin_share_1d=0.05
    pair.attempts_30d=4 payer.amount_deviation=-0.2 payer.failed_challenges_1d=0 payer.hour_deviation=0.1
    payer.near_limit_1d=0 payment.wrong_pins_1h=1 ring.fraud_share=0.01 ring.frauds=0 route.attempts_7d=3
    route.share_7d=0.05 terminal.frauds_7d=0 terminal.fraud_share_7d=0.01 voucher.failed_challenges_1d=0
    voucher.fraud_share_30d=0 voucher.new_partners_1d=0.5 voucher.of_remaining=0.5 voucher.partners=1
    voucher.since_first_sale=90000 voucher.since_sale=90000 voucher.unused_for=90000 attempt.is_near_limit=0
    attempt.is_night=0 behaviour.is_pasted=0 payer.is_known=1 strangers.wrong_pins_1h=900 strangers.wrong_pin_share_1h=0.99
    strangers_here.wrong_pins_1h=900 strangers_here.wrong_pin_share_1h=0.99 voucher.is_foreign_to_address=0
    voucher.is_foreign_to_merchant=0
    address.country=AT address.text=198.51.100.7 customer.id=c1 device.id=d1";

/// The shipped set, with an entry on each list.
fn set_with_entries() -> RuleSet {
    let start = rule_set(&catalogue(), NOW).unwrap();
    LISTS.iter().fold(start, |set, (list, kind)| {
        let entry = match kind {
            crate::list::ListKind::Networks => "192.0.2.0/24",
            crate::list::ListKind::Texts => "listed",
        };
        let edit = Edit::AddEntry {
            list: Name::parse(list).unwrap(),
            entry: entry.to_owned(),
            until: None,
        };
        set.apply(&edit, &catalogue(), NOW).unwrap()
    })
}

fn matching(set: &RuleSet, facts: &Written) -> BTreeSet<String> {
    let question = Question {
        facts,
        score: None,
        lists: set.lists(),
        at: NOW,
    };
    let rules = set.rules().iter();
    let matching = rules.filter(|rule| rule.program().ask(&question) == Outcome::Matches);
    matching.map(|rule| rule.rule().name.to_string()).collect()
}

#[test]
fn each_shipped_rule_matches_what_it_is_meant_for() {
    let set = set_with_entries();
    assert_eq!(set.rules().len(), RULES.len());
    for (rule, (name, example)) in set.rules().iter().zip(EXAMPLES) {
        assert_eq!(rule.rule().name.as_str(), name);
        assert!(
            matching(&set, &Written::new(example)).contains(name),
            "{name}"
        );
    }
}

#[test]
fn no_shipped_rule_matches_an_everyday_payment_or_one_of_which_nothing_is_known() {
    let set = set_with_entries();
    assert_eq!(matching(&set, &Written::new(EVERYDAY)), BTreeSet::new());
    assert_eq!(matching(&set, &Written::new("")), BTreeSet::new());
}

#[test]
fn a_payer_learns_nothing_that_helps_to_guess() {
    for rule in set_with_entries().rules() {
        let words = &rule.rule().payer_words;
        assert!(
            !words.to_lowercase().contains("wrong"),
            "{}",
            rule.rule().name
        );
        assert!(
            words.is_empty()
                || rule
                    .rule()
                    .actions
                    .contains(&crate::rule::Action::WarnPayer)
        );
    }
}

/// The page for whoever writes rules.
const PAGE: &str = include_str!("../../../../../docs/rules.md");

#[test]
fn the_page_shows_the_shipped_rules_as_they_are() {
    let set = set_with_entries();
    let rows = set.rules().iter().map(|rule| {
        let rule = rule.rule();
        let effect = rule.effect.map_or("", crate::verdict::Verdict::word);
        format!(
            "| `{}` | {effect} | {} | {} |\n",
            rule.name,
            rule.mode.word(),
            rule.reason
        )
    });
    let table: String = rows.collect();
    assert!(
        PAGE.ends_with(&table),
        "docs/rules.md should end with:\n{table}"
    );
}

#[test]
fn the_page_shows_refusals_as_they_are() {
    let section = PAGE
        .split("## Errors")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.split(" | ").collect();
        let expression = cells[0].trim_matches(['|', ' ', '`']);
        let names = set_with_entries().list_names();
        let refusal = crate::rule::compile(expression, &catalogue(), &names).unwrap_err();
        let expected = cells[1].trim_end_matches([' ', '|']);
        assert_eq!(refusal.problem.to_string(), expected, "{expression}");
        count += 1;
    }
    assert_eq!(count, 7);
}

#[test]
fn the_page_states_the_bounds() {
    use crate::rule::limits;
    for (words, bound) in [
        ("bytes", limits::EXPRESSION_BYTES_MAX),
        ("words and signs", limits::TOKENS_MAX),
        ("nesting", limits::DEPTH_MAX),
        ("elements of a list in it", limits::ELEMENTS_MAX),
        ("bytes of a text in it", limits::TEXT_BYTES_MAX),
        ("steps", limits::COST_MAX as usize),
        ("rules", crate::rule_set::RULES_MAX),
        ("steps for all rules", crate::rule_set::COST_MAX as usize),
        ("lists", crate::list::LISTS_MAX),
        ("entries of all lists", crate::list::ENTRIES_MAX),
        ("bytes of an entry", crate::list::ENTRY_BYTES_MAX),
    ] {
        let (thousands, rest) = (bound / 1_000, bound % 1_000);
        let number = match thousands {
            0 => rest.to_string(),
            _ => format!("{thousands},{rest:03}"),
        };
        assert!(
            PAGE.contains(&format!("| {words} | {number} |")),
            "{words}: {number}"
        );
    }
}
