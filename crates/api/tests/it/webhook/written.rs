//! A platform whose owners can be written to.

use std::sync::Arc;
use std::time::Duration;

use accounting::entry::Actor;
use api::webhook::Ports;
use api::webhook::address::TargetPolicy;
use api::webhook::delivery::sender::Sender;
use api::webhook::reader::Reader;
use engine::command::Command;
use engine::guard::{Guard, GuardLimits};
use engine::risk::{Risk, reader};
use engine::service::analyst::AnalystService;
use engine::service::contact::{self, EmailAddress, LanguageTag, Letters, Occasion};
use engine::service::payer::PayerService;
use ids::voucher::Serial;
use mail::owners::Owners;
use mail::post::Post;
use mail::smtp::{Patience, SmtpServer};
use risk::name::Name;
use risk::rule::{Action, Mode, Rule};
use risk::rule_set::Edit;
use risk::verdict::Verdict;
use serde_json::Value;
use store::outbox::{Channel, Message, Outcome, Queue, Recipient};
use voucher::state::FreezeCause;

use super::platform::Platform;

const PATIENCE: Duration = Duration::from_millis(500);
const SENDER: &str = "Scrip <scrip@issuer.example>";

/// A platform whose owners can be written to.
pub struct Written {
    pub platform: Platform,
    pub payers: PayerService,
    pub post: Arc<Post>,
}

impl Written {
    pub async fn new(url: &str) -> Written {
        Written::of(Platform::without_endpoint().await, url)
    }

    /// One that waits for its mail server for as long as it would in service.
    pub async fn patient(url: &str) -> Written {
        Written::waiting(url, Patience::STANDARD).await
    }

    /// One that waits for its mail server for so long.
    pub async fn waiting(url: &str, patience: Patience) -> Written {
        let written = Written::new(url).await;
        Written {
            post: post(&written.platform, url, patience),
            ..written
        }
    }

    /// One that asks of every attempt that the owner be told.
    pub async fn telling(url: &str, effect: Verdict, actions: &[Action]) -> Written {
        let risk = Arc::new(Risk::new(Platform::vault(), 1_000));
        let judge = Arc::clone(&risk);
        let platform = Platform::judged_by(judge).await;
        let analysts = AnalystService::new(Arc::clone(&platform.engine), Arc::clone(&risk));
        analysts.establish().await.unwrap();
        let rule = Rule {
            name: Name::parse("tell").unwrap(),
            expression: "attempt.amount >= 0".to_owned(),
            effect: Some(effect),
            actions: actions.to_vec(),
            reason: "The test says so.".to_owned(),
            payer_words: String::new(),
            mode: Mode::Live,
        };
        let saved = analysts.edit_rules(Actor::Operator, Edit::SaveRule(rule));
        saved.await.unwrap();
        reader::seat(&risk, platform.store().as_ref()).await;
        Written::of(platform, url)
    }

    pub fn of(platform: Platform, url: &str) -> Written {
        let clock = platform.ports().clock;
        let guard = Arc::new(Guard::new(GuardLimits::default(), clock));
        Written {
            payers: PayerService::new(Arc::clone(&platform.engine), guard),
            post: post(&platform, url, Patience::each(PATIENCE)),
            platform,
        }
    }

    pub async fn give(&self, serial: Serial, address: &str) {
        let address = EmailAddress::parse(address).unwrap();
        let language = LanguageTag::new("de").unwrap();
        let given = contact::give(
            &self.platform.engine,
            (Actor::Payer, Occasion::Owner),
            serial,
            (&address, language),
        );
        given.await.unwrap();
    }

    pub async fn confirmed(&self, serial: Serial, address: &str) {
        self.give(serial, address).await;
        let contact = contact::read(&self.platform.engine, serial).await.unwrap();
        let given_at = contact.unwrap().given_at;
        let confirmed = contact::confirm(&self.platform.engine, serial, given_at);
        confirmed.await.unwrap();
        self.read().await;
    }

