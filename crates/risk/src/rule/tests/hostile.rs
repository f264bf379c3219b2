//! Expressions that are meant to hurt: a clear refusal, never a panic.

use super::super::limits;
use super::super::program::Outcome;
use super::super::refusal::Problem;
use super::{Sample, ask, program};
use proptest::prelude::*;

fn refusal(expression: &str) -> Problem {
    program(expression).map(|_| ()).unwrap_err().problem
}

#[test]
fn nesting_is_bounded_whatever_nests() {
    for (open, inner, close) in [
        ("(", "true", ")"),
        ("!(", "true", ")"),
        ("-(", "1", ")"),
        ("[", "1", "]"),
        ("true ? true : ", "true", ""),
        ("has(", "a.n0", ")"),
        ("1 + (", "1", ")"),
        ("1+", "1", ""),
        ("1 in [", "1", "]"),
        ("a.t0.contains(", "'x'", ")"),
    ] {
        for depth in [33, 200, 100_000] {
            let expression = format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
            let problem = refusal(&expression);
            let is_bound = matches!(
                problem,
                Problem::TooDeep | Problem::TooLong { .. } | Problem::TooManyTokens
            );
            assert!(is_bound, "{depth} times {open}: {problem}");
        }
    }
}

/// A quarter of what a thread has by default: whoever saves a rule may be deep in calls already.
const STACK_BYTES: usize = 1 << 19;

#[test]
fn the_deepest_that_is_allowed_is_understood_on_a_small_stack() {
    let brackets = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let deepest = limits::DEPTH_MAX - 1;
    let cases = [
        (brackets("(", "a.f0", ")", deepest), Outcome::Matches),
        (brackets("!(", "a.f0", ")", deepest), Outcome::MatchesNot),
        (
            brackets("a.f0 ? true : ", "true", "", deepest),
            Outcome::Matches,
        ),
        (
            format!("{} > 1", vec!["a.n0"; deepest].join("+")),
            Outcome::Matches,
        ),
        (format!("{}a.f0", "!".repeat(401)), Outcome::MatchesNot),
        (vec!["a.f0"; 80].join(" && "), Outcome::Matches),
    ];
    for (expression, expected) in cases {
        let shown = expression.clone();
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let asked = thread
            .spawn(move || ask(&expression, &Sample::new()))
            .unwrap();
        assert_eq!(asked.join().unwrap(), expected, "{shown}");
    }
}

#[test]
fn length_marks_elements_and_cost_are_bounded() {
    let signs = format!("{}a.f0", "!".repeat(limits::TOKENS_MAX));
    assert_eq!(refusal(&signs), Problem::TooManyTokens);
    let long = format!("a.t0 == '{}'", "x".repeat(limits::EXPRESSION_BYTES_MAX));
    assert!(matches!(refusal(&long), Problem::TooLong { .. }));
    let text = format!("a.t0 == '{}'", "x".repeat(limits::TEXT_BYTES_MAX + 1));
    assert_eq!(refusal(&text), Problem::TextTooLong);
    let marks = format!("a.n0 in [{}1]", "1,".repeat(limits::TOKENS_MAX));
    assert_eq!(refusal(&marks), Problem::TooManyTokens);
    let elements = format!("a.n0 in [{}1]", "1,".repeat(limits::ELEMENTS_MAX));
    assert_eq!(refusal(&elements), Problem::TooManyElements);
    let costly = vec!["listed('colours', a.t0)"; 20].join(" || ");
    assert!(matches!(refusal(&costly), Problem::TooCostly { .. }));
    assert_eq!(refusal("a.n0 in []"), Problem::EmptyList);
}

#[test]
fn numbers_that_do_not_fit_are_refused() {
    for expression in [
        "a.n0 > 9007199254740993",
        "a.n0 > -9007199254740993",
        "a.n0 > 9223372036854775807 + 1",
        "a.n0 > 9007199254740992 + 1",
        "a.n0 > 9007199254740992 * 9007199254740992",
        "a.n0 > 1e999",
    ] {
        let problem = refusal(expression);
        let is_refused = matches!(problem, Problem::NumberTooLarge);
        assert!(is_refused, "{expression}: {problem}");
    }
    assert_eq!(
        refusal("a.n0 > 99999999999999999999"),
        Problem::NumberTooLarge
    );
    assert_eq!(refusal("a.n0 > 1 / 0"), Problem::DivisionByZero);
    assert_eq!(refusal("a.n0 > 1 % 0"), Problem::DivisionByZero);
    assert_eq!(refusal("a.n0 / 0 > 1"), Problem::DivisionByZero);
    assert_eq!(refusal("a.n0 / 0.0 > 1"), Problem::DivisionByZero);
    assert_eq!(refusal("(a.f0 ? 1 : 2) / 2 > 0"), Problem::WholeArithmetic);
    assert!(matches!(
        refusal("a.n0 % 2.0 > 1"),
        Problem::NotOffered { .. }
    ));
}

#[test]
fn whole_constants_calculate_as_whole_numbers() {
    let sample = Sample::new();
    assert_eq!(ask("b.n2 == 7 / 2", &sample), Outcome::Matches);
    assert_eq!(ask("a.n0 == 7 % 2", &sample), Outcome::Matches);
    assert_eq!(ask("a.n0 == -(2 - 3)", &sample), Outcome::Matches);
    assert_eq!(ask("a.n0 * 3 == 6 - 3", &sample), Outcome::Matches);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = program(&text);
    }

    #[test]
    fn no_row_of_marks_makes_the_parser_panic(
        marks in prop::collection::vec(prop::sample::select(MARKS.to_vec()), 0..40),
    ) {
        for joint in ["", " "] {
            if let Ok(program) = program(&marks.join(joint)) {
                prop_assert!(program.cost() <= limits::COST_MAX);
            }
        }
    }
}

const MARKS: [&str; 44] = [
    "(", ")", "[", "]", "{", "}", "a.n0", "a.f0", "a.t0", "a", ".", ",", "'", "\"", "\\", "&&",
    "||", "&", "!", "-", "+", "*", "/", "%", "?", ":", "==", "<", ">=", "in", "has", "listed", "1",
    "1.5", "0x", "1e", "u", "'x'", "r'", "b'", "\"\"\"", "`", "//", "\n",
];
