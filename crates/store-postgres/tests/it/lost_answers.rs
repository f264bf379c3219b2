//! A commit whose answer was lost is looked up: it is never done twice and never reported wrong.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use store::conformance::Harness;
use store::conformance::world::{MERCHANT, World, created, payment_id};
use store::fold::Rows;
use store::row::Key;
use store_postgres::store::PostgresStore;
use tokio::runtime::Runtime;

use crate::proxy::{Cut, Proxy};
use crate::server::{open, runtime, server};

struct ThroughProxy {
    runtime: Runtime,
    proxy: Proxy,
    url: String,
    store: Arc<PostgresStore>,
}

impl Harness for ThroughProxy {
    type Backend = PostgresStore;

    fn create() -> ThroughProxy {
        let runtime = runtime();
        let server = server();
        let proxy = Proxy::start(server.port());
        let url = server.database().replace(
            &format!(":{}/", server.port()),
            &format!(":{}/", proxy.port()),
        );
        let store = runtime.block_on(open(&url));
        ThroughProxy {
            runtime,
            proxy,
            url,
            store,
        }
    }

    fn backend(&self) -> &PostgresStore {
        &self.store
    }

    fn reopen(&mut self) {
        self.store.close();
        self.store = self.runtime.block_on(open(&self.url));
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

#[test]
fn a_commit_is_done_once_however_its_connection_ends() {
    let world = World::<ThroughProxy>::new();
    for (number, cut) in (0..).zip([
        Cut::BeforeTheServer,
        Cut::BeforeTheAnswer,
        Cut::AndDeliverLate,
        Cut::Nothing,
    ]) {
        let id = payment_id(MERCHANT, &format!("payment-{number}"));
        let batch = world.batch(world.entries(vec![created(id, 500, "anna")]));
        let head = world.head();
        world.harness.proxy.cut_next(cut);
        let shift = world.try_commit(batch);
        assert!(world.harness.proxy.is_done(), "{cut:?} did not happen");
        assert!(
            shift.as_ref().is_ok_and(|shift| shift.is_none()),
            "{cut:?}: {shift:?}"
        );
        // What was delivered late has arrived by now, and found that it was given up.
        std::thread::sleep(Duration::from_millis(600));
        assert_eq!(world.head(), head.next(), "{cut:?}");
        let rows = world.load(&[Key::Payment(id)]);
        let entries = rows.payment(id).map(|payment| payment.entries.clone());
        assert_eq!(entries, Some(vec![head.next()]), "{cut:?}");
    }
}
