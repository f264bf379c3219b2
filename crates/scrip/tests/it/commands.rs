//! Parties, products and batches from the command line.

use std::io::BufRead;
use std::path::Path;
use std::process::{Command, Stdio};

use ids::party::MerchantId;
use ids::time::Span;
use payment::duplicate::{DuplicateResponse, DuplicateTerms};
use payment::merchant::Standing;
use scrip::platform::Platform;
use vault::batch_file::{decrypt, generate_identity};

use crate::program::{run_badly, run_well, scrip};

/// Bytes of the journal after which some parts of a batch are in it, and not all.
const SOME_PARTS: u64 = 300_000;

fn prepare(data: &str) {
    let product = [
        "product",
        "--data",
        data,
        "--id",
        "00002",
        "--country",
        "AT",
        "--currency",
        "EUR",
    ];
    run_well(
        &[
            &product[..],
            &["--denomination", "25.00", "--denomination", "10"],
        ]
        .concat(),
    );
    run_well(&["distributor", "--data", data, "--name", "Kiosk"]);
}

fn issue<'a>(data: &'a str, out: &'a str, recipient: &'a str, count: &'a str) -> Vec<&'a str> {
    let fixed = [
        "vouchers",
        "issue",
        "--distributor",
        "2000000001",
        "--product",
        "00002",
        "--country",
        "AT",
    ];
    let given = [
        "--amount",
        "25.00",
        "--currency",
        "EUR",
        "--data",
        data,
        "--out",
        out,
        "--recipient",
        recipient,
    ];
    [&fixed[..], &given[..], &["--count", count]].concat()
}

fn lines(file: &Path, secret: &secrecy::SecretString) -> Vec<String> {
    let file = std::fs::File::open(file).expect("the batch file");
    decrypt(file, secret)
        .expect("the file opens")
        .lines()
        .map(|line| line.expect("a line"))
        .collect()
}

#[test]
fn a_batch_goes_into_a_file_that_only_the_distributor_can_open() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let out = directory.path().join("batch.age");
    let [data, out_text] = [&data, &out].map(|path| path.to_str().expect("UTF-8"));
    prepare(data);
    let identity = generate_identity();
    let recipient = identity.recipient.to_string();
    run_well(&issue(data, out_text, &recipient, "2500"));

    let lines = lines(&out, &identity.secret_key);
    assert_eq!(lines.len(), 2_501, "a header and a line for each voucher");
    let fields: Vec<&str> = lines[2_500].split(',').collect();
    assert_eq!(
        (fields[1].len(), fields[2], fields[3]),
        (16, "25.00", "EUR")
    );
    let shown = run_well(&["vouchers", "show", "--data", data, fields[0]]);
    assert!(
        shown.contains("state: Activated") && shown.contains("remaining: 25.00 EUR"),
        "{shown}"
    );
    assert!(
        !directory.path().join("batch.age.resume").exists(),
        "the seed is destroyed"
    );
    assert_no_file_holds(directory.path(), fields[1].as_bytes());
    let error = run_badly(&issue(data, out_text, &recipient, "2500"));
    assert!(error.contains("exists already"), "{error}");
    assert!(run_well(&["audit", "--data", data]).contains("everything agrees"));
}

#[test]
fn an_interrupted_batch_goes_on_and_issues_nothing_twice() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let out = directory.path().join("batch.age");
    let [data_text, out_text] = [&data, &out].map(|path| path.to_str().expect("UTF-8"));
    prepare(data_text);
    let identity = generate_identity();
    let recipient = identity.recipient.to_string();
    let arguments = issue(data_text, out_text, &recipient, "60000");
    let mut child = scrip()
        .args(&arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    while !directory.path().join("batch.age.resume").exists() {
        std::thread::yield_now();
    }
    let log = data.join("journal.db-wal");
    while std::fs::metadata(&log).map_or(0, |log| log.len()) < SOME_PARTS {
        std::thread::yield_now();
    }
    child.kill().expect("the process can be killed");
    child.wait().expect("the process ends");
    assert!(
        !out.exists(),
        "the process was killed too late to see anything"
    );

    let text = run_well(&arguments);
    assert!(text.contains("going on"), "{text}");
    assert_eq!(lines(&out, &identity.secret_key).len(), 60_001);
    let audit = run_well(&["audit", "--data", data_text]);
    assert!(
        audit
            .lines()
            .any(|line| line.contains("vouchers") && line.ends_with(" 60000")),
        "{audit}"
    );
}

#[test]
fn bad_arguments_of_a_batch_are_refused_before_anything_is_issued() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let data = data.to_str().expect("UTF-8");
    prepare(data);
    let recipient = generate_identity().recipient.to_string();
    let out = directory.path().join("x.age");
    let out = out.to_str().expect("UTF-8");
    let cases = [
        (issue(data, out, "age1nonsense", "10"), "recipient"),
        (issue(data, out, &recipient, "0"), "at least 1"),
        (
            [
                &issue(data, out, &recipient, "1")[..],
                &["--amount", "26.00"],
            ]
            .concat(),
            "cannot be used multiple times",
        ),
        (
            issue(data, out, &recipient, "1")
                .into_iter()
                .map(|a| if a == "25.00" { "26.00" } else { a })
                .collect(),
            "not sold at",
        ),
        (
            issue(data, out, &recipient, "1")
                .into_iter()
                .map(|a| if a == "25.00" { "25.001" } else { a })
                .collect(),
            "not an amount",
        ),
        (
            issue(data, out, &recipient, "1")
                .into_iter()
                .map(|a| if a == "AT" { "DE" } else { a })
                .collect(),
            "scrip product",
        ),
        (
            issue(data, out, &recipient, "1")
                .into_iter()
                .map(|a| if a == "2000000001" { "2000000009" } else { a })
                .collect(),
            "scrip distributor",
        ),
    ];
    for (arguments, expected) in cases {
        let error = run_badly(&arguments);
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}