    /// Reads the journal to its end, as the node with the lease does.
    pub async fn read(&self) {
        self.read_as(Letters::Sent).await;
    }

    /// Reads the journal to its end, as a node without a mail server does.
    pub async fn read_silently(&self) {
        self.read_as(Letters::NotSent).await;
    }

    async fn read_as(&self, letters: Letters) {
        let (store, outbox) = (self.platform.store(), self.platform.outbox());
        let owners = Owners::new(Arc::clone(&store), Arc::clone(&outbox), letters);
        let mut reader = Reader::new(store, outbox, Some(owners));
        while reader.step().await.unwrap() != 0 {}
    }

    pub fn ports(&self) -> Ports {
        Ports {
            post: Some(Arc::clone(&self.post)),
            ..self.platform.ports()
        }
    }

    /// Sends the letters that are due, each once; answers how each attempt ended.
    pub async fn deliver(&self) -> Vec<Outcome> {
        self.attempt_due(Queue::Letters, self.ports()).await
    }

    /// The same on a node without a mail server.
    pub async fn deliver_without_post(&self) -> Vec<Outcome> {
        let ports = self.platform.ports();
        self.attempt_due(Queue::Letters, ports).await
    }

    /// Lets the addresses leave whose time has come.
    pub async fn part(&self) -> Vec<Outcome> {
        self.attempt_due(Queue::Partings, self.ports()).await
    }

    async fn attempt_due(&self, queue: Queue, ports: Ports) -> Vec<Outcome> {
        let now = ports.clock.now();
        let sender = Sender::new(ports, TargetPolicy::PublicOnly).unwrap();
        let outbox = self.platform.outbox();
        let mut outcomes = Vec::new();
        for message in outbox.due(queue, now, 100).await.unwrap() {
            let attempt = sender.attempt(&message).await.unwrap();
            outcomes.push(attempt.outcome.clone());
            outbox.record(vec![attempt]).await.unwrap();
        }
        outcomes
    }

    pub async fn freeze(&self, serial: Serial) {
        let cause = FreezeCause::Issuer;
        self.platform
            .execute(Command::FreezeVoucher { serial, cause })
            .await;
        self.read().await;
    }

    pub async fn unfreeze(&self, serial: Serial) {
        self.platform
            .execute(Command::UnfreezeVoucher { serial })
            .await;
        self.read().await;
    }

    /// The letters to the owner, newest first.
    pub async fn letters(&self, serial: Serial) -> Vec<Message> {
        let outbox = self.platform.outbox();
        let letters = outbox.messages(Recipient::Owner(serial), None, 100);
        let mut letters = letters.await.unwrap();
        letters.retain(|letter| letter.content.channel == Channel::Mail);
        letters
    }

    pub async fn has_address(&self, serial: Serial) -> bool {
        let contact = contact::read(&self.platform.engine, serial).await;
        contact.unwrap().is_some()
    }

    pub async fn events(&self, serial: Serial) -> Vec<String> {
        let letters = self.letters(serial).await.into_iter().rev();
        letters.map(|letter| letter.content.event).collect()
    }
}

fn post(platform: &Platform, url: &str, patience: Patience) -> Arc<Post> {
    Arc::new(Post {
        store: platform.store(),
        vault: Arc::clone(&platform.vault),
        server: SmtpServer::with_patience(url, SENDER, patience).unwrap(),
        base_url: "https://pay.example".into(),
    })
}

/// The link of a letter to this place.
pub fn link_in(letter: &Value, place: &str) -> String {
    let text = letter["text"].as_str().unwrap();
    let start = format!("https://pay.example/letters/{place}?link=");
    let (_, rest) = text.split_once(&start).unwrap_or_else(|| panic!("{text}"));
    rest.split_whitespace().next().unwrap().to_owned()
}
