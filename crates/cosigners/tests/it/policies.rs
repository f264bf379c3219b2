//! Policies by which no witness can be asked say what to write instead.

use cosigners::quorum::{Quorum, WITNESSES_MAX};
use ed25519_dalek::SigningKey;
use tlog::key::{KeyKind, KeyName, PublicKey};

use crate::support::log_key;

const KEY: &str = "w.example/self+b32b86f1+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY";

fn refusal(lines: &str) -> String {
    let log = log_key().public;
    let text = format!("log {log}\n{lines}");
    let refused = Quorum::parse(&text, &log).expect_err("it cannot be used");
    refused.to_string()
}

#[test]
fn a_policy_without_what_is_needed_says_what_to_write() {
    let without = refusal(&format!("witness w {KEY}\nquorum w\n"));
    assert!(without.contains("has no address"), "{without}");
    for url in ["ftp://w.example", "w.example", "file:///etc/passwd"] {
        let other = refusal(&format!("witness w {KEY} {url}\nquorum w\n"));
        assert!(other.contains("https://"), "{url}: {other}");
    }
    let unknown = refusal(&format!("witness w {KEY} https://w.example\nquorum v\n"));
    assert!(unknown.contains("the policy cannot be read"), "{unknown}");
    let of_log = log_key().public;
    let wrong = refusal(&format!("witness w {of_log} https://w.example\nquorum w\n"));
    assert!(wrong.contains("the policy cannot be read"), "{wrong}");
    let log = log_key().public;
    let foreign = "log other.example/log+1a8b9e92+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
    let refused = Quorum::parse(&format!("{foreign}\nquorum none\n"), &log);
    assert!(refused.is_err());
}

#[test]
fn a_policy_names_no_more_witnesses_than_are_asked() {
    let witness = |number: usize| {
        let name = KeyName::parse(&format!("w{number}.example")).expect("a name");
        let secret = SigningKey::from_bytes(&[number as u8 + 100; 32]);
        let public = secret.verifying_key();
        let key = PublicKey::new(name, KeyKind::Cosignature, public.as_bytes());
        let key = key.expect("a key");
        format!("witness w{number} {key} https://w{number}.example\n")
    };
    let lines = |count: usize| (0..count).map(witness).collect::<String>();
    let log = log_key().public;
    let with = |count: usize| {
        let text = format!("log {log}\n{}quorum none\n", lines(count));
        Quorum::parse(&text, &log)
    };
    assert!(with(WITNESSES_MAX).is_ok());
    let refused = with(WITNESSES_MAX + 1).expect_err("too many");
    assert!(refused.to_string().contains("32"), "{refused}");
}
