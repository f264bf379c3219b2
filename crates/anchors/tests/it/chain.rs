//! A chain that a test makes: a node, an account with coins, the contract.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anchors::anchoring::{AnchorError, Anchoring, History, Place, Step, Submitter, Terms, deploy};
use anchors::contract::Head;
use anchors::node::Node;
use anchors::reading::Pins;
use anchors::transaction::Signature;
use anchors::words::{Address, Word};
use k256::ecdsa::SigningKey;
use serde_json::{Value, json};

pub const ORIGIN: &str = "voucher.example/log1";
/// As the node numbers its chain when it is told nothing else.
pub const CHAIN: u64 = 31_337;

/// A key for an account that the node gives coins to.
pub struct Account(SigningKey);

impl Account {
    pub fn new(seed: u8) -> Account {
        Account(SigningKey::from_slice(&[seed; 32]).expect("a key"))
    }
}

impl Submitter for Account {
    fn address(&self) -> Address {
        let point = self.0.verifying_key().to_sec1_point(false);
        let point = point.as_bytes()[1..].try_into().expect("x and y");
        Address::of_public_key(point)
    }

    fn sign(&self, Word(digest): Word) -> Signature {
        let (signature, recovery) = self.0.sign_prehash_recoverable(&digest);
        let (r, s) = signature.split_bytes();
        Signature {
            r: r.into(),
            s: s.into(),
            y_is_odd: recovery.is_y_odd(),
        }
    }
}

/// A log that has grown from whatever the chain holds.
pub struct Grown;

impl History for Grown {
    async fn has_grown_from(&self, _size: u64, _root: Word) -> Result<(), String> {
        Ok(())
    }
}

/// A node that makes a block for each transaction; it ends when this is dropped.
pub struct Chain {
    child: Child,
    pub url: url::Url,
    http: reqwest::Client,
    pub node: Node,
    pub account: Account,
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests find their tools through variables"
)]
pub fn tool(name: &str) -> String {
    let place = env::var(name);
    place.unwrap_or_else(|_| panic!("{name} is not set: run the tests with `cargo xtask test`"))
}

impl Chain {
    pub async fn start() -> Chain {
        let mut child = Command::new(tool("SCRIP_TEST_ANVIL"))
            .args(["--port", "0", "--slots-in-an-epoch", "1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the node starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut lines = output.lines().map_while(Result::ok);
        let address = lines
            .find_map(|line| Some(line.strip_prefix("Listening on ")?.to_owned()))
            .expect("it says where it listens");
        std::thread::spawn(move || lines.for_each(drop));
        let url: url::Url = format!("http://{address}").parse().expect("a URL");
        let chain = Chain {
            child,
            node: node(&url),
            url,
            http: reqwest::Client::new(),
            account: Account::new(7),
        };
        let coins = json!([chain.account.address().to_string(), "0xde0b6b3a7640000"]);
        chain.tell("anvil_setBalance", coins).await;
        chain
    }

    /// What only a node for tests understands.
    pub async fn tell(&self, method: &str, parameters: Value) -> Value {
        let question = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters});
        let sent = self.http.post(self.url.clone()).json(&question).send();
        let answer: Value = sent.await.expect("an answer").json().await.expect("JSON");
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].clone()
    }

    /// Whoever asks waits.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.expect("kill runs").success());
    }

    pub async fn mine(&self, blocks: u32) {
        let blocks = format!("{blocks:#x}");
        self.tell("anvil_mine", json!([blocks])).await;
    }

    pub async fn deploy(&self) -> Place {
        let code = std::fs::read_to_string(tool("SCRIP_TEST_ANCHOR_CONTRACT")).expect("the code");
        let code = hex::decode(code.trim()).expect("hexadecimal digits");
        let deployed = deploy(&self.node, CHAIN, terms(), &self.account, &code);
        let (transaction, contract) = deployed.await.expect("it is sent");
        self.wait_for(transaction).await;
        Place {
            chain: CHAIN,
            contract,
        }
    }

    /// A step that has to come to something.
    pub async fn anchor(&self, place: Place, head: &Head) -> Step {
        let stepped = self.step(place, terms(), head).await.expect("a step");
        if let Step::Sent { transaction } = stepped {
            self.wait_for(transaction).await;
        }
        stepped
    }

    pub async fn step(&self, place: Place, terms: Terms, head: &Head) -> Result<Step, AnchorError> {
        let anchoring = Anchoring {
            nodes: std::slice::from_ref(&self.node),
            place,
            terms,
            submitter: &self.account,
            history: Grown,
            origin: ORIGIN,
        };
        anchoring.step(head).await
    }

    /// Until the transaction is in a block, which the node makes a little later.
    pub async fn wait_for(&self, transaction: Word) {
        let of = json!([transaction.to_string()]);
        while self
            .tell("eth_getTransactionReceipt", of.clone())
            .await
            .is_null()
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub fn pins(&self, place: Place) -> Pins {
        Pins {
            place,
            submitter: self.account.address(),
            from_block: 0,
        }
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn node(url: &url::Url) -> Node {
    Node::new(url.clone(), Duration::from_secs(10)).expect("an HTTP client")
}

pub fn terms() -> Terms {
    Terms {
        fee_max: 100_000_000_000,
        urgency: 0,
    }
}
