//! The log's own page, which checks in the browser.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use tlog::tile::TilePath;

use super::driver::Setup;
use super::window::{Window, in_browser_at};
use super::{DESKTOP, PHONE, WITHOUT_SCRIPTS};
use crate::platform::{Making, Platform};

const ORIGIN: &str = "pay.example/log";

async fn in_browser(setup: Setup, test: impl AsyncFnOnce(Arc<Window>) + 'static) {
    in_browser_at(Platform::logged(ORIGIN).await, setup, test).await;
}

/// Pays in the browser and opens the receipt of that.
async fn pay_and_open_receipt(window: &Window) {
    let card = window.platform.card(Making::eur(2_500)).await;
    window.open_payment(1_000).await;
    window.type_into("pin", &card.pin).await;
    window.press("Pay €10.00").await;
    window.see("Payment received").await;
    window.press("Stay here").await;
    window.check("paid-with-receipts").await;
    window.follow("Your receipts").await;
    window.see("On its way into the log").await;
    window.platform.grow_log().await;
    // The page looks again by itself.
    window.see("In the public log").await;
    window.check("receipts").await;
    window.follow("€10.00 was reserved").await;
    window.see("Check this receipt").await;
    window.check("receipt").await;
}

async fn grown_platform(entries: u32) -> Platform {
    let platform = Platform::logged(ORIGIN).await;
    for _ in 0..entries {
        platform.payment(1_000).await;
    }
    platform.grow_log().await;
    platform
}

#[tokio::test]
async fn receipt_of_a_payment_is_checked_in_the_browser_and_leaves_it_not() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        pay_and_open_receipt(&window).await;
        window.follow("Check this receipt").await;
        window.see("This receipt holds").await;
        window.see("The log still has it").await;
        window.see("payment changed, authorised").await;
        window.see("credit 10.00 EUR, vouchers, held value").await;
        window
            .see("debit 10.00 EUR, vouchers, remaining value")
            .await;
        window.see("Not shown by this receipt: reference").await;
        window.see("cosigned by north").await;
        window
            .see("This browser sees the log for the first time")
            .await;
        window.check("explorer-receipt").await;
        assert!(window.address().await.contains("/log/#receipt="));
        // Files, and nothing with a receipt in it.
        for asked in window.asked_for().await {
            let asked = asked.split('#').next().unwrap().to_owned();
            assert!(!asked.contains('?') && asked.len() < 120, "{asked}");
        }
    })
    .await;
}

#[tokio::test]
async fn each_changed_byte_of_a_receipt_is_refused_with_the_check_that_found_it() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        pay_and_open_receipt(&window).await;
        window.follow("Check this receipt").await;
        window.see("This receipt holds").await;
        let receipt = window.text_of("receipt-text").await;
        for (beginning, check) in [
            ("extra ", "opening"),
            ("index ", "inclusion"),
            ("proof", "inclusion"),
            ("\u{2014} pay.example/log ", "log signature"),
            ("\u{2014} north.example ", "quorum"),
        ] {
            let changed = changed(&receipt, beginning);
            window.put_into("receipt-text", &changed).await;
            window.press("Check the receipt").await;
            window.see("This receipt does not hold").await;
            window.see(&format!("Failed check: {check}.")).await;
        }
        window.check("explorer-refused").await;
        window.put_into("receipt-text", &receipt).await;
        window.press("Check the receipt").await;
        window.see("This receipt holds").await;
    })
    .await;
}

/// The receipt with one byte of this line changed; of `proof`, of the first hash of it.
fn changed(receipt: &str, beginning: &str) -> String {
    let mut lines: Vec<String> = receipt.split('\n').map(str::to_owned).collect();
    let line = match beginning {
        "proof" => &mut lines[3],
        _ => lines
            .iter_mut()
            .find(|line| line.starts_with(beginning))
            .unwrap(),
    };
    let start = line.len() - line.rsplit(' ').next().unwrap().len();
    let value = line.split_off(start);
    match value.parse::<u64>() {
        Ok(number) => line.push_str(&(number - 1).to_string()),
        Err(_) => {
            let mut bytes = STANDARD.decode(&value).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            line.push_str(&STANDARD.encode(bytes));
        }
    }
    lines.join("\n")
}