#[test]
fn keys_of_parties_are_shown_once_and_can_be_revoked() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let data = data.to_str().expect("UTF-8");
    let added = run_well(&[
        "merchant",
        "--data",
        data,
        "--name",
        "Shop",
        "--currency",
        "EUR",
    ]);
    let key = added
        .lines()
        .find_map(|line| line.strip_prefix("API key (shown once): "))
        .expect("a key");
    assert!(key.starts_with("psc_"), "{added}");
    assert_no_file_holds(directory.path(), key.as_bytes());
    let mut child = scrip()
        .args(["revoke-key", "--data", data])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("a process");
    std::io::Write::write_all(child.stdin.as_mut().expect("its input"), key.as_bytes())
        .expect("the key is written");
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_command_whose_output_is_closed_early_ends_without_complaint() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("data");
    let data = path.to_str().expect("UTF-8");
    run_well(&[
        "merchant",
        "--data",
        data,
        "--name",
        "Shop",
        "--currency",
        "EUR",
    ]);
    let mut child = scrip()
        .args(["audit", "--data", data])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// A merchant's name, fee, number of submerchants, standing and terms for duplicates, as they are stored.
fn terms_of_first_merchant(data: &Path) -> (String, u16, usize, Standing, DuplicateTerms) {
    let platform = Platform::open(data).expect("the data opens");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let found = runtime.block_on(platform.merchants().merchant(MerchantId::FIRST));
    let merchant = found.expect("an answer").expect("the merchant");
    platform.close().expect("the data closes");
    let submerchants = merchant.submerchants.len();
    (
        merchant.name.clone(),
        merchant.fee_basis_points,
        submerchants,
        merchant.standing,
        merchant.duplicates,
    )
}

#[test]
fn a_change_of_a_merchant_leaves_the_rest_as_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("data");
    let data = path.to_str().expect("UTF-8");
    let fixed = format!("merchant --data {data} --name Shop --currency EUR");
    let terms = "--fee-basis-points 123 --submerchant s1 --capture-window 60 --duplicates return";
    run_well(&format!("{fixed} {terms}").split(' ').collect::<Vec<_>>());
    let change =
        format!("merchant --data {data} --id 1000001 --standing suspended --duplicate-window 90");
    run_well(&change.split(' ').collect::<Vec<_>>());
    let duplicates = DuplicateTerms {
        response: DuplicateResponse::Return,
        window: Span::SECOND.times(90),
    };
    let expected = ("Shop".to_owned(), 123, 1, Standing::Suspended, duplicates);
    assert_eq!(terms_of_first_merchant(&path), expected);
}

#[test]
fn terms_that_make_no_sense_are_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let data = data.to_str().expect("UTF-8");
    let cases = [
        ("--id 1000009 --name x", "leave --id out"),
        ("--currency EUR --name ", "must not be empty"),
        ("--currency EUR", "--name"),
        ("--id 1000001 --fee-basis-points 20000", "20000"),
        ("--id 1000001 --duplicate-window 86401", "86401"),
    ];
    for (arguments, expected) in cases {
        let all = format!("merchant --data {data} {arguments}");
        let error = run_badly(&all.split(' ').collect::<Vec<_>>());
        assert!(error.contains(expected), "{arguments}: {error}");
    }
}

/// Looks into every file below a directory.
fn assert_no_file_holds(directory: &Path, secret: &[u8]) {
    let text = std::str::from_utf8(secret).expect("text");
    let found = Command::new("grep")
        .args(["-rlaF", text])
        .arg(directory)
        .output()
        .expect("grep runs");
    assert!(
        found.stdout.is_empty(),
        "{text} is in {}",
        String::from_utf8_lossy(&found.stdout)
    );
}

#[test]
fn people_and_their_keys_are_looked_after_on_the_data_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let data = data.to_str().expect("a path in Unicode");
    let add = |name: &str, scope: &str| {
        let arguments = ["operator", "--data", data, "--name", name, "--scope", scope];
        run_well(&arguments)
    };
    assert!(add("Ada Byron", "people").contains("API key (shown once): psc_"));
    add("Eva", "reviews");
    let list = || run_well(&["operator", "list", "--data", data]);
    assert_eq!(
        list(),
        "1  Ada Byron  people  has a key\n2  Eva  reviews  has a key\n"
    );
    run_well(&["operator", "revoke-key", "1", "--data", data]);
    assert!(list().starts_with("1  Ada Byron  people  has no key\n"));
    let given = run_well(&["operator", "new-key", "1", "--data", data]);
    assert!(given.contains("API key (shown once): psc_"), "{given}");
    assert!(list().starts_with("1  Ada Byron  people  has a key\n"));
    let unknown = run_badly(&["operator", "new-key", "3", "--data", data]);
    assert!(unknown.contains("no such person"), "{unknown}");
    run_badly(&["operator", "--data", data]);
}
