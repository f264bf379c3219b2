//! Brings checkpoints of the log to a chain, step by step, beside everything else: no payment and no leaf waits for it.
//!
//! What is on its way is a head in memory. After a restart, and on whichever node goes on, the chain says what it holds.

use std::time::Duration;

use anchors::anchoring::{AnchorError, Anchoring, History, Place, Step, Submitter, Terms};
use anchors::contract::Head;
use anchors::node::Node;
use anchors::transaction::Signature;
use anchors::words::{Address, Word};
use anyhow::{Context, bail};
use engine::clock::{Clock as _, SystemClock};
use engine::log::Ports;
use sha2::{Digest, Sha256};
use store::log::Published;
use tlog::checkpoint::SignedCheckpoint;
use tlog::hash::{TreeHash, TreeHead};
use tlog::proof::verify_consistency;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use url::Url;
use vault::submitter_key::SubmitterKey;
use vault::vault::Vault;

use crate::config;

/// How long a node of the chain may take for an answer.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// How often what is on its way is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// After so long a transaction that waits is replaced by a dearer one.
const WAIT_MAX: Duration = Duration::from_secs(10 * 60);
/// The pause where the chain is too dear, or says something that a person has to look at.
const PAUSE: Duration = Duration::from_secs(5 * 60);
pub const WEI_IN_GWEI: u128 = 1_000_000_000;

/// Where, through whom, how often and for how much.
#[derive(Clone, Debug)]
pub struct AnchorSettings {
    pub place: Place,
    pub nodes: Vec<Url>,
    pub every: Duration,
    /// Wei for each unit of gas.
    pub fee_max: u128,
}

impl AnchorSettings {
    /// None where no contract is named.
    pub fn of(config: &config::Anchors) -> anyhow::Result<Option<AnchorSettings>> {
        if config.contract.is_empty() {
            return Ok(None);
        }
        let contract = config.contract.parse().context("anchors.contract")?;
        if config.chain == 0 {
            bail!("anchors.chain is the number of the chain on which the contract is");
        }
        if config.nodes.is_empty() {
            bail!("anchors.nodes names no node of the chain, as in [\"https://one.example/KEY\"]");
        }
        if config.every_seconds == 0 {
            bail!("anchors.every_seconds must be at least 1; an hour is usual");
        }
        let nodes = config.nodes.iter().map(|node| {
            let url = node.parse::<Url>().ok();
            let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
            // The address may hold a key.
            url.context("anchors.nodes: each is an address that begins with http:// or https://")
        });
        Ok(Some(AnchorSettings {
            place: Place {
                chain: config.chain,
                contract,
            },
            nodes: nodes.collect::<anyhow::Result<_>>()?,
            every: Duration::from_secs(config.every_seconds),
            fee_max: u128::from(config.gwei_max) * WEI_IN_GWEI,
        }))
    }
}

/// The platform's account on chains.
pub struct Account(SubmitterKey);

impl Account {
    pub fn of(vault: &Vault) -> Account {
        Account(vault.submitter_key())
    }
}

impl Submitter for Account {
    fn address(&self) -> Address {
        Address::of_public_key(&self.0.public_point())
    }

    fn sign(&self, Word(digest): Word) -> Signature {
        let signature = self.0.sign(&digest);
        Signature {
            r: signature.r,
            s: signature.s,
            y_is_odd: signature.y_is_odd,
        }
    }
}

/// Anchors a log.
pub struct Anchorer {
    settings: AnchorSettings,
    nodes: Vec<Node>,
    account: Account,
    ports: Ports,
    origin: String,
}

/// What is on its way.
#[derive(Default)]
struct Course {
    head: Option<Head>,
    sent_at: Option<Instant>,
    urgency: u32,
    /// What was told last: what stays so is told once.
    told: String,
}

/// The log's own tiles, against a head that it has shown.
struct Stored<'a> {
    ports: &'a Ports,
    head: TreeHead,
}

impl Anchorer {
    pub fn new(settings: AnchorSettings, ports: Ports, origin: &str) -> anyhow::Result<Anchorer> {
        let nodes = settings.nodes.iter();
        let nodes = nodes.map(|url| Node::new(url.clone(), PATIENCE));
        Ok(Anchorer {
            nodes: nodes.collect::<Result<_, _>>()?,
            account: Account::of(&ports.vault),
            settings,
            ports,
            origin: origin.to_owned(),
        })
    }

    /// Which has to have coins.
    pub fn account(&self) -> Address {
        self.account.address()
    }

