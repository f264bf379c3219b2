use tracing_subscriber::layer::SubscriberExt;

use super::{CountLines, Severity};

#[test]
fn lines_are_counted_by_how_bad_they_are() {
    let count = || Severity::ALL.map(Severity::lines);
    let before = count();
    let subscriber = tracing_subscriber::registry().with(CountLines);
    tracing::subscriber::with_default(subscriber, || {
        tracing::error!("one");
        tracing::warn!("two");
        tracing::warn!("three");
        tracing::info!("of no weight");
    });
    let after = count();
    assert_eq!([after[0] - before[0], after[1] - before[1]], [1, 2]);
}
