//! Crowds before one engine and before two over one store, with lost answers and full disks among their commands.

use std::sync::Arc;

use sim::crowd;
use sim::memory::{Fault, MemoryStore};
use store::port::Store;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_served_in_some_order() {
    serve_crowds(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_over_one_store_serve_a_crowd_as_one() {
    serve_crowds(2).await;
}

async fn serve_crowds(nodes: usize) {
    for seed in 1..=4 {
        println!("seed {seed}");
        let store = Arc::new(MemoryStore::default());
        let stores = vec![Arc::clone(&store) as Arc<dyn Store>; nodes];
        let disturb = move |number: u64| match number % 40 {
            7 => store.inject(Fault::LostAnswer),
            27 => store.inject(Fault::Full),
            _ => {}
        };
        crowd::serve(seed, &stores, Arc::new(disturb)).await;
    }
}
