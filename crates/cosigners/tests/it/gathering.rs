//! Witnesses that do what they should, and too few of them.

use cosigners::peer::PeerError;
use tempfile::TempDir;
use verifier::checkpoint::{CURRENT_SECONDS_MAX, Checkpoint, Clock};
use verifier::policy::Policy;

use crate::forger::History;
use crate::support::{Behaviour, gather, gatherer, made_up, now, ours, policy};

fn directories<const N: usize>() -> [TempDir; N] {
    std::array::from_fn(|_| TempDir::new().expect("a directory"))
}

#[tokio::test]
async fn what_is_gathered_convinces_a_verifier_that_shares_no_code() {
    let [a, b, c] = directories();
    let witnesses = [
        ours("north", &a).await,
        ours("south", &b).await,
        ours("east", &c).await,
    ];
    let hosted = witnesses.each_ref();
    let cosigners = gatherer(2, &hosted);
    let history = History::honest(600);
    let believed = Policy::parse(&policy(2, &hosted)).expect("a policy");
    for size in [1, 2, 255, 256, 257, 257, 600] {
        let gathered = gather(&cosigners, &history, size).await;
        assert!(gathered.is_enough, "{size}: {:?}", gathered.missing);
        assert_eq!(gathered.cosigned, ["north", "south", "east"]);
        let text = gathered.checkpoint.to_string();
        let clock = Clock {
            now: now(),
            age_seconds_max: Some(CURRENT_SECONDS_MAX),
        };
        let checked = Checkpoint::verify(text.as_bytes(), &believed, clock);
        assert_eq!(checked.expect("it convinces").size, size);
    }
}

#[tokio::test]
async fn a_log_that_forgot_how_far_its_witnesses_are_learns_it_from_them() {
    let [a, b] = directories();
    let witnesses = [ours("north", &a).await, ours("south", &b).await];
    let history = History::honest(40);
    gather(&gatherer(2, &witnesses.each_ref()), &history, 9).await;
    gather(&gatherer(1, &[&witnesses[0]]), &history, 20).await;
    // A new process knows neither 9 nor 20.
    let again = gather(&gatherer(2, &witnesses.each_ref()), &history, 40).await;
    assert_eq!(again.cosigned, ["north", "south"], "{:?}", again.missing);
}

#[tokio::test]
async fn a_silent_witness_is_not_waited_for_once_enough_have_cosigned() {
    let [a, b] = directories();
    let witnesses = [
        ours("north", &a).await,
        made_up("silent", Behaviour::Silent).await,
        ours("south", &b).await,
    ];
    let history = History::honest(5);
    let gathered = gather(&gatherer(2, &witnesses.each_ref()), &history, 5).await;
    assert!(gathered.is_enough);
    assert_eq!(gathered.cosigned, ["north", "south"]);
    let [(name, why)] = &gathered.missing[..] else {
        panic!("{:?}", gathered.missing);
    };
    assert!(matches!(why, PeerError::Late), "{name}: {why}");
    // Where all three are needed, the time ends the waiting, and it says that they are too few.
    let gathered = gather(&gatherer(3, &witnesses.each_ref()), &history, 5).await;
    assert!(!gathered.is_enough);
    assert_eq!(gathered.cosigned, ["north", "south"]);
}

#[tokio::test]
async fn what_was_gathered_can_be_gathered_for_again() {
    let [a, b] = directories();
    let witnesses = [ours("north", &a).await, ours("south", &b).await];
    let history = History::honest(5);
    let one = gather(&gatherer(1, &[&witnesses[0]]), &history, 5).await;
    let both = gatherer(2, &witnesses.each_ref());
    let again = both.gather(one.checkpoint, &history, now()).await;
    assert!(again.is_enough, "{:?}", again.missing);
    assert_eq!(again.checkpoint.note().lines().len(), 3);
}

#[tokio::test]
async fn a_log_that_was_rewritten_is_not_cosigned() {
    let [a] = directories();
    let witness = ours("north", &a).await;
    gather(&gatherer(1, &[&witness]), &History::honest(9), 9).await;
    let rewritten = History::rewritten(16, 2);
    for size in [9, 16] {
        let gathered = gather(&gatherer(1, &[&witness]), &rewritten, size).await;
        assert!(!gathered.is_enough);
        let why = &gathered.missing[0].1;
        assert!(matches!(why, PeerError::Inconsistent), "{size}: {why}");
    }
}

#[tokio::test]
async fn storage_that_was_set_back_is_told_by_what_a_witness_shows() {
    let [a] = directories();
    let witness = ours("north", &a).await;
    let history = History::honest(16);
    gather(&gatherer(1, &[&witness]), &history, 16).await;
    let gathered = gather(&gatherer(1, &[&witness]), &history, 9).await;
    assert!(!gathered.is_enough);
    match &gathered.missing[0].1 {
        PeerError::Ahead(shown) => assert_eq!(shown.unverified().head.size, 16),
        other => panic!("{other}"),
    }
}
