//! A row that was damaged where it is stored is found and stopped, on either backend.

use std::sync::Arc;

use accounting::entry::Actor;
use engine::clock::SystemClock;
use engine::command::{Command, Envelope};
use engine::core::Engine;
use engine::reversal::Watch;
use ids::command::Sequence;
use ids::voucher::Serial;
use payment::payment::Payment;
use payment::state::{CaptureMode, StopCause};
use sim::cluster::cluster;
use store::codec;
use store::conformance::world::{MERCHANT, World, authorized, created, payment_id, serial};
use store::fold::Rows;
use store::port::Store;
use store::row::Key;
use store_postgres::store::PostgresStore;
use store_postgres::target::Target;
use store_sqlite::options::Options;
use store_sqlite::store::SqliteStore;
use vault::vault::Vault;
use voucher::state::{FreezeCause, State};
use voucher::voucher::Voucher;

use crate::migrate::killed::Filled;
use crate::migrate::moved;
use crate::program::run_well;

/// A directory with two vouchers and two payments, of which one is authorised; and its path.
fn a_directory() -> (tempfile::TempDir, String) {
    let world = World::<Filled>::new();
    world.issue([1, 2], 1_000);
    let ids = ["a", "b"].map(|name| payment_id(MERCHANT, name));
    world.commit(ids.map(|id| created(id, 500, "anna")).to_vec());
    world.commit(vec![authorized(ids[0], &[(1, 500)], CaptureMode::Manual)]);
    let (directory, data) = world.harness.close();
    run_well(&["distributor", "--data", &data, "--name", "Kiosk"]);
    (directory, data)
}

/// Lets the watch look at everything at least twice.
async fn inspect(store: Arc<dyn Store>, data: &str) {
    let vault = Vault::open(&std::path::Path::new(data).join("vault.key")).expect("the key");
    let engine = Engine::start(
        Arc::clone(&store),
        Arc::new(SystemClock),
        Arc::new(vault),
        Arc::new(engine::judge::LetPass),
    );
    let engine = engine.expect("a thread");
    let mut watch = Watch::new(Arc::clone(&engine));
    let Sequence(head) = store.head().await.expect("a head");
    for _ in 0..2 * head + 8 {
        watch.step().await.expect("the watch looks");
    }
    engine.stop();
}

async fn voucher(store: &dyn Store, serial: Serial) -> Voucher {
    let rows = store.load(&[Key::Voucher(serial)]).await.expect("rows");
    rows.voucher(serial).expect("the voucher")
}

async fn payment(store: &dyn Store, name: &str) -> Payment {
    let id = payment_id(MERCHANT, name);
    let rows = store.load(&[Key::Payment(id)]).await.expect("rows");
    Payment::clone(rows.payment(id).expect("the payment"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_row_of_a_directory_is_stopped() {
    let (_directory, data) = tokio::task::spawn_blocking(a_directory)
        .await
        .expect("a directory");
    let path = std::path::Path::new(&data);
    let store = SqliteStore::open(path, Options::default()).expect("the store opens");
    let mut damaged = payment(&*store, "a").await;
    store.close();
    damaged.allocations[0].held -= 1;
    let views = rusqlite::Connection::open(path.join("views.db")).expect("the file");
    let place = i64::try_from(damaged.entries[0].0).expect("a small number");
    let changed = views.execute(
        "UPDATE payments SET row = ?1 WHERE first_entry = ?2",
        (codec::encode(&damaged), place),
    );
    assert_eq!(changed.expect("the row is damaged"), 1);
    drop(views);

    let store = SqliteStore::open(path, Options::default()).expect("the store opens");
    assert_eq!(payment(&*store, "a").await.allocations, damaged.allocations);
    inspect(Arc::clone(&store) as Arc<dyn Store>, &data).await;
    assert!(payment(&*store, "a").await.stopped.is_some());
    assert!(payment(&*store, "b").await.stopped.is_none());
    store.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_row_of_a_database_is_stopped() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let url = cluster.database();
    let (_directory, data) = tokio::task::spawn_blocking(a_directory)
        .await
        .expect("a directory");
    moved(&data, &url);
    let target = Target::parse(&url).expect("the URL is understood");
    let store = PostgresStore::open(&target)
        .await
        .expect("the database opens");
    let mut damaged = voucher(&*store, serial(2)).await;
    damaged.remaining += 1;
    damaged.version = Sequence(0);
    let body: String = codec::encode(&damaged)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let number = serial(2).number();
    cluster.execute(
        &url,
        &format!("UPDATE vouchers SET body = '\\x{body}' WHERE serial = {number}"),
    );

    inspect(Arc::clone(&store) as Arc<dyn Store>, &data).await;
    let stopped = voucher(&*store, serial(2)).await;
    assert_eq!(stopped.state, State::Frozen(FreezeCause::Mismatch));
    assert_ne!(
        voucher(&*store, serial(1)).await.state,
        State::Frozen(FreezeCause::Mismatch)
    );
    store.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_payment_of_a_database_is_let_go_from_the_command_line() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let url = cluster.database();
    let (_directory, data) = tokio::task::spawn_blocking(a_directory)
        .await
        .expect("a directory");
    moved(&data, &url);
    let target = Target::parse(&url).expect("the URL is understood");
    let store = PostgresStore::open(&target)
        .await
        .expect("the database opens");
    let vault = Vault::open(&std::path::Path::new(&data).join("vault.key")).expect("the key");
    let engine = Engine::start(
        Arc::clone(&store) as Arc<dyn Store>,
        Arc::new(SystemClock),
        Arc::new(vault),
        Arc::new(engine::judge::LetPass),
    );
    let engine = engine.expect("a thread");
    let id = payment_id(MERCHANT, "a");
    let stopping = Envelope {
        actor: Actor::Timer,
        idempotency: None,
        command: Command::StopPayment {
            id,
            cause: StopCause::Mismatch,
        },
    };
    engine.execute(stopping).await.expect("it is stopped");
    assert!(payment(&*store, "a").await.stopped.is_some());
    let name = id.to_string();
    let resume = |name: &str| {
        crate::program::run(&["resume-payment", "--data", &data, "--store", &url, name])
    };
    let said = tokio::task::block_in_place(|| resume(&name));
    assert!(said.status.success(), "{said:?}");
    assert_eq!(payment(&*store, "a").await.stopped, None);
    // One that is not stopped, and one that is not there.
    for name in [name, payment_id(MERCHANT, "z").to_string()] {
        let said = tokio::task::block_in_place(|| resume(&name));
        let words = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(
            !said.status.success() && words.contains("was not let go"),
            "{words}"
        );
    }
    engine.stop();
    store.close();
}
