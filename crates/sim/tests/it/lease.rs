//! One node works at a time, and the next goes on when it stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::time::Duration;

use engine::lease::Node;
use sim::memory::MemoryStore;
use store::lease::{Holder, LeaseName, Leases};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn of_two_nodes_one_works_and_the_other_takes_over() {
    let store = Arc::new(MemoryStore::default());
    let at_work = Arc::new(AtomicI32::new(0));
    let starts = Arc::new(AtomicU32::new(0));
    let nodes = [1, 2].map(|number| Node {
        held: Arc::default(),
        leases: Arc::clone(&store) as Arc<dyn Leases>,
        holder: Holder([number; 16]),
        stop: CancellationToken::new(),
    });
    let tasks = nodes.each_ref().map(|node| {
        let (at_work, starts) = (Arc::clone(&at_work), Arc::clone(&starts));
        let work = node
            .clone()
            .work_while_held(LeaseName::Timers, move |stop| {
                let (at_work, starts) = (Arc::clone(&at_work), Arc::clone(&starts));
                async move {
                    assert_eq!(
                        at_work.fetch_add(1, Ordering::SeqCst),
                        0,
                        "two nodes work at once"
                    );
                    starts.fetch_add(1, Ordering::SeqCst);
                    stop.cancelled().await;
                    at_work.fetch_sub(1, Ordering::SeqCst);
                }
            });
        tokio::spawn(work)
    });
    let [first, second] = tasks;
    until(&starts, 1).await;
    // Whichever works lets go of the lease when its node stops; the other one then begins.
    nodes[0].stop.cancel();
    first.await.expect("it stops well");
    until_working(&at_work).await;
    nodes[1].stop.cancel();
    second.await.expect("it stops well");
    assert_eq!(at_work.load(Ordering::SeqCst), 0);
}

async fn until(starts: &AtomicU32, count: u32) {
    while starts.load(Ordering::SeqCst) < count {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn until_working(at_work: &AtomicI32) {
    while at_work.load(Ordering::SeqCst) != 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
