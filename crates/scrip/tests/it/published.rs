//! The transparency log of a running platform, as anybody reads it: checked, mirrored, and after a kill.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use rusqlite::Connection;

use crate::client::{Answer, Client};
use crate::node::Node;
use crate::nodes::found;
use crate::program::{Demo, run, run_badly, run_well};
use sim::cluster::cluster;
use tlog::key::PublicKey;
use tlog::promise::Promise;
use tlog::tile::{TileKind, TilePath};

const DEMO_ORIGIN: &str = "scrip-demo.example/log";
/// What [`crate::node::configuration`] names the log.
pub const NODES_ORIGIN: &str = "nodes.example/log";
/// How soon after an entry its proof must be there, and some time for a machine that does other things as well.
const PROOF_MAX: Duration = Duration::from_secs(20);

/// Somebody who checks a log again and again, and keeps what was seen.
pub struct Checker {
    policy: PathBuf,
    seen: PathBuf,
}

impl Checker {
    /// Believes the key that belongs to the key file of a data directory.
    pub fn of(data: &Path, origin: &str, home: &Path) -> Checker {
        let key = run_well(&["log-key", "--data", data.to_str().expect("UTF-8"), origin]);
        let policy = home.join("policy");
        let text = format!("{key}quorum none\n");
        std::fs::write(&policy, text).expect("the policy can be written");
        Checker {
            policy,
            seen: home.join("seen"),
        }
    }

    pub fn policy(&self) -> String {
        self.policy.to_str().expect("UTF-8").to_owned()
    }

    pub fn of_demo(data: &Path, home: &Path) -> Checker {
        Checker::of(data, DEMO_ORIGIN, home)
    }

    /// Every tile and entry, and that the log begins with what was seen before.
    pub fn check(&self, place: &str) -> String {
        let [policy, seen] = [&self.policy, &self.seen].map(|path| path.to_str().expect("UTF-8"));
        let words = ["verify", "log", place, "--policy", policy, "--since", seen];
        run_well(&words)
    }

    fn verify_receipt(&self, file: &Path) -> String {
        let [file, policy] = [file, &self.policy].map(|path| path.to_str().expect("UTF-8"));
        run_well(&["verify", "receipt", file, "--policy", policy])
    }

    /// The operator's look at journal and log, and whether it found everything in order.
    pub fn verify_journal(&self, place: &str, data: &Path) -> (bool, String) {
        let [policy, data] = [&self.policy, data].map(|path| path.to_str().expect("UTF-8"));
        let words = [
            "verify", "journal", place, "--policy", policy, "--data", data,
        ];
        let output = run(&words);
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        (output.status.success(), text)
    }

    fn mirror(&self, place: &str, directory: &str) -> String {
        let policy = self.policy.to_str().expect("UTF-8");
        run_well(&["mirror", place, directory, "--policy", policy])
    }
}

/// The size of the newest checkpoint; 0 where there is none.
pub async fn size(client: &Client) -> u64 {
    let url = format!("{}/log/checkpoint", client.base_url);
    let Ok(answer) = client.http.get(url).send().await else {
        return 0;
    };
    let text = answer.text().await.unwrap_or_default();
    let line = text.lines().nth(1).unwrap_or_default();
    line.parse().unwrap_or(0)
}

