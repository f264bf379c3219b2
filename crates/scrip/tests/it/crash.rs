//! The program is killed at random moments while many clients use it; nothing it acknowledged may be lost.

mod book;
mod disk_full;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::client::Client;
use crate::program::{Demo, run_well};
use crate::published::{Checker, grown_to};
use book::{Book, Certainty, Deed, Expected};

/// Clients at a time.
const CLIENTS: u64 = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_command_is_lost_when_the_program_is_killed() {
    rounds(4, 0x5eed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes as long as it is told to; `cargo xtask chaos` runs it"]
#[expect(
    clippy::disallowed_methods,
    reason = "how long to run, and with which seed, comes from the caller"
)]
async fn chaos_kills_the_program_again_and_again() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let seed = number("SCRIP_CHAOS_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    rounds(number("SCRIP_CHAOS_ROUNDS").unwrap_or(100), seed).await;
}

async fn rounds(count: u64, seed: u64) {
    println!("seed {seed}");
    let directory = tempfile::tempdir().expect("a directory");
    let home = tempfile::tempdir().expect("a directory");
    let book = Arc::new(Book::default());
    let mut chance = StdRng::seed_from_u64(seed);
    for round in 0..count {
        let mut demo = Demo::start(directory.path());
        check_log(&demo, home.path()).await;
        check_and_repeat(&Client::of(&demo), &book, book.take_fresh()).await;
        let work: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let shop = Shop {
                    client: Client::of(&demo),
                    book: Arc::clone(&book),
                    distributor_key: demo.text("distributor_key").to_owned(),
                };
                let chance = StdRng::seed_from_u64(seed ^ (round << 32) ^ client);
                tokio::spawn(shop.work(chance, round * CLIENTS + client))
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(chance.random_range(50..1_500))).await;
        demo.kill();
        for client in work {
            client.await.expect("a client found what must not be");
        }
    }
    finish(directory.path(), home.path(), &book).await;
}

/// What the log showed before a kill, its newest tree begins with.
async fn check_log(demo: &Demo, home: &Path) {
    grown_to(&Client::of(demo), 1).await;
    let checker = Checker::of_demo(&demo.data, home);
    checker.check(&format!("{}/log", demo.text("base_url")));
}

async fn finish(data: &Path, home: &Path, book: &Book) {
    let demo = Demo::start(data);
    check_log(&demo, home).await;
    check_and_repeat(&Client::of(&demo), book, book.payments()).await;
    check_and_repeat(&Client::of(&demo), book, book.payments()).await;
    demo.stop();
    let audit = run_well(&["audit", "--data", data.to_str().expect("UTF-8")]);
    assert!(audit.contains("everything agrees"), "{audit}");
    println!(
        "{} payments, {} deeds",
        book.payments().len(),
        book.deeds().len()
    );
    assert!(!book.payments().is_empty(), "nothing happened");
}

/// One client with its shop's key and its own terminal.
struct Shop {
    client: Client,
    book: Arc<Book>,
    distributor_key: String,
}

impl Shop {
    /// Sells, pays, captures, cancels and refunds until the program is gone.
    async fn work(self, mut chance: StdRng, number: u64) {
        let Some(pin) = self.order(number).await else {
            return;
        };
        for step in 0.. {
            if self
                .life(&mut chance, &pin, &format!("{number}-{step}"))
                .await
                .is_none()
            {
                return;
            }
        }
    }

    async fn order(&self, number: u64) -> Option<String> {
        let till = Client::new(&self.client.base_url, &self.distributor_key);
        let body = json!({
            "amount": 100.00, "currency": "EUR", "country": "AT", "product_id": "00002", "delivery_type": "RETURN",
            "utc_offset": "+00:00", "shop_id": "kiosk", "terminal_id": format!("t{number}"),
            "customer": { "id_type": "NONE" }, "capture": true,
        });
        let answer = till
            .call(Method::POST, "/v1/orders", None, Some(&body))
            .await
            .ok()?;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        Some(
            answer.body["card"]["pin"]
                .as_str()
                .expect("a pin")
                .to_owned(),
        )
    }

    /// One payment from its creation to its end; none once no answer comes.
    async fn life(&self, chance: &mut StdRng, pin: &str, name: &str) -> Option<()> {
        let payment = self
            .client
            .create(Some(&format!("create-{name}")), "1.00", "EUR")
            .await
            .ok()?
            .body;
        let id = payment["id"].as_str().expect("an id").to_owned();
        self.book.payment(&id);
        let paid = self.client.pay(&payment, pin).await;
        let certainty = Certainty::of(&paid);
        if paid
            .as_ref()
            .is_ok_and(|status| *status != StatusCode::SEE_OTHER)
        {
            // The voucher is used up; nothing more can be tried with it.
            return None;
        }
        self.book
            .deed(&id, Deed::Pay, &format!("pay-{name}"), certainty);
        paid.ok()?;
        match chance.random_range(0..4) {
            0 => {
                let key = format!("cancel-{name}");
                let answer = self.client.cancel(&id, Some(&key)).await;
                self.book
                    .deed(&id, Deed::Cancel, &key, Certainty::of_answer(&answer));
                answer.ok()?;
            }
            1 => {}
            _ => {
                let key = format!("capture-{name}");
                let answer = self.client.capture(&id, Some(&key)).await;
                self.book
                    .deed(&id, Deed::Capture, &key, Certainty::of_answer(&answer));
                answer.ok()?;
                self.refunds(chance, &id, name).await?;
            }
        }
        Some(())
    }

    async fn refunds(&self, chance: &mut StdRng, id: &str, name: &str) -> Option<()> {
        for part in 0..chance.random_range(0..3) {
            let key = format!("refund-{name}-{part}");
            let answer = self.client.refund(id, Some(&key), "0.30", "EUR").await;
            self.book
                .deed(id, Deed::Refund, &key, Certainty::of_answer(&answer));
            answer.ok()?;
        }
        Some(())
    }
}

/// Compares what clients were told with what is, then asks again for what had no answer.
async fn check_and_repeat(client: &Client, book: &Book, payments: Vec<(String, Expected)>) {
    for (id, expected) in payments {
        let found = client.payment(&id).await.expect("an answer");
        assert_eq!(found.status, StatusCode::OK, "{id} is lost");
        expected.check(&id, &found.body);
    }
    for deed in book.deeds() {
        if deed.certainty == Certainty::Unknown && deed.kind != Deed::Pay {
            let answer = match deed.kind {
                Deed::Cancel => client.cancel(&deed.payment, Some(&deed.key)).await,
                Deed::Capture => client.capture(&deed.payment, Some(&deed.key)).await,
                Deed::Refund | Deed::Pay => {
                    client
                        .refund(&deed.payment, Some(&deed.key), "0.30", "EUR")
                        .await
                }
            };
            let answer = answer.expect("an answer");
            assert!(
                answer.status.is_success(),
                "{} was neither done nor can it be: {:?}",
                deed.key,
                answer.body
            );
            book.settle(&deed.key);
        }
    }
}
