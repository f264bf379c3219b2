//! What the author of a rule reads.

use super::program;

fn check(expression: &str, expected: &str) {
    let message = program(expression).map(|_| ()).unwrap_err().to_string();
    assert_eq!(message, expected, "{expression}");
}

#[test]
fn names_that_do_not_exist_are_met_with_the_nearest() {
    check(
        "a.n9 > 1",
        "line 1, column 1: there is no fact a.n9; did you mean a.n0?",
    );
    check(
        "true &&\n  addres.ip == 'x'",
        "line 2, column 3: there is no fact addres.ip; did you mean address.ip?",
    );
    check(
        "quite.different > 1",
        "line 1, column 1: there is no fact quite.different",
    );
    check(
        "modle.score > 1",
        "line 1, column 1: there is no fact modle.score; did you mean model.score?",
    );
    check("a > 1", "line 1, column 1: there is no fact a");
    check(
        "list('colours', a.t0)",
        "line 1, column 1: there is no function list; did you mean listed?",
    );
    check(
        "listed('colour', a.t0)",
        "line 1, column 8: there is no list colour; did you mean colours?; make the list first",
    );
}

#[test]
fn types_that_do_not_fit_are_refused_where_they_stand() {
    check(
        "a.n0",
        "line 1, column 1: this must be true or false, and is a number",
    );
    check(
        "a.t0 > 1",
        "line 1, column 8: this must be a text, and is a number",
    );
    check(
        "a.n0 > 'x'",
        "line 1, column 8: this must be a number, and is a text",
    );
    check(
        "a.t0 < 'x'",
        "line 1, column 6: a text cannot be compared with <; use ==, != or in",
    );
    check(
        "a.f0 < b.f1",
        "line 1, column 6: this must be a number, and is true or false",
    );
    check(
        "a.f0 == 1",
        "line 1, column 9: this must be true or false, and is a number",
    );
    check(
        "a.n0 && a.f0",
        "line 1, column 1: this must be true or false, and is a number",
    );
    check(
        "a.n0 in ['x']",
        "line 1, column 10: this must be a number, and is a text",
    );
    check(
        "listed('colours', a.n0)",
        "line 1, column 19: this must be a text, and is a number",
    );
    check(
        "a.t0 + 'x' == 'y'",
        "line 1, column 1: this must be a number, and is a text",
    );
}

#[test]
fn what_is_not_offered_is_named_with_what_to_use_instead() {
    check(
        "a.t0.matches('(a+)+$')",
        "line 1, column 5: matches() cannot be used in a rule; use startsWith, endsWith, contains, in or a named list",
    );
    check(
        "['red'].exists(x, x == a.t0)",
        "line 1, column 8: a loop (all, exists, exists_one, map, filter) cannot be used in a rule; use in, or a named list with listed()",
    );
    check(
        "a.n0 > 5u",
        "line 1, column 8: the mark u cannot be used in a rule; write the number alone",
    );
    check(
        "a.n0 == null",
        "line 1, column 9: null cannot be used in a rule; ask has(fact) whether a fact is known",
    );
    check(
        "a['n0'] > 1",
        "line 1, column 2: an index cannot be used in a rule; write a fact with a point: address.country",
    );
}

#[test]
fn what_is_not_the_language_is_refused_where_it_ends() {
    check(
        "",
        "line 1, column 1: the expression is empty; write a condition such as address.attempts_1h > 20",
    );
    check(
        "a.n0 >",
        "line 1, column 7: here is the end, where a fact, a number or a text should be",
    );
    check(
        "a.n0 > 1 1",
        "line 1, column 10: here is a number, where an operator or the end should be",
    );
    check(
        "(a.n0 > 1",
        "line 1, column 10: here is the end, where a closing bracket should be",
    );
    check(
        "a.n0 = 1",
        "line 1, column 6: here is =, where an operator, a fact or a number should be",
    );
    check(
        "a.n0 > 1x",
        "line 1, column 8: this number is not finished, or something follows it too closely",
    );
    check(
        "a.t0 == 'x",
        "line 1, column 9: the text does not end; close it with the quote it began with",
    );
    check(
        "a.t0 == '\\d'",
        "line 1, column 10: there is no such escape; write \\\\ for a backslash",
    );
    check(
        "listed('colours', )",
        "line 1, column 19: here is ), where one more argument should be",
    );
    check(
        "a.t0 == 'é'",
        "line 1, column 10: only ASCII characters stand in an expression; write others in a text as \\u00e9",
    );
}

#[test]
fn every_fact_that_is_told_can_be_asked() {
    for fact in crate::rule::facts(&super::catalogue()) {
        let asked = program(&format!("has({})", fact.name));
        assert!(asked.is_ok(), "{}", fact.name);
    }
}
