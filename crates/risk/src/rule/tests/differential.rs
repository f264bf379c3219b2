//! Whatever an expression says here, the `cel` crate's interpreter says too.

use super::super::program::{Outcome, Question, Unknown};
use super::super::refusal::Problem;
use super::{NOW, Sample, lists, program};
use crate::verdict::Score;
use cel::{Context, Value};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

fn numbers() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("a.n0"),
        Just("a.n1"),
        Just("b.n2"),
        Just("b.n3"),
        Just("model.score"),
        Just("2.5"),
        Just("-1.5"),
        Just("0.0"),
        Just(".5"),
        Just("1e1"),
        Just("--2.5"),
        Just("- -a.n0"),
    ];
    let leaf = leaf.prop_map(str::to_owned);
    let deep = leaf.prop_recursive(3, 12, 3, |inner| {
        let operator = prop_oneof![Just("+"), Just("-"), Just("*")];
        let flag = simple_flags();
        prop_oneof![
            (inner.clone(), operator, inner.clone())
                .prop_map(|(left, operator, right)| format!("({left} {operator} {right})")),
            inner.clone().prop_map(|left| format!("({left} / 4.0)")),
            inner.clone().prop_map(|left| format!("-({left})")),
            (flag, inner.clone(), inner)
                .prop_map(|(flag, yes, no)| format!("({flag} ? {yes} : {no})")),
        ]
    });
    deep.boxed()
}

fn texts() -> BoxedStrategy<String> {
    let texts = [
        "a.t0",
        "b.t1",
        "address.ip",
        "'red'",
        r#""r\x65\u0064" "#,
        r"r'r\d'",
        r"'\162ed'",
        "'''r'ed'''",
    ];
    let texts = prop::sample::select(texts.to_vec());
    texts.prop_map(str::to_owned).boxed()
}

fn simple_flags() -> BoxedStrategy<String> {
    let flags = [
        "a.f0",
        "b.f1",
        "true",
        "false",
        "has(a.n0)",
        "has(b.t1)",
        "has(model.score)",
    ];
    prop::sample::select(flags.to_vec())
        .prop_map(str::to_owned)
        .boxed()
}

fn comparisons() -> BoxedStrategy<String> {
    let order = prop::sample::select(vec!["<", "<=", "==", "!=", ">=", ">"]);
    let right = prop_oneof![numbers(), Just("2".to_owned()), Just("-3".to_owned())];
    let same = prop_oneof![Just("=="), Just("!=")];
    let part = prop::sample::select(vec!["startsWith", "endsWith", "contains"]);
    let list = prop::sample::select(vec!["colours", "networks"]);
    prop_oneof![
        (numbers(), order, right)
            .prop_map(|(left, order, right)| format!("{left} {order} {right}")),
        (texts(), same, texts()).prop_map(|(left, same, right)| format!("{left} {same} {right}")),
        texts().prop_map(|text| format!("{text} in ['red', 'blue', '192.0.2.7']")),
        // Without brackets: what binds closer, and from which side.
        (numbers(), simple_flags())
            .prop_map(|(number, flag)| format!("({number} < 2.5 == {flag} != true)")),
        (numbers(), numbers(), numbers()).prop_map(|(one, two, three)| format!(
            "{one} - {two} * 2.0 - {three} / 4.0 / 2.0 + 1.5 > 0.5"
        )),
        numbers().prop_map(|number| format!("{number} in [1.0, 2.0, -3.0]")),
        (texts(), part).prop_map(|(text, part)| format!("{text}.{part}('e')")),
        (list, texts()).prop_map(|(list, text)| format!("listed('{list}', {text})")),
    ]
    .boxed()
}

fn flags() -> BoxedStrategy<String> {
    let leaf = prop_oneof![1 => simple_flags(), 3 => comparisons()];
    let deep = leaf.prop_recursive(4, 24, 4, |inner| {
        let join = prop_oneof![Just("&&"), Just("||")];
        prop_oneof![
            4 => (inner.clone(), join, inner.clone())
                .prop_map(|(left, join, right)| format!("({left} {join} {right})")),
            1 => inner.clone().prop_map(|flag| format!("!({flag})")),
            1 => inner.clone().prop_map(|flag| format!("!!({flag})")),
            1 => inner.clone().prop_map(|flag| format!("!! !({flag} // ) or\n)")),
            1 => (inner.clone(), inner.clone())
                .prop_map(|(left, right)| format!("(({left}) == ({right}))")),
            1 => (inner.clone(), inner.clone(), inner)
                .prop_map(|(when, yes, no)| format!("(({when}) ? ({yes}) : ({no}))")),
        ]
    });
    deep.boxed()
}

fn samples() -> impl Strategy<Value = Sample> {
    let number = prop::sample::select(vec![None, Some(0.0), Some(1.0), Some(2.0), Some(-3.25)]);
    let text = prop::sample::select(vec![None, Some("red"), Some("green"), Some("192.0.2.7")]);
    let numbers = prop::array::uniform4(number);
    let flags = prop::array::uniform2(any::<Option<bool>>());
    (numbers, flags, prop::array::uniform3(text)).prop_map(|(numbers, flags, texts)| Sample {
        numbers,
        flags,
        texts,
    })
}