#[tokio::test]
async fn receipt_of_another_log_is_refused_until_its_policy_is_believed() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        window.platform.payment(1_000).await;
        window.platform.grow_log().await;
        let other = Platform::logged("other.example/log").await;
        let payment = other.payment(1_000).await;
        other.grow_log().await;
        let receipt = other.get(&other.receipt_link(&payment, "tlog-proof")).await;
        window.go("/log/").await;
        window.see("The checkpoint holds").await;
        window.put_into("receipt-text", &receipt.body).await;
        window.press("Check the receipt").await;
        window.see("This receipt does not hold").await;
        window.see("Failed check: log signature.").await;
        window
            .see("the policy has no log named other.example/log")
            .await;
        let policy = other.get("/log/policy").await.body;
        window.put_into("policy-text", &policy).await;
        window.press("Believe this policy").await;
        window
            .see("This is your own policy, kept in this browser")
            .await;
        window.see("This receipt holds").await;
        window
            .see("It was not compared with what the log shows today")
            .await;
        window.reload().await;
        window
            .see("This is your own policy, kept in this browser")
            .await;
        window.see("The checkpoint is refused").await;
        window.press("Back to the platform’s own").await;
        window.see("The checkpoint holds").await;
        window.put_into("policy-text", "quorum nobody").await;
        window.press("Believe this policy").await;
        window.see("This policy cannot be used").await;
        window.check("explorer-policy").await;
    })
    .await;
}

#[tokio::test]
async fn log_that_was_rewritten_or_went_back_is_told() {
    let platform = grown_platform(5).await;
    in_browser_at(platform, DESKTOP, async |window: Arc<Window>| {
        window.go("/log/").await;
        window
            .see("This browser sees the log for the first time")
            .await;
        window.platform.payment(2_000).await;
        window.platform.grow_log().await;
        window.press("Look again").await;
        window
            .see("The checkpoint holds, and the log only grew")
            .await;
        window
            .see("It begins with the 6 entries that this browser saw on")
            .await;
        window.platform.payment(2_000).await;
        window.platform.grow_log().await;
        window.reload().await;
        window
            .see("It begins with the 7 entries that this browser saw on")
            .await;
        let before = window.platform.router.clone();

        // The same name and key, and another history: of the same size, and longer.
        for (entries, reason) in [
            (7, "two trees of 8 leaves"),
            (40, "are not those of the older tree"),
        ] {
            window.serve_instead(grown_platform(entries).await.router);
            window.reload().await;
            window.see("The log was rewritten").await;
            window.see("Failed check: consistency.").await;
            window.see(reason).await;
            window.see("Save both checkpoints").await;
        }
        window.check("explorer-rewritten").await;
        window.serve_instead(grown_platform(2).await.router);
        window.reload().await;
        window.see("The log went back").await;
        // What it remembers is the good one still.
        window.serve_instead(before);
        window.reload().await;
        window
            .see("It begins with the 8 entries that this browser saw on")
            .await;
    })
    .await;
}

#[tokio::test]
async fn entry_is_found_by_its_number_and_a_damaged_file_is_named() {
    let platform = grown_platform(300).await;
    in_browser_at(platform, DESKTOP, async |window: Arc<Window>| {
        window.go("/log/").await;
        window.see("The checkpoint holds").await;
        for number in ["1", "256", "257", "301"] {
            window.put_into("leaf-number", number).await;
            window.press("Look").await;
            window.see(&format!("Entry {number} is in the log")).await;
            window.see("Commitment to reference").await;
        }
        window.check("explorer-entry").await;
        window.put_into("leaf-number", "302").await;
        window.press("Look").await;
        window.see("a tree of 301 leaves has no leaf 301").await;
        let log = window.platform.log.as_ref().unwrap();
        log.store
            .tamper_log_file(TilePath::parse("tile/entries/000").unwrap());
        window.put_into("leaf-number", "1").await;
        window.press("Look").await;
        window.see("The entry is not shown to be there").await;
        window.see("Failed check: files.").await;
    })
    .await;
}

