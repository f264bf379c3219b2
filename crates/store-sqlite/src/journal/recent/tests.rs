use accounting::entry::{Actor, Circumstances};
use accounting::fact::Fact;
use ids::command::ApiKeyDigest;
use ids::time::Timestamp;

use super::*;

fn entry(sequence: u64) -> Arc<Entry> {
    let circumstances = Circumstances {
        sequence: Sequence(sequence),
        at: Timestamp(0),
        actor: Actor::Operator,
        idempotency: None,
    };
    let digest = ApiKeyDigest([1; 32]);
    Arc::new(Entry::new(circumstances, Fact::ApiKeyRevoked { digest }))
}

fn sequences(recent: &Recent, after: u64, head: u64, count: usize) -> Option<Vec<u64>> {
    let entries = recent.after(Sequence(after), Sequence(head), count)?;
    Some(entries.iter().map(|entry| entry.sequence().0).collect())
}

#[test]
fn nothing_is_shown_beyond_the_head_or_the_count() {
    let recent = Recent::default();
    assert_eq!(sequences(&recent, 0, 9, 10), None);
    recent.push(&[entry(5), entry(6)], &[100, 100]);
    recent.push(&[entry(7)], &[100]);
    assert_eq!(sequences(&recent, 4, 7, 10), Some(vec![5, 6, 7]));
    assert_eq!(sequences(&recent, 4, 6, 10), Some(vec![5, 6]));
    assert_eq!(sequences(&recent, 5, 7, 1), Some(vec![6]));
}

#[test]
fn a_reader_that_is_behind_has_to_read_the_disk() {
    let recent = Recent::default();
    let half = BYTES_MAX / 2;
    recent.push(&[entry(1), entry(2), entry(3)], &[half, half, 1]);
    assert_eq!(sequences(&recent, 0, 3, 10), None, "the oldest made room");
    assert_eq!(sequences(&recent, 1, 3, 10), Some(vec![2, 3]));
    recent.push(&[entry(4)], &[BYTES_MAX + 1]);
    assert_eq!(sequences(&recent, 3, 4, 10), None, "too large to be kept");
}
