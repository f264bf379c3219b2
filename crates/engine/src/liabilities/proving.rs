//! Proofs for single holders, made when they are asked for: they cost a second of computing each, so few are made at once, on
//! threads of their own, and some are kept.

use std::collections::VecDeque;
use std::sync::Arc;

use accounting::claim::Holder;
use ids::command::Sequence;
use liabilities::part::{Part, Place, decode_bucket, decode_tier, tier_prefixes};
use liabilities::proof::prove;
use liabilities::secret::Secret;
use liabilities::tree::{Leaf, Root, TIER_LEVELS, TRIES_MAX, prefix, way};
use money::currency::Currency;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::liabilities::repair::{Begun, Repair};
use crate::liabilities::shown::Shown;
use crate::liabilities::{LiabilitiesError, Ports};

/// Proofs that are made at the same time.
const AT_ONCE: usize = 1;
/// Proofs that are made or wait.
const WAITING_MAX: usize = 16;
/// Proofs that are kept, of three kilobytes each.
const KEPT_MAX: usize = 256;

/// Makes proofs on one node.
pub struct Prover {
    ports: Ports,
    places: Semaphore,
    turns: Arc<Semaphore>,
    kept: Mutex<VecDeque<(Subject, Arc<[u8]>)>>,
    repair: Arc<Repair>,
}

/// What a proof is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Subject {
    counted: Sequence,
    currency: Currency,
    holder: Holder,
}

/// What can be said to a holder.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Nothing was stated yet.
    NoStatement,
    /// The holder was owed nothing when the statement was made.
    NothingOwed(Shown),
    Counted {
        shown: Shown,
        proof: Arc<[u8]>,
    },
    /// Too many ask, or the parts of the statement are made again: in some seconds it may go.
    Busy,
    /// The parts of the statement are lost, and could not be made again; it is tried once more [`crate::liabilities::repair::REPAIR_PAUSE`] later.
    Lost,
}

/// What is kept of a statement is not whole.
struct Missing;

