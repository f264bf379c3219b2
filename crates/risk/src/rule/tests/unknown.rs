//! What is said of attempts of which something is not known.

use super::super::program::{Outcome, Source, Unknown};
use super::{Sample, ask};

fn check(expression: &str, expected: Outcome) {
    let mut sample = Sample::new();
    sample.numbers[0] = None;
    sample.flags[0] = None;
    sample.texts[0] = None;
    assert_eq!(ask(expression, &sample), expected, "{expression}");
}

const N0: Outcome = Outcome::NotJudged(Unknown::Value(Source::Fact(0)));
const F0: Outcome = Outcome::NotJudged(Unknown::Value(Source::Fact(4)));
const T0: Outcome = Outcome::NotJudged(Unknown::Value(Source::Fact(6)));

#[test]
fn what_meets_an_unknown_value_is_not_judged() {
    check("a.n0 > 1", N0);
    check("a.n0 == a.n0", N0);
    check("a.n0 != 1", N0);
    check("!(a.n0 > 1)", N0);
    check("a.n0 + 1 < 5", N0);
    check("-a.n0 < 5", N0);
    check("a.n0 in [1, 2]", N0);
    check("a.f0", F0);
    check("a.f0 == b.f1", F0);
    check("a.t0 == 'red'", T0);
    check("a.t0 in ['red']", T0);
    check("a.t0.contains('r')", T0);
    check("listed('colours', a.t0)", T0);
    check("a.f0 ? true : true", F0);
}

#[test]
fn the_side_that_suffices_decides() {
    check("a.n0 > 1 || a.n1 == 2", Outcome::Matches);
    check("a.n1 == 2 || a.n0 > 1", Outcome::Matches);
    check("a.n0 > 1 && a.n1 == 3", Outcome::MatchesNot);
    check("a.n1 == 2 && a.n0 > 1", N0);
    check("a.f0 || a.n0 > 1", F0);
    check("b.f1 ? a.f0 : true", Outcome::Matches);
}

#[test]
fn a_rule_can_ask_what_is_known() {
    check("has(a.n0)", Outcome::MatchesNot);
    check("has(a.n1)", Outcome::Matches);
    check("has(a.t0)", Outcome::MatchesNot);
    check("has(b.t1)", Outcome::Matches);
    check("has(model.score)", Outcome::Matches);
    check("!has(a.n0) || a.n0 > 1", Outcome::Matches);
}

#[test]
fn arithmetic_that_leaves_the_numbers_is_not_judged() {
    let arithmetic = Outcome::NotJudged(Unknown::Arithmetic);
    check("b.n2 / (a.n1 - 2.0) > 1", arithmetic);
    check("(a.n1 - 2.0) / (a.n1 - 2.0) == 1", arithmetic);
    check("a.n1 * 1e308 * 10.0 > 1", arithmetic);
    check("b.n2 / (a.n1 - 2.0) > 1 || a.n1 == 2", Outcome::Matches);
}

#[test]
fn infinite_and_impossible_numbers_are_unknown() {
    for number in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
        let mut sample = Sample::new();
        sample.numbers[0] = Some(number);
        assert_eq!(ask("a.n0 > 1", &sample), N0);
        assert_eq!(ask("a.n0 < 1", &sample), N0);
        assert_eq!(ask("has(a.n0)", &sample), Outcome::MatchesNot);
    }
}

#[test]
fn a_text_that_is_no_address_is_on_no_list_of_networks() {
    check("listed('networks', b.t1)", Outcome::MatchesNot);
    check("listed('networks', address.ip)", Outcome::Matches);
    check("listed('colours', 'green')", Outcome::Matches);
}