/// Waits until the log has so many leaves.
pub async fn grown_to(client: &Client, leaves: u64) {
    let begun = Instant::now();
    while size(client).await < leaves {
        assert!(begun.elapsed() < PROOF_MAX, "the log does not grow");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until the log has at least so many leaves, and answers how many.
pub async fn grown_beyond(client: &Client, leaves: u64) -> u64 {
    grown_to(client, leaves).await;
    size(client).await
}

pub async fn pay_often(shop: &Client, count: u32) {
    for _ in 0..count {
        let answer = shop.create(None, "1.00", "EUR").await.expect("an answer");
        assert!(answer.status.is_success(), "{:?}", answer.body);
    }
}

#[tokio::test]
async fn every_entry_becomes_a_leaf_that_anybody_can_check_and_a_kill_changes_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let mut demo = Demo::start(&data);
    let checker = Checker::of_demo(&data, home.path());
    let mut shop = Client::of(&demo);
    let mut seen = 0;
    for _ in 0..3 {
        pay_often(&shop, 20).await;
        grown_to(&shop, seen + 20).await;
        seen = size(&shop).await;
        let said = checker.check(&format!("{}/log", shop.base_url));
        assert!(said.contains("the log holds"), "{said}");
        pay_often(&shop, 5).await;
        demo.kill();
        demo = Demo::start(&data);
        shop = Client::of(&demo);
    }
    pay_often(&shop, 300).await;
    grown_to(&shop, seen + 300).await;
    let url = format!("{}/log", shop.base_url);
    let copy = home.path().join("copy");
    let copy = copy.to_str().expect("UTF-8");
    checker.mirror(&url, copy);
    assert!(checker.check(copy).contains("the log holds"));
    let leaves = size(&shop).await;
    demo.stop();
    let journal = Connection::open(data.join("journal.db")).expect("the journal can be read");
    let count = |sql: &str| -> u64 {
        let counted = journal.query_row(sql, [], |row| row.get::<_, i64>(0));
        counted.expect("a count").cast_unsigned()
    };
    let entries = count("SELECT count(*) FROM journal");
    let seeds = count("SELECT sum(count) FROM seeds");
    assert!(
        leaves <= entries && seeds == entries,
        "{leaves} {seeds} {entries}"
    );
    // Without its files the log is made again, and is the same.
    std::fs::remove_file(data.join("log.db")).expect("the file is there");
    let demo = Demo::start(&data);
    let shop = Client::of(&demo);
    grown_to(&shop, entries).await;
    checker.check(&format!("{}/log", shop.base_url));
}

#[tokio::test]
async fn a_restored_backup_keeps_its_log_closed() {
    let home = tempfile::tempdir().expect("a directory");
    let [data, backup, restored] =
        ["data", "backup", "restored"].map(|name| home.path().join(name));
    let [data_text, backup_text, restored_text] =
        [&data, &backup, &restored].map(|path| path.to_str().expect("UTF-8"));
    let demo = Demo::start(&data);
    let shop = Client::of(&demo);
    pay_often(&shop, 3).await;
    grown_to(&shop, 3).await;
    demo.stop();
    run_well(&["backup", "--data", data_text, backup_text]);
    run_well(&["restore", backup_text, "--data", restored_text]);
    let demo = Demo::start(&restored);
    let shop = Client::of(&demo);
    let before = size(&shop).await;
    pay_often(&shop, 5).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(size(&shop).await, before, "a closed log does not grow");
}

#[tokio::test]
async fn a_shop_gets_receipts_that_open_what_it_may_see_and_hold_without_the_platform() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let demo = Demo::start(&data);
    let shop = Client::of(&demo);
    let checker = Checker::of_demo(&data, home.path());
    let created = shop.create(None, "1.00", "EUR").await.expect("an answer");
    let id = created.body["id"].as_str().expect("an id").to_owned();
    let canceled = shop.cancel(&id, None).await.expect("an answer");
    let of = |answer: &Answer| answer.body["sequence"].as_u64().expect("a number");
    let (first, last) = (of(&created), of(&canceled));
    grown_to(&shop, last).await;
    let receipt = async |sequence: u64| {
        let path = format!("/v1/payments/{id}/receipts/{sequence}");
        let answer = shop.call(Method::GET, &path, None, None).await;
        answer.expect("an answer")
    };
    let receipts = [receipt(first).await, receipt(last).await];
    let unknown = receipt(last + 1).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let detail = unknown.body["detail"].as_str().expect("words");
    assert!(detail.contains("history"), "{detail}");
    demo.stop();
    for (number, receipt) in receipts.iter().enumerate() {
        assert_eq!(receipt.status, StatusCode::OK, "{:?}", receipt.body);
        let file = home.path().join(format!("receipt-{number}.json"));
        std::fs::write(&file, receipt.body.to_string()).expect("it can be written");
        let said = checker.verify_receipt(&file);
        let index = receipt.body["index"].as_u64().expect("a number");
        for part in [
            format!("number {index}"),
            "group 0".to_owned(),
            "group 2".to_owned(),
            "group 4".to_owned(),
            "the receipt holds".to_owned(),
        ] {
            assert!(said.contains(&part), "{part}: {said}");
        }
        for hidden in ["group 1", "group 3"] {
            assert!(!said.contains(hidden), "{hidden}: {said}");
        }
    }
}