/// Facts as CEL's maps; an unknown one is a key that is not there.
fn context(sample: &Sample, score: Option<Score>) -> Context<'static, 'static> {
    let mut maps: HashMap<&str, HashMap<String, Value>> = HashMap::new();
    for subject in ["a", "b", "address", "model"] {
        maps.insert(subject, HashMap::new());
    }
    let mut put = |subject: &'static str, word: &str, value: Option<Value>| {
        if let (Some(value), Some(map)) = (value, maps.get_mut(subject)) {
            map.insert(word.to_owned(), value);
        }
    };
    let names = [("a", "n0"), ("a", "n1"), ("b", "n2"), ("b", "n3")];
    for ((subject, word), number) in names.into_iter().zip(sample.numbers) {
        put(
            subject,
            word,
            number.map(|number| Value::Float(f64::from(number))),
        );
    }
    for ((subject, word), flag) in [("a", "f0"), ("b", "f1")].into_iter().zip(sample.flags) {
        put(subject, word, flag.map(Value::Bool));
    }
    let names = [("a", "t0"), ("b", "t1"), ("address", "ip")];
    for ((subject, word), text) in names.into_iter().zip(sample.texts) {
        put(
            subject,
            word,
            text.map(|text| Value::String(Arc::new(text.to_owned()))),
        );
    }
    let score = score.map(|score| Value::Float(f64::from(score.basis_points())));
    put("model", "score", score);
    let mut context = Context::default();
    for (subject, map) in maps {
        context.add_variable_from_value(subject, map);
    }
    let added = context.add_function("listed", |list: Arc<String>, text: Arc<String>| {
        let colours = ["red", "green"];
        match list.as_str() {
            "colours" => colours.contains(&text.as_str()),
            _ => text.starts_with("192.0.2."),
        }
    });
    added.unwrap();
    context
}

/// The `cel` crate's parser takes 200 KiB of stack for each open bracket.
const STACK_BYTES: usize = 64 << 20;
const CASES: u32 = 2_000;

fn on_a_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    let finished = thread.spawn(test).unwrap().join();
    if let Err(panic) = finished {
        std::panic::resume_unwind(panic);
    }
}

fn says_the_same(
    expression: &str,
    sample: &Sample,
    score: Option<Score>,
) -> Result<(), TestCaseError> {
    let program = match program(expression) {
        Ok(program) => program,
        Err(error) => {
            let is_bound = matches!(
                error.problem,
                Problem::TooDeep | Problem::TooLong { .. } | Problem::TooCostly { .. }
            );
            prop_assert!(is_bound, "{expression}: {error}");
            return Ok(());
        }
    };
    let question = Question {
        facts: sample,
        score,
        lists: &lists(),
        at: NOW,
    };
    let outcome = program.ask(&question);
    let theirs = cel::Program::compile(expression).unwrap();
    let expected = theirs.execute(&context(sample, score));
    match outcome {
        Outcome::Matches => prop_assert_eq!(expected, Ok(Value::Bool(true)), "{}", expression),
        Outcome::MatchesNot => prop_assert_eq!(expected, Ok(Value::Bool(false)), "{}", expression),
        Outcome::NotJudged(unknown) => {
            prop_assert!(
                expected.is_err(),
                "{expression} is {expected:?}, not unknown"
            );
            prop_assert!(matches!(unknown, Unknown::Value(_)));
        }
    }
    Ok(())
}

#[test]
fn an_expression_says_what_the_interpreter_says() {
    on_a_large_stack(|| {
        let mut runner = TestRunner::new(ProptestConfig::with_cases(CASES));
        let scores = prop::option::of(0_u16..=10_000);
        let cases = (flags(), samples(), scores);
        let result = runner.run(&cases, |(expression, sample, score)| {
            let score = score.map(|score| Score::new(score).unwrap());
            says_the_same(&expression, &sample, score)
        });
        result.unwrap_or_else(|failure| panic!("{failure}"));
    });
}

/// Expressions with marks put in or taken out: what is understood here is CEL, and is understood alike.
#[test]
fn nothing_is_understood_that_is_not_cel() {
    on_a_large_stack(|| {
        // Few of them are expressions, so that many have to be tried.
        let mut runner = TestRunner::new(ProptestConfig::with_cases(4 * CASES));
        let mark = prop::sample::select(MARKS.to_vec());
        let edits = prop::collection::vec((any::<Index>(), 0_usize..3, mark), 1..4);
        let understood = Cell::new(0);
        let cases = (flags(), edits, samples());
        let result = runner.run(&cases, |(mut expression, edits, sample)| {
            for (place, removed, mark) in edits {
                let start = place.index(expression.len() + 1);
                let end = (start + removed).min(expression.len());
                expression.replace_range(start..end, mark);
            }
            if program(&expression).is_ok() && !expression.contains(CALCULATING) {
                understood.set(understood.get() + 1);
                says_the_same(&expression, &sample, None)?;
            }
            Ok(())
        });
        result.unwrap_or_else(|failure| panic!("{failure}"));
        let understood = understood.get();
        assert!(
            CASES / 50 < understood,
            "only {understood} were expressions"
        );
    });
}

/// Facts calculate with whole numbers here, and in CEL with floating-point numbers alone.
const CALCULATING: [char; 4] = ['+', '-', '*', '/'];

const MARKS: [&str; 30] = [
    "",
    "(",
    ")",
    "a.n0",
    "a.f0",
    "a.t0",
    "b.f1",
    "&&",
    "||",
    "!",
    "!!",
    ".",
    ",",
    "%",
    "?",
    ":",
    "==",
    "<",
    ">=",
    " in ",
    "['red', 'x']",
    "[1, 2.5,]",
    "1",
    "0x1",
    "e",
    "'red'",
    "\\",
    "\"",
    " ",
    "\n",
];
