//! Promises on the log's own page: judged, remembered, and what breaks them collected.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tlog::hash::TreeHash;
use tlog::promise::Promises;
use tlog_reader::check::{Served, Terms};
use tlog_reader::promised::look;
use tlog_reader::source::{Patience, Source};
use verifier::checkpoint::Clock;
use verifier::promise::{Promise, Standing};
use verifier::promised::{Outcome, against};
use verifier::receipt::Receipt;

use super::window::{Window, in_browser_at};
use super::{DESKTOP, PHONE};
use crate::platform::Platform;
use crate::public_log::now;

const ORIGIN: &str = "pay.example/log";
/// Later than any of this is looked at.
const FAR: u64 = 9_000_000_000;
const FORGED: TreeHash = TreeHash::new([7; 32]);

/// Signed with the log's real key, whether it will be kept or not.
fn promise(platform: &Platform, index: u64, leaf: TreeHash, deadline: u64) -> String {
    let secret = platform.vault.log_key(ORIGIN);
    let public = platform.log.as_ref().unwrap().log.public_key().clone();
    let sign = |message: &[u8]| Ok::<_, Infallible>(secret.sign(message));
    let Ok(promises) = Promises::sign(public, index, vec![leaf], deadline, sign);
    promises.at(index).unwrap().to_string()
}

fn clock() -> Clock {
    Clock {
        now: now(),
        age_seconds_max: None,
    }
}

/// A platform whose log has two leaves, and a promise for the second that is kept.
async fn platform_that_kept_its_word() -> (Platform, String) {
    let platform = Platform::logged(ORIGIN).await;
    let payment = platform.payment(1_000).await;
    platform.grow_log().await;
    let receipt = platform
        .get(&platform.receipt_link(&payment, "tlog-proof"))
        .await;
    let policy = platform.log.as_ref().unwrap().policy();
    let receipt = Receipt::verify(receipt.body.as_bytes(), &policy, clock()).unwrap();
    assert_eq!(receipt.leaf.index, 1);
    let leaf = TreeHash::new(receipt.leaf_hash.0);
    let kept = promise(&platform, 1, leaf, 5);
    (platform, kept)
}

/// Opens the page, and waits until all that it does by itself is done: what comes later moves what a click is aimed at.
async fn open_log(window: &Window) {
    window.go("/log/").await;
    window.see("This browser remembers").await;
}

async fn check(window: &Window, promises: &[&str]) {
    window
        .put_into("promise-text", &promises.join("\n\n"))
        .await;
    window.press("Check the promises").await;
}

/// What `scrip verify promise --evidence` would keep.
async fn evidence_by_command(window: &Window, promise: &str) -> Vec<u8> {
    let policy = window.platform.log.as_ref().unwrap().policy();
    let place = format!("{}/log", window.site);
    let source = Source::open(&place, Patience::USUAL).unwrap();
    let terms = Terms {
        policy: &policy,
        clock: clock(),
    };
    let served = Served::fetch(&source, &terms).await.unwrap();
    let promise = Promise::verify(promise.as_bytes(), &policy).unwrap();
    let outcome = look(&source, &served, &promise, &policy, now()).await;
    match outcome.unwrap() {
        Outcome::Broken { evidence } => evidence,
        other => panic!("{other:?}"),
    }
}

/// Saves both files of the broken promise of this leaf, and shows them to somebody who has nothing else.
async fn save_evidence(window: &Window, index: u64, promise: &str) -> Vec<u8> {
    let [promise_file, shown_file] = ["promise", "shown"].map(|kind| format!("{index}.{kind}"));
    window.follow(&format!("Save {promise_file}")).await;
    window.follow(&format!("Save {shown_file}")).await;
    let saved = window.saved(&promise_file).await;
    assert_eq!(String::from_utf8(saved).unwrap(), promise);
    let shown = window.saved(&shown_file).await;
    let policy = window.platform.log.as_ref().unwrap().policy();
    let promise = Promise::verify(promise.as_bytes(), &policy).unwrap();
    let standing = against(&shown, &promise, &policy, clock());
    assert_eq!(standing, Ok(Standing::Broken));
    shown
}

#[tokio::test]
async fn what_became_of_promises_is_told_and_evidence_can_be_saved() {
    let (platform, kept) = platform_that_kept_its_word().await;
    in_browser_at(platform, DESKTOP, async move |window: Arc<Window>| {
        let platform = &window.platform;
        let open = promise(platform, 40, FORGED, FAR);
        let other = promise(platform, 0, FORGED, FAR);
        let silent = promise(platform, 30, FORGED, 5);
        open_log(&window).await;
        window.see("This browser knows of none.").await;
        check(&window, &[&kept]).await;
        window.see("The log kept its word").await;
        window.see("Entry 2, leaf 1").await;
        window
            .see("The log has the promised leaf at the promised place.")
            .await;
        window
            .see("This browser remembers no promise that is not kept yet.")
            .await;
        check(&window, &[&kept, &open]).await;
        window.see("Kept: 1, open: 1, overdue: 0, broken: 0.").await;
        window.see("The deadline has not come.").await;
        check(&window, &[&silent, &kept, &open, &other, &open]).await;
        window.see("The log broke its word").await;
        window.see("Kept: 1, open: 1, overdue: 0, broken: 2.").await;
        window.see("Another leaf stands there.").await;
        window
            .see("Enough witnesses saw after it that the log does not reach so far.")
            .await;
        window
            .see("This browser remembers 1 promise that is not kept yet")
            .await;
        window.check("explorer-promises").await;
        for (index, promise) in [(0, &other), (30, &silent)] {
            let shown = save_evidence(&window, index, promise).await;
            assert_eq!(shown, evidence_by_command(&window, promise).await);
        }
    })
    .await;
}