#[test]
fn a_logs_key_can_be_had_before_the_first_start() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let data = data.to_str().expect("UTF-8");
    let asked = ["log-key", "--data", data, NODES_ORIGIN];
    run_badly(&asked);
    let made = run_well(&[&asked[..], &["--make"]].concat());
    assert!(made.starts_with("log "), "{made}");
    assert_eq!(run_well(&[&asked[..], &["--make"]].concat()), made);
    assert_eq!(run_well(&asked), made);
}

#[tokio::test]
async fn answers_promise_a_leaf_that_then_is_there() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let demo = Demo::start(&data);
    let shop = Client::of(&demo);
    grown_to(&shop, 1).await;
    let key = run_well(&[
        "log-key",
        "--data",
        data.to_str().expect("UTF-8"),
        DEMO_ORIGIN,
    ]);
    let key = key.trim().strip_prefix("log ").expect("a line of a policy");
    let key = PublicKey::parse(key).expect("a key");
    let promise_of = |answer: &Answer| {
        let header = answer.headers.get("scrip-log-promise").expect("a promise");
        Promise::verify(header.as_bytes(), &key).expect("the log signed it")
    };
    let created = shop
        .create(Some("one"), "1.00", "EUR")
        .await
        .expect("an answer");
    let again = shop
        .create(Some("one"), "1.00", "EUR")
        .await
        .expect("an answer");
    let id = created.body["id"].as_str().expect("an id");
    let canceled = shop.cancel(id, Some("two")).await.expect("an answer");
    assert_eq!(promise_of(&created), promise_of(&again));
    for answer in [created, canceled] {
        let promise = promise_of(&answer);
        let sequence = answer.body["sequence"].as_u64().expect("a number");
        assert_eq!(promise.index + 1, sequence);
        grown_to(&shop, sequence).await;
        let size = size(&shop).await;
        let kind = TileKind::Hashes { level: 0 };
        let tile = TilePath::in_tree(kind, promise.index / 256, size).expect("it is in the tree");
        let url = format!("{}/log/{tile}", shop.base_url);
        let bytes = shop
            .http
            .get(url)
            .send()
            .await
            .expect("an answer")
            .bytes()
            .await;
        let hashes = tile.parse_hashes(&bytes.expect("a body")).expect("a tile");
        let place = usize::try_from(promise.index % 256).expect("below 256");
        assert_eq!(hashes[place], promise.leaf, "the log kept its word");
    }
}