impl Prover {
    pub fn new(ports: Ports) -> Prover {
        Prover {
            ports,
            places: Semaphore::new(WAITING_MAX),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            kept: Mutex::default(),
            repair: Arc::default(),
        }
    }

    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// The proof that a holder is counted in the newest statement.
    pub async fn prove(
        &self,
        holder: Holder,
        currency: Currency,
    ) -> Result<Answer, LiabilitiesError> {
        let Some(shown) = self.ports.newest().await? else {
            return Ok(Answer::NoStatement);
        };
        let subject = Subject {
            counted: shown.statement.counted,
            currency,
            holder,
        };
        if let Some(proof) = self.kept_proof(subject) {
            return Ok(Answer::Counted { shown, proof });
        }
        if shown.statement.sum(currency).is_none() {
            return Ok(Answer::NothingOwed(shown));
        }
        let Ok(_place) = self.places.try_acquire() else {
            return Ok(Answer::Busy);
        };
        let found = match self.find(subject).await? {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Answer::NothingOwed(shown)),
            Err(Missing) => return Ok(self.make_again(shown)),
        };
        match self.compute(subject, found, &shown).await? {
            Ok(proof) => {
                self.keep_proof(subject, &proof);
                Ok(Answer::Counted { shown, proof })
            }
            Err(Missing) => Ok(self.make_again(shown)),
        }
    }

    async fn compute(
        &self,
        subject: Subject,
        found: Found,
        shown: &Shown,
    ) -> Result<Result<Arc<[u8]>, Missing>, LiabilitiesError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| LiabilitiesError::Panicked)?;
        // Somebody who waited before may have asked the same.
        if let Some(proof) = self.kept_proof(subject) {
            return Ok(Ok(proof));
        }
        let root = shown.statement.sum(subject.currency).copied();
        let work = tokio::task::spawn_blocking(move || {
            let proof = found.prove(subject.counted, root);
            drop(turn);
            proof
        });
        work.await.map_err(|_| LiabilitiesError::Panicked)
    }

    /// The leaf of a holder with what is needed to prove it; none if it has none.
    async fn find(
        &self,
        subject: Subject,
    ) -> Result<Result<Option<Found>, Missing>, LiabilitiesError> {
        let Subject {
            counted,
            currency,
            holder,
        } = subject;
        let Some(head) = self.ports.kept_head(counted).await? else {
            return Ok(Err(Missing));
        };
        let depth = head.trees.iter().find(|(other, _)| *other == currency);
        let Some((_, depth)) = depth else {
            return Ok(Err(Missing));
        };
        let secret = self.ports.secret(&head.name, currency);
        for tries in 0..TRIES_MAX {
            let position = secret.position(holder, tries);
            let place = Place::new(currency, *depth, prefix(position, *depth));
            let part = self.ports.kept_part(counted, place).await?;
            let Some(bucket) = part.and_then(|part| decode_bucket(&part.bytes)) else {
                let is_empty = self.is_empty(counted, place, position).await?;
                return Ok(if is_empty { Ok(None) } else { Err(Missing) });
            };
            let Some(leaf) = bucket.iter().find(|leaf| leaf.position == position) else {
                return Ok(Ok(None));
            };
            if leaf.holder == holder {
                let leaf = *leaf;
                let tiers = self.tiers(counted, currency, *depth, position).await?;
                return Ok(tiers.map(|tiers| {
                    Some(Found {
                        secret,
                        leaf,
                        bucket,
                        tiers,
                    })
                }));
            }
        }
        Ok(Ok(None))
    }

    /// Whether the tiers say that nobody stands below this place, so that a bucket which is not kept was never there.
    async fn is_empty(
        &self,
        counted: Sequence,
        bucket: Place,
        position: u32,
    ) -> Result<bool, LiabilitiesError> {
        for top in (0..bucket.depth).step_by(usize::from(TIER_LEVELS)) {
            let place = Place {
                depth: top,
                prefix: prefix(position, top),
                ..bucket
            };
            let part = self.ports.kept_part(counted, place).await?;
            let Some(prefixes) = part.and_then(|part| tier_prefixes(place, &part.bytes)) else {
                return Ok(false);
            };
            if !prefixes.contains(&prefix(position, top + TIER_LEVELS)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The tiers above a bucket, from the lowest up, as they are kept.
    async fn tiers(
        &self,
        counted: Sequence,
        currency: Currency,
        depth: u8,
        position: u32,
    ) -> Result<Result<Vec<Part>, Missing>, LiabilitiesError> {
        let mut tiers = Vec::new();
        for top in (0..depth).step_by(usize::from(TIER_LEVELS)).rev() {
            let place = Place::new(currency, top, prefix(position, top));
            match self.ports.kept_part(counted, place).await? {
                Some(tier) => tiers.push(tier),
                None => return Ok(Err(Missing)),
            }
        }
        Ok(Ok(tiers))
    }

    /// Makes the parts of the statement once more, unless that is under way or was in vain a moment ago. It says what to tell
    /// whoever asked.
    fn make_again(&self, shown: Shown) -> Answer {
        match self.repair.begin(shown.statement.counted) {
            Begun::Now(turn) => {
                let ports = self.ports.clone();
                let here = tokio::runtime::Handle::current();
                tokio::task::spawn_blocking(move || {
                    turn.end(here.block_on(ports.make_again(&shown.statement)));
                });
                Answer::Busy
            }
            Begun::Before => Answer::Busy,
            Begun::InVain => Answer::Lost,
        }
    }

    fn kept_proof(&self, subject: Subject) -> Option<Arc<[u8]>> {
        let kept = self.kept.lock();
        let found = kept.iter().find(|(other, _)| *other == subject);
        found.map(|(_, proof)| Arc::clone(proof))
    }

    fn keep_proof(&self, subject: Subject, proof: &Arc<[u8]>) {
        let mut kept = self.kept.lock();
        if KEPT_MAX <= kept.len() {
            kept.pop_front();
        }
        kept.push_back((subject, Arc::clone(proof)));
    }
}

/// What a proof is made of. Tiers are not read before there is a thread for it: that takes milliseconds.
struct Found {
    secret: Secret,
    leaf: Leaf,
    bucket: Vec<Leaf>,
    tiers: Vec<Part>,
}

impl Found {
    /// It takes about a second, and so belongs on a thread of its own.
    fn prove(self, counted: Sequence, stated: Option<Root>) -> Result<Arc<[u8]>, Missing> {
        let tiers = self.tiers.iter();
        let tiers = tiers.map(|part| decode_tier(part.place, &part.bytes));
        let tiers = tiers.collect::<Option<Vec<_>>>().ok_or(Missing)?;
        let way = way(&self.secret, self.leaf, &self.bucket, tiers).map_err(|_| Missing)?;
        if stated != Some(way.root) {
            return Err(Missing);
        }
        Ok(Arc::from(prove(&self.secret, counted, &way)))
    }
}
