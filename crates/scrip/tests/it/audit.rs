//! `scrip audit` finds what does not agree.

use std::path::Path;

use crate::client::Client;
use crate::program::{Demo, run, run_well};

#[tokio::test]
async fn a_changed_journal_entry_is_found() {
    let data = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(data.path());
    let shop = Client::of(&demo);
    let payment = shop
        .create(None, "10.00", "EUR")
        .await
        .expect("an answer")
        .body;
    shop.pay(&payment, &demo.pins("EUR", "25.00")[0])
        .await
        .expect("an answer");
    demo.stop();
    let path = data.path().to_str().expect("a UTF-8 path");
    run_well(&["audit", "--data", path]);

    flip_a_byte_of_the_last_entry(&data.path().join("journal.db"));
    let output = run(&["audit", "--data", path]);
    assert!(
        !output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

/// Finds the payment's amount in the database file and makes it another.
fn flip_a_byte_of_the_last_entry(journal: &Path) {
    let mut bytes = std::fs::read(journal).expect("the journal");
    let needle = b"customer-1";
    let place = bytes
        .windows(needle.len())
        .rposition(|window| window == needle)
        .expect("the entry is in the file");
    bytes[place] ^= 0x80;
    std::fs::write(journal, bytes).expect("the journal can be written");
}
