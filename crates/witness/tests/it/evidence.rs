//! Logs that rewrite their history with their real keys, and people who only want to fill the disk.

use crate::forger::{History, request};
use crate::support::{Hosted, log_key};

async fn after_five_leaves() -> Hosted {
    let hosted = Hosted::fresh();
    let body = History::honest(16).request(&log_key(), 0, 5);
    assert_eq!(hosted.add(body).await.code, 200);
    hosted
}

#[tokio::test]
async fn a_history_rewritten_at_the_same_size_is_refused_and_kept_with_what_speaks_against_it() {
    let hosted = after_five_leaves().await;
    let forged = History::rewritten(16, 2).request(&log_key(), 5, 5);
    let cosigned = hosted.shown().await.body;
    assert_eq!(hosted.add(forged.clone()).await.code, 422);
    assert_eq!(hosted.evidence(), ["split-5.cosigned", "split-5.request"]);
    let mut kept = Vec::new();
    for file in std::fs::read_dir(hosted.evidence_directory()).unwrap() {
        kept.push(std::fs::read_to_string(file.unwrap().path()).unwrap());
    }
    kept.sort();
    let mut expected = [cosigned, forged];
    expected.sort();
    assert_eq!(kept, expected);
}

#[tokio::test]
async fn a_rewritten_history_that_was_extended_is_refused_and_kept() {
    let hosted = after_five_leaves().await;
    let forged = History::rewritten(16, 2).request(&log_key(), 5, 9);
    assert_eq!(hosted.add(forged).await.code, 422);
    assert_eq!(
        hosted.evidence(),
        ["unproved-9.cosigned", "unproved-9.request"]
    );
    // The same forgery again, after a restart, is one piece of evidence.
    let hosted = hosted.again();
    let forged = History::rewritten(16, 2).request(&log_key(), 5, 9);
    assert_eq!(hosted.add(forged).await.code, 422);
    assert_eq!(hosted.evidence().len(), 2);
}

#[tokio::test]
async fn a_split_view_is_kept_even_when_it_is_asked_for_from_another_size() {
    let hosted = after_five_leaves().await;
    let forged = History::rewritten(16, 2).request(&log_key(), 3, 5);
    assert_eq!(hosted.add(forged).await.code, 409);
    assert_eq!(hosted.evidence(), ["split-5.cosigned", "split-5.request"]);
}

#[tokio::test]
async fn requests_that_show_nothing_are_not_kept() {
    let hosted = after_five_leaves().await;
    let (honest, key) = (History::honest(16), log_key());
    for (body, code) in [
        (honest.request(&key, 3, 9), 409),
        (honest.request(&key, 9, 16), 409),
        (honest.request(&key, 5, 9).replace("old 5", "old 10"), 400),
    ] {
        assert_eq!(hosted.add(body).await.code, code);
    }
    assert!(hosted.evidence().is_empty());
}

#[tokio::test]
async fn what_is_proved_later_is_no_evidence_any_more() {
    let hosted = after_five_leaves().await;
    let (honest, key) = (History::honest(16), log_key());
    let unproved = request(5, &[], &key.note(honest.head(9)));
    assert_eq!(hosted.add(unproved).await.code, 422);
    assert_eq!(hosted.evidence().len(), 2);
    assert_eq!(hosted.add(honest.request(&key, 5, 9)).await.code, 200);
    assert!(hosted.evidence().is_empty());
}

#[tokio::test]
async fn evidence_is_bounded_and_a_flood_leaves_room_for_split_views() {
    let hosted = Hosted::fresh();
    let (long, key) = (History::honest(600), log_key());
    assert_eq!(hosted.add(long.request(&key, 0, 5)).await.code, 200);
    for size in 6..400 {
        let unproved = request(5, &[], &key.note(long.head(size)));
        assert_eq!(hosted.add(unproved).await.code, 422);
    }
    let unproved = |hosted: &Hosted| {
        let names = hosted.evidence();
        let is_request = |name: &&String| name.ends_with(".request");
        names.iter().filter(is_request).count()
    };
    assert_eq!(unproved(&hosted), 256);
    let forged = History::rewritten(16, 2).request(&key, 5, 5);
    assert_eq!(hosted.add(forged).await.code, 422);
    assert_eq!(unproved(&hosted), 257);
}
