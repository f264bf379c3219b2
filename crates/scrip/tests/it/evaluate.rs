//! `scrip risk evaluate` as its users meet it.

use std::fmt::Write as _;
use std::fs;

use tempfile::TempDir;

use crate::program::{run_badly, run_well};

const MAPPING: &str = "time = \"when\"\ntime_format = \"seconds\"\namount = \"sum\"\npayer = \"card\"\npayee = \"shop\"\nlabel = \"fraud\"\n";

/// Ten payments an hour over 60 days; everything at shop 3 is fraud.
fn stream() -> String {
    let mut text = String::from("when,sum,card,shop,fraud\n");
    for number in 0..14_400_u64 {
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        let (card, shop) = (mixed % 97, mixed % 31);
        let fraud = u8::from(shop == 3);
        writeln!(
            text,
            "{},{}.50,{card},{shop},{fraud}",
            1_600_000_000 + number * 360,
            1 + mixed % 90
        )
        .expect("a string takes all");
    }
    text
}

fn arguments(directory: &TempDir) -> Vec<String> {
    let path = |name: &str| directory.path().join(name).display().to_string();
    let words = [
        "risk",
        "evaluate",
        &path("events.csv"),
        "--mapping",
        &path("map.toml"),
        "--train-until",
        "2020-10-20",
        "--test-from",
        "2020-10-21T00:00:00Z",
        "--label-delay",
        "36h",
        "--scores",
        &path("scores.csv"),
    ];
    words.map(str::to_owned).to_vec()
}

fn words(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn evaluation_of_a_file_prints_figures_and_writes_a_score_for_each_tested_payment() {
    let directory = TempDir::new().expect("a directory");
    fs::write(directory.path().join("events.csv"), stream()).expect("written");
    fs::write(directory.path().join("map.toml"), MAPPING).expect("written");
    let shown = run_well(&words(&arguments(&directory)));
    assert!(
        shown.contains("\npayments: 14400\n") || shown.starts_with("payments: 14400\n"),
        "{shown}"
    );
    assert!(
        shown.contains("recall at 0.1 % false alarms: 100.00 %"),
        "{shown}"
    );
    let scores = fs::read_to_string(directory.path().join("scores.csv")).expect("scores");
    let tested = shown.lines().find_map(|line| line.strip_prefix("tested: "));
    let tested: usize = tested
        .and_then(|words| words.split(' ').next()?.parse().ok())
        .expect("a figure");
    assert_eq!(scores.lines().count(), tested + 1);
    assert!(scores.starts_with("row,score,fraud,scenario\n"), "{scores}");
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_row_and_column() {
    let directory = TempDir::new().expect("a directory");
    let missing = run_badly(&words(&arguments(&directory)));
    assert!(
        missing.contains("the mapping") && missing.contains("cannot be read"),
        "{missing}"
    );
    fs::write(directory.path().join("map.toml"), MAPPING).expect("written");
    fs::write(
        directory.path().join("events.csv"),
        "when,sum,card,shop,fraud\nsoon,1,2,3,0\n",
    )
    .expect("written");
    let wrong = run_badly(&words(&arguments(&directory)));
    assert!(
        wrong.contains("row 1: \"soon\" in the column when is not a time"),
        "{wrong}"
    );
}
