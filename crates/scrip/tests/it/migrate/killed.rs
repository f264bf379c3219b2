//! A move that is killed at any moment goes on when it is started again.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ids::command::Sequence;
use payment::state::CaptureMode;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sim::cluster::cluster;
use store::conformance::Harness;
use store::conformance::world::{MERCHANT, World, authorized, created, payment_id};
use store::outbox::{Channel, NewMessage, Outbox, Step};
use store::port::Store;
use store_sqlite::options::Options;
use store_sqlite::store::SqliteStore;

use crate::migrate::{Moving, moved, text};
use crate::program::{run_badly, run_well};

/// A data directory that is filled without an engine.
pub struct Filled {
    directory: tempfile::TempDir,
    store: Arc<SqliteStore>,
}

impl Filled {
    /// The directory, whose store is closed, and the path of the data in it.
    pub fn close(self) -> (tempfile::TempDir, String) {
        self.store.close();
        let data = text(&self.directory.path().join("data")).to_owned();
        (self.directory, data)
    }
}

impl Harness for Filled {
    type Backend = SqliteStore;

    fn create() -> Filled {
        let directory = tempfile::tempdir().expect("a directory");
        let store = SqliteStore::open(&directory.path().join("data"), Options::default());
        Filled {
            store: store.expect("the store opens"),
            directory,
        }
    }

    fn backend(&self) -> &SqliteStore {
        &self.store
    }

    fn reopen(&mut self) {
        self.store.close();
        let store = SqliteStore::open(self.store.path(), Options::default());
        self.store = store.expect("the store opens");
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        block_on(future)
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a thread")
        .block_on(future)
}

const VOUCHERS: u64 = 2_000;
const PAYMENTS: u64 = 3_000;

/// Vouchers, payments in two states, and a message for each.
pub fn filled() -> (tempfile::TempDir, String) {
    let world = World::<Filled>::new();
    for part in 0..4 {
        let from = part * VOUCHERS / 4;
        world.issue(from..from + VOUCHERS / 4, 2_500);
    }
    for part in 0..PAYMENTS / 100 {
        let ids = (part * 100..part * 100 + 100)
            .map(|number| (number, payment_id(MERCHANT, &format!("payment-{number}"))));
        world.commit(
            ids.clone()
                .map(|(_, id)| created(id, 500, "anna"))
                .collect(),
        );
        let paid = ids.filter(|(number, _)| *number < VOUCHERS);
        world.commit(
            paid.map(|(number, id)| authorized(id, &[(number, 500)], CaptureMode::Manual))
                .collect(),
        );
    }
    tell(&world);
    let (directory, data) = world.harness.close();
    // The key, and an entry of the engine's.
    run_well(&["distributor", "--data", &data, "--name", "Kiosk"]);
    (directory, data)
}

fn tell(world: &World<Filled>) {
    let messages: Vec<NewMessage> = (0..PAYMENTS)
        .map(|number| NewMessage {
            recipient: MERCHANT.into(),
            channel: Channel::Webhook,
            event: "payment.created".to_owned(),
            url: "https://shop.example/hook".to_owned(),
            body: format!("{{\"data\":{{\"payment\":{number}}}}}"),
            entry: Some(Sequence(4)),
            created_at: store::conformance::world::START,
        })
        .collect();
    let store = world.harness.backend();
    let step = Step {
        from: Sequence(0),
        to: world.harness.wait(store.head()).expect("a head"),
    };
    world
        .harness
        .wait(store.enqueue(messages, step))
        .expect("messages are added");
}

/// Kills moves at random moments until one comes to its end before it is killed.
fn move_with_kills(from: &str, to: &str, chance: &mut StdRng, between: impl Fn()) {
    let mut killed = 0;
    for patience_ms in [300, 900, 2_000] {
        let mut moving = Moving::start(from, to);
        if moving.read_until("copying").is_none() {
            break;
        }
        std::thread::sleep(Duration::from_millis(chance.random_range(0..patience_ms)));
        moving.kill();
        killed += 1;
        between();
    }
    println!("killed {killed} times");
    let output = run_well(&["migrate-store", "--from", from, "--to", to]);
    assert!(output.contains("has moved"), "{output}");
    moved_already(from, to);
}

fn moved_already(from: &str, to: &str) {
    let again = run_well(&["migrate-store", "--from", from, "--to", to]);
    assert!(again.contains("already"), "{again}");
}

#[test]
fn a_move_that_is_killed_goes_on_where_it_was() {
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let (directory, data) = filled();
    move_with_kills(&data, &store, &mut chance, || {
        // Whichever moment it was, no more than one of the two can be used.
        let used = [
            run_works(&["distributor", "--data", &data, "--name", "A"]),
            run_works(&[
                "distributor",
                "--data",
                &data,
                "--store",
                &store,
                "--name",
                "B",
            ]),
        ];
        assert_ne!(used, [true, true]);
    });
    let back = directory.path().join("back");
    std::fs::create_dir(&back).expect("a directory");
    let missing = run_badly(&["migrate-store", "--from", &store, "--to", text(&back)]);
    assert!(missing.contains("copy vault.key"), "{missing}");
    std::fs::copy(Path::new(&data).join("vault.key"), back.join("vault.key")).expect("a copy");
    move_with_kills(&store, text(&back), &mut chance, || {});
    let audit = run_well(&["audit", "--data", text(&back)]);
    assert!(audit.contains("everything agrees"), "{audit}");
}

/// The leases of the first run end while it stands still, and the second one takes over. What the first one still does is
/// refused, by its leases or by the database.
#[test]
fn a_run_that_stood_still_while_another_one_finished_changes_nothing() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let (_directory, data) = filled();
    let mut paused = Moving::start(&data, &store);
    assert!(paused.read_until("copying").is_some());
    paused.signal("STOP");
    moved(&data, &store);
    let (head, figures) = ends_of(&data, &store);
    paused.signal("CONT");
    let said = paused.fail();
    // Where it stood still in the middle of a question, the time for the answer is over as well.
    let ends = ["leases", "another run", "did not answer in time"];
    assert!(ends.iter().any(|end| said.contains(end)), "{said}");
    assert_eq!(ends_of(&data, &store), (head, figures));
    moved_already(&data, &store);
}

/// What an audit of the database prints, and where its outbox ends.
fn ends_of(data: &str, store: &str) -> (String, String) {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let outbox = cluster.ask(
        store,
        "SELECT (SELECT count(*) FROM messages) || ' ' || entry || ' ' || last_message FROM outbox_cursor",
    );
    let file =
        crate::node::configuration(Path::new(data).parent().expect("a directory above"), store);
    (outbox, run_well(&["audit", "--config", text(&file)]))
}

#[test]
fn a_move_that_is_stopped_says_how_to_go_on() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let (_directory, data) = filled();
    let mut moving = Moving::start(&data, &store);
    assert!(moving.read_until("copying").is_some());
    let said = moving.interrupt();
    assert!(said.contains("give the same command again"), "{said}");
    moved(&data, &store);
}

fn run_works(arguments: &[&str]) -> bool {
    crate::program::run(arguments).status.success()
}