    /// Works until it is stopped. Whatever the chain does, it tries again.
    pub async fn run(&self, stop: CancellationToken) {
        let mut course = Course::default();
        loop {
            let pause = self.look(&mut course).await;
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = sleep(pause) => {}
            }
        }
    }

    fn look_every(&self) -> Duration {
        LOOK_EVERY.min(self.settings.every)
    }

    /// Takes a step, if there is one to take, and says how long to wait for the next.
    async fn look(&self, course: &mut Course) -> Duration {
        let published = match self.ports.log.log_state(&self.origin).await {
            Ok(state) => state.published,
            Err(failure) => {
                course.tell(format!("the storage did not answer: {failure}"));
                return self.look_every();
            }
        };
        let Some(published) = published else {
            return self.look_every();
        };
        match self.advance(course, &published).await {
            Ok(pause) => pause,
            Err(error @ AnchorError::Behind { anchored, .. }) if anchored <= published.size => {
                // Another node has anchored a newer one meanwhile.
                tracing::debug!(%error, "another head is on the chain already");
                *course = Course::default();
                self.look_every()
            }
            Err(error) => {
                let is_grave = matches!(
                    error,
                    AnchorError::Contradicted { .. }
                        | AnchorError::Behind { .. }
                        | AnchorError::NotGrown { .. }
                );
                let why = format!("{:#}", anyhow::Error::new(error));
                course.tell(why);
                if is_grave { PAUSE } else { self.look_every() }
            }
        }
    }

    async fn advance(
        &self,
        course: &mut Course,
        published: &Published,
    ) -> Result<Duration, AnchorError> {
        let head = match course.head {
            Some(head) => head,
            None => {
                let due = self.due_in(course, published).await?;
                if !due.is_zero() {
                    return Ok(due);
                }
                let Some(head) = head_of(published) else {
                    course.tell("the checkpoint that is shown cannot be read".to_owned());
                    return Ok(PAUSE);
                };
                *course.head.insert(head)
            }
        };
        let step = self.anchoring(head, course.urgency).step(&head).await?;
        Ok(self.settle(course, head, step))
    }

    /// How long it is until the next checkpoint is to be anchored, by the block that holds the last one.
    async fn due_in(
        &self,
        course: &mut Course,
        published: &Published,
    ) -> Result<Duration, AnchorError> {
        let head = head_of(published).unwrap_or(NOTHING);
        let newest = self.anchoring(head, course.urgency).newest().await?;
        let Some((latest, at)) = newest else {
            return Ok(Duration::ZERO);
        };
        if published.size == latest.size {
            return Ok(self.look_every());
        }
        let due = at.saturating_add(self.settings.every.as_secs());
        let now = u64::try_from(SystemClock.now().0.div_euclid(1_000)).unwrap_or(0);
        let left = Duration::from_secs(due.saturating_sub(now));
        // A chain's clock that is ahead delays nothing for ever.
        Ok(left.min(self.settings.every))
    }

    fn settle(&self, course: &mut Course, head: Head, step: Step) -> Duration {
        let chain = self.settings.place.chain;
        match step {
            Step::Final => {
                tracing::info!(
                    size = head.size,
                    chain,
                    "a checkpoint is anchored in a final block"
                );
                *course = Course::default();
            }
            Step::Included => course.told.clear(),
            Step::Waiting => {
                let waits_for = course.sent_at.get_or_insert_with(Instant::now).elapsed();
                if WAIT_MAX <= waits_for {
                    course.urgency += 1;
                    course.sent_at = None;
                    let times = course.urgency;
                    tracing::warn!(
                        size = head.size,
                        times,
                        "an anchor waits for a block; it is sent again and dearer"
                    );
                }
            }
            Step::Sent { transaction } => {
                tracing::info!(size = head.size, chain, %transaction, "a checkpoint was sent to the chain");
                course.sent_at = Some(Instant::now());
                course.told.clear();
            }
            Step::Dear { wanted } => {
                let (wanted, most) = (wanted / WEI_IN_GWEI, self.settings.fee_max / WEI_IN_GWEI);
                course.tell(format!(
                    "the chain asks for {wanted} gwei a unit of gas, above anchors.gwei_max = {most}"
                ));
                // By then there is a newer one.
                course.head = None;
                return PAUSE.min(self.settings.every);
            }
        }
        self.look_every()
    }

    fn anchoring(&self, head: Head, urgency: u32) -> Anchoring<'_, Account, Stored<'_>> {
        Anchoring {
            nodes: &self.nodes,
            place: self.settings.place,
            terms: Terms {
                fee_max: self.settings.fee_max,
                urgency,
            },
            submitter: &self.account,
            history: Stored {
                ports: &self.ports,
                head: tree_head(head),
            },
            origin: &self.origin,
        }
    }
}

impl Course {
    fn tell(&mut self, why: String) {
        if self.told != why {
            tracing::warn!(%why, "the log is not anchored for now; payments and leaves go on");
            self.told = why;
        }
    }
}

impl History for Stored<'_> {
    async fn has_grown_from(&self, size: u64, Word(root): Word) -> Result<(), String> {
        let old = TreeHead {
            size,
            root: TreeHash::new(root),
        };
        let proof = self.ports.consistency(size, self.head.size).await;
        let proof = proof.map_err(|error| format!("{:#}", anyhow::Error::new(error)))?;
        verify_consistency(old, self.head, &proof).map_err(|error| error.to_string())
    }
}

const NOTHING: Head = Head {
    size: 0,
    root: Word([0; 32]),
    note_hash: Word([0; 32]),
};

fn head_of(published: &Published) -> Option<Head> {
    let checkpoint = SignedCheckpoint::parse(&published.checkpoint).ok()?;
    let TreeHead { size, root } = checkpoint.unverified().head;
    Some(Head {
        size,
        root: Word(*root.as_bytes()),
        note_hash: Word(Sha256::digest(&published.checkpoint).into()),
    })
}

fn tree_head(head: Head) -> TreeHead {
    TreeHead {
        size: head.size,
        root: TreeHash::new(head.root.0),
    }
}
