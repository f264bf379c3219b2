//! A platform moves from its directory into PostgreSQL and back, and nobody who uses it notices more than a pause.

pub mod killed;
mod receiver;
mod refused;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use sim::cluster::cluster;

use crate::client::{Answer, Client};
use crate::migrate::receiver::Receiver;
use crate::node::{Node, configuration};
use crate::nodes::{buy, found};
use crate::program::{run_badly, run_well, scrip};

/// A move in a process of its own, whose output is read line by line.
pub struct Moving {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Moving {
    pub fn start(from: &str, to: &str) -> Moving {
        let mut child = scrip()
            .args(["migrate-store", "--from", from, "--to", to])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("its output");
        Moving {
            child,
            lines: BufReader::new(output).lines(),
        }
    }

    /// Reads until a line contains the text; none if it ends before.
    pub fn read_until(&mut self, text: &str) -> Option<String> {
        let mut lines = self.lines.by_ref().map_while(Result::ok);
        lines.find(|line| line.contains(text))
    }

    pub fn kill(mut self) {
        let _ = self.child.kill();
        self.child.wait().expect("it ends");
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    /// Ctrl-C, and what it says then.
    pub fn interrupt(self) -> String {
        self.signal("INT");
        self.fail()
    }

    /// Waits for the end, which must be bad; answers what it says.
    pub fn fail(self) -> String {
        let output = self.child.wait_with_output().expect("it ends");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Waits for the end, which must be good; answers the rest of the output.
    pub fn finish(mut self) -> String {
        let rest: Vec<String> = self.lines.by_ref().map_while(Result::ok).collect();
        let output = self.child.wait_with_output().expect("it ends");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{rest:#?}\n{error}");
        rest.join("\n")
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Moves while nothing runs.
pub fn moved(from: &str, to: &str) -> String {
    let output = run_well(&["migrate-store", "--from", from, "--to", to]);
    assert!(
        output.contains("everything agrees with the journal, on both sides"),
        "{output}"
    );
    output
}

fn id(answer: &Answer) -> String {
    answer.body["id"].as_str().expect("an id").to_owned()
}

async fn create(shop: &Client, key: &str, amount: &str) -> Answer {
    let created = shop
        .create(Some(key), amount, "EUR")
        .await
        .expect("an answer");
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    created
}

async fn pay(shop: &Client, payment: &Answer, pin: &str) {
    // The link leads to where the payment was made; it may be served elsewhere by now.
    let mut here = payment.body.clone();
    let link = here["redirect"]["auth_url"]
        .as_str()
        .expect("a link")
        .to_owned();
    let host = "http://".len();
    let path = host + link[host..].find('/').expect("a path");
    here["redirect"]["auth_url"] = format!("{}{}", shop.base_url, &link[path..]).into();
    let paid = shop.pay(&here, pin).await.expect("an answer");
    assert!(paid.is_redirection(), "{paid}");
}

async fn status(shop: &Client, id: &str) -> String {
    let found = shop.payment(id).await.expect("an answer");
    found.body["status"].as_str().expect("a status").to_owned()
}

/// Every delivery of the merchant with its attempts, oldest first.
async fn deliveries(shop: &Client) -> Vec<Value> {
    let path = "/v1/webhook/deliveries?page_size=200";
    let page = shop
        .call(Method::GET, path, None, None)
        .await
        .expect("an answer");
    let list = page.body["data"].as_array().expect("a list").clone();
    let mut all = Vec::new();
    for delivery in list.iter().rev() {
        let path = format!(
            "/v1/webhook/deliveries/{}",
            delivery["id"].as_str().expect("an id")
        );
        all.push(
            shop.call(Method::GET, &path, None, None)
                .await
                .expect("an answer")
                .body,
        );
    }
    all
}

/// The same, once there are more than so many.
async fn deliveries_beyond(shop: &Client, count: usize) -> Vec<Value> {
    loop {
        let all = deliveries(shop).await;
        if count < all.len() {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the shop holds on to over all moves.
struct Shop {
    key: String,
    authorized: Answer,
    open: Answer,
    captured: Answer,
    pin: String,
}

impl Shop {
    /// Payments in every state, of which the answers are kept.
    async fn open(node: &Node, key: &str, distributor_key: &str) -> Shop {
        let client = Client::new(&node.base_url, key);
        let pin = buy(node, distributor_key).await;
        let authorized = create(&client, "authorized", "5.00").await;
        pay(&client, &authorized, &pin).await;
        let captured = create(&client, "captured", "2.00").await;
        pay(&client, &captured, &pin).await;
        let answer = client.capture(&id(&captured), Some("capture")).await;
        assert_eq!(answer.expect("an answer").body["status"], "SUCCESS");
        let refund = client
            .refund(&id(&captured), Some("refund"), "0.50", "EUR")
            .await;
        assert!(refund.expect("an answer").status.is_success());
        let open = create(&client, "open", "3.00").await;
        Shop {
            key: key.to_owned(),
            authorized,
            open,
            captured,
            pin,
        }
    }

    /// What was asked before is answered as before, and nothing happens twice.
    async fn repeat(&self, node: &Node) {
        let client = Client::new(&node.base_url, &self.key);
        for (key, amount, before) in [
            ("authorized", "5.00", &self.authorized),
            ("captured", "2.00", &self.captured),
            ("open", "3.00", &self.open),
        ] {
            let again = client
                .create(Some(key), amount, "EUR")
                .await
                .expect("an answer");
            assert_eq!(again.body["id"], before.body["id"]);
        }
        let again = client
            .capture(&id(&self.captured), Some("capture"))
            .await
            .expect("an answer");
        assert_eq!(again.body["status"], "SUCCESS");
        let again = client
            .refund(&id(&self.captured), Some("refund"), "0.50", "EUR")
            .await;
        assert!(again.expect("an answer").status.is_success());
        let captured = client
            .payment(&id(&self.captured))
            .await
            .expect("an answer");
        assert_eq!(
            captured.body["refunded_amount"].as_f64(),
            Some(0.5),
            "{:?}",
            captured.body
        );
    }
}

/// A platform with its shop, and where it is or may be.
struct Scene {
    directory: tempfile::TempDir,
    data: String,
    store: String,
    merchant_key: String,
    receiver: Receiver,
}

impl Scene {
    fn node(&self, store: &str) -> (Node, Client) {
        let node = Node::start(self.directory.path(), store);
        let client = Client::new(&node.base_url, &self.merchant_key);
        (node, client)
    }

    fn serve_is_refused(&self, store: &str) -> String {
        let file = configuration(self.directory.path(), store);
        run_badly(&["serve", "--config", text(&file)])
    }

    fn erase_payer(&self, payment: &str, store: &str) -> String {
        let place = ["--data", &self.data, "--store", store];
        run_well(&[&["erase-payer", payment], &place[..]].concat())
    }

    /// While the server works, everything is copied, and what comes then is followed. Answers what came then, and the
    /// deliveries as they were.
    async fn up(&self, node: Node, client: &Client, pin: &str) -> (Answer, Vec<Value>) {
        let (data, store) = (self.data.as_str(), self.store.as_str());
        let mut moving = Moving::start(data, store);
        assert!(moving.read_until("Stop every `scrip serve`").is_some());
        let late = create(client, "late", "4.00").await;
        pay(client, &late, pin).await;
        let add = [
            "distributor",
            "--data",
            data,
            "--store",
            store,
            "--name",
            "X",
        ];
        let half_way = run_badly(&add);
        assert!(half_way.contains("is not complete"), "{half_way}");
        let before = deliveries(client).await;
        node.stop();
        let output = moving.finish();
        assert!(
            output.contains("everything agrees with the journal, on both sides"),
            "{output}"
        );
        assert!(output.contains("vault.key"), "{output}");
        let refused = self.serve_is_refused("");
        assert!(refused.contains("has moved to the database"), "{refused}");
        let again = run_well(&["migrate-store", "--from", data, "--to", store]);
        assert!(again.contains("already"), "{again}");
        (late, before)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_platform_moves_up_and_back_and_goes_on() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let directory = tempfile::tempdir().expect("a directory");
    let data = text(&directory.path().join("data")).to_owned();
    let [merchant_key, distributor_key] = found(&data, "");
    let scene = Scene {
        directory,
        data,
        store: cluster.database(),
        merchant_key,
        receiver: Receiver::start().await,
    };
    let (node, client) = scene.node("");
    scene.receiver.register(&client).await;
    let shop = Shop::open(&node, &scene.merchant_key, &distributor_key).await;
    scene.receiver.until_asked(4).await;
    let (late, before) = scene.up(node, &client, &shop.pin).await;

    // Over PostgreSQL it goes on with the same keys, PINs, payments and numbers.
    scene.receiver.accept();
    let (node, client) = scene.node(&scene.store);
    shop.repeat(&node).await;
    let answer = client
        .capture(&id(&shop.authorized), Some("late-capture"))
        .await;
    assert_eq!(answer.expect("an answer").body["status"], "SUCCESS");
    assert_eq!(status(&client, &id(&late)).await, "AUTHORIZED");
    // Its entries came from the directory, where they still tell of the payer.
    let erased = scene.erase_payer(&id(&shop.authorized), &scene.store);
    assert!(!erased.contains("; 0 entries"), "{erased}");
    pay(&client, &shop.open, &shop.pin).await;
    let after = deliveries_beyond(&client, before.len()).await;
    let last = receiver::require_continued(&before, &after);
    scene.receiver.until_got(last).await;
    node.stop();

    // And back, into the directory that it came from.
    let output = moved(&scene.store, &scene.data);
    assert!(output.contains("without `store`"), "{output}");
    let refused = scene.serve_is_refused(&scene.store);
    assert!(refused.contains("has moved to the directory"), "{refused}");
    let (node, client) = scene.node("");
    shop.repeat(&node).await;
    assert_eq!(status(&client, &id(&shop.authorized)).await, "SUCCESS");
    let answer = client.capture(&id(&shop.open), None).await;
    assert_eq!(answer.expect("an answer").body["status"], "SUCCESS");
    let once_more = deliveries_beyond(&client, after.len()).await;
    let last = receiver::require_continued(&after, &once_more);
    scene.receiver.until_got(last).await;
    node.stop();
    let erased = scene.erase_payer(&id(&shop.authorized), "");
    assert!(erased.contains("; 0 entries"), "{erased}");
    moved(&scene.data, &scene.store);
}