#[tokio::test]
async fn receipt_is_taken_from_a_file_as_proof_and_as_json() {
    in_browser(PHONE, async |window: Arc<Window>| {
        let payment = window.platform.payment(1_000).await;
        window.platform.grow_log().await;
        let directory = tempfile::tempdir().unwrap();
        for part in ["tlog-proof", "json"] {
            let receipt = window.platform.receipt_link(&payment, part);
            let receipt = window.platform.get(&receipt).await.body;
            let file = directory.path().join(format!("receipt.{part}"));
            std::fs::write(&file, receipt).unwrap();
            window.go("/log/").await;
            window.see("The checkpoint holds").await;
            window.choose_file("receipt-file", &file).await;
            window.see("This receipt holds").await;
            window.see("payment created").await;
        }
        window.check("phone-explorer").await;
        for (text, answer) in [
            ("", "There is nothing to check"),
            ("{ \"proof\": null }", "It has no proof yet"),
            ("{ proof", "does not read as JSON"),
            ("hello", "Failed check: form."),
        ] {
            window.put_into("receipt-text", text).await;
            window.press("Check the receipt").await;
            window.see(answer).await;
        }
        window.go("/log/#receipt=%25").await;
        window.reload().await;
        window.see("The address was cut off or changed").await;
    })
    .await;
}

#[tokio::test]
async fn saved_page_checks_receipts_without_the_platform() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let payment = window.platform.payment(1_000).await;
        window.platform.grow_log().await;
        let receipt = window.platform.receipt_link(&payment, "tlog-proof");
        let receipt = window.platform.get(&receipt).await.body;
        let page = window.platform.get("/log/explorer.html").await;
        let disposition = page.headers["content-disposition"].to_str().unwrap();
        assert!(disposition.starts_with("attachment"), "{disposition}");
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("log-explorer.html");
        std::fs::write(&file, page.body).unwrap();
        window.open_file(&file).await;
        window.see("This is a saved page").await;
        // Nothing is at the address that this platform says it has.
        window.see("The log cannot be reached").await;
        window.put_into("receipt-text", &receipt).await;
        window.press("Check the receipt").await;
        window.see("This receipt holds").await;
        window.see("payment created").await;
        window.check("explorer-saved").await;
    })
    .await;
}

#[tokio::test]
async fn page_without_scripts_says_what_checks_instead() {
    in_browser(WITHOUT_SCRIPTS, async |window: Arc<Window>| {
        window.go("/log/").await;
        window.see("needs JavaScript").await;
        window.see("scrip verify receipt").await;
        window.picture("explorer-without-scripts").await;
        let card = window.platform.card(Making::eur(2_500)).await;
        window.open_payment(1_000).await;
        window.type_into("pin", &card.pin).await;
        window.press("Pay €10.00").await;
        window.follow("Your receipts").await;
        window.platform.grow_log().await;
        window.follow("Look again").await;
        window.follow("€10.00 was reserved").await;
        window.see("Receipt as a file").await;
    })
    .await;
}

#[tokio::test]
async fn page_may_run_its_verifier_and_no_other_page_may() {
    let platform = Platform::logged(ORIGIN).await;
    let policy = async |address: &str| {
        let page = platform.get(address).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        policy.to_owned()
    };
    let verifying = "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
    assert!(policy("/log/").await.contains(verifying));
    assert!(!policy("/").await.contains("wasm"));
}