#[tokio::test]
async fn overdue_promise_is_remembered_and_checked_again_until_witnesses_show_it_broken() {
    let (platform, kept) = platform_that_kept_its_word().await;
    in_browser_at(platform, PHONE, async move |window: Arc<Window>| {
        let platform = &window.platform;
        // The witness has seen the log not later than now.
        let deadline = now();
        let late = promise(platform, 4, FORGED, deadline);
        let open = promise(platform, 5, FORGED, FAR);
        while now() <= deadline {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        open_log(&window).await;
        check(&window, &[&late, &kept, &open]).await;
        window.see("The log is late with its word").await;
        window.see("Kept: 1, open: 1, overdue: 1, broken: 0.").await;
        window
            .see("too few witnesses have said when they saw it")
            .await;
        window.check("phone-explorer-overdue").await;
        window.reload().await;
        window
            .see("This browser remembers 2 promises that are not kept yet")
            .await;
        window.see("Kept: 0, open: 1, overdue: 1, broken: 0.").await;

        platform.payment(1_000).await;
        platform.grow_log().await;
        window.reload().await;
        window.see("Kept: 0, open: 1, overdue: 0, broken: 1.").await;
        window.see("Save 4.shown").await;
        window.check("phone-explorer-broken").await;
        let shown = save_evidence(&window, 4, &late).await;
        assert_eq!(shown, evidence_by_command(&window, &late).await);

        // What was collected first stays, also when the log reaches so far; and the other one comes to its place.
        for _ in 0..3 {
            platform.payment(1_000).await;
        }
        platform.grow_log().await;
        window.reload().await;
        window.see("Kept: 0, open: 0, overdue: 0, broken: 1.").await;
        window.see("Entry 6, leaf 5").await;
        check(&window, &[&late]).await;
        window.see("Kept: 0, open: 0, overdue: 0, broken: 1.").await;
        window.reload().await;
        window
            .see("This browser remembers no promise that is not kept yet.")
            .await;
        window.see("Save 5.shown").await;
        window.follow("Save 4.shown").await;
        assert_eq!(window.saved("4 (1).shown").await, shown);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_promise_is_told_and_a_log_that_is_silent_lets_promises_be_remembered() {
    let (platform, kept) = platform_that_kept_its_word().await;
    in_browser_at(platform, DESKTOP, async move |window: Arc<Window>| {
        let page = window.platform.get("/log/explorer.html").await;
        let directory = tempfile::tempdir().unwrap();
        open_log(&window).await;
        check(&window, &[]).await;
        window.see("There is nothing to check").await;
        let answer = format!("HTTP/1.1 200 OK\nscrip-log-promise: {kept}\n{{}}");
        check(&window, &[&answer]).await;
        window.see("Kept: 1, open: 0, overdue: 0, broken: 0.").await;
        let other = Platform::logged("other.example/log").await;
        let forged = promise(&other, 1, FORGED, FAR);
        check(&window, &[&kept, &kept[..kept.len() - 4], "hello", &forged]).await;
        window
            .see("Kept: 1, open: 0, overdue: 0, broken: 0, not checked: 3.")
            .await;
        window
            .see("This is no promise of a log that you believe.")
            .await;
        let files = [
            ("one", kept.clone()),
            ("two", promise(&window.platform, 9, FORGED, FAR)),
        ];
        for (name, text) in files {
            std::fs::write(directory.path().join(name), text).unwrap();
        }
        let names = ["one", "two"].map(|name| directory.path().join(name).display().to_string());
        window.type_into("promise-file", &names.join("\n")).await;
        window.see("Kept: 1, open: 1, overdue: 0, broken: 0.").await;
        window.press("Forget them").await;
        window
            .see("This browser remembers no promise that is not kept yet.")
            .await;

        // Nothing is at the address that this platform says it has.
        let file = directory.path().join("log-explorer.html");
        std::fs::write(&file, page.body).unwrap();
        window.open_file(&file).await;
        window.see("The log cannot be reached").await;
        window
            .see("This browser remembers no promise that is not kept yet.")
            .await;
        check(&window, &[&kept]).await;
        window.see("Not all of it could be checked").await;
        window.see("does not answer").await;
        window
            .see("This browser remembers 1 promise that is not kept yet")
            .await;
        window.reload().await;
        window
            .see("This browser remembers 1 promise that is not kept yet")
            .await;
    })
    .await;
}
