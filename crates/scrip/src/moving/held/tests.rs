use std::sync::Arc;

use engine::lease::SPAN;
use sim::memory::MemoryStore;
use store::lease::{Held, Holder, LeaseName, Leases};

use super::AllLeases;

/// Whoever still works may change what is being moved, whatever its work is.
#[tokio::test]
async fn none_is_taken_while_anybody_does_any_of_the_work() {
    let leases: Arc<dyn Leases> = Arc::new(MemoryStore::default());
    let holder = Holder([7; 16]);
    for name in LeaseName::ALL {
        let token = leases.acquire(name, holder, SPAN).await;
        let token = token.expect("an answer").expect("the lease is free");
        let taken = AllLeases::take(Arc::clone(&leases)).await;
        assert!(
            taken.expect("an answer").is_none(),
            "{name:?} was not needed"
        );
        let held = Held {
            name,
            holder,
            token,
        };
        leases.release(held).await.expect("it is released");
    }
    let taken = AllLeases::take(Arc::clone(&leases)).await;
    taken
        .expect("an answer")
        .expect("all are free")
        .release()
        .await;
}