#[tokio::test]
async fn files_are_served_with_what_caches_need_and_bad_paths_are_refused() {
    let home = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(&home.path().join("data"));
    let shop = Client::of(&demo);
    grown_to(&shop, 1).await;
    let get = async |path: &str| {
        let url = format!("{}/log/{path}", shop.base_url);
        let answer = shop.http.get(url).send().await.expect("an answer");
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value
                .map_or("", |value| value.to_str().expect("ASCII"))
                .to_owned()
        };
        let [kind, caching] = [header("content-type"), header("cache-control")];
        (
            answer.status(),
            kind,
            caching,
            answer.bytes().await.expect("a body"),
        )
    };
    let (status, kind, caching, _) = get("checkpoint").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(kind, "text/plain; charset=utf-8");
    assert_eq!(caching, "public, max-age=1");
    let width = size(&shop).await;
    for path in [
        format!("tile/0/000.p/{width}"),
        format!("tile/entries/000.p/{width}"),
    ] {
        let (status, kind, caching, body) = get(&path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(kind, "application/octet-stream");
        assert_eq!(caching, "public, max-age=31536000, immutable");
        assert!(!body.is_empty());
    }
    for (path, expected) in [
        ("tile/0/001", StatusCode::NOT_FOUND),
        ("tile/0/000.p/255", StatusCode::NOT_FOUND),
        ("tile/0/000.p/256", StatusCode::BAD_REQUEST),
        ("tile/0/0", StatusCode::BAD_REQUEST),
        ("tile/64/000", StatusCode::BAD_REQUEST),
        ("tile/entries/x000/001", StatusCode::BAD_REQUEST),
        ("tile/0/000/..", StatusCode::BAD_REQUEST),
        ("tile", StatusCode::NOT_FOUND),
    ] {
        let (status, _, caching, body) = get(path).await;
        assert_eq!(status, expected, "{path}");
        assert!(!caching.contains("immutable"), "{path}");
        assert!(
            expected == StatusCode::NOT_FOUND || !body.is_empty(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn two_nodes_keep_one_log_and_one_goes_on_alone() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let data = one.path().join("data");
    let [merchant_key, _] = found(data.to_str().expect("UTF-8"), &store);
    std::fs::create_dir(two.path().join("data")).expect("a directory");
    std::fs::copy(data.join("vault.key"), two.path().join("data/vault.key")).expect("a copy");
    let checker = Checker::of(&data, NODES_ORIGIN, one.path());
    let first = Node::start(one.path(), &store);
    let second = Node::start(two.path(), &store);
    let shops = [&first, &second].map(|node| Client::new(&node.base_url, &merchant_key));
    for shop in &shops {
        pay_often(shop, 20).await;
    }
    for shop in &shops {
        grown_to(shop, 40).await;
        checker.check(&format!("{}/log", shop.base_url));
    }
    first.kill();
    let size_before = size(&shops[1]).await;
    pay_often(&shops[1], 30).await;
    grown_to(&shops[1], size_before + 30).await;
    checker.check(&format!("{}/log", shops[1].base_url));
    let entries = cluster.ask(&store, "SELECT count(*) FROM entries");
    assert_eq!(size(&shops[1]).await.to_string(), entries);
    // Whoever changes a stored file is found out, and the rest of the log is not signed over it.
    let sql = "UPDATE log_files SET bytes = set_byte(bytes, 5, get_byte(bytes, 5) # 1) WHERE path LIKE 'tile/0/%'";
    cluster.execute(&store, sql);
    let policy = checker.policy.to_str().expect("UTF-8");
    let url = format!("{}/log", shops[1].base_url);
    let said = run_badly(&["verify", "log", &url, "--policy", policy]);
    assert!(said.contains("tile/0/000"), "{said}");
    let stopped_at = size(&shops[1]).await;
    pay_often(&shops[1], 3).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(size(&shops[1]).await, stopped_at);
    second.stop();
}

/// Whether an answer of this node comes with a promise.
async fn promises(shop: &Client) -> bool {
    let answer = shop.create(None, "1.00", "EUR").await.expect("an answer");
    assert!(answer.status.is_success(), "{:?}", answer.body);
    answer.headers.contains_key("scrip-log-promise")
}

/// Waits until every node promises, or none does.
async fn until_all_promise(shops: &[Client], expected: bool) {
    let begun = Instant::now();
    for shop in shops {
        while promises(shop).await != expected {
            assert!(begun.elapsed() < PROOF_MAX, "the nodes do not learn it");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn a_log_that_stops_on_one_node_is_promised_by_none_until_it_is_mended_and_tried_again() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let homes = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let [one, two] = homes.each_ref().map(|home| home.path());
    let data = one.join("data");
    let [merchant_key, _] = found(data.to_str().expect("UTF-8"), &store);
    std::fs::create_dir(two.join("data")).expect("a directory");
    std::fs::copy(data.join("vault.key"), two.join("data/vault.key")).expect("a copy");
    let checker = Checker::of(&data, NODES_ORIGIN, one);
    let start = || {
        let nodes = [one, two].map(|home| Node::start(home, &store));
        let shops = nodes
            .each_ref()
            .map(|node| Client::new(&node.base_url, &merchant_key));
        (nodes, shops)
    };
    let standing = || cluster.ask(&store, "SELECT closed, stopped FROM logs");
    let (nodes, shops) = start();
    let entries = || {
        let entries = cluster.ask(&store, "SELECT count(*) FROM entries");
        entries.parse().expect("a number")
    };
    until_all_promise(&shops, true).await;
    // All of it: a round that is under way would put another file in the place of a changed one.
    grown_to(&shops[0], entries()).await;
    checker.check(&format!("{}/log", shops[0].base_url));
    let sql = "UPDATE log_files SET bytes = set_byte(bytes, 5, get_byte(bytes, 5) # 1) WHERE path LIKE 'tile/0/%'";
    cluster.execute(&store, sql);
    until_all_promise(&shops, false).await;
    assert_eq!(standing(), "f|t");
    let stopped_at = size(&shops[0]).await;

    nodes.into_iter().for_each(Node::stop);
    let (nodes, shops) = start();
    // Long enough for whichever node keeps the log to have tried it.
    for _ in 0..20 {
        for shop in &shops {
            assert!(!promises(shop).await, "nobody has mended it");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(standing(), "f|t");
    assert_eq!(size(&shops[0]).await, stopped_at);

    cluster.execute(&store, "DELETE FROM log_files");
    nodes.into_iter().for_each(Node::stop);
    let (nodes, shops) = start();
    until_all_promise(&shops, true).await;
    assert_eq!(standing(), "f|f");
    grown_to(&shops[1], entries()).await;
    checker.check(&format!("{}/log", shops[1].base_url));
    nodes.into_iter().for_each(Node::stop);
}

#[tokio::test]
async fn the_operator_sees_that_journal_and_log_are_one_and_in_what_they_differ() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let demo = Demo::start(&data);
    let checker = Checker::of_demo(&data, home.path());
    let shop = Client::of(&demo);
    pay_often(&shop, 300).await;
    grown_to(&shop, 300).await;
    let url = format!("{}/log", shop.base_url);
    let (holds, said) = checker.verify_journal(&url, &data);
    assert!(holds && said.contains("the journal holds"), "{said}");
    let copy = home.path().join("copy");
    let copy = copy.to_str().expect("UTF-8");
    checker.mirror(&url, copy);
    demo.stop();

    let journal = Connection::open(data.join("journal.db")).expect("the journal can be opened");
    let leaves = size_of_copy(copy);
    let (place, before) = entry_of_a_shop(&journal, leaves);
    let mut after = before.clone();
    let at = before.windows(4).position(|part| part == b"http");
    after[at.expect("it names an address") + 1] = b'T';
    replace_entry(&journal, place, &after);
    let (holds, said) = checker.verify_journal(copy, &data);
    assert!(!holds, "{said}");
    let named = format!(
        "leaf {} of the log was not made of entry {place}",
        place - 1
    );
    assert!(said.contains(&named), "{said}");
    assert!(said.contains("the groups merchant differ"), "{said}");

    replace_entry(&journal, place, &before);
    let sql = format!("DELETE FROM journal WHERE {leaves} <= sequence");
    journal.execute(&sql, []).expect("entries are taken away");
    let (holds, said) = checker.verify_journal(copy, &data);
    assert!(
        !holds && said.contains("those behind were taken away"),
        "{said}"
    );
}

/// The last entry up to `upto` that names a shop's address, with its number.
fn entry_of_a_shop(journal: &Connection, upto: u64) -> (u64, Vec<u8>) {
    let sql = format!(
        "SELECT sequence, entry FROM journal WHERE sequence <= {upto} AND instr(entry, CAST('http' AS BLOB)) \
         ORDER BY sequence DESC LIMIT 1"
    );
    let found = journal.query_row(&sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)));
    let (place, entry) = found.expect("there are payments");
    (place.cast_unsigned(), entry)
}

fn replace_entry(journal: &Connection, place: u64, entry: &[u8]) {
    let sql = format!("UPDATE journal SET entry = ?1 WHERE sequence = {place}");
    let changed = journal.execute(&sql, [entry]).expect("the statement runs");
    assert_eq!(changed, 1);
}

/// The leaves of a copy.
fn size_of_copy(copy: &str) -> u64 {
    let checkpoint = std::fs::read_to_string(Path::new(copy).join("checkpoint"));
    let checkpoint = checkpoint.expect("a copy has a checkpoint");
    let size = checkpoint.lines().nth(1).expect("its size");
    size.parse().expect("a number")
}
